//! MPLS: a stack of labels, then IP or a pseudo-wire, which only the content can tell.

use super::ethernet;
use super::walk::{Next, Walk};
use crate::layer::Layer;

/// Reads labels up to the bottom of the stack. They all count as one layer.
pub(super) fn read(walk: &mut Walk) -> Next {
    let start = walk.offset;
    let Some(&[_, _, mut bottom, _]) = walk.header::<4>(Layer::Mpls) else { return Next::Done };
    while bottom & 1 == 0 {
        let Some(&[_, _, third, _]) = walk.rest.first_chunk::<4>() else {
            walk.short(Layer::Mpls, 4);
            return Next::Done;
        };
        bottom = third;
        walk.skip(Layer::Mpls, start, 4);
    }
    follow(walk)
}

/// The first nibble is that of an IP version, or 0 for a control word; an Ethernet address may look like either.
fn follow(walk: &mut Walk) -> Next {
    match walk.rest.first().map(|first| first >> 4) {
        Some(4) if looks_like_ipv4(walk) => Next::EtherType(0x0800),
        Some(6) if looks_like_ipv6(walk) => Next::EtherType(0x86dd),
        Some(0) if walk.rest.get(4..).is_some_and(ethernet::looks_like) => {
            walk.skip(Layer::Mpls, walk.offset, 4);
            Next::Ethernet
        }
        Some(_) if ethernet::looks_like(walk.rest) => Next::Ethernet,
        _ => Next::Done,
    }
}

/// Whether a cut or whole IPv4 header could start here.
fn looks_like_ipv4(walk: &Walk) -> bool {
    let Some(&[first, _, l0, l1]) = walk.rest.first_chunk::<4>() else { return false };
    let total = usize::from(u16::from_be_bytes([l0, l1]));
    first & 0x0f >= 5 && (total <= walk.wire || walk.lenient)
}

fn looks_like_ipv6(walk: &Walk) -> bool {
    let Some(&[_, _, _, _, l0, l1]) = walk.rest.first_chunk::<6>() else { return false };
    usize::from(u16::from_be_bytes([l0, l1])) + 40 <= walk.wire || walk.lenient
}
