//! The options of a DHCP message, gathered: several of one code are one option, as RFC 3396 says.

use super::MOST_OPTIONS;
use std::borrow::Cow;

/// Bytes of one option that are kept together.
const MOST_VALUE: usize = 1_024;

/// Options in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Options<'a> {
    list: Vec<(u16, &'a [u8])>,
    /// Whether the last one was whole.
    pub(super) whole: bool,
}

impl<'a> Options<'a> {
    /// Reads options of version 4: a byte of code, a byte of length.
    pub(super) fn read_4(&mut self, mut bytes: &'a [u8]) {
        self.whole = true;
        while let [code, rest @ ..] = bytes {
            match (*code, rest) {
                (0, _) => bytes = rest,
                (255, _) => return,
                (_, [length, rest @ ..]) if self.list.len() < MOST_OPTIONS => {
                    let (value, behind) = rest.split_at_checked(usize::from(*length)).unwrap_or_else(|| {
                        self.whole = false;
                        (rest, &[])
                    });
                    self.list.push((u16::from(*code), value));
                    bytes = behind;
                }
                _ => {
                    self.whole = false;
                    return;
                }
            }
        }
    }

    /// Reads options of version 6: two bytes of code, two of length.
    pub(super) fn read_6(mut bytes: &'a [u8]) -> Self {
        let mut options = Self { list: Vec::new(), whole: true };
        while let [ch, cl, lh, ll, rest @ ..] = bytes {
            if options.list.len() == MOST_OPTIONS {
                options.whole = false;
                return options;
            }
            let length = usize::from(u16::from_be_bytes([*lh, *ll]));
            let (value, behind) = rest.split_at_checked(length).unwrap_or_else(|| {
                options.whole = false;
                (rest, &[])
            });
            options.list.push((u16::from_be_bytes([*ch, *cl]), value));
            bytes = behind;
        }
        options.whole &= bytes.is_empty();
        options
    }

    /// How many there are.
    pub(super) const fn count(&self) -> usize {
        self.list.len()
    }

    /// The codes, in order.
    pub(super) fn codes(&self) -> impl Iterator<Item = u16> {
        self.list.iter().map(|&(code, _)| code)
    }

    /// The first option of a code, or of one of several.
    pub(super) fn first(&self, code: u16) -> Option<&'a [u8]> {
        self.all(code).next()
    }

    /// All options of a code.
    pub(super) fn all(&self, code: u16) -> impl Iterator<Item = &'a [u8]> {
        self.list.iter().filter(move |&&(one, _)| one == code).map(|&(_, value)| value)
    }

    /// The value of a code, its parts joined.
    pub(super) fn value(&self, code: u16) -> Option<Cow<'a, [u8]>> {
        let mut parts = self.all(code);
        let mut value = Cow::Borrowed(parts.next()?);
        for part in parts {
            if value.len() > MOST_VALUE {
                break;
            }
            value.to_mut().extend_from_slice(part);
        }
        Some(value)
    }

    /// The first bytes of a value as a number or an address.
    pub(super) fn start<const N: usize>(&self, code: u16) -> Option<[u8; N]> {
        self.value(code)?.first_chunk::<N>().copied()
    }
}
