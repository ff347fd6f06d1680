//! Columns of text.
//!
//! Text of up to 12 bytes lies inside its Arrow view, so the view alone tells it apart; longer text is told apart by
//! its bytes, once for each distinct view of a page. Up to 15 bytes, which is every IPv4 address, they are a number.

use super::bits::push_indices;
use super::chunk::{Chunk, DictionaryPage, Workshop};
use super::delta::push_deltas;
use super::dictionary::{Table, pays};
use crate::error::TableError;
use ::parquet::basic::Encoding;
use arrow_array::{Array, StringViewArray};
use std::collections::HashMap;

/// The longest text that lies inside its view.
const INLINE: u32 = 12;

/// The longest text that fits a word with its length.
const SHORT: usize = 15;

/// A dictionary does not grow beyond this.
const MOST_BYTES: usize = 512 * 1024;

/// A column of text in the making.
pub(super) struct Texts {
    short: Table<i128>,
    /// By the views of long text in the page at hand, which hold places in its buffers.
    page: Table<i128>,
    long: HashMap<Box<str>, u32>,
    plain: Vec<u8>,
    count: u32,
    rows: usize,
    given_up: bool,
}

impl Texts {
    pub(super) fn new() -> Self {
        Self {
            short: Table::new(),
            page: Table::new(),
            long: HashMap::new(),
            plain: Vec::new(),
            count: 0,
            rows: 0,
            given_up: false,
        }
    }

    pub(super) fn write(
        &mut self,
        array: &StringViewArray,
        chunk: &mut Chunk,
        workshop: &mut Workshop,
    ) -> Result<(), TableError> {
        workshop.bytes.clear();
        let encoding = if array.null_count() == array.len() {
            Encoding::PLAIN
        } else if self.numbers(array, &mut workshop.numbers) {
            push_indices(&mut workshop.bytes, &workshop.numbers, self.count.saturating_sub(1));
            Encoding::RLE_DICTIONARY
        } else {
            push_all(array, workshop);
            Encoding::DELTA_LENGTH_BYTE_ARRAY
        };
        chunk.page(workshop, encoding, array.len(), array.nulls())
    }

    pub(super) fn dictionary(&self) -> Option<DictionaryPage<'_>> {
        (self.count > 0).then_some(DictionaryPage { plain: &self.plain, count: self.count })
    }

    /// The numbers of the texts that are not null; false when the dictionary is given up.
    fn numbers(&mut self, array: &StringViewArray, out: &mut Vec<u32>) -> bool {
        out.clear();
        if self.given_up {
            return false;
        }
        self.page.clear();
        out.resize(array.len() - array.null_count(), 0);
        let before = self.rows;
        self.rows += out.len();
        let views = array.views();
        let mut last = None;
        for (place, (slot, row)) in out.iter_mut().zip(rows(array)).enumerate() {
            let view = views.get(row).copied().unwrap_or_default().cast_signed();
            let number = match last {
                Some((seen, number)) if seen == view => Some(number),
                _ => self.number(view, array, row, before + place),
            };
            let Some(number) = number else {
                self.given_up = true;
                return false;
            };
            last = Some((view, number));
            *slot = number;
        }
        true
    }

    /// The number of the text in `row`, which comes after `seen` others.
    #[inline]
    fn number(&mut self, view: i128, array: &StringViewArray, row: usize, seen: usize) -> Option<u32> {
        let Self { short, page, long, plain, count, .. } = self;
        let mut enter = || {
            let text = array.value(row);
            let number = *count;
            let fits = pays(number, seen) && plain.len() + text.len() < MOST_BYTES;
            fits.then(|| {
                plain.extend_from_slice(&(text.len() as u32).to_le_bytes());
                plain.extend_from_slice(text.as_bytes());
                *count += 1;
                number
            })
        };
        if view.cast_unsigned() as u32 <= INLINE {
            return short.number(view, enter);
        }
        page.number(view, || {
            let text = array.value(row);
            if text.len() <= SHORT {
                return short.number(word(text), enter);
            }
            if let Some(number) = long.get(text) {
                return Some(*number);
            }
            let number = enter()?;
            long.insert(text.into(), number);
            Some(number)
        })
    }
}

/// A short text as a number: its length, then its bytes. No view of text that lies inside it has this length.
fn word(text: &str) -> i128 {
    let bytes = text.bytes().rev().fold(0, |word, byte| word << 8 | i128::from(byte));
    bytes << 8 | text.len() as i128
}

/// The rows that are not null.
fn rows(array: &StringViewArray) -> impl Iterator<Item = usize> {
    let some = array.nulls().filter(|nulls| nulls.null_count() > 0).map(|nulls| nulls.valid_indices());
    let all = if some.is_some() { 0..0 } else { 0..array.len() };
    some.into_iter().flatten().chain(all)
}

/// All texts without a dictionary: the lengths, then the bytes.
fn push_all(array: &StringViewArray, workshop: &mut Workshop) {
    workshop.words.clear();
    workshop
        .words
        .extend(rows(array).map(|row| i64::from(array.views().get(row).copied().unwrap_or_default() as u32)));
    push_deltas(&mut workshop.bytes, &workshop.words, false);
    for row in rows(array) {
        workshop.bytes.extend_from_slice(array.value(row).as_bytes());
    }
}
