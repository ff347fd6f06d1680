//! TCP.

use super::walk::{Next, Walk};
use crate::layer::Layer;
use crate::packet::Tcp;

/// Reads the header and passes over options.
#[inline]
pub(super) fn read(walk: &mut Walk) -> Next {
    let start = walk.offset;
    let Some(head) = walk.rest.first_chunk::<20>() else { return ports_only(walk, Layer::Tcp, 20) };
    let &[s0, s1, d0, d1, n0, n1, n2, n3, a0, a1, a2, a3, o, f, w0, w1, ..] = head;
    if !walk.accept(Layer::Tcp, 20) {
        return Next::Done;
    }
    let header = usize::from(o >> 4) * 4;
    walk.packet.src_port = Some(u16::from_be_bytes([s0, s1]));
    walk.packet.dst_port = Some(u16::from_be_bytes([d0, d1]));
    walk.packet.tcp = Some(Tcp {
        seq: u32::from_be_bytes([n0, n1, n2, n3]),
        ack: u32::from_be_bytes([a0, a1, a2, a3]),
        flags: u16::from_be_bytes([o & 1, f]),
        window: u16::from_be_bytes([w0, w1]),
    });
    walk.packet.header_length += header.max(20) as u16;
    if header > 20 {
        options(walk, start, header);
    } else if header < 20 {
        return walk.bad_length(Layer::Tcp, start, header);
    }
    Next::Done
}

#[inline]
fn options(walk: &mut Walk, start: usize, header: usize) {
    if header - 20 > walk.wire && !walk.lenient {
        walk.bad_length(Layer::Tcp, start, header);
    }
    walk.skip(Layer::Tcp, start, header - 20);
}

/// Gives at least the ports of a transport header that is not there whole.
#[cold]
pub(super) fn ports_only(walk: &mut Walk, layer: Layer, need: usize) -> Next {
    walk.short(layer, need);
    if let Some(&[s0, s1, d0, d1]) = walk.rest.first_chunk::<4>()
        && walk.packet.layers.push(layer)
    {
        walk.packet.src_port = Some(u16::from_be_bytes([s0, s1]));
        walk.packet.dst_port = Some(u16::from_be_bytes([d0, d1]));
    }
    Next::Done
}
