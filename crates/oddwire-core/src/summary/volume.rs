//! Packets and bytes over time, in at most so many steps however long the capture is.

use super::Count;
use std::collections::BTreeMap;

/// Lengths of a step, in seconds: the shortest that keeps the number of steps below [`MAX_STEPS`] is used.
const WIDTHS: [i64; 12] = [1, 5, 10, 30, 60, 300, 600, 1_800, 3_600, 21_600, 86_400, 2_592_000];
/// Steps at most.
pub const MAX_STEPS: usize = 4_096;
const NS: i64 = 1_000_000_000;

/// The volume over time.
#[derive(Debug, Clone, Default)]
pub struct Volume {
    width: usize,
    steps: BTreeMap<i64, Count>,
    current: Option<(i64, Count)>,
    dropped: u64,
}

impl Volume {
    /// Counts a packet.
    #[inline]
    pub fn add(&mut self, time_ns: i64, length: u32) {
        let step = time_ns.div_euclid(self.width_ns());
        match &mut self.current {
            Some((at, count)) if *at == step => count.add(length),
            _ => self.turn_to(step, length),
        }
    }

    fn turn_to(&mut self, step: i64, length: u32) {
        self.settle();
        let mut count = Count::default();
        count.add(length);
        self.current = Some((step, count));
    }

    /// Puts the current step to the others; when they are too many, steps get longer.
    fn settle(&mut self) {
        let Some((step, count)) = self.current.take() else { return };
        self.steps.entry(step).or_default().merge(count);
        while self.steps.len() > MAX_STEPS && self.width + 1 < WIDTHS.len() {
            self.widen();
        }
        if self.steps.len() > MAX_STEPS {
            self.dropped += self.steps.pop_first().map_or(0, |(_, count)| count.packets);
        }
    }

    fn widen(&mut self) {
        let old = self.width_ns();
        self.width += 1;
        let new = self.width_ns();
        let steps = std::mem::take(&mut self.steps);
        for (step, count) in steps {
            self.steps.entry((step * (old / NS)).div_euclid(new / NS)).or_default().merge(count);
        }
    }

    fn width_ns(&self) -> i64 {
        WIDTHS.get(self.width).copied().unwrap_or(1) * NS
    }

    /// The length of a step in seconds, and the steps with traffic: start in nanoseconds since the epoch, count.
    #[must_use]
    pub fn steps(&self) -> (i64, Vec<(i64, Count)>) {
        let mut settled = self.clone();
        settled.settle();
        let width = settled.width_ns();
        (width / NS, settled.steps.iter().map(|(step, count)| (step.saturating_mul(width), *count)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_capture_has_steps_of_a_second() {
        let mut volume = Volume::default();
        for time in [0, 400_000_000, 1_200_000_000, 900_000_000] {
            volume.add(time, 100);
        }
        let (width, steps) = volume.steps();
        assert_eq!(width, 1);
        assert_eq!(steps, [(0, Count { packets: 3, bytes: 300 }), (NS, Count { packets: 1, bytes: 100 })]);
    }

    #[test]
    fn months_fit_and_nothing_is_lost() {
        let mut volume = Volume::default();
        for hour in 0..24 * 200 {
            volume.add(hour * 3_600 * NS, 60);
        }
        let (width, steps) = volume.steps();
        assert_eq!(width, 21_600);
        assert_eq!(steps.iter().map(|(_, count)| count.packets).sum::<u64>(), 24 * 200);
    }
}
