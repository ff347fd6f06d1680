//! DTLS: the records of a datagram, and handshake messages put together from their parts.

use super::assembly::Assembly;
use super::event::{Event, content, message};
use super::read::Reader;
use super::records::MOST_MESSAGE;

/// Handshake messages of one direction that may be incomplete at a time.
pub const MOST_OPEN_MESSAGES: usize = 4;
/// Bytes of a record's head.
pub(super) const HEAD: usize = 13;

/// One direction of DTLS.
#[derive(Debug, Default)]
pub(super) struct Flight {
    open: Vec<Open>,
}

/// A message that is incomplete.
#[derive(Debug)]
struct Open {
    number: u16,
    kind: u8,
    length: usize,
    parts: Assembly,
}

/// The head of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) kind: u8,
    pub(super) epoch: u16,
    pub(super) length: u16,
}

impl Head {
    /// Reads a record's head; `None` where it is none.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let &[kind, high, low, e1, e0, .., l1, l0] = bytes.first_chunk::<HEAD>()?;
        let version = u16::from_be_bytes([high, low]);
        let known = matches!(kind, 20..=24) && matches!(version, 0xfeff | 0xfefd | 0x0100);
        let (epoch, length) = (u16::from_be_bytes([e1, e0]), u16::from_be_bytes([l1, l0]));
        known.then_some(Self { kind, epoch, length })
    }
}

impl Flight {
    /// Takes a datagram.
    pub(super) fn take(&mut self, bytes: &[u8], tell: &mut dyn FnMut(Event<'_>) -> bool) {
        let mut reader = Reader::new(bytes);
        while let Some(head) = Head::read(reader.rest()) {
            reader.take(HEAD);
            let body = reader.take(usize::from(head.length));
            let open = tell(Event::Record { kind: head.kind, length: head.length });
            if head.epoch > 0 || !open {
                continue;
            }
            match (head.kind, body) {
                (content::HANDSHAKE, _) => self.gather(body, tell),
                (content::ALERT, &[level, what]) => drop(tell(Event::Alert { level, what })),
                _ => {}
            }
        }
        if let Some(length) = short_record(reader.rest()) {
            tell(Event::Record { kind: content::DATA, length });
        }
    }

    fn gather(&mut self, body: &[u8], tell: &mut dyn FnMut(Event<'_>) -> bool) {
        let mut reader = Reader::new(body);
        while let Some(kind) = reader.u8() {
            let (Some(length), Some(number)) = (reader.u24(), reader.u16()) else { return };
            let (Some(offset), Some(size)) = (reader.u24(), reader.u24()) else { return };
            let part = reader.take(size as usize);
            if !message::is_read(kind) || offset == 0 && size == length {
                tell(Event::Message { kind, body: part });
                continue;
            }
            self.put(kind, length as usize, number, offset as usize, part, tell);
        }
    }

    fn put(
        &mut self,
        kind: u8,
        length: usize,
        number: u16,
        offset: usize,
        part: &[u8],
        tell: &mut dyn FnMut(Event<'_>) -> bool,
    ) {
        let same = |open: &Open| open.number == number && open.kind == kind && open.length == length;
        let index = self.open.iter().position(same).unwrap_or_else(|| {
            if self.open.len() >= MOST_OPEN_MESSAGES {
                self.open.remove(0);
            }
            self.open.push(Open { number, kind, length, parts: Assembly::default() });
            self.open.len() - 1
        });
        let Some(open) = self.open.get_mut(index) else { return };
        open.parts.put(offset, part, length.min(MOST_MESSAGE));
        if open.parts.front().len() >= length.min(MOST_MESSAGE) {
            let open = self.open.swap_remove(index);
            tell(Event::Message { kind, body: open.parts.front() });
        }
    }

    /// Tells hellos as far as they came: nothing more will come.
    pub(super) fn give_up(&mut self, tell: &mut dyn FnMut(Event<'_>) -> bool) {
        for open in self.open.drain(..) {
            if open.kind == message::CLIENT_HELLO {
                tell(Event::Message { kind: open.kind, body: open.parts.front() });
            }
        }
    }

    /// Bytes of memory it takes.
    pub(super) fn held(&self) -> usize {
        self.open.capacity() * size_of::<Open>()
            + self.open.iter().map(|open| open.parts.held()).sum::<usize>()
    }
}

/// The length of an encrypted record of DTLS 1.3 (RFC 9147, 4), without connection identifier.
fn short_record(bytes: &[u8]) -> Option<u16> {
    let mut reader = Reader::new(bytes);
    let first = reader.u8()?;
    if first & 0xf0 != 0x20 {
        return None;
    }
    reader.take(if first & 0x08 != 0 { 2 } else { 1 });
    let length = if first & 0x04 != 0 { reader.u16()? } else { u16::try_from(reader.rest().len()).ok()? };
    (!reader.is_short() && usize::from(length) <= reader.rest().len() && length >= 16).then_some(length)
}
