//! IPv4.

use super::walk::{Next, Walk};
use super::{fragment, ipv6};
use crate::error::DamageKind;
use crate::layer::Layer;
use crate::packet::Addr;

/// More-fragments flag and offset; the reserved and don't-fragment bits do not matter here.
const FRAGMENT_BITS: u16 = 0x3fff;

/// Reads the header, passes over options, and leaves out padding behind the total length.
#[inline]
pub(super) fn read(walk: &mut Walk) -> Next {
    let start = walk.offset;
    let Some(head) = walk.peek::<20>(Layer::Ipv4) else { return Next::Done };
    let &[first, _, l0, l1, i0, i1, f0, f1, ttl, protocol, _, _, s0, s1, s2, s3, d0, d1, d2, d3] = head;
    let header = usize::from(first & 0x0f) * 4;
    if first >> 4 != 4 {
        return other_version(walk, first >> 4);
    }
    if header < 20 {
        return walk.bad_length(Layer::Ipv4, start, header);
    }
    if !walk.accept(Layer::Ipv4, 20) {
        return Next::Done;
    }
    walk.begin_packet();
    let packet = &mut *walk.packet;
    packet.ip_version = 4;
    packet.ttl = ttl;
    packet.protocol = Some(protocol);
    packet.src = Some(Addr::v4([s0, s1, s2, s3]));
    packet.dst = Some(Addr::v4([d0, d1, d2, d3]));
    packet.header_length = header as u16;
    if header > 20 {
        walk.skip(Layer::Ipv4, start, header - 20);
    }
    let total = usize::from(u16::from_be_bytes([l0, l1]));
    if !bound(walk, start, header, total) {
        return Next::Done;
    }
    let bits = u16::from_be_bytes([f0, f1]) & FRAGMENT_BITS;
    if bits == 0 {
        return Next::Protocol(protocol);
    }
    let id = u32::from(u16::from_be_bytes([i0, i1]));
    fragment::join(walk, id, protocol, u32::from(bits & 0x1fff) * 8, bits & 0x2000 != 0)
}

/// Applies the total length. Segmentation offload leaves it 0: then the frame's own length counts.
#[inline]
fn bound(walk: &mut Walk, start: usize, header: usize, total: usize) -> bool {
    if total == 0 {
        return true;
    }
    if total < header {
        walk.limit(0);
        walk.bad_length(Layer::Ipv4, start, total);
        return false;
    }
    if !walk.limit(total - header) {
        // Read on as if the frame was cut: that is what it most often is.
        walk.bad_length(Layer::Ipv4, start, total);
    }
    true
}

#[cold]
fn other_version(walk: &mut Walk, value: u8) -> Next {
    if value == 6 {
        return ipv6::read(walk);
    }
    walk.damage(Layer::Ipv4, walk.offset, DamageKind::BadVersion { value });
    Next::Done
}
