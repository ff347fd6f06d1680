//! Ethernet II and 802.3.

use super::ethertype::{self, MAX_LENGTH};
use super::walk::{Next, Walk};
use crate::layer::Layer;
use crate::packet::Mac;

/// Whether an Ethernet header could start here, for tunnels that only their content tells: a type that is known,
/// or a length with a plain 802.2 header behind it.
pub(super) fn looks_like(bytes: &[u8]) -> bool {
    let Some((&[.., t0, t1], body)) = bytes.split_first_chunk::<14>() else { return false };
    match (u16::from_be_bytes([t0, t1]), body) {
        (..=MAX_LENGTH, [destination, source, 3, ..]) => destination & 0xfe == source & 0xfe,
        (..=MAX_LENGTH, _) => false,
        (number, _) => ethertype::is_known(number),
    }
}

/// Reads the two addresses and the type, or the length that 802.3 has in its place.
#[inline]
pub(super) fn read(walk: &mut Walk) -> Next {
    let Some(head) = walk.header::<14>(Layer::Ethernet) else { return Next::Done };
    let &[d0, d1, d2, d3, d4, d5, s0, s1, s2, s3, s4, s5, t0, t1] = head;
    if walk.packet.src_mac.is_none() {
        walk.packet.dst_mac = Some(Mac([d0, d1, d2, d3, d4, d5]));
        walk.packet.src_mac = Some(Mac([s0, s1, s2, s3, s4, s5]));
    }
    Next::EtherType(u16::from_be_bytes([t0, t1]))
}
