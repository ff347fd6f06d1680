//! The pcap format and its variants: one file header, then records.

use crate::buffer::{Buffer, MAX_HELD};
use crate::endian::Endian;
use crate::notes::{Interface, Notes};
use crate::record::Record;
use crate::resync;
use crate::warning::Damage;
use oddwire_core::frame::LinkType;

/// Bytes of the file header, of a record header, and what the modified variants add to each.
const FILE_HEADER: usize = 24;
const RECORD_HEADER: usize = 16;
const MODIFIED_EXTRA: usize = 8;
const LCAP_EXTRA: usize = 4;
/// What libpcap takes for the longest packet, whatever a file says.
const USUAL_MOST: u32 = 262_144;

const NANOS_PER_SECOND: i64 = 1_000_000_000;

/// Where the two lengths of a record stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lengths {
    CapturedFirst,
    /// Writers before version 2.3 put the length on the wire first.
    WireFirst,
    /// Version 2.3 was written both ways; the captured length is the smaller one.
    SmallerIsCaptured,
}

/// A pcap file that is being read.
#[derive(Debug)]
pub(crate) struct Pcap {
    endian: Endian,
    nanos_per_tick: i64,
    /// Bytes of a record header beyond the usual ones.
    extra: usize,
    lengths: Lengths,
    link: LinkType,
    most: u32,
    last_second: Option<u32>,
}

/// A record header, before anything was believed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Header {
    pub(crate) second: u32,
    pub(crate) fraction: u32,
    pub(crate) captured: u32,
    pub(crate) length: u32,
}

impl Pcap {
    /// Whether a file that starts like this is a pcap file.
    pub(crate) fn recognises(first: &[u8]) -> bool {
        Magic::read(first).is_some()
    }

    /// Reads the file header. `None` when not all of it is there, which is noted.
    pub(crate) fn open(buffer: &mut Buffer, notes: &mut Notes) -> Option<Self> {
        let magic = Magic::read(buffer.window())?;
        let need = FILE_HEADER + if magic.lcap { LCAP_EXTRA } else { 0 };
        if !buffer.fill(need) {
            notes.cut(buffer, "pcap file header", need);
            return None;
        }
        let head = buffer.window();
        let version = (magic.endian.u16(head, 4), magic.endian.u16(head, 6));
        let snap_length = magic.endian.u32(head, 16);
        let network = magic.endian.u32(head, 20);
        if !matches!(version, (2, 0..=4) | (543, _)) {
            notes.warnings.add(4, Damage::Version { major: version.0, minor: version.1 });
        }
        buffer.consume(need);
        let link = LinkType(network as u16);
        notes.interface(Interface { name: None, link, snap_length, fcs_bytes: fcs_bytes(network) });
        Some(Self {
            endian: magic.endian,
            nanos_per_tick: magic.nanos_per_tick,
            extra: if magic.modified { MODIFIED_EXTRA } else { 0 },
            lengths: Lengths::of(version),
            link,
            most: snap_length.clamp(USUAL_MOST, MAX_HELD as u32),
            last_second: None,
        })
    }

    /// The next record, or `None` at the end.
    #[inline]
    pub(crate) fn next(&mut self, buffer: &mut Buffer, notes: &mut Notes) -> Option<Record> {
        if let Some((head, body)) = buffer.window().split_first_chunk::<RECORD_HEADER>() {
            let header = self.header(head);
            if header.captured <= self.most && self.extra + header.captured as usize <= body.len() {
                return Some(self.take(buffer, header));
            }
        }
        self.next_slowly(buffer, notes)
    }

    #[cold]
    fn next_slowly(&mut self, buffer: &mut Buffer, notes: &mut Notes) -> Option<Record> {
        loop {
            let header_size = RECORD_HEADER + self.extra;
            if !buffer.fill(header_size) {
                if !buffer.window().is_empty() {
                    notes.cut(buffer, "record header", header_size);
                }
                return None;
            }
            let header = self.header(buffer.window());
            if header.captured <= self.most {
                let need = header_size + header.captured as usize;
                if buffer.fill(need) {
                    return Some(self.take(buffer, header));
                }
                notes.cut(buffer, "record", need);
                return None;
            }
            let (value, limit) = (u64::from(header.captured), u64::from(self.most));
            notes.warnings.add(buffer.offset(), Damage::Length { what: "record", value, limit });
            let skipped = resync::find(buffer, 1, |buffer, at| self.plausible_pair(buffer, at))?;
            notes.resumed(buffer, skipped);
        }
    }

    #[inline]
    fn header(&self, head: &[u8]) -> Header {
        let (first, second) = (self.endian.u32(head, 8), self.endian.u32(head, 12));
        let (captured, length) = match self.lengths {
            Lengths::CapturedFirst => (first, second),
            Lengths::WireFirst => (second, first),
            Lengths::SmallerIsCaptured => (first.min(second), first.max(second)),
        };
        Header { second: self.endian.u32(head, 0), fraction: self.endian.u32(head, 4), captured, length }
    }

    #[inline]
    fn take(&mut self, buffer: &mut Buffer, header: Header) -> Record {
        let at = buffer.position() + RECORD_HEADER + self.extra;
        let captured = header.captured as usize;
        buffer.consume(RECORD_HEADER + self.extra + captured);
        self.last_second = Some(header.second);
        // Two unsigned 32-bit factors cannot overflow here: the sum stays under 2^62 + 2^42.
        let time_ns =
            i64::from(header.second) * NANOS_PER_SECOND + i64::from(header.fraction) * self.nanos_per_tick;
        Record { time_ns, length: header.length, link: self.link, at, captured }
    }

    /// Whether two records that make sense follow each other at `at`, or one ends the input.
    fn plausible_pair(&self, buffer: &mut Buffer, at: usize) -> bool {
        let header_size = RECORD_HEADER + self.extra;
        let Some(first) = self.plausible(buffer, at) else { return false };
        let next = at + header_size + first.captured as usize;
        if buffer.fill(next + header_size) {
            return self.plausible(buffer, next).is_some();
        }
        buffer.window().len() == next
    }

    fn plausible(&self, buffer: &mut Buffer, at: usize) -> Option<Header> {
        if !buffer.fill(at + RECORD_HEADER + self.extra) {
            return None;
        }
        let header = self.header(buffer.window().get(at..)?);
        let in_time =
            self.last_second.is_none_or(|last| last.abs_diff(header.second) <= resync::MOST_SECONDS);
        let in_size = (1..=self.most).contains(&header.captured)
            && (header.captured..=self.most).contains(&header.length);
        let fraction_ns = i64::from(header.fraction) * self.nanos_per_tick;
        (in_time && in_size && fraction_ns < NANOS_PER_SECOND).then_some(header)
    }
}

impl Lengths {
    const fn of(version: (u16, u16)) -> Self {
        match version {
            (2, 0..=2) | (543, _) => Self::WireFirst,
            (2, 3) => Self::SmallerIsCaptured,
            _ => Self::CapturedFirst,
        }
    }
}

/// The upper bits of the network field may say how long frame check sequences are, in 16-bit words.
fn fcs_bytes(network: u32) -> Option<u8> {
    const FCS_LENGTH_IS_KNOWN: u32 = 0x0400_0000;
    (network & FCS_LENGTH_IS_KNOWN != 0).then_some((network >> 28) as u8 * 2)
}

/// What the first four bytes say.
struct Magic {
    endian: Endian,
    nanos_per_tick: i64,
    /// Kuznetzov's variant: record headers have eight bytes more.
    modified: bool,
    /// Ixia's variant: the file header has four bytes more.
    lcap: bool,
}

impl Magic {
    fn read(first: &[u8]) -> Option<Self> {
        [Endian::Little, Endian::Big].into_iter().find_map(|endian| {
            let (nanos_per_tick, modified, lcap) = match endian.u32(first, 0) {
                0xa1b2_c3d4 => (1_000, false, false),
                0xa1b2_3c4d => (1, false, false),
                0xa1b2_cd34 => (1_000, true, false),
                0x1c00_01ac | 0x1c00_01ab => (1, false, true),
                _ => return None,
            };
            Some(Self { endian, nanos_per_tick, modified, lcap })
        })
    }
}
