//! SCTP and DCCP: their ports.

use super::tcp::ports_only;
use super::walk::{Next, Walk};
use crate::layer::Layer;

/// Reads the common header of SCTP; chunks are payload.
pub(super) fn read(walk: &mut Walk) -> Next {
    let Some(&[s0, s1, d0, d1, ..]) = walk.rest.first_chunk::<12>() else {
        return ports_only(walk, Layer::Sctp, 12);
    };
    if walk.accept(Layer::Sctp, 12) {
        write(walk, [s0, s1], [d0, d1], 12);
    }
    Next::Done
}

/// Reads the header of DCCP, whose length is given in units of four bytes.
pub(super) fn dccp(walk: &mut Walk) -> Next {
    let start = walk.offset;
    let Some(&[s0, s1, d0, d1, units, ..]) = walk.rest.first_chunk::<12>() else {
        return ports_only(walk, Layer::Dccp, 12);
    };
    if !walk.accept(Layer::Dccp, 12) {
        return Next::Done;
    }
    let header = usize::from(units) * 4;
    write(walk, [s0, s1], [d0, d1], header.max(12));
    if header < 12 {
        return walk.bad_length(Layer::Dccp, start, header);
    }
    walk.skip(Layer::Dccp, start, header - 12);
    Next::Done
}

fn write(walk: &mut Walk, source: [u8; 2], destination: [u8; 2], header: usize) {
    walk.packet.src_port = Some(u16::from_be_bytes(source));
    walk.packet.dst_port = Some(u16::from_be_bytes(destination));
    walk.packet.header_length = walk.packet.header_length.saturating_add(header as u16);
}
