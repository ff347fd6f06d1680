//! Where a frame is in the buffer, so that it can be passed around without borrowing it.

use oddwire_core::frame::LinkType;

/// A packet that was read; its bytes are held by the buffer until it is filled again.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Record {
    pub(crate) time_ns: i64,
    /// Bytes on the wire.
    pub(crate) length: u32,
    pub(crate) link: LinkType,
    /// Where in memory its bytes start.
    pub(crate) at: usize,
    /// How many of them there are.
    pub(crate) captured: usize,
}
