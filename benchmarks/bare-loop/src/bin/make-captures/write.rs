//! Writes little-endian pcap with microseconds and Ethernet.

use std::io::{self, Write};

const SNAPLEN: u32 = 262_144;

/// A pcap stream being written; times never go back.
pub(crate) struct Pcap<W> {
    output: W,
    written: Written,
    last_us: u64,
}

/// What was written.
#[derive(Clone, Copy, Default)]
pub(crate) struct Written {
    /// Packets.
    pub(crate) packets: u64,
    /// Bytes of the file.
    pub(crate) bytes: u64,
    /// Times the seed captures were laid down.
    pub(crate) tiles: u64,
}

impl<W: Write> Pcap<W> {
    /// Writes the file header.
    pub(crate) fn new(mut output: W) -> io::Result<Self> {
        for word in [0xa1b2_c3d4, 0x0004_0002, 0, 0, SNAPLEN, 1_u32] {
            output.write_all(&word.to_le_bytes())?;
        }
        Ok(Self { output, written: Written { bytes: 24, ..Written::default() }, last_us: 0 })
    }

    /// Writes one packet; `length` is its length on the wire.
    pub(crate) fn packet(&mut self, time_us: u64, length: u32, bytes: &[u8]) -> io::Result<()> {
        self.last_us = self.last_us.max(time_us);
        let (seconds, micros) = (self.last_us / 1_000_000, self.last_us % 1_000_000);
        for word in [seconds as u32, micros as u32, bytes.len() as u32, length] {
            self.output.write_all(&word.to_le_bytes())?;
        }
        self.output.write_all(bytes)?;
        self.written.packets += 1;
        self.written.bytes += 16 + bytes.len() as u64;
        Ok(())
    }

    /// Notes how often the seeds were laid down.
    pub(crate) fn tiles(&mut self, tiles: u64) {
        self.written.tiles = tiles;
    }

    /// Flushes the stream and says what was written.
    pub(crate) fn finish(mut self) -> io::Result<Written> {
        self.output.flush()?;
        Ok(self.written)
    }
}
