//! Whole numbers up to 65,535 counted one by one: exact quartiles in half a megabyte.

/// The largest number counted apart; larger ones count as this.
pub const MOST: u32 = 65_535;

/// How often each number came.
#[derive(Debug, Clone)]
pub struct Lengths {
    counts: Vec<u64>,
    count: u64,
    sum: u64,
    squares: u128,
    largest: u32,
}

impl Default for Lengths {
    fn default() -> Self {
        Self { counts: vec![0; MOST as usize + 1], count: 0, sum: 0, squares: 0, largest: 0 }
    }
}

impl Lengths {
    /// Counts one.
    #[inline]
    pub fn add(&mut self, number: u32) {
        if let Some(count) = self.counts.get_mut(number.min(MOST) as usize) {
            *count += 1;
        }
        self.count += 1;
        self.sum += u64::from(number);
        self.squares += u128::from(number) * u128::from(number);
        self.largest = self.largest.max(number);
    }

    /// How many were counted.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// Their mean.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum as f64 / self.count as f64)
    }

    /// Their standard deviation, of the whole population.
    #[must_use]
    pub fn std(&self) -> Option<f64> {
        crate::flow::columns::std_dev(u128::from(self.sum), self.squares, self.count)
    }

    /// The largest.
    #[must_use]
    pub const fn max(&self) -> Option<u32> {
        if self.count == 0 { None } else { Some(self.largest) }
    }

    /// The number below which `percent` of 100 lie, by the nearest rank; 0 gives the smallest.
    #[must_use]
    pub fn quantile(&self, percent: u64) -> Option<u32> {
        let rank = (self.count * percent).div_ceil(100).max(1);
        let mut seen = 0;
        for (number, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= rank {
                // Among the largest, which are not told apart, the largest of all is the honest bound.
                return Some(if number as u32 == MOST { self.largest } else { number as u32 });
            }
        }
        None
    }

    /// How many lie in each of the classes that these upper bounds close; the last class is open.
    #[must_use]
    pub fn histogram(&self, bounds: &[u32]) -> Vec<u64> {
        let mut classes = vec![0; bounds.len() + 1];
        for (number, count) in self.counts.iter().enumerate() {
            let class = bounds.partition_point(|&bound| bound < number as u32);
            if let Some(place) = classes.get_mut(class) {
                *place += count;
            }
        }
        classes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quartiles_are_exact() {
        let mut lengths = Lengths::default();
        (1..=8).for_each(|length| lengths.add(length * 10));
        let of = |percent| lengths.quantile(percent);
        assert_eq!(
            (of(0), of(25), of(50), of(75), of(100)),
            (Some(10), Some(20), Some(40), Some(60), Some(80))
        );
        assert_eq!(lengths.mean(), Some(45.0));
        assert!((lengths.std().unwrap() - 22.912_878).abs() < 1e-5);
        assert_eq!(lengths.histogram(&[30, 60]), [3, 3, 2]);
    }

    #[test]
    fn beyond_the_table_the_largest_is_given() {
        let mut lengths = Lengths::default();
        lengths.add(100_000);
        lengths.add(100_000);
        assert_eq!((lengths.quantile(0), lengths.quantile(50)), (Some(100_000), Some(100_000)));
    }

    #[test]
    fn nothing_has_no_quartile() {
        assert_eq!(Lengths::default().quantile(50), None);
        assert_eq!(Lengths::default().mean(), None);
    }
}
