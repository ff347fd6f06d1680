//! How many different things were seen: exact while they are few, estimated in bounded memory when they are many.

use foldhash::quality::FixedState;
use std::hash::{BuildHasher, Hash};

/// Different things that are counted exactly.
pub const EXACT: usize = 64;
/// Registers of the estimate; its standard error is about 1.04 / sqrt(1024) = 3 %.
const REGISTERS: usize = 1_024;
const SEED: u64 = 0x0dd3;

/// A count of different things. It does not depend on their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Distinct(Kind);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    /// Their hashes, in order.
    Few(Vec<u64>),
    /// For each register the longest run of zeros seen.
    Many(Box<[u8; REGISTERS]>),
}

impl Default for Distinct {
    fn default() -> Self {
        Self(Kind::Few(Vec::new()))
    }
}

impl Distinct {
    /// Sees one thing.
    pub fn add(&mut self, thing: &(impl Hash + ?Sized)) {
        let hash = FixedState::with_seed(SEED).hash_one(thing);
        match &mut self.0 {
            Kind::Many(registers) => note(registers, hash),
            Kind::Few(seen) => {
                let Err(place) = seen.binary_search(&hash) else { return };
                if seen.len() < EXACT {
                    seen.insert(place, hash);
                    return;
                }
                let mut registers = Box::new([0; REGISTERS]);
                seen.iter().chain([&hash]).for_each(|&hash| note(&mut registers, hash));
                self.0 = Kind::Many(registers);
            }
        }
    }

    /// How many there were.
    #[must_use]
    pub fn count(&self) -> u64 {
        match &self.0 {
            Kind::Few(seen) => seen.len() as u64,
            Kind::Many(registers) => estimate(registers),
        }
    }
}

fn note(registers: &mut [u8; REGISTERS], hash: u64) {
    let run = (hash >> 10).trailing_zeros().min(54) as u8 + 1;
    if let Some(register) = registers.get_mut(hash as usize % REGISTERS) {
        *register = (*register).max(run);
    }
}

#[expect(clippy::cast_sign_loss, reason = "a count is not negative")]
/// The estimate of `HyperLogLog`, with linear counting where it is small.
fn estimate(registers: &[u8; REGISTERS]) -> u64 {
    let size = REGISTERS as f64;
    let sum: f64 = registers.iter().map(|&run| (-f64::from(run)).exp2()).sum();
    let raw = 0.7213 / (1.0 + 1.079 / size) * size * size / sum;
    let empty = registers.iter().map(|&run| usize::from(run == 0)).sum::<usize>();
    let count = if raw <= 2.5 * size && empty > 0 { size * (size / empty as f64).ln() } else { raw };
    count.round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_are_exact_and_many_are_near() {
        for (different, off) in
            [(1, 0.0), (64, 0.0), (65, 0.1), (1_000, 0.1), (50_000, 0.1), (1_000_000, 0.1)]
        {
            let mut distinct = Distinct::default();
            for thing in 0..different {
                distinct.add(&thing);
                distinct.add(&(thing / 2));
            }
            let error = (distinct.count() as f64 - f64::from(different)).abs() / f64::from(different);
            assert!(error <= off, "{different}: {}", distinct.count());
        }
    }

    #[test]
    fn the_order_does_not_matter() {
        let (mut up, mut down) = (Distinct::default(), Distinct::default());
        (0..500).for_each(|thing| up.add(&thing));
        (0..500).rev().for_each(|thing| down.add(&thing));
        assert_eq!(up, down);
    }
}
