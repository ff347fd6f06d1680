//! A fitted filter, run over batches. A comparison with null is false, also the negated ones (`!=`, `not in`).

use super::net::Net;
use super::tree::Order;
use crate::error::TableError;
use arrow_array::cast::AsArray;
use arrow_array::types as t;
use arrow_array::{Array, ArrowNativeTypeOp, ArrowPrimitiveType, RecordBatch};
use arrow_buffer::BooleanBuffer;
use arrow_schema::{ArrowError, DataType, TimeUnit};
use regex::Regex;

#[derive(Debug, Clone)]
pub(super) enum Node {
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
    Null { index: usize, not: bool },
    Leaf { index: usize, not: bool, leaf: Leaf },
}

/// What is asked of one column; lists mean "any of these".
#[derive(Debug, Clone)]
pub(super) enum Leaf {
    Bool(bool),
    Whole(Vec<Range>),
    Float(Vec<(Order, f64)>),
    Text(Vec<TextTest>),
}

/// Whole numbers from the first to the second, both included; empty when the second is smaller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Range(i128, i128);

#[derive(Debug, Clone)]
pub(super) enum TextTest {
    Compare(Order, String),
    Contains(String),
    StartsWith(String),
    EndsWith(String),
    Matches(Box<Regex>),
    Net(Net),
}

impl Range {
    const EMPTY: Self = Self(0, -1);

    /// What stands in this order to a whole number.
    pub(super) fn of(order: Order, value: i128) -> Self {
        match order {
            Order::Equal | Order::Differs => Self(value, value),
            Order::Less => Self(i128::MIN, value.saturating_sub(1)),
            Order::AtMost => Self(i128::MIN, value),
            Order::More => Self(value.saturating_add(1), i128::MAX),
            Order::AtLeast => Self(value, i128::MAX),
        }
    }

    /// What stands in this order to a number that may lie between two whole ones.
    pub(super) fn of_float(order: Order, value: f64) -> Self {
        let below = value.floor() as i128;
        if value.fract().abs() <= 0.0 {
            return Self::of(order, below);
        }
        match order {
            Order::Equal | Order::Differs => Self::EMPTY,
            Order::Less | Order::AtMost => Self(i128::MIN, below),
            Order::More | Order::AtLeast => Self(below.saturating_add(1), i128::MAX),
        }
    }

    /// The range of nanoseconds in units of this many.
    pub(super) fn in_units(self, unit: i128) -> Self {
        let up = |ns: i128| ns.div_euclid(unit) + i128::from(ns.rem_euclid(unit) > 0);
        let from = if self.0 == i128::MIN { self.0 } else { up(self.0) };
        let to = if self.1 == i128::MAX { self.1 } else { self.1.div_euclid(unit) };
        Self(from, to)
    }

    /// The part of it that a native type can hold.
    fn native<N: ArrowNativeTypeOp + TryFrom<i128> + Into<i128>>(self) -> Option<(N, N)> {
        let from = self.0.max(N::MIN_TOTAL_ORDER.into());
        let to = self.1.min(N::MAX_TOTAL_ORDER.into());
        if from > to {
            return None;
        }
        Some((N::try_from(from).ok()?, N::try_from(to).ok()?))
    }
}

impl Node {
    pub(super) fn run(&self, batch: &RecordBatch) -> Result<BooleanBuffer, TableError> {
        match self {
            Self::All(parts) => join(parts, batch, |left, right| &left & &right),
            Self::Any(parts) => join(parts, batch, |left, right| &left | &right),
            Self::Not(inner) => Ok(!&inner.run(batch)?),
            Self::Null { index, not } => {
                let column = column(batch, *index)?;
                let known = column.logical_nulls();
                let known =
                    known.map_or_else(|| BooleanBuffer::new_set(column.len()), |nulls| nulls.inner().clone());
                Ok(if *not { known } else { !&known })
            }
            Self::Leaf { index, not, leaf } => {
                let column = column(batch, *index)?;
                let found = leaf.run(column)?;
                let found = if *not { !&found } else { found };
                Ok(match column.nulls() {
                    Some(nulls) => &found & nulls.inner(),
                    None => found,
                })
            }
        }
    }
}

fn join(
    parts: &[Node],
    batch: &RecordBatch,
    with: fn(BooleanBuffer, BooleanBuffer) -> BooleanBuffer,
) -> Result<BooleanBuffer, TableError> {
    let mut all: Option<BooleanBuffer> = None;
    for part in parts {
        let found = part.run(batch)?;
        all = Some(match all {
            Some(before) => with(before, found),
            None => found,
        });
    }
    Ok(all.unwrap_or_else(|| BooleanBuffer::new_set(batch.num_rows())))
}

fn column(batch: &RecordBatch, index: usize) -> Result<&dyn Array, TableError> {
    batch.columns().get(index).map(AsRef::as_ref).ok_or_else(|| misfit("has too few columns"))
}

fn misfit(what: &str) -> TableError {
    TableError::Arrow(ArrowError::SchemaError(format!(
        "the batch {what} for the filter; bind the filter to its schema"
    )))
}

impl Leaf {
    fn run(&self, column: &dyn Array) -> Result<BooleanBuffer, TableError> {
        match self {
            Self::Bool(wanted) => {
                let values = column.as_boolean_opt().ok_or_else(|| misfit("has another type"))?.values();
                Ok(if *wanted { values.clone() } else { !values })
            }
            Self::Whole(ranges) => whole(column, ranges),
            Self::Float(tests) => floats(column, tests),
            Self::Text(tests) => texts(column, tests),
        }
    }
}

fn whole(column: &dyn Array, ranges: &[Range]) -> Result<BooleanBuffer, TableError> {
    match column.data_type() {
        DataType::UInt8 => natives::<t::UInt8Type>(column, ranges),
        DataType::UInt16 => natives::<t::UInt16Type>(column, ranges),
        DataType::UInt32 => natives::<t::UInt32Type>(column, ranges),
        DataType::UInt64 => natives::<t::UInt64Type>(column, ranges),
        DataType::Int8 => natives::<t::Int8Type>(column, ranges),
        DataType::Int16 => natives::<t::Int16Type>(column, ranges),
        DataType::Int32 => natives::<t::Int32Type>(column, ranges),
        DataType::Int64 => natives::<t::Int64Type>(column, ranges),
        DataType::Decimal128(..) => natives::<t::Decimal128Type>(column, ranges),
        DataType::Timestamp(TimeUnit::Second, _) => natives::<t::TimestampSecondType>(column, ranges),
        DataType::Timestamp(TimeUnit::Millisecond, _) => {
            natives::<t::TimestampMillisecondType>(column, ranges)
        }
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            natives::<t::TimestampMicrosecondType>(column, ranges)
        }
        DataType::Timestamp(TimeUnit::Nanosecond, _) => natives::<t::TimestampNanosecondType>(column, ranges),
        DataType::Duration(TimeUnit::Second) => natives::<t::DurationSecondType>(column, ranges),
        DataType::Duration(TimeUnit::Millisecond) => natives::<t::DurationMillisecondType>(column, ranges),
        DataType::Duration(TimeUnit::Microsecond) => natives::<t::DurationMicrosecondType>(column, ranges),
        DataType::Duration(TimeUnit::Nanosecond) => natives::<t::DurationNanosecondType>(column, ranges),
        _ => Err(misfit("has another type")),
    }
}

fn natives<T: ArrowPrimitiveType>(column: &dyn Array, ranges: &[Range]) -> Result<BooleanBuffer, TableError>
where
    T::Native: TryFrom<i128> + Into<i128>,
{
    let array = column.as_primitive_opt::<T>().ok_or_else(|| misfit("has another type"))?;
    let ranges: Vec<(T::Native, T::Native)> = ranges.iter().filter_map(|range| range.native()).collect();
    let values = array.values();
    Ok(match ranges.as_slice() {
        [] => BooleanBuffer::new_unset(values.len()),
        [(from, to)] => each(values, |value| *from <= value && value <= *to),
        many => each(values, |value| many.iter().any(|(from, to)| *from <= value && value <= *to)),
    })
}

fn each<N: Copy>(values: &[N], fits: impl Fn(N) -> bool) -> BooleanBuffer {
    BooleanBuffer::collect_bool(values.len(), |row| values.get(row).is_some_and(|value| fits(*value)))
}

fn floats(column: &dyn Array, tests: &[(Order, f64)]) -> Result<BooleanBuffer, TableError> {
    let fits = |value: f64| tests.iter().any(|(order, wanted)| ordered(*order, &value, wanted));
    match column.data_type() {
        DataType::Float64 => Ok(each(column.as_primitive::<t::Float64Type>().values(), fits)),
        DataType::Float32 => {
            Ok(each(column.as_primitive::<t::Float32Type>().values(), |value| fits(f64::from(value))))
        }
        _ => Err(misfit("has another type")),
    }
}

fn ordered<T: PartialOrd + ?Sized>(order: Order, left: &T, right: &T) -> bool {
    match order {
        Order::Equal => left == right,
        Order::Differs => left != right,
        Order::Less => left < right,
        Order::AtMost => left <= right,
        Order::More => left > right,
        Order::AtLeast => left >= right,
    }
}

fn texts(column: &dyn Array, tests: &[TextTest]) -> Result<BooleanBuffer, TableError> {
    let fits = |text: &str| tests.iter().any(|test| test.fits(text));
    let rows = column.len();
    // What stands in the place of a null is not looked at.
    let known = |row: usize| column.is_valid(row);
    Ok(match column.data_type() {
        DataType::Utf8View => {
            let array = column.as_string_view();
            BooleanBuffer::collect_bool(rows, |row| known(row) && fits(array.value(row)))
        }
        DataType::Utf8 => {
            let array = column.as_string::<i32>();
            BooleanBuffer::collect_bool(rows, |row| known(row) && fits(array.value(row)))
        }
        DataType::LargeUtf8 => {
            let array = column.as_string::<i64>();
            BooleanBuffer::collect_bool(rows, |row| known(row) && fits(array.value(row)))
        }
        _ => return Err(misfit("has another type")),
    })
}

impl TextTest {
    fn fits(&self, text: &str) -> bool {
        match self {
            Self::Compare(order, wanted) => ordered(*order, text, wanted.as_str()),
            Self::Contains(part) => text.contains(part.as_str()),
            Self::StartsWith(part) => text.starts_with(part.as_str()),
            Self::EndsWith(part) => text.ends_with(part.as_str()),
            Self::Matches(regex) => regex.is_match(text),
            Self::Net(net) => net.holds(text),
        }
    }
}
