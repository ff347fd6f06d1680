//! Authentication header and encapsulating security payload.

use super::walk::{Next, Walk};
use crate::layer::Layer;

/// Reads an authentication header, which hides nothing.
pub(super) fn ah(walk: &mut Walk) -> Next {
    let Some(&[next, units]) = walk.peek::<2>(Layer::Ah) else { return Next::Done };
    let size = (usize::from(units) + 2) * 4;
    if size < 12 {
        return walk.bad_length(Layer::Ah, walk.offset, size);
    }
    if walk.bytes(Layer::Ah, size).is_none() {
        return Next::Done;
    }
    walk.packet.protocol = Some(next);
    walk.packet.header_length = walk.packet.header_length.saturating_add(size as u16);
    Next::Protocol(next)
}

/// Passes over index and sequence number; what follows is encrypted.
pub(super) fn esp(walk: &mut Walk) -> Next {
    if walk.header::<8>(Layer::Esp).is_some() {
        walk.packet.header_length = walk.packet.header_length.saturating_add(8);
    }
    Next::Done
}
