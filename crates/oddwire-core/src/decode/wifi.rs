//! 802.11: data frames that are not encrypted are followed, of others only the addresses are read.

use super::llc;
use super::walk::{Next, Walk};
use crate::layer::Layer;
use crate::packet::Mac;

const TO_DS: u8 = 0x01;
const FROM_DS: u8 = 0x02;
const PROTECTED: u8 = 0x40;
/// On a data frame with quality of service: four bytes of high-throughput control follow.
const ORDER: u8 = 0x80;
/// Subtype bits of data frames.
const NO_DATA: u8 = 0x40;
const QOS: u8 = 0x80;
/// In the first byte of the quality-of-service field: the body is a row of subframes.
const AGGREGATE: u8 = 0x80;

/// Reads the header; `padded` says that the body starts at a multiple of four.
pub(super) fn read(walk: &mut Walk, padded: bool) -> Next {
    let Some(&[control, flags]) = walk.peek::<2>(Layer::Ieee80211) else { return Next::Done };
    match control >> 2 & 3 {
        0 => management(walk),
        2 => data(walk, control, flags, padded),
        _ => other(walk),
    }
}

fn management(walk: &mut Walk) -> Next {
    if let Some(head) = walk.header::<24>(Layer::Ieee80211) {
        addresses(walk, &head[4..], 0, 6);
    }
    Next::Done
}

/// Control frames have a receiver, at least.
fn other(walk: &mut Walk) -> Next {
    if let Some(head) = walk.header::<10>(Layer::Ieee80211) {
        write(walk, None, head[4..].first_chunk().copied());
    }
    Next::Done
}

fn data(walk: &mut Walk, control: u8, flags: u8, padded: bool) -> Next {
    let four = flags & (TO_DS | FROM_DS) == TO_DS | FROM_DS;
    let plain = if four { 30 } else { 24 };
    let quality = if control & QOS != 0 { 2 } else { 0 };
    let throughput = if control & QOS != 0 && flags & ORDER != 0 { 4 } else { 0 };
    let size = plain + quality + throughput;
    let Some(head) = walk.bytes(Layer::Ieee80211, size) else { return Next::Done };
    let (from, to) = places(flags);
    addresses(walk, head.get(4..).unwrap_or_default(), to, from);
    if padded {
        walk.skip(Layer::Ieee80211, walk.offset - size, size.next_multiple_of(4) - size);
    }
    if control & NO_DATA != 0 || flags & PROTECTED != 0 || later_fragment(head) {
        return Next::Done;
    }
    let aggregate = quality != 0 && head.get(plain).is_some_and(|first| first & AGGREGATE != 0);
    if aggregate { subframe(walk) } else { llc::read(walk) }
}

/// Where sender and receiver stand behind the first four bytes.
const fn places(flags: u8) -> (usize, usize) {
    match flags & (TO_DS | FROM_DS) {
        0 => (6, 0),
        TO_DS => (6, 12),
        FROM_DS => (12, 0),
        _ => (20, 12),
    }
}

/// Fragments of one frame are not put together: only the first has the headers.
fn later_fragment(head: &[u8]) -> bool {
    head.get(22).is_some_and(|sequence| sequence & 0x0f != 0)
}

/// Reads the first of several subframes; the others are not looked at.
fn subframe(walk: &mut Walk) -> Next {
    let start = walk.offset;
    let Some(&[.., l0, l1]) = walk.header::<14>(Layer::Ieee80211) else { return Next::Done };
    let length = usize::from(u16::from_be_bytes([l0, l1]));
    if !walk.limit(length) {
        walk.bad_length(Layer::Ieee80211, start, length);
    }
    llc::read(walk)
}

fn addresses(walk: &mut Walk, fields: &[u8], to: usize, from: usize) {
    let at = |place: usize| fields.get(place..).and_then(|rest| rest.first_chunk()).copied();
    write(walk, at(from), at(to));
}

fn write(walk: &mut Walk, from: Option<[u8; 6]>, to: Option<[u8; 6]>) {
    if walk.packet.src_mac.is_none() && walk.packet.dst_mac.is_none() {
        walk.packet.src_mac = from.map(Mac);
        walk.packet.dst_mac = to.map(Mac);
    }
}
