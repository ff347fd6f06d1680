//! Lays the seed frames down again and again, each time with other addresses and later times.

use std::io::{self, Write};

use crate::rewrite::shift_addresses;
use crate::write::{Pcap, Written};

const START_US: u64 = 1_700_000_000_000_000;
/// A tile begins this long after the one before, so many run at once, as on a busy link.
const PERIOD_US: u64 = 10_000_000;

/// A packet of the seeds.
#[derive(Clone)]
pub(crate) struct Frame {
    /// Microseconds since the tile began.
    pub(crate) time_us: u64,
    /// Length on the wire.
    pub(crate) length: u32,
    /// The bytes kept.
    pub(crate) bytes: Vec<u8>,
}

/// Writes `tiles` tiles, or with 0 as many as `bytes` take.
pub(crate) fn tile<W: Write>(
    frames: Vec<Frame>,
    tiles: u64,
    bytes: u64,
    mut out: Pcap<W>,
) -> io::Result<Written> {
    let seed_bytes: u64 = frames.iter().map(|frame| 16 + frame.bytes.len() as u64).sum();
    let tiles = if tiles == 0 { bytes.div_ceil(seed_bytes.max(1)) } else { tiles };
    let periods = frames.iter().map(|frame| frame.time_us / PERIOD_US).max().unwrap_or(0);
    let mut frames = frames;
    frames.sort_by_key(|frame| frame.time_us % PERIOD_US);
    let mut scratch = Vec::new();
    for slot in 0..tiles + periods {
        for frame in &frames {
            let Some(number) = slot.checked_sub(frame.time_us / PERIOD_US).filter(|number| *number < tiles)
            else {
                continue;
            };
            scratch.clear();
            scratch.extend_from_slice(&frame.bytes);
            shift_addresses(&mut scratch, number as u16);
            out.packet(START_US + slot * PERIOD_US + frame.time_us % PERIOD_US, frame.length, &scratch)?;
        }
    }
    out.tiles(tiles);
    out.finish()
}
