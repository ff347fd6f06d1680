//! Where and when a packet stood in its input.

use crate::frame::Frame;

/// What is kept of a frame besides its headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stamp {
    /// Nanoseconds since the epoch, UTC.
    pub time_ns: i64,
    /// Number inside the input, from 1.
    pub number: u64,
    /// Index of the input.
    pub input: u32,
    /// Bytes on the wire.
    pub length: u32,
    /// Whether fewer bytes were captured than were on the wire.
    pub cut: bool,
}

impl From<&Frame<'_>> for Stamp {
    fn from(frame: &Frame<'_>) -> Self {
        Self {
            time_ns: frame.time_ns,
            number: frame.number,
            input: frame.input,
            length: frame.length,
            cut: frame.data.len() < frame.length as usize,
        }
    }
}
