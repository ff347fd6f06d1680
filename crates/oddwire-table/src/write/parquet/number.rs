//! Columns of numbers, times, decimals and flags.

use super::bits::{push_indices, push_packed};
use super::chunk::{Chunk, DictionaryPage, Workshop};
use super::delta::push_deltas;
use super::dictionary::Dictionary;
use crate::error::TableError;
use ::parquet::basic::Encoding;
use ::parquet::file::statistics::Statistics;
use arrow_array::cast::AsArray;
use arrow_array::types as t;
use arrow_array::{Array, ArrowPrimitiveType};
use arrow_buffer::NullBuffer;
use arrow_schema::{DataType, TimeUnit};

/// How a number is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Store {
    Int32,
    Int64,
    Double,
}

impl Store {
    /// How a type is stored; `None` where it is not for this module.
    pub(super) fn of(data_type: &DataType) -> Option<Self> {
        Some(match data_type {
            DataType::Float64 => Self::Double,
            DataType::UInt64 | DataType::Int64 => Self::Int64,
            // Seconds have no Parquet type of their own and are scaled by the general writer.
            DataType::Timestamp(unit, _) if *unit != TimeUnit::Second => Self::Int64,
            small if small.is_integer() => Self::Int32,
            _ => return None,
        })
    }

    fn push(self, out: &mut Vec<u8>, value: i64) {
        if self == Self::Int32 {
            out.extend_from_slice(&(value as i32).to_le_bytes());
        } else {
            out.extend_from_slice(&value.to_le_bytes());
        }
    }
}

/// A column of numbers in the making.
pub(super) struct Numbers {
    store: Store,
    dictionary: Dictionary<i64>,
    bounds: Bounds,
    /// Whether the words stand for unsigned numbers.
    unsigned: bool,
}

/// The least and the greatest word.
#[derive(Debug, Clone, Copy)]
struct Bounds {
    least: i64,
    most: i64,
}

impl Bounds {
    const NONE: Self = Self { least: i64::MAX, most: i64::MIN };

    fn widen(&mut self, value: i64) {
        self.least = self.least.min(value);
        self.most = self.most.max(value);
    }
}

impl Numbers {
    pub(super) const fn new(store: Store) -> Self {
        Self { store, dictionary: Dictionary::new(), bounds: Bounds::NONE, unsigned: false }
    }

    pub(super) fn write(
        &mut self,
        array: &dyn Array,
        chunk: &mut Chunk,
        workshop: &mut Workshop,
    ) -> Result<(), TableError> {
        read(array, &mut workshop.words);
        let store = self.store;
        let values = std::mem::take(&mut workshop.words);
        workshop.bytes.clear();
        // What is in the dictionary widens the bounds once, when it enters.
        let mut bounds = self.bounds;
        let push = |out: &mut Vec<u8>, value| {
            bounds.widen(value);
            store.push(out, value);
        };
        let encoding = if values.is_empty() {
            Encoding::PLAIN
        } else if self.dictionary.numbers(&values, &mut workshop.numbers, push) {
            push_indices(&mut workshop.bytes, &workshop.numbers, self.dictionary.count.saturating_sub(1));
            Encoding::RLE_DICTIONARY
        } else {
            values.iter().for_each(|value| bounds.widen(*value));
            push_all(&mut workshop.bytes, &values, store)
        };
        self.bounds = bounds;
        self.unsigned = array.data_type() == &DataType::UInt64;
        workshop.words = values;
        chunk.page(workshop, encoding, array.len(), array.nulls())
    }

    pub(super) fn statistics(&self, nulls: usize) -> Statistics {
        let nulls = Some(nulls as u64);
        let Bounds { least, most } = self.bounds;
        // The order of words is not that of unsigned numbers above the signed ones.
        let known = least <= most && !(self.unsigned && least < 0);
        let (least, most) = (known.then_some(least), known.then_some(most));
        match self.store {
            Store::Int32 => Statistics::int32(
                least.map(|value| value as i32),
                most.map(|value| value as i32),
                None,
                nulls,
                false,
            ),
            Store::Int64 => Statistics::int64(least, most, None, nulls, false),
            Store::Double => Statistics::double(None, None, None, nulls, false),
        }
    }

    pub(super) fn dictionary(&self) -> Option<DictionaryPage<'_>> {
        page_of(&self.dictionary)
    }
}

fn page_of<K>(dictionary: &Dictionary<K>) -> Option<DictionaryPage<'_>> {
    let count = dictionary.count;
    (count > 0).then_some(DictionaryPage { plain: &dictionary.plain, count })
}

/// Appends values without a dictionary: the smaller of deltas and plain.
fn push_all(out: &mut Vec<u8>, values: &[i64], store: Store) -> Encoding {
    if store != Store::Double {
        push_deltas(out, values, store == Store::Int64);
        if out.len() < values.len() * if store == Store::Int64 { 8 } else { 4 } {
            return Encoding::DELTA_BINARY_PACKED;
        }
        out.clear();
    }
    for value in values {
        store.push(out, *value);
    }
    Encoding::PLAIN
}

/// The values that are not null, as 64 bits each.
fn read(array: &dyn Array, out: &mut Vec<i64>) {
    match array.data_type() {
        DataType::UInt8 => gather::<t::UInt8Type>(array, out, i64::from),
        DataType::UInt16 => gather::<t::UInt16Type>(array, out, i64::from),
        DataType::UInt32 => gather::<t::UInt32Type>(array, out, i64::from),
        DataType::UInt64 => gather::<t::UInt64Type>(array, out, u64::cast_signed),
        DataType::Int8 => gather::<t::Int8Type>(array, out, i64::from),
        DataType::Int16 => gather::<t::Int16Type>(array, out, i64::from),
        DataType::Int32 => gather::<t::Int32Type>(array, out, i64::from),
        DataType::Int64 => gather::<t::Int64Type>(array, out, |value| value),
        DataType::Float64 => gather::<t::Float64Type>(array, out, |value| value.to_bits().cast_signed()),
        DataType::Timestamp(TimeUnit::Millisecond, _) => {
            gather::<t::TimestampMillisecondType>(array, out, |value| value);
        }
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            gather::<t::TimestampMicrosecondType>(array, out, |value| value);
        }
        DataType::Timestamp(TimeUnit::Nanosecond, _) => {
            gather::<t::TimestampNanosecondType>(array, out, |value| value);
        }
        _ => out.clear(),
    }
}

fn gather<T: ArrowPrimitiveType>(array: &dyn Array, out: &mut Vec<i64>, as_word: impl Fn(T::Native) -> i64) {
    out.clear();
    let values = array.as_primitive::<T>().values();
    match array.nulls().filter(|nulls| nulls.null_count() > 0) {
        None => out.extend(values.iter().map(|value| as_word(*value))),
        Some(nulls) => {
            out.extend(nulls.valid_indices().filter_map(|row| values.get(row)).map(|v| as_word(*v)));
        }
    }
}

/// A column of decimals in the making.
pub(super) struct Wides(pub(super) Dictionary<i128>);

impl Wides {
    pub(super) fn write(
        &mut self,
        array: &dyn Array,
        chunk: &mut Chunk,
        workshop: &mut Workshop,
    ) -> Result<(), TableError> {
        let mut values = std::mem::take(&mut workshop.wides);
        values.clear();
        let all = array.as_primitive::<t::Decimal128Type>().values();
        match array.nulls().filter(|nulls| nulls.null_count() > 0) {
            None => values.extend_from_slice(all),
            Some(nulls) => values.extend(nulls.valid_indices().filter_map(|row| all.get(row))),
        }
        workshop.bytes.clear();
        let push = |out: &mut Vec<u8>, value: i128| out.extend_from_slice(&value.to_be_bytes());
        let encoding = if values.is_empty() {
            Encoding::PLAIN
        } else if self.0.numbers(&values, &mut workshop.numbers, push) {
            push_indices(&mut workshop.bytes, &workshop.numbers, self.0.count.saturating_sub(1));
            Encoding::RLE_DICTIONARY
        } else {
            for value in &values {
                push(&mut workshop.bytes, *value);
            }
            Encoding::PLAIN
        };
        workshop.wides = values;
        chunk.page(workshop, encoding, array.len(), array.nulls())
    }

    pub(super) fn dictionary(&self) -> Option<DictionaryPage<'_>> {
        page_of(&self.0)
    }
}

/// Writes a column of flags, a bit each.
pub(super) fn write_flags(
    array: &dyn Array,
    chunk: &mut Chunk,
    workshop: &mut Workshop,
) -> Result<(), TableError> {
    let values = array.as_boolean().values();
    let bit = |row| u64::from(values.value(row));
    workshop.bytes.clear();
    match array.nulls().filter(|nulls: &&NullBuffer| nulls.null_count() > 0) {
        None => push_packed(&mut workshop.bytes, (0..values.len()).map(bit), 1),
        Some(nulls) => push_packed(&mut workshop.bytes, nulls.valid_indices().map(bit), 1),
    }
    chunk.page(workshop, Encoding::PLAIN, array.len(), array.nulls())
}
