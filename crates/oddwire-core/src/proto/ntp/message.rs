//! One datagram of NTP: a time message, a control message, or one of the private mode.

/// Bytes of a time message.
pub(super) const TIME_BYTES: usize = 48;
/// Bytes of a control message's header, and those of the private mode that every implementation sends.
const CONTROL_BYTES: usize = 12;
const PRIVATE_BYTES: usize = 8;
/// Extension fields of one message that are counted.
const MOST_EXTENSIONS: usize = 16;
/// Bytes of a message authentication code: a key's number and a digest.
const AUTHENTICATION_BYTES: [usize; 5] = [4, 20, 24, 36, 72];

/// What a datagram says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Message {
    Time(Time),
    Control(Control),
    Private(Private),
}

/// A message of modes 1 to 5.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Time {
    pub(super) leap: u8,
    pub(super) version: u8,
    pub(super) mode: u8,
    pub(super) stratum: u8,
    pub(super) poll: i8,
    pub(super) precision: i8,
    pub(super) root_delay: u32,
    pub(super) root_dispersion: u32,
    pub(super) reference: [u8; 4],
    /// The times at which the request left, as the answer repeats it, and at which this message left.
    pub(super) originated: u64,
    pub(super) received: u64,
    pub(super) sent: u64,
}

/// A message of mode 6.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Control {
    pub(super) version: u8,
    pub(super) is_answer: bool,
    pub(super) operation: u8,
    pub(super) sequence: u16,
    pub(super) count: u16,
}

/// A message of mode 7.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Private {
    pub(super) version: u8,
    pub(super) is_answer: bool,
    pub(super) implementation: u8,
    pub(super) code: u8,
}

/// What stands behind a time message.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Extensions {
    pub(super) bytes: u32,
    /// Whether Network Time Security is among them.
    pub(super) secured: bool,
}

impl Message {
    /// Reads a datagram; `None` where its header is not whole, or where it is of no mode that is known.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let &[first, second, ..] = bytes else { return None };
        let version = first >> 3 & 7;
        match first & 7 {
            mode @ 1..=5 => Time::read(bytes, version, mode).map(Self::Time),
            6 => {
                let &[_, _, sh, sl, _, _, _, _, _, _, ch, cl] = bytes.first_chunk::<CONTROL_BYTES>()?;
                let (sequence, count) = (u16::from_be_bytes([sh, sl]), u16::from_be_bytes([ch, cl]));
                let (is_answer, operation) = (second & 0x80 != 0, second & 31);
                Some(Self::Control(Control { version, is_answer, operation, sequence, count }))
            }
            7 => {
                let &[_, _, implementation, code, ..] = bytes.first_chunk::<PRIVATE_BYTES>()?;
                Some(Self::Private(Private { version, is_answer: first & 0x80 != 0, implementation, code }))
            }
            _ => None,
        }
    }
}

impl Time {
    fn read(bytes: &[u8], version: u8, mode: u8) -> Option<Self> {
        let head = bytes.first_chunk::<TIME_BYTES>()?;
        let [first, stratum, poll, precision, ..] = *head;
        let four = |at| head.get(at..).and_then(|rest: &[u8]| rest.first_chunk::<4>()).copied();
        let eight =
            |at| head.get(at..).and_then(|rest: &[u8]| rest.first_chunk()).copied().map(u64::from_be_bytes);
        Some(Self {
            leap: first >> 6,
            version,
            mode,
            stratum,
            poll: poll.cast_signed(),
            precision: precision.cast_signed(),
            root_delay: u32::from_be_bytes(four(4)?),
            root_dispersion: u32::from_be_bytes(four(8)?),
            reference: four(12)?,
            originated: eight(24)?,
            received: eight(32)?,
            sent: eight(40)?,
        })
    }

    /// Whether every field is what a clock would say; bytes by chance are not.
    pub(super) fn is_plausible(&self) -> bool {
        let small = self.root_delay < 1 << 21 && self.root_dispersion < 1 << 21;
        let steps = (0..=17).contains(&self.poll) && (-40..=0).contains(&self.precision);
        let seconds = |time: u64| (time >> 32).cast_signed();
        let answered = match self.mode {
            2 | 4 => self.received != 0 && (seconds(self.sent) - seconds(self.received)).abs() < 60,
            _ => true,
        };
        matches!(self.version, 3 | 4) && self.stratum <= 16 && small && steps && answered && self.sent != 0
    }
}

impl Extensions {
    /// Reads what follows a time message; `None` when it is neither fields nor an authentication code.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes.get(TIME_BYTES..)?;
        let mut found = Self { bytes: rest.len() as u32, secured: false };
        for _ in 0..MOST_EXTENSIONS {
            if rest.is_empty() || AUTHENTICATION_BYTES.contains(&rest.len()) && !is_field(rest) {
                return Some(found);
            }
            let &[kh, kl, lh, ll] = rest.first_chunk::<4>()?;
            let length = usize::from(u16::from_be_bytes([lh, ll]));
            if length < 16 || !length.is_multiple_of(4) {
                return None;
            }
            found.secured |= matches!(u16::from_be_bytes([kh, kl]), 0x0104 | 0x0204 | 0x0304 | 0x0404);
            rest = rest.get(length..)?;
        }
        Some(found)
    }
}

/// Whether bytes begin with an extension field that takes all of them.
fn is_field(bytes: &[u8]) -> bool {
    bytes
        .first_chunk::<4>()
        .is_some_and(|&[_, _, high, low]| usize::from(u16::from_be_bytes([high, low])) == bytes.len())
}
