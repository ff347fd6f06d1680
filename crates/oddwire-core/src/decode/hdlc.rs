//! Cisco HDLC.

use super::walk::{Next, Walk};
use crate::layer::Layer;

/// Reads address, control and the type of what follows.
pub(super) fn read(walk: &mut Walk) -> Next {
    let Some(&[_, _, t0, t1]) = walk.header::<4>(Layer::Hdlc) else { return Next::Done };
    match u16::from_be_bytes([t0, t1]) {
        // Keep-alives and address requests have the number of reverse ARP and another form.
        0x8035 => Next::Done,
        0xfefe => walk.name(Layer::Isis),
        number => Next::EtherType(number),
    }
}
