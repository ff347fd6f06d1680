//! UDP and UDP-Lite.

use super::tcp::ports_only;
use super::walk::{Next, Walk};
use super::{geneve, gtpu, teredo, vxlan};
use crate::layer::Layer;

/// Whether ports say that a tunnel may be inside; the content decides.
#[inline]
pub(super) fn may_tunnel(source: u16, destination: u16) -> bool {
    matches!(destination, 2152 | 3544 | 4789 | 4790 | 6081 | 8472) || matches!(source, 2152 | 3544)
}

/// Reads the header and leaves out what lies behind the datagram's length.
#[inline]
pub(super) fn read(walk: &mut Walk) -> Next {
    let start = walk.offset;
    let Some(head) = walk.rest.first_chunk::<8>() else { return ports_only(walk, Layer::Udp, 8) };
    let &[s0, s1, d0, d1, l0, l1, _, _] = head;
    if !walk.accept(Layer::Udp, 8) {
        return Next::Done;
    }
    let (source, destination) = (u16::from_be_bytes([s0, s1]), u16::from_be_bytes([d0, d1]));
    walk.packet.src_port = Some(source);
    walk.packet.dst_port = Some(destination);
    walk.packet.header_length += 8;
    let next = bound(walk, start, usize::from(u16::from_be_bytes([l0, l1])));
    if may_tunnel(source, destination) && !walk.partial {
        return tunnel(walk, source, destination);
    }
    next
}

/// Applies the datagram's length; 0 stands for a jumbogram or a segmented send: all that IP carries.
#[inline]
fn bound(walk: &mut Walk, start: usize, length: usize) -> Next {
    if length == 0 || (walk.partial && length > walk.wire) {
        return Next::Done;
    }
    if length < 8 {
        return walk.bad_length(Layer::Udp, start, length);
    }
    if !walk.limit(length - 8) {
        return walk.bad_length(Layer::Udp, start, length);
    }
    Next::Done
}

/// Follows what is inside if it is what the port says; anything else on such a port is payload.
#[cold]
fn tunnel(walk: &mut Walk, source: u16, destination: u16) -> Next {
    match (destination, source) {
        (4789 | 8472, _) => vxlan::read(walk),
        (4790, _) => vxlan::generic(walk),
        (6081, _) => geneve::read(walk),
        (2152, _) | (_, 2152) => gtpu::read(walk),
        _ => teredo::read(walk),
    }
}

/// Reads the header of UDP-Lite, which has a checksum coverage in the place of the length.
pub(super) fn lite(walk: &mut Walk) -> Next {
    let Some(head) = walk.rest.first_chunk::<8>() else { return ports_only(walk, Layer::UdpLite, 8) };
    if !walk.accept(Layer::UdpLite, 8) {
        return Next::Done;
    }
    walk.packet.src_port = Some(u16::from_be_bytes([head[0], head[1]]));
    walk.packet.dst_port = Some(u16::from_be_bytes([head[2], head[3]]));
    walk.packet.header_length += 8;
    Next::Done
}
