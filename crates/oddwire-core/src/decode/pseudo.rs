//! What operating systems put in front of packets: Linux netfilter logs and Apple's process information.

use super::walk::{Next, Walk};
use super::{link, raw};
use crate::frame::LinkType;
use crate::layer::Layer;

/// The netfilter attribute that holds the packet.
const PAYLOAD: u16 = 9;

/// Reads the attributes of a netfilter log up to the packet. Their lengths are in the byte order of the machine, nearly
/// always little endian, and padded to four.
pub(super) fn nflog(walk: &mut Walk) -> Next {
    let Some(&[family, ..]) = walk.header::<4>(Layer::Nflog) else { return Next::Done };
    let start = walk.offset - 4;
    while let Some(&[l0, l1, t0, t1]) = walk.rest.first_chunk::<4>() {
        let length = usize::from(u16::from_le_bytes([l0, l1]));
        if length < 4 {
            return walk.bad_length(Layer::Nflog, start, length);
        }
        if u16::from_le_bytes([t0, t1]) & 0x7fff == PAYLOAD {
            walk.skip(Layer::Nflog, start, 4);
            walk.limit(length - 4);
            return if matches!(family, 2 | 10) { raw::read(walk) } else { Next::Done };
        }
        if !walk.skip(Layer::Nflog, start, length.next_multiple_of(4)) {
            return Next::Done;
        }
    }
    walk.short(Layer::Nflog, 4);
    Next::Done
}

/// Reads the process information and goes on with the link type it names; it is not nested in itself.
pub(super) fn pktap(walk: &mut Walk) -> Next {
    let Some(&[l0, l1, l2, l3, _, _, _, _, t0, t1, t2, t3]) = walk.peek::<12>(Layer::Pktap) else {
        return Next::Done;
    };
    let size = u32::from_le_bytes([l0, l1, l2, l3]) as usize;
    if size < 12 {
        return walk.bad_length(Layer::Pktap, walk.offset, size);
    }
    if walk.bytes(Layer::Pktap, size).is_none() {
        return Next::Done;
    }
    match u16::try_from(u32::from_le_bytes([t0, t1, t2, t3])).map(LinkType) {
        Ok(LinkType::PKTAP | LinkType::PPI) | Err(_) => Next::Done,
        Ok(inner) => link::read(walk, inner),
    }
}
