//! What captures put in front of 802.11: radiotap, Prism and AVS headers; and per-packet information.

use super::walk::{Next, Walk};
use super::{link, wifi};
use crate::frame::LinkType;
use crate::layer::Layer;

/// A check sequence ends the frame.
const FCS: u8 = 0x10;
/// Padding stands between the 802.11 header and its content, which then starts at a multiple of four.
const PADDED: u8 = 0x20;
const FCS_BYTES: usize = 4;

/// Reads radiotap for its length and the flags that change how the frame is read.
pub(super) fn radiotap(walk: &mut Walk) -> Next {
    let Some(&[_, _, l0, l1, ..]) = walk.peek::<8>(Layer::Radiotap) else { return Next::Done };
    let size = usize::from(u16::from_le_bytes([l0, l1]));
    if size < 8 {
        return walk.bad_length(Layer::Radiotap, walk.offset, size);
    }
    let Some(head) = walk.bytes(Layer::Radiotap, size) else { return Next::Done };
    let flags = radiotap_flags(head).unwrap_or_default();
    if flags & FCS != 0 {
        walk.limit(walk.wire.saturating_sub(FCS_BYTES));
    }
    wifi::read(walk, flags & PADDED != 0)
}

/// The flags field: behind the words that say which fields are present, and behind the time (aligned to eight).
fn radiotap_flags(head: &[u8]) -> Option<u8> {
    const TIME: u32 = 1;
    const FLAGS: u32 = 2;
    const MORE_WORDS: u32 = 1 << 31;
    let word = |at: usize| head.get(at..)?.first_chunk().copied().map(u32::from_le_bytes);
    let present = word(4)?;
    let mut at = 4;
    while word(at)? & MORE_WORDS != 0 {
        at += 4;
    }
    at += 4;
    if present & TIME != 0 {
        at = at.next_multiple_of(8) + 8;
    }
    if present & FLAGS != 0 { head.get(at).copied() } else { None }
}

/// Passes over a Prism header, or an AVS one, which some drivers give under the same link type.
pub(super) fn prism(walk: &mut Walk) -> Next {
    match walk.peek::<8>(Layer::Ieee80211) {
        Some([0x80, 0x21, ..]) => avs(walk),
        // The length follows the message code; both are in the byte order of the machine.
        Some(&[_, _, _, _, l0, l1, l2, l3]) => {
            let length = u32::from_le_bytes([l0, l1, l2, l3]);
            before(walk, if length > 0xffff { length.swap_bytes() } else { length })
        }
        None => Next::Done,
    }
}

/// Passes over an AVS header.
pub(super) fn avs(walk: &mut Walk) -> Next {
    match walk.peek::<8>(Layer::Ieee80211) {
        Some(&[_, _, _, _, l0, l1, l2, l3]) => before(walk, u32::from_be_bytes([l0, l1, l2, l3])),
        None => Next::Done,
    }
}

fn before(walk: &mut Walk, length: u32) -> Next {
    let start = walk.offset;
    if length < 8 {
        return walk.bad_length(Layer::Ieee80211, start, length as usize);
    }
    if walk.skip(Layer::Ieee80211, start, length as usize) { wifi::read(walk, false) } else { Next::Done }
}

/// Reads per-packet information and goes on with the link type it names; it is not nested in itself.
pub(super) fn ppi(walk: &mut Walk) -> Next {
    let Some(&[_, _, l0, l1, t0, t1, t2, t3]) = walk.peek::<8>(Layer::Ppi) else { return Next::Done };
    let size = usize::from(u16::from_le_bytes([l0, l1]));
    if size < 8 {
        return walk.bad_length(Layer::Ppi, walk.offset, size);
    }
    if walk.bytes(Layer::Ppi, size).is_none() {
        return Next::Done;
    }
    match u16::try_from(u32::from_le_bytes([t0, t1, t2, t3])).map(LinkType) {
        Ok(LinkType::PPI | LinkType::PKTAP) | Err(_) => Next::Done,
        Ok(inner) => link::read(walk, inner),
    }
}
