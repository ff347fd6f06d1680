//! Reads the records of a pcap file with plain `read()` into one buffer that is reused.

use std::io::{self, Read};

/// Bytes asked of the system at a time: holds any record, and stays in the cache (4 MiB costs a fifth more).
const BUFFER: usize = 320 << 10;
const FILE_HEADER: usize = 24;

/// A pcap stream whose records are visited in place.
pub struct Reader<R> {
    input: R,
    buffer: Vec<u8>,
    filled: usize,
}

/// One packet as the file has it.
#[derive(Clone, Copy)]
pub struct Frame<'a> {
    /// Microseconds since the epoch.
    pub time_us: u64,
    /// Length on the wire, which can exceed the bytes kept.
    pub length: u32,
    /// The bytes kept.
    pub bytes: &'a [u8],
}

impl<R: Read> Reader<R> {
    /// Makes a reader; nothing is read yet.
    pub fn new(input: R) -> Self {
        Self { input, buffer: vec![0; BUFFER], filled: 0 }
    }

    /// Visits every record up to the end, or to the first that cannot be one.
    pub fn visit(&mut self, mut each: impl FnMut(Frame<'_>)) -> io::Result<()> {
        while self.filled < FILE_HEADER && self.refill(0)? {}
        let Some(header) = self.buffer.first_chunk::<FILE_HEADER>().filter(|_| self.filled >= FILE_HEADER)
        else {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "no pcap header"));
        };
        let divisor = ticks_per_us(header)?;
        let mut start = FILE_HEADER;
        loop {
            let mut rest = self.buffer.get(start..self.filled).unwrap_or_default();
            while let Some((frame, after)) = record(rest, divisor) {
                each(frame);
                rest = after;
            }
            let kept = rest.len();
            if kept == BUFFER || !self.refill(kept)? {
                return Ok(());
            }
            start = 0;
        }
    }

    /// Moves the last `kept` bytes to the front and reads behind them; false at the end of the input.
    fn refill(&mut self, kept: usize) -> io::Result<bool> {
        if kept > 0 {
            self.buffer.copy_within(self.filled - kept..self.filled, 0);
            self.filled = kept;
        } else if self.filled >= FILE_HEADER {
            self.filled = 0;
        }
        let space = self.buffer.get_mut(self.filled..).unwrap_or_default();
        let got = self.input.read(space)?;
        self.filled += got;
        Ok(got > 0)
    }
}

fn ticks_per_us(header: &[u8; FILE_HEADER]) -> io::Result<u32> {
    let magic = header.first_chunk::<4>().map_or(0, |bytes| u32::from_le_bytes(*bytes));
    let link = header.last_chunk::<4>().map_or(0, |bytes| u32::from_le_bytes(*bytes));
    match (magic, link) {
        (0xa1b2_c3d4, 1) => Ok(1),
        (0xa1b2_3c4d, 1) => Ok(1000),
        _ => Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "only little-endian pcap of Ethernet is read here",
        )),
    }
}

#[inline]
fn record(rest: &[u8], divisor: u32) -> Option<(Frame<'_>, &[u8])> {
    let (head, rest) = rest.split_first_chunk::<16>()?;
    let [s0, s1, s2, s3, f0, f1, f2, f3, c0, c1, c2, c3, l0, l1, l2, l3] = *head;
    let captured = u32::from_le_bytes([c0, c1, c2, c3]) as usize;
    let (bytes, rest) = rest.split_at_checked(captured)?;
    let seconds = u64::from(u32::from_le_bytes([s0, s1, s2, s3]));
    let fraction = u32::from_le_bytes([f0, f1, f2, f3]);
    let micros = if divisor == 1 { fraction } else { fraction / divisor };
    let time_us = seconds * 1_000_000 + u64::from(micros);
    Some((Frame { time_us, length: u32::from_le_bytes([l0, l1, l2, l3]), bytes }, rest))
}
