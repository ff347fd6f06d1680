//! The little of the basic encoding rules that SNMP needs: tag, length, content. No value is followed into
//! depth by itself; the reader of messages takes each level by name.

use std::fmt::Write;

pub(super) const INTEGER: u8 = 0x02;
pub(super) const OCTETS: u8 = 0x04;
pub(super) const OBJECT: u8 = 0x06;
pub(super) const SEQUENCE: u8 = 0x30;

/// Numbers of an object identifier that are shown.
const MOST_ARCS: usize = 40;

/// Values one behind the other.
#[derive(Debug, Clone, Copy)]
pub(super) struct Values<'a> {
    rest: &'a [u8],
    /// Whether every value so far was all there.
    pub(super) whole: bool,
}

impl<'a> Values<'a> {
    pub(super) const fn of(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, whole: true }
    }

    /// The bytes that are left.
    pub(super) const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The next value; its content is what there is of it.
    pub(super) fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let &[tag, first, ref rest @ ..] = self.rest else { return None };
        if tag & 31 == 31 {
            return None;
        }
        let (length, rest) = read_length(first, rest)?;
        let (content, behind) = rest.split_at_checked(length).unwrap_or_else(|| {
            self.whole = false;
            (rest, &[])
        });
        self.rest = behind;
        Some((tag, content))
    }

    /// The content of the next value, if it has this tag.
    pub(super) fn take(&mut self, tag: u8) -> Option<&'a [u8]> {
        let before = *self;
        match self.next() {
            Some((found, content)) if found == tag => Some(content),
            _ => {
                *self = before;
                None
            }
        }
    }

    /// The next value, if it is an integer that makes sense.
    pub(super) fn integer(&mut self) -> Option<i64> {
        let before = *self;
        let number = read_integer(self.take(INTEGER)?);
        if number.is_none() {
            *self = before;
        }
        number
    }
}

/// A length: one byte, or up to four behind the byte that counts them.
fn read_length(first: u8, bytes: &[u8]) -> Option<(usize, &[u8])> {
    if first < 0x80 {
        return Some((usize::from(first), bytes));
    }
    let count = usize::from(first & 0x7f);
    if !(1..=4).contains(&count) {
        return None;
    }
    let (digits, rest) = bytes.split_at_checked(count)?;
    Some((digits.iter().fold(0, |length, &digit| length << 8 | usize::from(digit)), rest))
}

fn read_integer(bytes: &[u8]) -> Option<i64> {
    let (&first, rest) = bytes.split_first()?;
    if rest.len() > 7 {
        return None;
    }
    Some(rest.iter().fold(i64::from(first.cast_signed()), |number, &byte| number << 8 | i64::from(byte)))
}

/// An object identifier with dots; three dots follow where it was cut or makes no sense.
pub(super) fn dotted(bytes: &[u8]) -> Option<Box<str>> {
    let mut text = String::new();
    let (mut arc, mut arcs) = (0u64, 0);
    for (at, &byte) in bytes.iter().enumerate() {
        if arcs == MOST_ARCS || arc >> 57 != 0 {
            text.push_str("...");
            break;
        }
        arc = arc << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 != 0 {
            if at + 1 == bytes.len() {
                text.push_str("...");
            }
            continue;
        }
        let _ = match (arcs, arc) {
            (0, 0..=39) => write!(text, "0.{arc}"),
            (0, 40..=79) => write!(text, "1.{}", arc - 40),
            (0, _) => write!(text, "2.{}", arc - 80),
            _ => write!(text, ".{arc}"),
        };
        arcs += 1;
        arc = 0;
    }
    (!text.is_empty()).then(|| text.into_boxed_str())
}
