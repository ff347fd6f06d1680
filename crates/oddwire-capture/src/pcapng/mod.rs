//! The pcapng format: sections of blocks, each section in its own byte order with its own interfaces.

mod block;
mod interface;
mod options;
mod packet;

use crate::buffer::{Buffer, MAX_HELD};
use crate::endian::Endian;
use crate::notes::{Drops, Notes};
use crate::record::Record;
use crate::resync;
use crate::warning::Damage;
use interface::Source;

/// How many interfaces of one section are read. Real captures have a few; a hostile one has millions.
const MAX_INTERFACES: usize = 65_536;
/// Type, length and trailing length of a block.
const BLOCK_OVERHEAD: usize = 12;
/// Section headers may differ in byte order from what came before, so they are told by a symmetric type.
const SECTION_HEADER: u32 = 0x0a0d_0d0a;
const SECTION_HEADER_SIZE: usize = 28;

/// A pcapng file that is being read.
#[derive(Debug)]
pub(crate) struct Pcapng {
    endian: Endian,
    interfaces: Vec<Source>,
    last_time_ns: i64,
}

/// What a block turned out to be.
enum Step {
    Packet(Record),
    Other,
    End,
}

impl Pcapng {
    /// Whether a file that starts like this is a pcapng file.
    pub(crate) fn recognises(first: &[u8]) -> bool {
        Endian::Little.u32(first, 0) == SECTION_HEADER && byte_order(first).is_some()
    }

    pub(crate) const fn new() -> Self {
        Self { endian: Endian::Little, interfaces: Vec::new(), last_time_ns: 0 }
    }

    /// The next packet, or `None` at the end.
    #[inline]
    pub(crate) fn next(&mut self, buffer: &mut Buffer, notes: &mut Notes) -> Option<Record> {
        if let Some(record) = self.whole_packet(buffer) {
            return Some(record);
        }
        self.next_slowly(buffer, notes)
    }

    /// Closes the books: what the last section's interfaces counted.
    pub(crate) fn finish(&mut self, notes: &mut Notes) {
        self.end_section(notes);
    }

    #[cold]
    fn next_slowly(&mut self, buffer: &mut Buffer, notes: &mut Notes) -> Option<Record> {
        loop {
            match self.step(buffer, notes) {
                Step::Packet(record) => return Some(record),
                Step::Other => {}
                Step::End => return None,
            }
            if let Some(record) = self.whole_packet(buffer) {
                return Some(record);
            }
        }
    }

    fn step(&mut self, buffer: &mut Buffer, notes: &mut Notes) -> Step {
        if !buffer.fill(BLOCK_OVERHEAD) {
            if !buffer.window().is_empty() {
                notes.cut(buffer, "block header", BLOCK_OVERHEAD);
            }
            return Step::End;
        }
        let head = buffer.window();
        if Endian::Little.u32(head, 0) == SECTION_HEADER {
            match byte_order(head) {
                Some(endian) => self.endian = endian,
                None => return self.find_block(buffer, notes),
            }
        }
        let length = self.endian.u32(buffer.window(), 4);
        if !(BLOCK_OVERHEAD..=MAX_HELD).contains(&(length as usize)) {
            let damage = Damage::Length { what: "block", value: length.into(), limit: MAX_HELD as u64 };
            notes.warnings.add(buffer.offset(), damage);
            return self.find_block(buffer, notes);
        }
        self.block(buffer, notes, length.next_multiple_of(4) as usize)
    }

    /// Looks behind a damaged block header for the next block whose two lengths agree.
    fn find_block(&self, buffer: &mut Buffer, notes: &mut Notes) -> Step {
        match resync::find(buffer, 4, |buffer, at| block::starts_at(buffer, at, self.endian)) {
            Some(skipped) => {
                notes.resumed(buffer, skipped);
                Step::Other
            }
            None => Step::End,
        }
    }

    fn begin_section(&mut self, body: &[u8], offset: u64, notes: &mut Notes) {
        self.end_section(notes);
        let (major, minor) = (self.endian.u16(body, 12), self.endian.u16(body, 14));
        if (major, minor) != (1, 0) && (major, minor) != (1, 2) {
            notes.warnings.add(offset + 12, Damage::Version { major, minor });
        }
    }

    fn end_section(&mut self, notes: &mut Notes) {
        for interface in self.interfaces.drain(..) {
            notes.drops.add(interface.drops);
        }
    }

    fn begin_interface(&mut self, body: &[u8], offset: u64, notes: &mut Notes) {
        if self.interfaces.len() >= MAX_INTERFACES {
            let limit = MAX_INTERFACES as u64;
            notes
                .warnings
                .add(offset, Damage::Length { what: "list of interfaces", value: limit + 1, limit });
            return;
        }
        let (source, described) = interface::read(body, self.endian);
        self.interfaces.push(source);
        notes.interface(described);
    }

    fn statistics(&mut self, body: &[u8]) {
        let number = self.endian.u32(body, 8) as usize;
        if let Some(interface) = self.interfaces.get_mut(number) {
            // Counters run from the start of the capture, so a later block replaces an earlier one.
            interface.drops = interface::statistics(body, self.endian, interface.drops);
        }
    }
}

/// The counters so far, for a caller who asks before the end.
impl Pcapng {
    pub(crate) fn drops(&self) -> Drops {
        let mut sum = Drops::default();
        for interface in &self.interfaces {
            sum.add(interface.drops);
        }
        sum
    }
}

fn byte_order(head: &[u8]) -> Option<Endian> {
    const MAGIC: u32 = 0x1a2b_3c4d;
    [Endian::Little, Endian::Big].into_iter().find(|endian| endian.u32(head, 8) == MAGIC)
}
