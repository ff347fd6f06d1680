//! A pcapng file with nanosecond times: one section, one interface a link type, in little-endian order.

use super::unfit;
use oddwire_core::frame::{Frame, LinkType};
use std::io::{self, Write};

const SECTION_HEADER: u32 = 0x0a0d_0d0a;
const BYTE_ORDER: u32 = 0x1a2b_3c4d;
const INTERFACE_DESCRIPTION: u32 = 1;
const ENHANCED_PACKET: u32 = 6;
/// The option "time stamps count nanoseconds", padded, and the end of options.
const NANOSECONDS: [u8; 12] = [9, 0, 1, 0, 9, 0, 0, 0, 0, 0, 0, 0];

/// Writes packets of any link types.
#[derive(Debug)]
pub struct PcapngWriter<W: Write> {
    out: W,
    /// The link types that have an interface, in the order of their numbers.
    links: Vec<LinkType>,
    block: Vec<u8>,
}

impl<W: Write> PcapngWriter<W> {
    /// Writes the section header. Interfaces follow as their link types appear.
    pub fn new(out: W) -> io::Result<Self> {
        let mut writer = Self { out, links: Vec::new(), block: Vec::new() };
        writer.begin(SECTION_HEADER);
        writer.put(BYTE_ORDER);
        writer.put(1);
        writer.block.extend([0xff; 8]);
        writer.end()?;
        Ok(writer)
    }

    /// Writes one packet: what it begins with, its time in nanoseconds since the epoch, its bytes on the wire, those
    /// captured.
    ///
    /// # Errors
    /// When the time is before 1970, which the format cannot hold here, or when writing fails.
    pub fn write(&mut self, link: LinkType, time_ns: i64, length: u32, data: &[u8]) -> io::Result<()> {
        let ticks = u64::try_from(time_ns).map_err(|_| unfit("times before 1970 are not written"))?;
        let captured =
            u32::try_from(data.len()).map_err(|_| unfit("a packet is longer than pcapng can hold"))?;
        let interface = self.interface(link)?;
        self.begin(ENHANCED_PACKET);
        for field in [interface, (ticks >> 32) as u32, ticks as u32, captured, length] {
            self.put(field);
        }
        self.block.extend_from_slice(data);
        self.end()
    }

    /// Writes one frame.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub fn write_frame(&mut self, frame: &Frame<'_>) -> io::Result<()> {
        self.write(frame.link, frame.time_ns, frame.length, frame.data)
    }

    /// Hands the writer back, flushed.
    pub fn finish(mut self) -> io::Result<W> {
        self.out.flush()?;
        Ok(self.out)
    }

    fn interface(&mut self, link: LinkType) -> io::Result<u32> {
        if let Some(known) = self.links.iter().position(|other| *other == link) {
            return Ok(known as u32);
        }
        self.begin(INTERFACE_DESCRIPTION);
        self.put(u32::from(link.0));
        self.put(0);
        self.block.extend(NANOSECONDS);
        self.end()?;
        self.links.push(link);
        Ok(self.links.len() as u32 - 1)
    }

    fn begin(&mut self, kind: u32) {
        self.block.clear();
        self.put(kind);
        self.put(0);
    }

    fn put(&mut self, field: u32) {
        self.block.extend(field.to_le_bytes());
    }

    /// Pads the block, writes its length at both ends, and writes it out.
    fn end(&mut self) -> io::Result<()> {
        self.block.resize(self.block.len().next_multiple_of(4), 0);
        let size = self.block.len() as u32 + 4;
        if let Some(field) = self.block.get_mut(4..8) {
            field.copy_from_slice(&size.to_le_bytes());
        }
        self.put(size);
        self.out.write_all(&self.block)
    }
}
