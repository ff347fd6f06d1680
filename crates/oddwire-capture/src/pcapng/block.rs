//! One block: told by its type, checked by its two lengths.

use super::{BLOCK_OVERHEAD, Pcapng, SECTION_HEADER, SECTION_HEADER_SIZE, Step, byte_order};
use crate::buffer::{Buffer, MAX_HELD};
use crate::endian::Endian;
use crate::notes::Notes;
use crate::warning::Damage;

const INTERFACE_DESCRIPTION: u32 = 1;
pub(super) const OBSOLETE_PACKET: u32 = 2;
pub(super) const SIMPLE_PACKET: u32 = 3;
const NAME_RESOLUTION: u32 = 4;
const INTERFACE_STATISTICS: u32 = 5;
pub(super) const ENHANCED_PACKET: u32 = 6;
const SYSTEMD_JOURNAL: u32 = 9;
const DECRYPTION_SECRETS: u32 = 10;
const CUSTOM: u32 = 0x0bad;
const CUSTOM_NOT_COPIED: u32 = 0x4000_0bad;

/// Types whose block may be where reading goes on behind damage.
const KNOWN: [u32; 11] = [
    SECTION_HEADER,
    INTERFACE_DESCRIPTION,
    OBSOLETE_PACKET,
    SIMPLE_PACKET,
    NAME_RESOLUTION,
    INTERFACE_STATISTICS,
    ENHANCED_PACKET,
    SYSTEMD_JOURNAL,
    DECRYPTION_SECRETS,
    CUSTOM,
    CUSTOM_NOT_COPIED,
];

/// The fewest bytes that a block of a type that is read can have; `None` for one that is passed over.
const fn least_size(kind: u32) -> Option<usize> {
    match kind {
        SECTION_HEADER => Some(SECTION_HEADER_SIZE),
        INTERFACE_DESCRIPTION => Some(20),
        OBSOLETE_PACKET | ENHANCED_PACKET => Some(32),
        SIMPLE_PACKET => Some(16),
        INTERFACE_STATISTICS => Some(24),
        // Names, secrets, journals and custom blocks carry nothing that is used here.
        _ => None,
    }
}

impl Pcapng {
    /// Reads or passes over a block of `size` bytes at the window's start.
    pub(super) fn block(&mut self, buffer: &mut Buffer, notes: &mut Notes, size: usize) -> Step {
        let kind = self.endian.u32(buffer.window(), 0);
        let offset = buffer.offset();
        let Some(least) = least_size(kind) else {
            notes.numbered += u64::from(matches!(kind, CUSTOM | CUSTOM_NOT_COPIED | SYSTEMD_JOURNAL));
            return pass_over(buffer, notes, size);
        };
        if size < least {
            let damage = Damage::Short { what: "block", need: least as u64, have: size as u64 };
            notes.warnings.add(offset, damage);
            return pass_over(buffer, notes, size);
        }
        if !buffer.fill(size) {
            notes.cut(buffer, "block", size);
            return Step::End;
        }
        let block = buffer.window().get(..size).unwrap_or_default();
        let (first, trailing) = (self.endian.u32(block, 4), self.endian.u32(block, size - 4));
        if first != trailing {
            notes.warnings.add(offset, Damage::Trailer { first, last: trailing });
        }
        match kind {
            SECTION_HEADER => self.begin_section(block, offset, notes),
            INTERFACE_DESCRIPTION => self.begin_interface(block, offset, notes),
            INTERFACE_STATISTICS => self.statistics(block),
            _ => return self.packet(buffer, notes, size),
        }
        buffer.consume(size);
        Step::Other
    }
}

fn pass_over(buffer: &mut Buffer, notes: &mut Notes, size: usize) -> Step {
    let offset = buffer.offset();
    if buffer.skip(size) {
        return Step::Other;
    }
    let have = buffer.offset() - offset;
    notes.warnings.add(offset, Damage::Short { what: "block", need: size as u64, have });
    Step::End
}

/// Whether a block of a known type with two equal lengths is at `at`.
pub(super) fn starts_at(buffer: &mut Buffer, at: usize, endian: Endian) -> bool {
    if !buffer.fill(at + BLOCK_OVERHEAD) {
        return false;
    }
    let head = buffer.window().get(at..).unwrap_or_default();
    let kind = endian.u32(head, 0);
    let endian = if kind == SECTION_HEADER { byte_order(head).unwrap_or(endian) } else { endian };
    let size = endian.u32(head, 4) as usize;
    if !KNOWN.contains(&kind) || !size.is_multiple_of(4) || !(BLOCK_OVERHEAD..=MAX_HELD).contains(&size) {
        return false;
    }
    buffer.fill(at + size) && endian.u32(buffer.window(), at + size - 4) as usize == size
}
