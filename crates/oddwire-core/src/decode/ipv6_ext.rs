//! IPv6 extension headers.

use super::fragment;
use super::walk::{Next, Walk};
use crate::layer::Layer;

/// The option that gives a jumbogram's length.
const JUMBO: u8 = 0xc2;

/// Reads a header that starts with the next protocol and its length in units of eight bytes.
pub(super) fn read(walk: &mut Walk) -> Next {
    let Some(&[next, units]) = walk.peek::<2>(Layer::Ipv6Extension) else { return Next::Done };
    let size = 8 + usize::from(units) * 8;
    if walk.bytes(Layer::Ipv6Extension, size).is_none() {
        return Next::Done;
    }
    write(walk, next, size)
}

/// Reads hop-by-hop options, the first header of the chain, for the length of a jumbogram.
pub(super) fn hop_by_hop(walk: &mut Walk) -> Next {
    let (start, bytes) = (walk.offset, walk.rest);
    let is_first = walk.packet.layers.last() == Some(Layer::Ipv6);
    let next = read(walk);
    let size = walk.offset - start;
    let jumbo = bytes.get(..size).and_then(jumbo_length).filter(|_| is_first);
    if let Some(length) = jumbo
        && !walk.limit((length as usize).saturating_sub(size))
    {
        walk.bad_length(Layer::Ipv6Extension, start, length as usize);
    }
    next
}

/// Reads the fragment header; a fragment that is the whole datagram is none.
pub(super) fn fragment(walk: &mut Walk) -> Next {
    let Some(&[next, _, o0, o1, i0, i1, i2, i3]) = walk.header::<8>(Layer::Ipv6Extension) else {
        return Next::Done;
    };
    write(walk, next, 8);
    let bits = u16::from_be_bytes([o0, o1]);
    let (offset, more) = (u32::from(bits & 0xfff8), bits & 1 != 0);
    if offset == 0 && !more {
        return Next::Protocol(next);
    }
    fragment::join(walk, u32::from_be_bytes([i0, i1, i2, i3]), next, offset, more)
}

fn write(walk: &mut Walk, next: u8, size: usize) -> Next {
    walk.packet.protocol = Some(next);
    walk.packet.header_length = walk.packet.header_length.saturating_add(size as u16);
    Next::Protocol(next)
}

fn jumbo_length(header: &[u8]) -> Option<u32> {
    let mut options = header.get(2..)?;
    loop {
        let (&kind, rest) = options.split_first()?;
        options = match kind {
            0 => rest,
            JUMBO => return rest.get(1..)?.first_chunk().map(|bytes| u32::from_be_bytes(*bytes)),
            _ => {
                let (&length, rest) = rest.split_first()?;
                rest.get(usize::from(length)..)?
            }
        };
    }
}
