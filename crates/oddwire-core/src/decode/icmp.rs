//! ICMP, `ICMPv6` and IGMP. The packet inside of an error is another one and is not followed.

use super::walk::{Next, Walk};
use crate::layer::Layer;

/// Bytes before the data of nearly every message.
const HEADER: usize = 8;

/// Reads type and code.
pub(super) fn read(walk: &mut Walk, layer: Layer) -> Next {
    let start = walk.offset;
    let Some(&[kind, code, ..]) = walk.header::<4>(layer) else { return Next::Done };
    walk.packet.icmp = Some((kind, code));
    walk.packet.icmp_word = walk.rest.first_chunk().copied().unwrap_or_default();
    body(walk, layer, start)
}

/// Passes over the fixed part of an IGMP message.
pub(super) fn igmp(walk: &mut Walk) -> Next {
    let start = walk.offset;
    if walk.header::<4>(Layer::Igmp).is_none() {
        return Next::Done;
    }
    body(walk, Layer::Igmp, start)
}

fn body(walk: &mut Walk, layer: Layer, start: usize) -> Next {
    walk.packet.header_length = walk.packet.header_length.saturating_add(HEADER as u16);
    walk.skip(layer, start, HEADER - 4);
    Next::Done
}
