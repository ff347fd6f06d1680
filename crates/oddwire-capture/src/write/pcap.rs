//! A pcap file with nanosecond times and one link type, in little-endian order.

use super::unfit;
use oddwire_core::frame::{Frame, LinkType};
use std::io::{self, Write};

const MAGIC_NANOS: u32 = 0xa1b2_3c4d;
const NANOS_PER_SECOND: i64 = 1_000_000_000;
/// The snap length that says "all of it".
const SNAP_LENGTH: u32 = 262_144;

/// Writes packets of one link type.
#[derive(Debug)]
pub struct PcapWriter<W: Write> {
    out: W,
    link: LinkType,
}

impl<W: Write> PcapWriter<W> {
    /// Writes the file header.
    pub fn new(mut out: W, link: LinkType) -> io::Result<Self> {
        out.write_all(&MAGIC_NANOS.to_le_bytes())?;
        out.write_all(&2_u16.to_le_bytes())?;
        out.write_all(&4_u16.to_le_bytes())?;
        out.write_all(&[0; 8])?;
        out.write_all(&SNAP_LENGTH.to_le_bytes())?;
        out.write_all(&u32::from(link.0).to_le_bytes())?;
        Ok(Self { out, link })
    }

    /// Writes one packet: its time in nanoseconds since the epoch, its bytes on the wire, those captured.
    ///
    /// # Errors
    /// When the time is before 1970 or after 2106, which the format cannot hold, or when writing fails.
    pub fn write(&mut self, time_ns: i64, length: u32, data: &[u8]) -> io::Result<()> {
        let second = u32::try_from(time_ns.div_euclid(NANOS_PER_SECOND))
            .map_err(|_| unfit("a pcap file holds times from 1970 to 2106"))?;
        let captured =
            u32::try_from(data.len()).map_err(|_| unfit("a packet is longer than a pcap file can hold"))?;
        let nanos = time_ns.rem_euclid(NANOS_PER_SECOND) as u32;
        for field in [second, nanos, captured, length] {
            self.out.write_all(&field.to_le_bytes())?;
        }
        self.out.write_all(data)
    }

    /// Writes one frame.
    ///
    /// # Errors
    /// As [`Self::write`], and when the frame is of another link type than the file.
    pub fn write_frame(&mut self, frame: &Frame<'_>) -> io::Result<()> {
        if frame.link != self.link {
            return Err(unfit("a pcap file holds one link type; write pcapng for several"));
        }
        self.write(frame.time_ns, frame.length, frame.data)
    }

    /// Hands the writer back, flushed.
    pub fn finish(mut self) -> io::Result<W> {
        self.out.flush()?;
        Ok(self.out)
    }
}
