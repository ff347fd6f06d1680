//! Columns of addresses and words: few distinct values, many rows.
//!
//! Each distinct value of a batch is written as text once, in one array all columns of its kind share; a column
//! keeps only which text each row has, and its views are gathered at the end.

use super::Maker;
use super::known::Bits;
use crate::error::TableError;
use crate::text::{push_addr, push_mac};
use arrow_array::builder::StringViewBuilder;
use arrow_array::{Array, ArrayRef, StringViewArray, UInt32Array};
use arrow_select::take::take;
use oddwire_core::packet::{Addr, Mac};

/// Places in a cache of distinct values. A value that finds its places taken evicts one and is written again, so
/// that no choice of addresses makes a look-up slow.
const PLACES: usize = 8192;

/// Something with a short text form.
pub(super) trait Name: Copy + 'static {
    /// What tells it from others of its kind.
    fn key(self) -> u128;
    /// Appends its text.
    fn push(self, out: &mut String);
    /// Where texts of its kind are kept.
    fn texts(names: &mut Names) -> &mut Texts;
    /// The finished texts of its kind.
    fn sealed(names: &Names) -> &StringViewArray;
}

/// The distinct names of the batch in the making.
#[derive(Default)]
pub(super) struct Names {
    words: Texts,
    addrs: Texts,
    macs: Texts,
}

impl Names {
    /// Ends the lists of distinct texts, so that columns can gather from them.
    pub(super) fn seal(&mut self) {
        for texts in [&mut self.words, &mut self.addrs, &mut self.macs] {
            texts.sealed = texts.building.finish();
        }
    }

    /// Forgets the texts of the last batch.
    pub(super) fn clear(&mut self) {
        for texts in [&mut self.words, &mut self.addrs, &mut self.macs] {
            texts.clear();
        }
    }
}

/// Distinct texts of one kind.
pub(super) struct Texts {
    places: Vec<Place>,
    round: u32,
    building: StringViewBuilder,
    count: u32,
    sealed: StringViewArray,
    scratch: String,
}

/// Where a value's text stands; it counts only in the round it was written in.
#[derive(Clone, Copy, Default)]
struct Place {
    key: u128,
    round: u32,
    pick: u32,
}

impl Default for Texts {
    fn default() -> Self {
        Self {
            places: Vec::new(),
            round: 1,
            building: StringViewBuilder::new(),
            count: 0,
            sealed: StringViewArray::new_null(0),
            scratch: String::new(),
        }
    }
}

impl Texts {
    /// Which of the distinct texts this is.
    fn pick<N: Name>(&mut self, name: N) -> u32 {
        if self.places.is_empty() {
            self.places.resize(PLACES, Place::default());
        }
        let key = name.key();
        let home = spread(key);
        for step in 0..2 {
            if let Some(place) = self.places.get((home + step) % PLACES)
                && place.key == key
                && place.round == self.round
            {
                return place.pick;
            }
        }
        self.enter(name, key, home)
    }

    #[cold]
    fn enter<N: Name>(&mut self, name: N, key: u128, home: usize) -> u32 {
        self.scratch.clear();
        name.push(&mut self.scratch);
        self.building.append_value(&self.scratch);
        let pick = self.count;
        self.count += 1;
        let free = self.places.get(home).is_none_or(|place| place.round != self.round);
        if let Some(place) = self.places.get_mut((home + usize::from(!free)) % PLACES) {
            *place = Place { key, round: self.round, pick };
        }
        pick
    }

    fn clear(&mut self) {
        self.sealed = StringViewArray::new_null(0);
        self.count = 0;
        self.round = self.round.wrapping_add(1);
        if self.round == 0 {
            self.places.clear();
            self.round = 1;
        }
    }
}

/// A place for a key, by multiplication; the upper bits are the well mixed ones.
fn spread(key: u128) -> usize {
    let folded = (key as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ ((key >> 64) as u64);
    (folded.wrapping_mul(0xd6e8_feb8_6659_fd93) >> 40) as usize % PLACES
}

impl Name for Addr {
    fn key(self) -> u128 {
        u128::from_le_bytes(self.0)
    }
    fn push(self, out: &mut String) {
        push_addr(out, self);
    }
    fn texts(names: &mut Names) -> &mut Texts {
        &mut names.addrs
    }
    fn sealed(names: &Names) -> &StringViewArray {
        &names.addrs.sealed
    }
}

impl Name for Mac {
    fn key(self) -> u128 {
        let [a, b, c, d, e, f] = self.0;
        u128::from(u64::from_le_bytes([a, b, c, d, e, f, 0, 0]))
    }
    fn push(self, out: &mut String) {
        push_mac(out, self);
    }
    fn texts(names: &mut Names) -> &mut Texts {
        &mut names.macs
    }
    fn sealed(names: &Names) -> &StringViewArray {
        &names.macs.sealed
    }
}

impl Name for &'static str {
    // A word lives for ever at one place, so the place tells it apart without reading it.
    fn key(self) -> u128 {
        (self.as_ptr().addr() as u128) << 64 | self.len() as u128
    }
    fn push(self, out: &mut String) {
        out.push_str(self);
    }
    fn texts(names: &mut Names) -> &mut Texts {
        &mut names.words
    }
    fn sealed(names: &Names) -> &StringViewArray {
        &names.words.sealed
    }
}

struct Named<R, N> {
    get: fn(&R) -> Option<N>,
    picks: Vec<u32>,
    nulls: Bits,
    capacity: usize,
}

pub(super) fn column<R: 'static, N: Name + Send>(
    get: fn(&R) -> Option<N>,
    capacity: usize,
) -> Box<dyn Maker<R> + Send> {
    Box::new(Named { get, picks: Vec::new(), nulls: Bits::default(), capacity })
}

impl<R, N: Name> Maker<R> for Named<R, N> {
    fn append(&mut self, rows: &[R], names: &mut Names) {
        if self.picks.is_empty() {
            self.picks.reserve_exact(self.capacity);
        }
        let texts = N::texts(names);
        let Self { get, picks, nulls, .. } = self;
        let mut last = None;
        picks.extend(rows.iter().map(|row| {
            let name = get(row);
            nulls.push(name.is_some());
            name.map_or(0, |name| match last {
                Some((key, pick)) if key == name.key() => pick,
                _ => {
                    let pick = texts.pick(name);
                    last = Some((name.key(), pick));
                    pick
                }
            })
        }));
    }

    fn finish(&mut self, names: &Names) -> Result<ArrayRef, TableError> {
        let picks = UInt32Array::try_new(std::mem::take(&mut self.picks).into(), self.nulls.finish_known())?;
        if picks.null_count() == picks.len() {
            return Ok(std::sync::Arc::new(StringViewArray::new_null(picks.len())));
        }
        Ok(take(N::sealed(names), &picks, None)?)
    }
}
