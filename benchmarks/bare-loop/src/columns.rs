//! Packet columns in batches that are reused: filled, checksummed, emptied.

use crate::decode::{Addresses, Packet};

/// Rows a batch; small enough to stay in the cache.
const ROWS: usize = 4096;

/// One batch of the packet table.
#[derive(Default)]
pub struct Columns {
    time_us: Vec<u64>,
    src: Vec<u128>,
    dst: Vec<u128>,
    src_port: Vec<u16>,
    dst_port: Vec<u16>,
    length: Vec<u32>,
    protocol: Vec<u8>,
    flags: Vec<u8>,
    checksum: u64,
}

impl Columns {
    /// Adds one row; a full batch is checksummed and emptied.
    #[inline]
    pub fn push(&mut self, packet: &Packet) {
        let (src, dst) = match packet.addresses {
            Addresses::None => (0, 0),
            Addresses::V4(src, dst) => (u128::from(src), u128::from(dst)),
            Addresses::V6(src, dst) => (src, dst),
        };
        self.time_us.push(packet.time_us);
        self.src.push(src);
        self.dst.push(dst);
        self.src_port.push(packet.src_port);
        self.dst_port.push(packet.dst_port);
        self.length.push(packet.length);
        self.protocol.push(packet.protocol);
        self.flags.push(packet.flags);
        if self.time_us.len() == ROWS {
            self.flush();
        }
    }

    /// Empties the last batch and gives the checksum of all.
    #[must_use]
    pub fn finish(mut self) -> u64 {
        self.flush();
        self.checksum
    }

    fn flush(&mut self) {
        let low = |wide: &u128| (*wide as u64).wrapping_add((*wide >> 64) as u64);
        self.checksum = [
            drain(&mut self.time_us, |value| *value),
            drain(&mut self.src, low),
            drain(&mut self.dst, low),
            drain(&mut self.src_port, |value| u64::from(*value)),
            drain(&mut self.dst_port, |value| u64::from(*value)),
            drain(&mut self.length, |value| u64::from(*value)),
            drain(&mut self.protocol, |value| u64::from(*value)),
            drain(&mut self.flags, |value| u64::from(*value)),
        ]
        .iter()
        .fold(self.checksum, |sum, part| sum.rotate_left(7).wrapping_add(*part));
    }
}

/// Sums a column and empties it, keeping its memory.
fn drain<T>(column: &mut Vec<T>, widen: impl Fn(&T) -> u64) -> u64 {
    let sum = column.iter().map(widen).fold(0, u64::wrapping_add);
    column.clear();
    sum
}
