//! GENEVE.

use super::ethernet;
use super::walk::{Next, Walk};
use crate::layer::Layer;
use crate::packet::TunnelKind;

/// Reads the header and passes over options, if version, reserved bits and content fit.
pub(super) fn read(walk: &mut Walk) -> Next {
    let Some(&[first, flags, t0, t1, a, b, c, 0]) = walk.rest.first_chunk::<8>() else { return Next::Done };
    // Version 0 in the upper two bits, the length of the options in units of four bytes below.
    if first >> 6 != 0 || flags & 0x3f != 0 {
        return Next::Done;
    }
    let size = 8 + usize::from(first & 0x3f) * 4;
    let inside = walk.rest.get(size..).unwrap_or_default();
    let version = inside.first().map(|first| first >> 4);
    let next = match (u16::from_be_bytes([t0, t1]), version) {
        (0x6558, _) if ethernet::looks_like(inside) => Next::Ethernet,
        (number @ 0x0806, _) | (number @ 0x0800, Some(4)) | (number @ 0x86dd, Some(6)) => {
            Next::EtherType(number)
        }
        _ => return Next::Done,
    };
    if !walk.accept(Layer::Geneve, size) {
        return Next::Done;
    }
    walk.enter(TunnelKind::Geneve, u32::from_be_bytes([0, a, b, c]));
    next
}
