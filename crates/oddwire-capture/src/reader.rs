//! One open input, from its first byte to its last.

use crate::buffer::Buffer;
use crate::compress::{Limits, describe};
use crate::error::Reason;
use crate::input::{Format, Input};
use crate::notes::Notes;
use crate::pcap::Pcap;
use crate::pcapng::Pcapng;
use crate::record::Record;
use crate::source::{Raw, Unpacked};
use crate::warning::Damage;
use oddwire_core::frame::Frame;
use std::io;

enum Parser {
    Pcap(Pcap),
    Pcapng(Pcapng),
    /// Nothing more is to be had.
    Ended,
}

/// An input that is being read.
pub(crate) struct Reader {
    parser: Parser,
    buffer: Buffer,
    record: Option<Record>,
    packets: u64,
    pub(crate) index: u32,
    notes: Notes,
    source: Facts,
}

/// What stays of where the bytes come from.
struct Facts {
    tally: std::sync::Arc<crate::source::Tally>,
    size: Option<u64>,
    format: Format,
    layers: Vec<crate::compress::Compression>,
    failure: Option<io::Error>,
}

impl Reader {
    /// Recognises an input and reads up to its first packet.
    pub(crate) fn open(raw: Raw, limits: Limits, capacity: usize) -> Result<Self, Reason> {
        let Unpacked { prefix, reader, tally, size, layers } = raw.unpack(limits)?;
        let format = recognise(&prefix)?;
        let mut buffer = Buffer::new(&prefix, reader, capacity);
        let mut notes = Notes::default();
        let parser = match format {
            Format::Pcap => Pcap::open(&mut buffer, &mut notes).map_or(Parser::Ended, Parser::Pcap),
            Format::Pcapng => Parser::Pcapng(Pcapng::new()),
        };
        let source = Facts { tally, size, format, layers, failure: None };
        Ok(Self { parser, buffer, record: None, packets: 0, index: 0, notes, source })
    }

    /// Moves to the next packet. False at the end.
    #[inline]
    pub(crate) fn advance(&mut self) -> bool {
        self.record = match &mut self.parser {
            Parser::Pcap(pcap) => pcap.next(&mut self.buffer, &mut self.notes),
            Parser::Pcapng(pcapng) => pcapng.next(&mut self.buffer, &mut self.notes),
            Parser::Ended => None,
        };
        if self.record.is_none() {
            self.end();
            return false;
        }
        self.packets += 1;
        true
    }

    /// Where the packet it stands on belongs among those of all inputs.
    #[inline]
    pub(crate) fn key(&self) -> Option<(i64, u32)> {
        self.record.map(|record| (record.time_ns, self.index))
    }

    /// The packet it stands on.
    #[inline]
    pub(crate) fn frame(&self) -> Option<Frame<'_>> {
        let record = self.record?;
        Some(Frame {
            input: self.index,
            number: self.packets + self.notes.numbered,
            time_ns: record.time_ns,
            link: record.link,
            length: record.length,
            data: self.buffer.held(record.at, record.captured),
        })
    }

    /// What the operating system said when it would not read on.
    pub(crate) fn take_failure(&mut self) -> Option<io::Error> {
        self.source.failure.take()
    }

    pub(crate) fn progress(&self) -> (u64, u64) {
        (self.source.tally.bytes(), self.packets)
    }

    /// Writes what is known so far over `input`, except its name and what only its end tells.
    pub(crate) fn describe(&self, input: &mut Input) {
        input.format = Some(self.source.format);
        input.compression.clone_from(&self.source.layers);
        input.size = self.source.size;
        (input.bytes_read, input.packets) = self.progress();
        input.untimed = self.notes.untimed;
        input.skipped_bytes = self.notes.skipped_bytes;
        input.warnings = self.notes.warnings.clone();
        input.interfaces.clone_from(&self.notes.interfaces);
        input.drops = self.notes.drops;
        if let Parser::Pcapng(pcapng) = &self.parser {
            input.drops.add(pcapng.drops());
        }
    }

    /// The hash of the whole file, for which what was left unread behind damage is read now.
    pub(crate) fn digest(&mut self, path: &std::path::Path) -> io::Result<Option<[u8; 32]>> {
        self.source.tally.finish(path)
    }

    #[cold]
    fn end(&mut self) {
        if let Parser::Pcapng(pcapng) = &mut self.parser {
            pcapng.finish(&mut self.notes);
        }
        self.parser = Parser::Ended;
        let Some(error) = self.buffer.take_failure() else { return };
        // Decoders make up their own errors; only the system's carry its number.
        let from_system = error.raw_os_error().is_some();
        let damage =
            if from_system { Damage::Io(error.to_string()) } else { Damage::Stream(describe(&error)) };
        self.notes.warnings.add(self.buffer.offset(), damage);
        self.source.failure = from_system.then_some(error);
    }
}

fn recognise(prefix: &[u8]) -> Result<Format, Reason> {
    if Pcap::recognises(prefix) {
        return Ok(Format::Pcap);
    }
    if Pcapng::recognises(prefix) {
        return Ok(Format::Pcapng);
    }
    Err(Reason::NotACapture { what: other_format(prefix) })
}

/// Capture formats that are known but not read, so that a user learns what to do.
fn other_format(prefix: &[u8]) -> Option<&'static str> {
    match prefix {
        [b's', b'n', b'o', b'o', b'p', 0, ..] => Some("a snoop capture"),
        [b'G', b'M', b'B', b'U', ..] | [b'R', b'T', b'S', b'S', ..] => Some("a Network Monitor capture"),
        [b'T', b'R', b'S', b'N', b'I', b'F', b'F', ..] => Some("a Sniffer capture"),
        [b'X', b'C', b'P', 0, ..] => Some("a NetXRay capture"),
        _ => None,
    }
}
