//! Frames that a mirror port or two capture points recorded twice.

use foldhash::quality::FixedState;
use oddwire_core::frame::Frame;
use std::hash::BuildHasher;

/// A frame is a repetition when the same bytes came within this time.
pub const WITHIN_NS: u64 = 50_000_000;
/// How many frames back it is looked for.
pub const BACK: usize = 16;

/// The fingerprints of the last frames.
#[derive(Debug)]
pub struct Dedupe {
    hasher: FixedState,
    seen: [(u64, i64); BACK],
    next: usize,
    dropped: u64,
}

impl Dedupe {
    /// Remembers nothing yet.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { hasher: FixedState::with_seed(seed), seen: [(0, i64::MIN); BACK], next: 0, dropped: 0 }
    }

    /// Whether the same bytes, and as many of them on the wire, came shortly before.
    pub fn is_repeated(&mut self, frame: &Frame<'_>) -> bool {
        let print = self.hasher.hash_one((frame.data, frame.length, frame.link));
        let near = |time_ns: i64| time_ns.abs_diff(frame.time_ns) <= WITHIN_NS;
        if self.seen.iter().any(|&(other, time_ns)| other == print && near(time_ns)) {
            self.dropped += 1;
            return true;
        }
        if let Some(place) = self.seen.get_mut(self.next) {
            *place = (print, frame.time_ns);
        }
        self.next = (self.next + 1) % BACK;
        false
    }

    /// Frames that were repetitions.
    #[must_use]
    pub const fn dropped(&self) -> u64 {
        self.dropped
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use oddwire_core::frame::LinkType;

    fn frame(data: &[u8], time_ns: i64) -> Frame<'_> {
        Frame { input: 0, number: 1, time_ns, link: LinkType::ETHERNET, length: data.len() as u32, data }
    }

    #[test]
    fn the_same_bytes_shortly_after_are_a_repetition() {
        let mut dedupe = Dedupe::new(1);
        assert!(!dedupe.is_repeated(&frame(b"hello", 0)));
        assert!(dedupe.is_repeated(&frame(b"hello", 1_000)));
        assert!(!dedupe.is_repeated(&frame(b"hallo", 2_000)));
        assert!(
            !dedupe.is_repeated(&frame(b"hello", 1_000_000_000)),
            "a keep-alive a second later is no copy"
        );
        assert_eq!(dedupe.dropped(), 1);
    }
}
