//! One direction of TLS over a stream: records are split, handshake messages gathered, everything else is skipped.

use super::event::{Event, content, message};
use crate::proto::Pending;

/// Bytes of one handshake message that are gathered in one direction; the rest of a longer one is skipped.
pub const MOST_MESSAGE: usize = 64 << 10;
/// The longest record: 16 KiB, and what encryption may add.
pub(super) const MOST_RECORD: usize = (16 << 10) + 2_048;
/// Bytes of a record's head.
pub(super) const HEAD: usize = 5;
/// Bytes of a handshake message's head.
const MESSAGE_HEAD: usize = 4;
/// The kind of record by which the hello of SSL 2 is meant here.
const OLD: u8 = 0x80;

/// What one side says.
#[derive(Debug, Default)]
pub(super) struct Side {
    head: [u8; HEAD],
    head_length: usize,
    kind: u8,
    /// Bytes of the record that are still to come.
    left: usize,
    /// Whether the content of the record can be read.
    open: bool,
    /// The first byte of an alert whose second is still to come.
    level: Option<u8>,
    message: Pending,
    /// Bytes of the handshake message that are skipped.
    skip: usize,
    begun: bool,
    lost: bool,
}

/// Whether this is how a record begins.
pub(super) const fn is_head(head: [u8; HEAD]) -> bool {
    let [kind, major, minor, high, low] = head;
    let length = u16::from_be_bytes([high, low]) as usize;
    matches!(kind, 20..=24) && major == 3 && minor <= 4 && length <= MOST_RECORD
}

impl Side {
    /// Takes the next bytes. To [`Event::Record`] `tell` answers whether its content is to be read.
    pub(super) fn take(&mut self, mut bytes: &[u8], tell: &mut dyn FnMut(Event<'_>) -> bool) {
        if self.lost {
            let Some(head) = bytes.first_chunk::<HEAD>() else { return };
            self.lost = !is_head(*head);
        }
        while !self.lost && !bytes.is_empty() {
            if self.left > 0 {
                let (now, later) = bytes.split_at_checked(self.left).unwrap_or((bytes, &[]));
                (self.left, bytes) = (self.left - now.len(), later);
                if self.open {
                    self.read(now, tell);
                }
                continue;
            }
            let Some(([first], later)) = bytes.split_first_chunk::<1>() else { return };
            bytes = later;
            if let Some(place) = self.head.get_mut(self.head_length) {
                *place = *first;
            }
            self.head_length += 1;
            if self.head_length == HEAD {
                self.head_length = 0;
                self.begin(tell);
            }
        }
    }

    /// Bytes are missing before what comes next.
    pub(super) fn gap(&mut self, missing: usize, tell: &mut dyn FnMut(Event<'_>) -> bool) {
        self.give_up(tell);
        (self.level, self.skip) = (None, 0);
        if self.head_length == 0 && missing <= self.left {
            self.left -= missing;
            self.open = false;
        } else {
            (self.left, self.head_length, self.lost) = (0, 0, true);
        }
    }

    /// Tells an unfinished message as far as it came: nothing more of it will come.
    pub(super) fn give_up(&mut self, tell: &mut dyn FnMut(Event<'_>) -> bool) {
        let pending = std::mem::take(&mut self.message);
        match pending.bytes() {
            _ if self.kind == OLD => {}
            [kind @ message::CLIENT_HELLO, _, _, _, body @ ..] => {
                tell(Event::Message { kind: *kind, body });
            }
            _ => {}
        }
    }

    /// Whether it is not known where the next record begins.
    pub(super) const fn is_lost(&self) -> bool {
        self.lost
    }

    /// Bytes of memory it takes.
    pub(super) fn held(&self) -> usize {
        self.message.held()
    }

    fn begin(&mut self, tell: &mut dyn FnMut(Event<'_>) -> bool) {
        let [kind, minor_or_length, third, high, low] = self.head;
        let first = !std::mem::replace(&mut self.begun, true);
        if first && kind & 0x80 != 0 && third == message::CLIENT_HELLO {
            let length = usize::from(u16::from_be_bytes([kind & 0x7f, minor_or_length]));
            (self.kind, self.open, self.left) = (OLD, true, length.saturating_sub(3));
            self.lost = length < 9;
            self.message.append(&[third, high, low], MOST_MESSAGE);
            return;
        }
        if !is_head(self.head) {
            self.lost = true;
            return;
        }
        let length = u16::from_be_bytes([high, low]);
        (self.kind, self.left) = (kind, usize::from(length));
        self.open = tell(Event::Record { kind, length });
    }

    fn read(&mut self, bytes: &[u8], tell: &mut dyn FnMut(Event<'_>) -> bool) {
        match self.kind {
            content::HANDSHAKE => self.gather(bytes, tell),
            content::ALERT => {
                for &byte in bytes {
                    match self.level.take() {
                        Some(level) => drop(tell(Event::Alert { level, what: byte })),
                        None => self.level = Some(byte),
                    }
                }
            }
            OLD => {
                self.message.append(bytes, MOST_MESSAGE);
                if self.left == 0 {
                    tell(Event::OldHello { body: self.message.bytes() });
                    self.message.clear();
                }
            }
            _ => {}
        }
    }

    /// Gathers handshake messages; those that nobody reads are told without their body.
    fn gather(&mut self, mut bytes: &[u8], tell: &mut dyn FnMut(Event<'_>) -> bool) {
        while !bytes.is_empty() {
            let skipped = self.skip.min(bytes.len());
            self.skip -= skipped;
            bytes = bytes.get(skipped..).unwrap_or_default();
            let known = self.message.bytes().len();
            let wanted = match self.message.bytes() {
                [_, a, b, c, ..] => MESSAGE_HEAD + u32::from_be_bytes([0, *a, *b, *c]) as usize,
                _ => MESSAGE_HEAD,
            };
            let (now, later) = bytes.split_at_checked(wanted - known).unwrap_or((bytes, &[]));
            self.message.append(now, MESSAGE_HEAD + MOST_MESSAGE);
            bytes = later;
            self.finish(tell);
        }
    }

    /// Tells the message that waits if it is complete, or if no more of it is wanted.
    fn finish(&mut self, tell: &mut dyn FnMut(Event<'_>) -> bool) {
        let &[kind, a, b, c, ref body @ ..] = self.message.bytes() else { return };
        let length = u32::from_be_bytes([0, a, b, c]) as usize;
        let wanted = if message::is_read(kind) { length.min(MOST_MESSAGE) } else { 0 };
        if body.len() >= wanted {
            self.skip = length.saturating_sub(body.len());
            tell(Event::Message { kind, body });
            self.message.clear();
        }
    }
}
