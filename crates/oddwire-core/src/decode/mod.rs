//! From a frame to the packet that its headers describe: one file a header, lax, bounded.

use crate::frame::Frame;
use crate::packet::Packet;

/// Walks headers and holds what must be remembered between frames (fragments).
#[derive(Debug, Default)]
pub struct Decoder {}

impl Decoder {
    /// Reads the headers of one frame. Never fails: what could be read stands, `damage` says where it stopped.
    pub fn decode<'a>(&'a mut self, _frame: &Frame<'a>) -> Packet<'a> {
        Packet::default()
    }
}
