//! IPv6.

use super::walk::{Next, Walk};
use crate::error::DamageKind;
use crate::layer::Layer;
use crate::packet::Addr;

/// The protocol number of the hop-by-hop header, in which a jumbogram keeps its length.
const HOP_BY_HOP: u8 = 0;
/// Protocols whose segments are handed over with length 0 by segmentation offload.
const OFFLOADED: [u8; 2] = [6, 17];

/// Reads the fixed header and leaves out padding behind the payload length.
#[inline]
pub(super) fn read(walk: &mut Walk) -> Next {
    let start = walk.offset;
    let Some(head) = walk.peek::<40>(Layer::Ipv6) else { return Next::Done };
    let value = head[0] >> 4;
    if value != 6 {
        walk.damage(Layer::Ipv6, start, DamageKind::BadVersion { value });
        return Next::Done;
    }
    if !walk.accept(Layer::Ipv6, 40) {
        return Next::Done;
    }
    walk.begin_packet();
    let packet = &mut *walk.packet;
    let protocol = head[6];
    packet.ip_version = 6;
    packet.ttl = head[7];
    packet.protocol = Some(protocol);
    packet.header_length = 40;
    packet.src = head[8..].first_chunk().copied().map(Addr);
    packet.dst = head[24..].first_chunk().copied().map(Addr);
    let length = usize::from(u16::from_be_bytes([head[4], head[5]]));
    let elsewhere = length == 0 && (protocol == HOP_BY_HOP || OFFLOADED.contains(&protocol));
    if !elsewhere && !walk.limit(length) {
        walk.bad_length(Layer::Ipv6, start, length);
    }
    Next::Protocol(protocol)
}
