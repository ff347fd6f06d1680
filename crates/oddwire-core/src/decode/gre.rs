//! Generic routing encapsulation, also as PPTP, NVGRE and ERSPAN use it.

use super::walk::{Next, Walk};
use super::{ppp, raw};
use crate::layer::Layer;
use crate::packet::TunnelKind;

const CHECKSUM: u16 = 0x8000;
const ROUTING: u16 = 0x4000;
const KEY: u16 = 0x2000;
const SEQUENCE: u16 = 0x1000;
/// In version 1, PPTP's.
const ACKNOWLEDGEMENT: u16 = 0x0080;

/// Reads the header with the fields its flags announce, and follows the protocol it names.
pub(super) fn read(walk: &mut Walk) -> Next {
    let Some(&[f0, f1, t0, t1]) = walk.peek::<4>(Layer::Gre) else { return Next::Done };
    let (flags, number) = (u16::from_be_bytes([f0, f1]), u16::from_be_bytes([t0, t1]));
    // Source routes of the first GRE are not in use; their length is not known up front.
    if flags & 7 > 1 || flags & ROUTING != 0 {
        return walk.name(Layer::Gre);
    }
    let Some(head) = walk.bytes(Layer::Gre, size(flags)) else { return Next::Done };
    walk.packet.header_length = walk.packet.header_length.saturating_add(head.len() as u16);
    if flags & 7 == 1 {
        return point_to_point(walk, flags, number);
    }
    walk.enter(TunnelKind::Gre, key(flags, head));
    follow(walk, flags, number)
}

fn size(flags: u16) -> usize {
    let four = |flag: u16| if flags & flag != 0 { 4 } else { 0 };
    let acknowledgement = if flags & 7 == 1 { four(ACKNOWLEDGEMENT) } else { 0 };
    4 + four(CHECKSUM) + four(KEY) + four(SEQUENCE) + acknowledgement
}

fn key(flags: u16, head: &[u8]) -> u32 {
    let at = if flags & CHECKSUM != 0 { 8 } else { 4 };
    let bytes = head.get(at..).and_then(|rest| rest.first_chunk::<4>());
    bytes.filter(|_| flags & KEY != 0).map_or(0, |&bytes| u32::from_be_bytes(bytes))
}

/// PPTP: PPP when there is a sequence number, else a bare acknowledgement. Its key names one direction only.
fn point_to_point(walk: &mut Walk, flags: u16, number: u16) -> Next {
    if number != 0x880b || flags & SEQUENCE == 0 || walk.rest.is_empty() {
        return Next::Done;
    }
    walk.enter(TunnelKind::Gre, 0);
    ppp::read(walk)
}

fn follow(walk: &mut Walk, flags: u16, number: u16) -> Next {
    match number {
        0x880b => ppp::read(walk),
        // ERSPAN: version I has no header of its own and no sequence number, II has eight bytes, III twelve or 20.
        0x88be if flags & SEQUENCE == 0 => Next::Ethernet,
        0x88be => mirrored(walk, 8),
        0x22eb => {
            let optional = walk.rest.get(11).is_some_and(|flags| flags & 1 != 0);
            mirrored(walk, if optional { 20 } else { 12 })
        }
        // Cisco's redirection puts four bytes before IP in its second version, which the nibble tells.
        0x883e => {
            if walk.rest.first().is_some_and(|first| first >> 4 != 4) {
                walk.skip(Layer::Gre, walk.offset, 4);
            }
            raw::read(walk)
        }
        _ => Next::EtherType(number),
    }
}

fn mirrored(walk: &mut Walk, size: usize) -> Next {
    let start = walk.offset;
    if walk.skip(Layer::Gre, start, size) { Next::Ethernet } else { Next::Done }
}
