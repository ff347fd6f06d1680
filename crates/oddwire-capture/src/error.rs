//! What keeps an input from being read at all. Damage inside a capture is no error: see [`crate::warning`].

use std::{fmt, io};

/// An input that cannot be read, and why.
#[derive(Debug)]
pub struct CaptureError {
    /// The input as its user named it.
    pub input: String,
    /// What is wrong with it.
    pub reason: Reason,
}

impl CaptureError {
    /// Names an input beside the reason it cannot be read.
    pub fn new(input: impl Into<String>, reason: Reason) -> Self {
        Self { input: input.into(), reason }
    }

    /// The stable word for this kind of error, for machines.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        self.reason.kind()
    }
}

impl fmt::Display for CaptureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.input, self.reason)
    }
}

impl std::error::Error for CaptureError {}

/// Why an input cannot be read.
#[derive(Debug)]
pub enum Reason {
    /// Nothing has this name.
    NotFound,
    /// The operating system does not let this user read it.
    Permission,
    /// A folder, or a pattern, that holds no capture.
    NoCaptures {
        /// How many files were looked at.
        looked_at: u64,
    },
    /// Its first bytes belong to no capture format that is read here.
    NotACapture {
        /// What the bytes are instead, where that is known.
        what: Option<&'static str>,
    },
    /// It holds no byte. Callers warn and go on: an empty capture is no failure.
    Empty,
    /// Standard input is a terminal, so that nothing would ever arrive.
    Terminal,
    /// It is compressed in a manner that is not read here.
    UnsupportedCompression {
        /// The name of that manner.
        what: &'static str,
    },
    /// Compressed inside compressed inside compressed: no honest capture is.
    NestedTooDeep,
    /// It is compressed, and its packed bytes are damaged from the start.
    Damaged(String),
    /// Following a growing file takes exactly one input.
    FollowsOne,
    /// No input was named.
    NoInput,
    /// The operating system failed to read it.
    Io(io::Error),
}

impl Reason {
    /// The stable word for this kind of error, for machines.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Permission => "permission",
            Self::NoCaptures { .. } => "no_captures",
            Self::NotACapture { .. } => "not_a_capture",
            Self::Empty => "empty",
            Self::Terminal => "terminal",
            Self::UnsupportedCompression { .. } | Self::NestedTooDeep => "unsupported_compression",
            Self::Damaged(_) => "damaged",
            Self::FollowsOne => "follows_one",
            Self::NoInput => "no_input",
            Self::Io(_) => "io",
        }
    }

    /// Whether the bytes themselves are no capture, so that a folder may hold them without a word.
    pub(crate) const fn is_other_content(&self) -> bool {
        matches!(
            self,
            Self::NotACapture { .. }
                | Self::Empty
                | Self::UnsupportedCompression { .. }
                | Self::NestedTooDeep
        )
    }
}

impl From<io::Error> for Reason {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::NotFound,
            io::ErrorKind::PermissionDenied => Self::Permission,
            _ => Self::Io(error),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound => f.write_str("there is no such file or folder; check the name"),
            Self::Permission => f.write_str("reading it is not permitted; ask its owner for read access"),
            Self::NoCaptures { looked_at } => {
                write!(f, "no capture is there ({looked_at} files looked at); name a pcap or pcapng file")
            }
            Self::NotACapture { what: Some(what) } => {
                write!(
                    f,
                    "is {what}, not a pcap or pcapng capture; convert it first, for example with editcap"
                )
            }
            Self::NotACapture { what: None } => f.write_str("is neither a pcap nor a pcapng capture"),
            Self::Empty => f.write_str("is empty: it holds no byte"),
            Self::Terminal => {
                f.write_str("standard input is a terminal; pipe a capture into it or name a file")
            }
            Self::UnsupportedCompression { what } => {
                write!(
                    f,
                    "is {what}, which is not unpacked here; unpack it first, or use gzip, zstd, xz or lz4"
                )
            }
            Self::NestedTooDeep => f.write_str("is compressed more than twice over; unpack it first"),
            Self::Damaged(text) => write!(f, "its compressed data cannot be unpacked: {text}"),
            Self::FollowsOne => f.write_str("a growing file is followed alone; name one input"),
            Self::NoInput => f.write_str("no input was named; name a file, a folder or - for standard input"),
            Self::Io(error) => write!(f, "cannot be read: {error}"),
        }
    }
}
