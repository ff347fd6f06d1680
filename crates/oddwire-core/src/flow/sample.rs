//! Entropy samples of live flows, with a bounded number of unfinished ones.

use super::entropy::{Logs, Tally};
use super::side::Side;
use super::slab::Slab;

/// How many unfinished samples a shard keeps (512 bytes each); a flow that gets none is measured over the first
/// packet alone, and says over how many bytes.
pub const UNFINISHED: usize = 128;

/// The sample of one direction of a flow, in four bytes: nothing yet, the number of an unfinished tally, or the result.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sample(u32);

/// What a sample stands for.
enum Stage {
    Nothing,
    Unfinished(u32),
    Done { entropy: u16, bytes: u16 },
}

impl Sample {
    const DONE: u32 = 1 << 31;

    /// Numbers of tallies are small; 0 is kept for "nothing yet".
    const fn unfinished(tally: u32) -> Self {
        Self(tally + 1)
    }

    /// 16 bits of entropy above the 10 bits that a count of at most 512 bytes needs.
    const fn done(entropy: u16, bytes: u16) -> Self {
        Self(Self::DONE | (entropy as u32) << 10 | bytes as u32)
    }

    const fn stage(self) -> Stage {
        match self.0 {
            0 => Stage::Nothing,
            word if word & Self::DONE != 0 => {
                Stage::Done { entropy: (word >> 10) as u16, bytes: (word & 0x3ff) as u16 }
            }
            word => Stage::Unfinished(word - 1),
        }
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
        if payload.is_empty() {
            return;
        }
        match sample.stage() {
            Stage::Done { .. } => {}
            Stage::Nothing => *sample = self.begin(payload),
            Stage::Unfinished(tally) => self.go_on(sample, tally, payload),
        }
    }

    fn begin(&mut self, payload: &[u8]) -> Sample {
        self.scratch.clear();
        self.scratch.add(payload, &self.logs);
        if self.scratch.is_full() || self.unfinished.len() >= UNFINISHED {
            return Sample::done(self.scratch.entropy(&self.logs), self.scratch.bytes());
        }
        Sample::unfinished(self.unfinished.insert(self.scratch.clone()))
    }

    fn go_on(&mut self, sample: &mut Sample, tally: u32, payload: &[u8]) {
        let Some(counts) = self.unfinished.get_mut(tally) else { return };
        counts.add(payload, &self.logs);
        if counts.is_full() {
            self.finish(sample);
        }
    }

    /// Measures what was counted and gives the place back.
    pub fn finish(&mut self, sample: &mut Sample) {
        let Stage::Unfinished(number) = sample.stage() else { return };
        if let Some(tally) = self.unfinished.remove(number, Tally::default()) {
            *sample = Sample::done(tally.entropy(&self.logs), tally.bytes());
        }
    }

    /// Writes what is known so far into a side.
    pub fn show(&self, sample: Sample, side: &mut Side) {
        (side.entropy, side.entropy_bytes) = match sample.stage() {
            Stage::Nothing => (0, 0),
            Stage::Done { entropy, bytes } => (entropy, bytes),
            Stage::Unfinished(number) => {
                self.unfinished.get(number).map_or((0, 0), |tally| (tally.entropy(&self.logs), tally.bytes()))
            }
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(samples: &Samples, sample: Sample) -> (u16, u16) {
        let mut side = Side::default();
        samples.show(sample, &mut side);
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
