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
}

impl Key for i64 {
    fn hash(self) -> u64 {
        let mixed = self.cast_unsigned().wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed ^ (mixed >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93)
    }
}

impl Key for i128 {
    fn hash(self) -> u64 {
        ((self as i64) ^ ((self >> 64) as i64).wrapping_mul(0x2545_f491_4f6c_dd1d)).hash()
    }
}

/// From values to their numbers.
pub(super) struct Table<K> {
    places: Vec<(K, u32)>,
    entries: u32,
}

/// An empty place.
const FREE_PLACE: u32 = u32::MAX;

impl<K: Key> Table<K> {
    pub(super) const fn new() -> Self {
        Self { places: Vec::new(), entries: 0 }
    }

    /// The number of a value; `next` is called for the number of a new one. `None`: it cannot be kept.
    pub(super) fn number(&mut self, key: K, next: impl FnOnce() -> Option<u32>) -> Option<u32> {
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

    /// The numbers of these values, into `out`; false when the dictionary is given up.
    pub(super) fn numbers(
        &mut self,
        values: &[K],
        out: &mut Vec<u32>,
        push: impl Fn(&mut Vec<u8>, K),
    ) -> bool {
        out.clear();
        if self.given_up {
            return false;
        }
        let Some(first) = values.first() else { return true };
        if values.iter().all(|value| value == first) {
            let number = self.number(*first, &push);
            out.extend(number.map(|number| std::iter::repeat_n(number, values.len())).into_iter().flatten());
            self.rows += values.len();
            return number.is_some();
        }
        for value in values {
            self.rows += 1;
            let Some(number) = self.number(*value, &push) else {
                self.given_up = true;
                return false;
            };
            out.push(number);
        }
        true
    }

    fn number(&mut self, value: K, push: &impl Fn(&mut Vec<u8>, K)) -> Option<u32> {
        let Self { table, plain, count, rows, .. } = self;
        table.number(value, || {
            let number = *count;
            pays(number, *rows).then(|| {
                push(plain, value);
                *count += 1;
                number
            })
        })
    }
}
