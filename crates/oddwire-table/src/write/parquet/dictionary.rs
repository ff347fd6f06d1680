//! Dictionaries of the values of a column chunk, given up as soon as they do not pay.

/// More distinct values are not kept.
const MOST: u32 = 32 * 1024;

/// Distinct values that are always allowed, whatever the number of rows.
const FREE: u32 = 256;

/// A look-up that has to try more places gives the dictionary up, so that no choice of values makes it slow.
const PROBES: usize = 32;

/// A value that can be told from others.
pub(super) trait Key: Copy + Eq + Default {
    /// Well mixed in the upper bits.
    fn hash(self) -> u64;

    /// The value itself, where it is small enough to be a place in a list.
    fn small(self) -> Option<usize> {
        None
    }
}

/// Values below this are looked up in a list, not by their hash: ports, lengths, counts.
const SMALL: usize = 1 << 16;

/// More distinct small values than these pack as well without a dictionary.
const MOST_SMALL: u32 = 8 * 1024;

impl Key for i64 {
    fn hash(self) -> u64 {
        let mixed = self.cast_unsigned().wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed ^ (mixed >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93)
    }

    fn small(self) -> Option<usize> {
        usize::try_from(self).ok().filter(|small| *small < SMALL)
    }
}

impl Key for i128 {
    fn hash(self) -> u64 {
        ((self as i64) ^ ((self >> 64) as i64).wrapping_mul(0x2545_f491_4f6c_dd1d)).hash()
    }
}

/// From values to their numbers.
pub(super) struct Table<K> {
    /// The numbers of small values, in their own places.
    small: Vec<u32>,
    places: Vec<(K, u32)>,
    entries: u32,
}

/// An empty place.
const FREE_PLACE: u32 = u32::MAX;

impl<K: Key> Table<K> {
    pub(super) const fn new() -> Self {
        Self { small: Vec::new(), places: Vec::new(), entries: 0 }
    }

    /// The number of a value; `next` is called for the number of a new one. `None`: it cannot be kept.
    #[inline]
    pub(super) fn number(&mut self, key: K, next: impl FnOnce() -> Option<u32>) -> Option<u32> {
        let Some(small) = key.small() else { return self.number_by_hash(key, next) };
        match self.small.get(small) {
            Some(number) if *number != FREE_PLACE => Some(*number),
            _ => self.enter_small(small, next),
        }
    }

    #[cold]
    fn enter_small(&mut self, small: usize, next: impl FnOnce() -> Option<u32>) -> Option<u32> {
        if small >= self.small.len() {
            self.small.resize((small + 1).next_power_of_two(), FREE_PLACE);
        }
        let number = next().filter(|number| *number < MOST_SMALL)?;
        *self.small.get_mut(small)? = number;
        Some(number)
    }

    fn number_by_hash(&mut self, key: K, next: impl FnOnce() -> Option<u32>) -> Option<u32> {
        if self.entries as usize * 2 >= self.places.len() {
            self.grow()?;
        }
        let place = self.find(key)?;
        let found = self.places.get_mut(place)?;
        if found.1 == FREE_PLACE {
            *found = (key, next()?);
            self.entries += 1;
        }
        Some(found.1)
    }

    /// The place of the key, or where it can be put.
    fn find(&self, key: K) -> Option<usize> {
        let mask = self.places.len() - 1;
        let home = (key.hash() >> 32) as usize;
        (0..PROBES).map(|step| (home + step) & mask).find(|place| {
            self.places.get(*place).is_some_and(|(there, number)| *number == FREE_PLACE || *there == key)
        })
    }

    /// Forgets all, but keeps the room.
    pub(super) fn clear(&mut self) {
        self.small.fill(FREE_PLACE);
        self.places.fill((K::default(), FREE_PLACE));
        self.entries = 0;
    }

    fn grow(&mut self) -> Option<()> {
        let size = (self.places.len() * 2).max(64);
        let before = std::mem::replace(&mut self.places, vec![(K::default(), FREE_PLACE); size]);
        for (key, number) in before.into_iter().filter(|(_, number)| *number != FREE_PLACE) {
            let place = self.find(key)?;
            *self.places.get_mut(place)? = (key, number);
        }
        Some(())
    }
}

/// Whether a dictionary of this many values still pays after this many rows.
pub(super) fn pays(count: u32, rows: usize) -> bool {
    count < MOST && (count as usize) < FREE as usize + rows / 4
}

/// A dictionary of fixed-width values.
pub(super) struct Dictionary<K> {
    table: Table<K>,
    /// The values in the plain encoding.
    pub(super) plain: Vec<u8>,
    pub(super) count: u32,
    rows: usize,
    given_up: bool,
}

impl<K: Key> Dictionary<K> {
    pub(super) const fn new() -> Self {
        Self { table: Table::new(), plain: Vec::new(), count: 0, rows: 0, given_up: false }
    }

    /// The numbers of these values, all of one page, into `out`; false when the dictionary is given up.
    pub(super) fn numbers(
        &mut self,
        values: &[K],
        out: &mut Vec<u32>,
        mut push: impl FnMut(&mut Vec<u8>, K),
    ) -> bool {
        out.clear();
        if self.given_up {
            return false;
        }
        let Some(first) = values.first() else { return true };
        if values.iter().all(|value| value == first) {
            let number = self.number(*first, self.rows, &mut push);
            out.extend(number.map(|number| std::iter::repeat_n(number, values.len())).into_iter().flatten());
            self.rows += values.len();
            return number.is_some();
        }
        out.resize(values.len(), 0);
        let before = self.rows;
        self.rows += values.len();
        let mut last = (*first, self.number(*first, before, &mut push));
        for (row, (slot, value)) in out.iter_mut().zip(values).enumerate() {
            if last.0 != *value {
                last = (*value, self.number(*value, before + row, &mut push));
            }
            let Some(number) = last.1 else {
                self.given_up = true;
                return false;
            };
            *slot = number;
        }
        true
    }

    /// The number of a value that comes after `rows` others.
    #[inline]
    fn number(&mut self, value: K, rows: usize, push: &mut impl FnMut(&mut Vec<u8>, K)) -> Option<u32> {
        let Self { table, plain, count, .. } = self;
        table.number(value, || {
            let number = *count;
            pays(number, rows).then(|| {
                push(plain, value);
                *count += 1;
                number
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_and_large_values_are_numbered_in_the_order_they_come() {
        let (mut table, mut count) = (Table::new(), 0);
        let values = [0, 65_535, 65_536, -1, 7, i64::MIN, i64::MAX, 1_000];
        for _ in 0..2 {
            for (place, value) in values.into_iter().enumerate() {
                let number = table.number(value, || {
                    count += 1;
                    Some(count - 1)
                });
                assert_eq!(number, Some(place as u32));
            }
        }
        assert_eq!(count as usize, values.len());
    }

    #[test]
    fn a_dictionary_that_does_not_pay_is_given_up() {
        let mut dictionary = Dictionary::new();
        let values: Vec<i64> = (0..1_000).collect();
        assert!(!dictionary.numbers(&values, &mut Vec::new(), |_, _| {}));
        assert!(!dictionary.numbers(&[1, 2], &mut Vec::new(), |_, _| {}));
    }
}
