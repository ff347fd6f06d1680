//! PPP over Ethernet.

use super::ppp;
use super::walk::{Next, Walk};
use crate::error::DamageKind;
use crate::layer::Layer;

/// Version 1, type 1: the only ones there are.
const VERSION_AND_TYPE: u8 = 0x11;

/// Reads a session packet and goes on with PPP.
pub(super) fn session(walk: &mut Walk) -> Next {
    match read(walk) {
        // Code 0 is session data.
        Some(0) => ppp::read(walk),
        _ => Next::Done,
    }
}

/// Reads a discovery packet, whose tags are payload.
pub(super) fn discovery(walk: &mut Walk) -> Next {
    read(walk);
    Next::Done
}

fn read(walk: &mut Walk) -> Option<u8> {
    let start = walk.offset;
    let &[value, code, _, _, l0, l1] = walk.peek::<6>(Layer::Pppoe)?;
    if value != VERSION_AND_TYPE {
        walk.damage(Layer::Pppoe, start, DamageKind::BadVersion { value: value >> 4 });
        return None;
    }
    if !walk.accept(Layer::Pppoe, 6) {
        return None;
    }
    let length = usize::from(u16::from_be_bytes([l0, l1]));
    if !walk.limit(length) {
        walk.bad_length(Layer::Pppoe, start, length);
    }
    Some(code)
}
