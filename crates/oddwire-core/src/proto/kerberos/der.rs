//! A walk through DER: one value after another, each within what its parent has. Lax: what was cut off is missing.

/// Values in wait within one parent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Walk<'a>(pub(super) &'a [u8]);

/// The tag of a sequence.
pub(super) const SEQUENCE: u8 = 0x30;
/// The tag of a context's first member.
pub(super) const MEMBER: u8 = 0xa0;
/// Members of a sequence that are looked at.
const MOST_MEMBERS: usize = 64;

/// Tag, length and bytes of the head of the first value.
pub(super) fn head(bytes: &[u8]) -> Option<(u8, usize, usize)> {
    let (&tag, rest) = bytes.split_first()?;
    let (&short, rest) = rest.split_first()?;
    if short < 0x80 {
        return Some((tag, usize::from(short), 2));
    }
    let count = usize::from(short & 0x7f);
    if !(1..=4).contains(&count) {
        return None;
    }
    let length = rest.get(..count)?.iter().fold(0, |length, &byte| length << 8 | usize::from(byte));
    Some((tag, length, 2 + count))
}

impl<'a> Walk<'a> {
    /// The next value: its tag and content.
    pub(super) fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let (tag, length, start) = head(self.0)?;
        let content = self.0.get(start..)?;
        let (content, rest) = content.split_at_checked(length).unwrap_or((content, &[]));
        self.0 = rest;
        Some((tag, content))
    }

    /// The content of the value, if it has this tag.
    pub(super) fn within(mut self, tag: u8) -> Option<Self> {
        let (have, content) = self.next()?;
        (have == tag).then_some(Self(content))
    }

    /// The member of a sequence that has this number.
    pub(super) fn member(mut self, number: u8) -> Option<Self> {
        for _ in 0..MOST_MEMBERS {
            let (tag, content) = self.next()?;
            if tag == MEMBER + number {
                return Some(Self(content));
            }
        }
        None
    }

    /// A whole number.
    pub(super) fn integer(self) -> Option<i32> {
        let content = self.within(2)?.0;
        let negative = content.first()? & 0x80 != 0;
        (content.len() <= 4).then(|| {
            content.iter().fold(if negative { -1 } else { 0 }, |number, &byte| number << 8 | i32::from(byte))
        })
    }

    /// The bytes of a text, whatever kind of text it is.
    pub(super) fn text(mut self) -> Option<&'a [u8]> {
        let (tag, content) = self.next()?;
        matches!(tag, 0x0c | 0x16 | 0x18 | 0x1a | 0x1b).then_some(content)
    }
}
