//! PPP, with or without HDLC-like framing, its fields compressed or not.

use super::walk::{Next, Walk};
use super::{hdlc, mpls};
use crate::layer::Layer;

/// The all-stations address and the unnumbered-information control field.
const FRAMING: [u8; 2] = [0xff, 0x03];

/// Reads a frame of the PPP link types: framed by address and control, or Cisco's HDLC, or bare.
pub(super) fn link(walk: &mut Walk) -> Next {
    match walk.rest.first_chunk::<2>() {
        Some([0x0f | 0x8f, 0x00]) => hdlc::read(walk),
        _ => read(walk),
    }
}

/// Reads the protocol number and what it names.
pub(super) fn read(walk: &mut Walk) -> Next {
    let framing = if walk.rest.starts_with(&FRAMING) { 2 } else { 0 };
    // A number whose first byte is odd is compressed to that byte.
    let compressed = walk.rest.get(framing).is_some_and(|first| first & 1 != 0);
    let size = framing + if compressed { 1 } else { 2 };
    let Some(head) = walk.bytes(Layer::Ppp, size) else { return Next::Done };
    follow(walk, head.iter().skip(framing).fold(0, |number, &byte| number << 8 | u16::from(byte)))
}

fn follow(walk: &mut Walk, number: u16) -> Next {
    match number {
        0x0021 => Next::EtherType(0x0800),
        0x0057 => Next::EtherType(0x86dd),
        0x0031 => bridged(walk),
        0x0281 | 0x0283 => mpls::read(walk),
        _ => Next::Done,
    }
}

/// Reads the two bytes in front of a bridged frame; only the Ethernet kind is followed.
fn bridged(walk: &mut Walk) -> Next {
    let start = walk.offset;
    match walk.rest.first_chunk::<2>() {
        Some([_, 1]) if walk.skip(Layer::Ppp, start, 2) => Next::Ethernet,
        _ => Next::Done,
    }
}
