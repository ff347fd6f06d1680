//! Teredo: IPv6 in UDP, behind optional authentication and origin headers.

use super::walk::{Next, Walk};
use crate::layer::Layer;
use crate::packet::TunnelKind;

/// Reads the indicators if an IPv6 packet that fits follows them; trailers may stand behind it.
pub(super) fn read(walk: &mut Walk) -> Next {
    let Some(size) = indicators(walk.rest) else { return Next::Done };
    let Some(&[first, _, _, _, l0, l1]) = walk.rest.get(size..).and_then(|rest| rest.first_chunk::<6>())
    else {
        return Next::Done;
    };
    let length = usize::from(u16::from_be_bytes([l0, l1]));
    if first >> 4 != 6 || size + 40 + length > walk.wire || !walk.accept(Layer::Teredo, size) {
        return Next::Done;
    }
    walk.enter(TunnelKind::Teredo, 0);
    Next::EtherType(0x86dd)
}

/// The length of what stands before the packet: authentication (type 1), then origin (type 0).
fn indicators(bytes: &[u8]) -> Option<usize> {
    let mut size = 0;
    if let &[0, 1, identifier, value, ..] = bytes {
        size += 13 + usize::from(identifier) + usize::from(value);
    }
    if bytes.get(size..)?.starts_with(&[0, 0]) {
        size += 8;
    }
    Some(size)
}
