//! Entropy of the first payload bytes, in whole numbers, so that every machine finds the same.

/// How many payload bytes of each direction are looked at.
pub const SAMPLE: usize = 512;
/// One bit of entropy in the unit that [`Tally::entropy`] answers in.
pub const PER_BIT: u32 = 8192;

/// How often each byte value came, over at most [`SAMPLE`] bytes.
#[derive(Debug, Clone)]
pub struct Tally {
    counts: [u16; 256],
    bytes: u16,
    /// Sum of `c * log2(c)` over all counts, kept up to date byte by byte.
    weighted: u32,
}

impl Default for Tally {
    fn default() -> Self {
        Self { counts: [0; 256], bytes: 0, weighted: 0 }
    }
}

impl Tally {
    /// Counts bytes until the sample is full.
    pub fn add(&mut self, payload: &[u8], logs: &Logs) {
        let room = SAMPLE - usize::from(self.bytes);
        let taken = payload.get(..room.min(payload.len())).unwrap_or(payload);
        for &byte in taken {
            if let Some(count) = self.counts.get_mut(usize::from(byte)) {
                self.weighted += logs.step(*count);
                *count += 1;
            }
        }
        self.bytes += taken.len() as u16;
    }

    /// How many bytes were counted.
    #[must_use]
    pub const fn bytes(&self) -> u16 {
        self.bytes
    }

    /// Whether the sample is complete.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.bytes as usize >= SAMPLE
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Shannon entropy in 1/[`PER_BIT`] bit a byte: `log2(n) - sum(c * log2(c)) / n`.
    #[must_use]
    pub fn entropy(&self, logs: &Logs) -> u16 {
        let total = u32::from(self.bytes);
        let whole = logs.times_log2(self.bytes);
        u16::try_from(whole.saturating_sub(self.weighted).checked_div(total).unwrap_or(0)).unwrap_or(u16::MAX)
    }
}

/// `c * log2(c)` in 1/[`PER_BIT`] for every count that can come.
#[derive(Debug)]
pub struct Logs(Box<[u32; SAMPLE + 2]>);

impl Default for Logs {
    fn default() -> Self {
        Self(Box::new(std::array::from_fn(|count| count as u32 * log2_fixed(count as u32))))
    }
}

impl Logs {
    #[inline]
    fn times_log2(&self, count: u16) -> u32 {
        self.0.get(usize::from(count)).copied().unwrap_or(0)
    }

    /// What one more of a byte seen `count` times adds to the weighted sum.
    #[inline]
    fn step(&self, count: u16) -> u32 {
        self.times_log2(count + 1) - self.times_log2(count)
    }
}

/// `log2(value) * PER_BIT`, rounded down, by repeated squaring: whole numbers only.
fn log2_fixed(value: u32) -> u32 {
    if value <= 1 {
        return 0;
    }
    let whole = value.ilog2();
    let mut mantissa = (u64::from(value) << 31) >> whole;
    let mut fraction = 0;
    for _ in 0..PER_BIT.ilog2() {
        mantissa = (mantissa * mantissa) >> 31;
        fraction <<= 1;
        if mantissa >> 32 != 0 {
            mantissa >>= 1;
            fraction |= 1;
        }
    }
    whole * PER_BIT + fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bits(payload: &[u8]) -> f64 {
        let (mut tally, logs) = (Tally::default(), Logs::default());
        tally.add(payload, &logs);
        f64::from(tally.entropy(&logs)) / f64::from(PER_BIT)
    }

    #[test]
    fn known_values() {
        let every: Vec<u8> = (0..=255).chain(0..=255).collect();
        assert!((bits(&every) - 8.0).abs() < 0.001);
        assert!(bits(b"aaaaaaaa").abs() < 0.001);
        assert!((bits(b"abababab") - 1.0).abs() < 0.001);
        assert!((bits(b"abcabc") - 3f64.log2()).abs() < 0.001);
        assert_eq!(Tally::default().entropy(&Logs::default()), 0);
    }

    #[test]
    fn only_the_first_bytes_count() {
        let (mut tally, logs) = (Tally::default(), Logs::default());
        tally.add(&[0; 500], &logs);
        tally.add(&[1; 500], &logs);
        assert!(tally.is_full());
        assert_eq!(tally.bytes(), 512);
        tally.add(&[2; 9], &logs);
        assert_eq!(tally.bytes(), 512);
    }
}
