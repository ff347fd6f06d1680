//! Entropy samples of live flows, with a bounded number of unfinished ones.

use super::entropy::{Logs, Tally};
use super::side::Side;
use super::slab::Slab;

/// How many unfinished samples a shard keeps (512 bytes each); a flow that gets none is measured over the first
/// packet alone, and says over how many bytes.
pub const UNFINISHED: usize = 512;
const NONE: u32 = u32::MAX;

/// The sample of one direction of a flow.
#[derive(Debug, Clone, Copy)]
pub struct Sample {
    tally: u32,
    entropy: u16,
    bytes: u16,
}

impl Default for Sample {
    fn default() -> Self {
        Self { tally: NONE, entropy: 0, bytes: 0 }
    }
}

/// The unfinished samples of one shard.
#[derive(Debug, Default)]
pub struct Samples {
    unfinished: Slab<Tally>,
    logs: Logs,
    scratch: Tally,
}

impl Samples {
    /// Lets payload bytes count for a direction while its sample is not complete.
    #[inline]
    pub fn add(&mut self, sample: &mut Sample, payload: &[u8]) {
        if payload.is_empty() || (sample.tally == NONE && sample.bytes > 0) {
            return;
        }
        if sample.tally == NONE {
            self.begin(sample, payload);
        } else {
            self.go_on(sample, payload);
        }
    }

    fn begin(&mut self, sample: &mut Sample, payload: &[u8]) {
        self.scratch.clear();
        self.scratch.add(payload, &self.logs);
        if self.scratch.is_full() || self.unfinished.len() >= UNFINISHED {
            sample.bytes = self.scratch.bytes();
            sample.entropy = self.scratch.entropy(&self.logs);
        } else {
            sample.tally = self.unfinished.insert(self.scratch.clone());
        }
    }

    fn go_on(&mut self, sample: &mut Sample, payload: &[u8]) {
        let Some(tally) = self.unfinished.get_mut(sample.tally) else { return };
        tally.add(payload, &self.logs);
        if tally.is_full() {
            self.finish(sample);
        }
    }

    /// Measures what was counted and gives the place back.
    pub fn finish(&mut self, sample: &mut Sample) {
        if let Some(tally) = self.unfinished.remove(sample.tally, Tally::default()) {
            (sample.entropy, sample.bytes) = (tally.entropy(&self.logs), tally.bytes());
            sample.tally = NONE;
        }
    }

    /// Writes what is known so far into a side.
    pub fn show(&self, sample: &Sample, side: &mut Side) {
        (side.entropy, side.entropy_bytes) = match self.unfinished.get(sample.tally) {
            Some(tally) => (tally.entropy(&self.logs), tally.bytes()),
            None => (sample.entropy, sample.bytes),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(samples: &Samples, sample: Sample) -> (u16, u16) {
        let mut side = Side::default();
        samples.show(&sample, &mut side);
        (side.entropy, side.entropy_bytes)
    }

    #[test]
    fn small_packets_add_up_to_one_sample() {
        let mut samples = Samples::default();
        let mut sample = Sample::default();
        samples.add(&mut sample, b"ab");
        samples.add(&mut sample, b"abab");
        assert_eq!(shown(&samples, sample), (8192, 6));
        samples.add(&mut sample, &[b'a'; 600]);
        assert_eq!(shown(&samples, sample).1, 512);
        assert!(samples.unfinished.is_empty());
    }

    #[test]
    fn without_a_place_the_first_packet_alone_counts() {
        let mut samples = Samples::default();
        let mut held = vec![Sample::default(); UNFINISHED];
        for sample in &mut held {
            samples.add(sample, b"x");
        }
        let mut sample = Sample::default();
        samples.add(&mut sample, b"ab");
        samples.add(&mut sample, b"cdef");
        assert_eq!(shown(&samples, sample), (8192, 2));
    }
}
