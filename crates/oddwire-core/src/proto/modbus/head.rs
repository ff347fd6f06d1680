//! The head of one message, and how one direction is split into messages. What follows a head is only counted.

use super::codes;
use super::shape::Shape;
use crate::proto::Moment;

/// Bytes of a message that are read: the header, the function and what it addresses.
pub(super) const HEAD: usize = 20;
/// The header with its unit and function, which every message has.
pub(super) const LEAST: usize = 8;
/// Bytes of the header that its length does not count.
const BEFORE_LENGTH: u32 = 6;
/// The longest message by its length; the standard says 254, programming software sends more.
const MOST_LENGTH: u16 = 2_048;
/// The longest message that the standard knows, by its length.
const STANDARD_LENGTH: u16 = 254;
/// Bytes that are no message in a row, after which a flow is left alone.
pub const MOST_STRAY: u16 = 4_096;

/// The first bytes of a message.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Head {
    bytes: [u8; HEAD],
    have: usize,
    /// The packet that brought its first byte.
    pub(super) began: Moment,
}

/// One direction of a flow.
#[derive(Debug, Default)]
pub(super) struct Side {
    head: Head,
    /// Bytes of the message that are still to come and of no interest.
    skip: u32,
    /// Whether it is not known where a message starts.
    lost: bool,
    stray: u16,
}

impl Head {
    /// The head that bytes begin with, at least as long as every message is.
    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        let mut head = Self { have: bytes.len().min(HEAD), ..Self::default() };
        head.bytes.get_mut(..head.have)?.copy_from_slice(bytes.get(..head.have)?);
        (head.have >= LEAST).then_some(head)
    }

    const fn word(&self, at: usize) -> u16 {
        let [a, b, c, d, e, f, ..] = self.bytes;
        u16::from_be_bytes(match at {
            0 => [a, b],
            2 => [c, d],
            _ => [e, f],
        })
    }

    pub(super) const fn transaction(&self) -> u16 {
        self.word(0)
    }

    pub(super) const fn length(&self) -> u16 {
        self.word(4)
    }

    pub(super) const fn unit(&self) -> u8 {
        self.bytes[6]
    }

    pub(super) const fn function(&self) -> u8 {
        self.bytes[7]
    }

    /// Bytes of the whole message.
    pub(super) const fn wire(&self) -> u32 {
        self.length() as u32 + BEFORE_LENGTH
    }

    /// Bytes behind the function, by the header.
    pub(super) const fn data_length(&self) -> u16 {
        self.length().saturating_sub(2)
    }

    /// Those of them that were read.
    pub(super) fn data(&self) -> &[u8] {
        let end = self.have.min(self.wire() as usize);
        self.bytes.get(LEAST..end).unwrap_or(&[])
    }

    /// Whether the header is one of Modbus.
    pub(super) const fn is_sound(&self) -> bool {
        self.word(2) == 0 && self.length() >= 2 && self.length() <= MOST_LENGTH
    }

    /// Whether the header is one of a function with a name, and no longer than the standard allows.
    pub(super) const fn is_usual(&self) -> bool {
        let function = self.function() & !codes::EXCEPTION;
        self.is_sound()
            && (self.length() <= STANDARD_LENGTH || function == codes::UNITY)
            && codes::function_name(function).is_some()
    }

    /// Whether it is sound in every part, as far as it was read.
    pub(super) fn is_strict(&self) -> bool {
        self.is_usual() && Shape::of(self).is_any()
    }
}

impl Side {
    /// Takes bytes off the front until a head is whole.
    pub(super) fn next(&mut self, bytes: &mut &[u8], at: Moment) -> Option<Head> {
        loop {
            self.pass(bytes);
            let fits = if self.lost { self.head.is_usual() } else { self.head.is_sound() };
            if self.head.have >= LEAST && !fits {
                self.shift();
                continue;
            }
            if self.head.have < self.wanted() {
                if bytes.is_empty() {
                    return None;
                }
                self.gather(bytes, at);
                continue;
            }
            if self.lost && !self.head.is_strict() {
                self.shift();
                continue;
            }
            return Some(self.finish());
        }
    }

    /// Takes note of lost bytes; the head that they broke off is given as far as it came.
    pub(super) fn lose(&mut self, count: u32) -> Option<Head> {
        let broken = self.break_off();
        if count <= self.skip {
            self.skip -= count;
        } else {
            (self.skip, self.head.have, self.lost) = (0, 0, true);
        }
        broken
    }

    /// Gives an unfinished head as far as it came, if it says anything.
    pub(super) fn break_off(&mut self) -> Option<Head> {
        let whole = self.head.have >= LEAST && self.head.is_sound() && !self.lost;
        whole.then(|| self.finish())
    }

    /// Whether this is no Modbus, or none any more.
    pub(super) const fn is_hopeless(&self) -> bool {
        self.stray > MOST_STRAY
    }

    fn wanted(&self) -> usize {
        if self.head.have < LEAST { LEAST } else { HEAD.min(self.head.wire() as usize) }
    }

    fn pass(&mut self, bytes: &mut &[u8]) {
        let passed = bytes.len().min(self.skip as usize);
        self.skip -= passed as u32;
        *bytes = bytes.get(passed..).unwrap_or(&[]);
    }

    fn gather(&mut self, bytes: &mut &[u8], at: Moment) {
        if self.head.have == 0 {
            self.head.began = at;
        }
        let count = bytes.len().min(self.wanted().saturating_sub(self.head.have));
        let (taken, rest) = bytes.split_at_checked(count).unwrap_or((bytes, &[]));
        if let Some(place) = self.head.bytes.get_mut(self.head.have..self.head.have + taken.len()) {
            place.copy_from_slice(taken);
            self.head.have += taken.len();
        }
        *bytes = rest;
    }

    /// Drops the first byte: a message does not start there.
    fn shift(&mut self) {
        self.lost = true;
        self.stray = self.stray.saturating_add(1);
        self.drop_front(1);
    }

    fn drop_front(&mut self, count: usize) {
        self.head.bytes.copy_within(count.min(HEAD).., 0);
        self.head.have = self.head.have.saturating_sub(count);
    }

    fn finish(&mut self) -> Head {
        let head = self.head;
        let wire = head.wire();
        self.skip = wire.saturating_sub(head.have as u32);
        self.drop_front(wire as usize);
        (self.lost, self.stray) = (false, 0);
        head
    }
}
