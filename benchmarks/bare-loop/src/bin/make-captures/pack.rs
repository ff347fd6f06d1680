//! Reads the seed captures: every Ethernet packet of the pcap and pcapng files of some folders.

mod ng;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::tile::Frame;

/// Longer pauses of a capture are cut to this, or a tile would last months.
const PAUSE_US: u64 = 5_000_000;
/// The captures begin spread over this much of a tile.
const STAGGER_US: u64 = 60_000_000;

/// Loads all captures of the folders, in the order of their names.
pub(crate) fn load(folders: &[PathBuf]) -> io::Result<Vec<Frame>> {
    let mut paths = Vec::new();
    for folder in folders {
        for entry in fs::read_dir(folder)? {
            paths.push(entry?.path());
        }
    }
    paths.sort();
    let captures: Vec<Vec<Frame>> =
        paths.iter().filter_map(|path| ethernet(path)).filter(|frames| !frames.is_empty()).collect();
    let count = captures.len().max(1) as u64;
    eprintln!("captures={} packets={}", captures.len(), captures.iter().map(Vec::len).sum::<usize>());
    let placed =
        (0_u64..).zip(captures).flat_map(|(number, frames)| place(frames, STAGGER_US * number / count));
    Ok(placed.collect())
}

/// The capture's Ethernet packets with their own times; none where the file is no capture.
fn ethernet(path: &Path) -> Option<Vec<Frame>> {
    let bytes = fs::read(path).ok()?;
    match bytes.first_chunk::<4>()? {
        [0xd4, 0xc3, 0xb2, 0xa1] => pcap(&bytes, Order::Little, 1),
        [0x4d, 0x3c, 0xb2, 0xa1] => pcap(&bytes, Order::Little, 1000),
        [0xa1, 0xb2, 0xc3, 0xd4] => pcap(&bytes, Order::Big, 1),
        [0xa1, 0xb2, 0x3c, 0x4d] => pcap(&bytes, Order::Big, 1000),
        [0x0a, 0x0d, 0x0d, 0x0a] => Some(ng::read(&bytes)),
        _ => None,
    }
}

/// Byte order of a file or section.
#[derive(Clone, Copy)]
enum Order {
    Little,
    Big,
}

impl Order {
    fn u32(self, bytes: &[u8], at: usize) -> Option<u32> {
        let word = bytes.get(at..)?.first_chunk::<4>()?;
        Some(match self {
            Self::Little => u32::from_le_bytes(*word),
            Self::Big => u32::from_be_bytes(*word),
        })
    }

    fn u16(self, bytes: &[u8], at: usize) -> Option<u16> {
        let word = bytes.get(at..)?.first_chunk::<2>()?;
        Some(match self {
            Self::Little => u16::from_le_bytes(*word),
            Self::Big => u16::from_be_bytes(*word),
        })
    }
}

fn pcap(file: &[u8], order: Order, divisor: u32) -> Option<Vec<Frame>> {
    if order.u32(file, 20)? & 0xffff != 1 {
        return None;
    }
    let mut frames = Vec::new();
    let mut rest = file.get(24..)?;
    while let (Some(seconds), Some(fraction), Some(kept), Some(length)) =
        (order.u32(rest, 0), order.u32(rest, 4), order.u32(rest, 8), order.u32(rest, 12))
    {
        let Some(bytes) = rest.get(16..16 + kept as usize) else { break };
        let time_us = u64::from(seconds) * 1_000_000 + u64::from(fraction / divisor);
        frames.push(Frame { time_us, length, bytes: bytes.to_vec() });
        rest = rest.get(16 + kept as usize..).unwrap_or_default();
    }
    Some(frames)
}

/// Lets the capture begin at `start_us`, never go back in time and never pause for long.
fn place(frames: Vec<Frame>, start_us: u64) -> Vec<Frame> {
    let mut last = frames.first().map_or(0, |frame| frame.time_us);
    let mut now = start_us;
    let moved = frames.into_iter().map(|frame| {
        now += frame.time_us.saturating_sub(last).min(PAUSE_US);
        last = last.max(frame.time_us);
        Frame { time_us: now, ..frame }
    });
    moved.collect()
}
