//! What is known of one input, while it is read and after.

use crate::compress::Compression;
use crate::error::CaptureError;
use crate::notes::{Drops, Interface};
use crate::warning::Warnings;

/// A capture file format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// pcap, in any of its variants.
    Pcap,
    /// pcapng.
    Pcapng,
}

impl Format {
    /// Its usual name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pcap => "pcap",
            Self::Pcapng => "pcapng",
        }
    }
}

/// The facts of one input. Its place in the list is the `input` of its frames.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Input {
    /// As its user named it.
    pub name: String,
    /// Its format, once that was recognised.
    pub format: Option<Format>,
    /// The layers of compression around it, outermost first.
    pub compression: Vec<Compression>,
    /// Its size in bytes, compressed as it is; unknown for a stream and for a file that is followed.
    pub size: Option<u64>,
    /// How many of those bytes were read so far.
    pub bytes_read: u64,
    /// How many packets were read so far.
    pub packets: u64,
    /// When the first of them was captured, in nanoseconds since the epoch.
    pub first_time_ns: Option<i64>,
    /// Packets that came without a time and got that of the packet before them.
    pub untimed: u64,
    /// Bytes that were passed over because of damage, where reading could go on behind them.
    pub skipped_bytes: u64,
    /// Where it is damaged.
    pub warnings: Warnings,
    /// The interfaces that its packets came from; the first [`crate::INTERFACES_KEPT`].
    pub interfaces: Vec<Interface>,
    /// What the capturing machine received and dropped.
    pub drops: Drops,
    /// BLAKE3 over all its bytes, once it was read to its end; never for a stream.
    pub blake3: Option<[u8; 32]>,
    /// Why nothing, or nothing more, of it can be read: the kind of the error and its text.
    pub error: Option<(&'static str, String)>,
}

impl Input {
    pub(crate) fn named(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    pub(crate) fn failed(error: &CaptureError) -> Self {
        let mut input = Self::named(&error.input);
        input.error = Some((error.kind(), error.reason.to_string()));
        input
    }

    /// Its warnings as lines for a person: `capture.pcap: byte 54: record header needs 16 bytes, has 3`.
    pub fn warning_lines(&self) -> impl Iterator<Item = String> {
        self.warnings.kept().iter().map(|warning| format!("{}: {warning}", self.name))
    }

    /// The hash as text.
    #[must_use]
    pub fn blake3_hex(&self) -> Option<String> {
        self.blake3.map(|digest| blake3::Hash::from_bytes(digest).to_hex().to_string())
    }
}
