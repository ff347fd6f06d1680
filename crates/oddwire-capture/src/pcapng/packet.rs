//! The three kinds of packet block.

use super::block::{ENHANCED_PACKET, OBSOLETE_PACKET, SIMPLE_PACKET};
use super::interface::Source;
use super::{Pcapng, Step};
use crate::buffer::Buffer;
use crate::endian::Endian;
use crate::notes::Notes;
use crate::record::Record;
use crate::warning::Damage;

/// Bytes before the packet, and those plus the trailing length.
const BEFORE: usize = 28;
const AROUND: usize = 32;
const SIMPLE_BEFORE: usize = 12;
const SIMPLE_AROUND: usize = 16;

/// The fixed fields of an enhanced or obsolete packet block.
struct Fields {
    interface: u32,
    ticks: u64,
    captured: u32,
    length: u32,
}

impl Fields {
    #[inline]
    fn read(block: &[u8], kind: u32, endian: Endian) -> Self {
        // The obsolete block has a 16-bit number, then 16 bits of drop count.
        let interface =
            if kind == OBSOLETE_PACKET { endian.u16(block, 8).into() } else { endian.u32(block, 8) };
        let ticks = u64::from(endian.u32(block, 12)) << 32 | u64::from(endian.u32(block, 16));
        Self { interface, ticks, captured: endian.u32(block, 20), length: endian.u32(block, 24) }
    }
}

impl Pcapng {
    /// The way of nearly every block: an enhanced packet, whole, in the buffer, with nothing odd about it.
    #[inline]
    pub(super) fn whole_packet(&mut self, buffer: &mut Buffer) -> Option<Record> {
        let window = buffer.window();
        let head = window.first_chunk::<BEFORE>()?;
        let size = self.endian.u32(head, 4);
        if self.endian.u32(head, 0) != ENHANCED_PACKET
            || size as usize > window.len()
            || !size.is_multiple_of(4)
        {
            return None;
        }
        let fields = Fields::read(head, ENHANCED_PACKET, self.endian);
        let interface = self.interfaces.get(fields.interface as usize)?;
        let last = self.endian.u32(window, (size as usize).checked_sub(4)?);
        if last != size || fields.captured.checked_add(AROUND as u32)? > size {
            return None;
        }
        let record = record(buffer, interface, &fields);
        self.last_time_ns = record.time_ns;
        buffer.consume(size as usize);
        Some(record)
    }

    /// Any packet block, `size` bytes of which are in the buffer.
    pub(super) fn packet(&mut self, buffer: &mut Buffer, notes: &mut Notes, size: usize) -> Step {
        let kind = self.endian.u32(buffer.window(), 0);
        let record = if kind == SIMPLE_PACKET {
            self.simple(buffer, notes, size)
        } else {
            self.timed(buffer, notes, kind, size)
        };
        buffer.consume(size);
        record.map_or(Step::Other, Step::Packet)
    }

    fn timed(&mut self, buffer: &Buffer, notes: &mut Notes, kind: u32, size: usize) -> Option<Record> {
        let mut fields = Fields::read(buffer.window(), kind, self.endian);
        let room = (size - AROUND) as u32;
        if fields.captured > room {
            let (value, limit) = (fields.captured.into(), room.into());
            notes.warnings.add(buffer.offset() + 20, Damage::Length { what: "packet", value, limit });
            fields.captured = room;
        }
        let interface = self.interface(fields.interface, buffer, notes)?;
        let record = record(buffer, interface, &fields);
        self.last_time_ns = record.time_ns;
        Some(record)
    }

    /// A simple packet has no time, so it gets that of the packet before it, and is counted.
    fn simple(&mut self, buffer: &Buffer, notes: &mut Notes, size: usize) -> Option<Record> {
        let length = self.endian.u32(buffer.window(), 8);
        let interface = self.interface(0, buffer, notes)?;
        let snapped = if interface.snap_length == 0 { length } else { length.min(interface.snap_length) };
        let captured = (size - SIMPLE_AROUND).min(snapped as usize);
        notes.untimed += 1;
        let at = buffer.position() + SIMPLE_BEFORE;
        Some(Record { time_ns: self.last_time_ns, length, link: interface.link, at, captured })
    }

    fn interface(&self, number: u32, buffer: &Buffer, notes: &mut Notes) -> Option<&Source> {
        let found = self.interfaces.get(number as usize);
        if found.is_none() {
            let damage = Damage::Interface { number, described: self.interfaces.len() as u32 };
            notes.warnings.add(buffer.offset(), damage);
        }
        found
    }
}

#[inline]
fn record(buffer: &Buffer, interface: &Source, fields: &Fields) -> Record {
    Record {
        time_ns: interface.time_ns(fields.ticks),
        length: fields.length,
        link: interface.link,
        at: buffer.position() + BEFORE,
        captured: fields.captured as usize,
    }
}
