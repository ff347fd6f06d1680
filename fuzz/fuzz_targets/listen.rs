//! Any conversations, heard through the whole tracker: no panic, and memory that does not grow with what is said.
//!
//! A packet is six bytes and its payload: shape, flow, sequence number (two bytes), length, and how often it is sent.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oddwire_core::flow::shard::Output;
use oddwire_core::flow::{Stamp, Tracker, TrackerOptions};
use oddwire_core::packet::{Addr, Packet, Tcp};
use oddwire_core::proto::Rules;
use std::alloc::{GlobalAlloc, Layout, System};
use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What is listened to may take this much, and as much again for rows that wait for their tick.
const MOST_HEARD: usize = 1 << 20;
/// What else a tracker takes for a handful of flows: its tables, and what one shard holds beyond its share.
const MOST_BESIDE: usize = 24 << 20;
const FLOWS: u8 = 32;
const PORTS: [u16; 26] = [
    53, 443, 80, 22, 25, 21, 23, 67, 445, 3_389, 88, 123, 161, 1_900, 502, 20_000, 1_883, 5_353, 137, 139,
    110, 143, 389, 135, 8_080, 4_444,
];

struct Counting;

static HELD: AtomicUsize = AtomicUsize::new(0);

#[global_allocator]
static COUNTING: Counting = Counting;

// SAFETY: every call is handed to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        HELD.fetch_add(layout.size(), Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Ordering::Relaxed);
        unsafe { System.dealloc(place, layout) }
    }
}

/// How far each direction of each flow has come.
type Next = [[u32; 2]; FLOWS as usize];

/// A packet that the bytes describe; the sequence number goes on unless the shape says otherwise.
fn packet<'a>(head: &[u8; 6], payload: &'a [u8], next: &mut Next) -> Packet<'a> {
    let &[shape, flow, high, low, ..] = head;
    let flow = flow % FLOWS;
    let back = usize::from(shape & 1);
    let (protocol, icmp) =
        [(6, None), (17, None), (1, Some((shape & 8, 0))), (58, Some((128 | shape >> 3 & 1, 0)))]
            [usize::from(shape >> 1 & 3)];
    let port = PORTS[usize::from(flow) % PORTS.len()];
    let mut ends = [(Addr::v4([10, 0, 0, 1]), 40_000 + u16::from(flow)), (Addr::v4([10, 0, 0, 2]), port)];
    ends.rotate_left(back);
    let [(src, src_port), (dst, dst_port)] = ends;
    let [forth, answered] = {
        let mut both = next[usize::from(flow)];
        both.rotate_left(back);
        both
    };
    let seq =
        if shape & 16 == 0 { forth } else { forth.wrapping_add(u32::from(u16::from_be_bytes([high, low]))) };
    next[usize::from(flow)][back] = seq.wrapping_add(payload.len() as u32);
    let flags = if shape & 32 == 0 { 0x18 } else { u16::from(low) };
    let has_ports = icmp.is_none();
    Packet {
        src: Some(src),
        dst: Some(dst),
        ip_version: 4,
        protocol: Some(protocol),
        src_port: has_ports.then_some(src_port),
        dst_port: has_ports.then_some(dst_port),
        tcp: (protocol == 6).then_some(Tcp { seq, ack: answered, flags, window: 1_000 }),
        icmp,
        icmp_word: [high, low, 0, flow],
        payload,
        payload_length: payload.len() as u32 + if shape & 64 == 0 { 0 } else { u32::from(high) },
        ..Packet::default()
    }
}

fuzz_target!(|input: &[u8]| {
    let before = HELD.load(Ordering::Relaxed);
    let said = Rules { rows: u64::MAX, names: true, max_bytes: MOST_HEARD };
    let mut tracker = Tracker::new(&TrackerOptions { said, ..TrackerOptions::default() });
    let mut sink = |output: &mut Output| -> Result<(), Infallible> {
        *output = Output::default();
        Ok(())
    };
    let (mut rest, mut next, mut stamp) = (input, Next::default(), Stamp::default());
    while let Some((head, behind)) = rest.split_first_chunk::<6>() {
        let (payload, behind) = behind.split_at_checked(usize::from(head[4])).unwrap_or((behind, &[]));
        rest = behind;
        for _ in 0..=head[5] & 63 {
            let packet = packet(head, payload, &mut next);
            stamp.number += 1;
            stamp.time_ns += i64::from(head[5]) * 1_000_000;
            stamp.length = packet.payload_length + 54;
            let Ok(()) = tracker.add(&stamp, &packet, &mut sink);
            let held = HELD.load(Ordering::Relaxed).saturating_sub(before);
            assert!(held <= MOST_BESIDE + 2 * MOST_HEARD, "{held} bytes are held");
        }
    }
    let Ok(()) = tracker.finish(&mut sink);
});
