//! Damage inside a capture: located, counted, and never a reason to stop before the readable part ends.

use std::fmt;

/// How many warnings of one input are kept; the rest are only counted.
pub const WARNINGS_KEPT: usize = 16;

/// One place in an input that could not be read as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// Where it is, in bytes from the start of the unpacked capture.
    pub offset: u64,
    /// What is wrong there.
    pub damage: Damage,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "byte {}: {}", self.offset, self.damage)
    }
}

/// What is wrong at one place of a capture.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Damage {
    /// The input ends inside a header or a body.
    Short {
        /// What is cut.
        what: &'static str,
        /// Bytes it needs.
        need: u64,
        /// Bytes that are there.
        have: u64,
    },
    /// A length field has a value that cannot be.
    Length {
        /// Whose length it is.
        what: &'static str,
        /// The value of the field.
        value: u64,
        /// The most that it could be.
        limit: u64,
    },
    /// The length at the end of a pcapng block differs from the one at its start.
    Trailer {
        /// The length at the start, which is believed.
        first: u32,
        /// The length at the end.
        last: u32,
    },
    /// Reading went on behind a damaged stretch.
    Resumed {
        /// How many bytes were passed over.
        skipped: u64,
    },
    /// A packet names an interface that its section does not describe.
    Interface {
        /// The number that it names.
        number: u32,
        /// How many interfaces the section describes so far.
        described: u32,
    },
    /// A format version that this reader does not know; it is read as if it were the known one.
    Version {
        /// The major number.
        major: u16,
        /// The minor number.
        minor: u16,
    },
    /// The file is unpacked on the fly, and its compressed bytes are damaged, cut or unreasonable.
    Stream(String),
    /// The operating system failed to read on.
    Io(String),
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Short { what, need, have } => write!(f, "{what} needs {need} bytes, has {have}"),
            Self::Length { what, value, limit } => {
                write!(f, "{what} has an impossible length, {value} (at most {limit})")
            }
            Self::Trailer { first, last } => {
                write!(f, "block length is {first} at its start, {last} at its end")
            }
            Self::Resumed { skipped } => write!(f, "reading went on after {skipped} damaged bytes"),
            Self::Interface { number, described } => {
                write!(f, "packet of interface {number}, but {described} are described; it was left out")
            }
            Self::Version { major, minor } => write!(f, "format version {major}.{minor} is not known"),
            Self::Stream(text) => write!(f, "compressed data: {text}"),
            Self::Io(text) => write!(f, "reading failed: {text}"),
        }
    }
}

/// The first warnings of one input and the number of all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Warnings {
    kept: Vec<Warning>,
    count: u64,
}

impl Warnings {
    /// The first ones, at most [`WARNINGS_KEPT`].
    #[must_use]
    pub fn kept(&self) -> &[Warning] {
        &self.kept
    }

    /// How many there were in all.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    pub(crate) fn add(&mut self, offset: u64, damage: Damage) {
        self.count += 1;
        if self.kept.len() < WARNINGS_KEPT {
            self.kept.push(Warning { offset, damage });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warning_says_where_and_what() {
        let damage = Damage::Short { what: "record header", need: 16, have: 3 };
        assert_eq!(
            Warning { offset: 54, damage }.to_string(),
            "byte 54: record header needs 16 bytes, has 3"
        );
    }

    #[test]
    fn only_the_first_are_kept_but_all_are_counted() {
        let mut warnings = Warnings::default();
        for offset in 0..100 {
            warnings.add(offset, Damage::Resumed { skipped: 1 });
        }
        assert_eq!((warnings.kept().len(), warnings.count()), (WARNINGS_KEPT, 100));
        assert_eq!(warnings.kept().last().map(|warning| warning.offset), Some(15));
    }
}
