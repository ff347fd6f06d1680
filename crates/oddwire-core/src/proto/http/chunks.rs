//! A body in chunks: passed over, not kept.

/// Where in a body of chunks the stream stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Chunks {
    /// In the size of a chunk: its value so far, and its digits.
    Size(u64, u8),
    /// Behind the size, before the end of its line.
    Extension(u64),
    /// In a chunk that has so many bytes to come.
    Data(u64),
    /// Between a chunk and the next.
    Between,
    /// Behind the last chunk; whether the line has a character.
    Trailer(bool),
}

/// What a step over chunks found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step<'b> {
    /// Bytes of the body.
    Body(&'b [u8]),
    /// The size of a chunk, an end of a line, a trailer.
    Frame,
    /// The body is over.
    Over,
    /// These are no chunks.
    Broken,
}

/// The most digits of a size.
const MOST_DIGITS: u8 = 16;

impl Chunks {
    /// The beginning of such a body.
    pub(super) const START: Self = Self::Size(0, 0);

    /// Takes one step; beside what it found it gives the bytes behind.
    pub(super) fn step<'b>(&mut self, bytes: &'b [u8]) -> (Step<'b>, &'b [u8]) {
        if let Self::Data(left) = *self {
            let count = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
            let (body, rest) = bytes.split_at_checked(count).unwrap_or((bytes, &[]));
            self.pass(body.len() as u64);
            return (Step::Body(body), rest);
        }
        for (place, &byte) in bytes.iter().enumerate() {
            let step = self.take(byte);
            if step != Step::Frame || matches!(self, Self::Data(_)) {
                return (step, bytes.get(place + 1..).unwrap_or(&[]));
            }
        }
        (Step::Frame, &[])
    }

    /// Passes over bytes of a chunk; `false` when there are not so many.
    pub(super) const fn pass(&mut self, count: u64) -> bool {
        match *self {
            Self::Data(left) if left == count => *self = Self::Between,
            Self::Data(left) if left > count => *self = Self::Data(left - count),
            _ => return false,
        }
        true
    }

    /// Takes a byte that is not of a chunk's data.
    fn take(&mut self, byte: u8) -> Step<'static> {
        *self = match (*self, byte) {
            (Self::Size(_, 0), b'\r' | b'\n' | b';') => return Step::Broken,
            (Self::Size(0, _) | Self::Extension(0), b'\n') => Self::Trailer(false),
            (Self::Size(size, _) | Self::Extension(size), b'\n') => Self::Data(size),
            (Self::Size(size, _), b'\r' | b';' | b' ' | b'\t') => Self::Extension(size),
            (Self::Size(size, digits), _) => match (byte as char).to_digit(16) {
                Some(digit) if digits < MOST_DIGITS => Self::Size(size << 4 | u64::from(digit), digits + 1),
                _ => return Step::Broken,
            },
            (Self::Between, b'\n') => Self::START,
            (Self::Between, b'\r') | (Self::Extension(_), _) => *self,
            (Self::Trailer(false), b'\n') => return Step::Over,
            (Self::Trailer(_), b'\n') => Self::Trailer(false),
            (Self::Trailer(used), _) => Self::Trailer(used || byte != b'\r'),
            (Self::Between | Self::Data(_), _) => return Step::Broken,
        };
        Step::Frame
    }
}
