//! Which input comes first: those waiting to be opened, and those open and waiting for their turn.

use crate::reader::Reader;
use std::cmp::Ordering;

/// A place in time order: packet time, then the index of the input.
pub(crate) type Key = (i64, u32);

/// An open input that stands on a packet that is not yet due.
pub(crate) struct Turn {
    pub(crate) key: Key,
    pub(crate) reader: Box<Reader>,
}

// The standard heap gives the greatest first; the earliest packet is the one wanted.
impl Ord for Turn {
    fn cmp(&self, other: &Self) -> Ordering {
        other.key.cmp(&self.key)
    }
}

impl PartialOrd for Turn {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Turn {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for Turn {}
