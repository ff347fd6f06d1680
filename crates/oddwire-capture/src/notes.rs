//! What a format's reader writes down while it reads: damage, drops, interfaces.

use crate::buffer::Buffer;
use crate::warning::{Damage, Warnings};
use oddwire_core::frame::LinkType;

/// How many interfaces of one input are described by name; all of them are read.
pub const INTERFACES_KEPT: usize = 256;

/// An interface that an input's packets came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface {
    /// Its name, where the capture gives one.
    pub name: Option<String>,
    /// What its frames begin with.
    pub link: LinkType,
    /// The most bytes kept of a packet; 0 means all.
    pub snap_length: u32,
    /// How many bytes of frame check sequence its frames end with, where the capture says so.
    pub fcs_bytes: Option<u8>,
}

/// Packets that the capturing machine counted; `None` where the capture does not say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Drops {
    /// Packets that interfaces received.
    pub received: Option<u64>,
    /// Packets that interfaces dropped for lack of room.
    pub interface: Option<u64>,
    /// Packets that the operating system dropped.
    pub system: Option<u64>,
}

impl Drops {
    /// Adds the counters of another interface; unknown plus known is known.
    pub(crate) fn add(&mut self, other: Self) {
        let sum = |a: Option<u64>, b: Option<u64>| match (a, b) {
            (Some(a), Some(b)) => Some(a.saturating_add(b)),
            (a, b) => a.or(b),
        };
        self.received = sum(self.received, other.received);
        self.interface = sum(self.interface, other.interface);
        self.system = sum(self.system, other.system);
    }
}

/// The notes of one input.
#[derive(Debug, Clone, Default)]
pub(crate) struct Notes {
    pub(crate) warnings: Warnings,
    pub(crate) interfaces: Vec<Interface>,
    pub(crate) drops: Drops,
    pub(crate) untimed: u64,
    /// Records that are no packets but are numbered among them by Wireshark, and so here.
    pub(crate) numbered: u64,
    pub(crate) skipped_bytes: u64,
}

impl Notes {
    pub(crate) fn interface(&mut self, interface: Interface) {
        if self.interfaces.len() < INTERFACES_KEPT {
            self.interfaces.push(interface);
        }
    }

    /// Notes that `what` needs more bytes than are left, and passes over those.
    pub(crate) fn cut(&mut self, buffer: &mut Buffer, what: &'static str, need: usize) {
        let have = buffer.window().len();
        let damage = Damage::Short { what, need: need as u64, have: have as u64 };
        self.warnings.add(buffer.offset(), damage);
        buffer.consume(have);
    }

    /// Notes that a damaged stretch was passed over, and does so.
    pub(crate) fn resumed(&mut self, buffer: &mut Buffer, skipped: usize) {
        buffer.consume(skipped);
        self.skipped_bytes += skipped as u64;
        self.warnings.add(buffer.offset(), Damage::Resumed { skipped: skipped as u64 });
    }
}
