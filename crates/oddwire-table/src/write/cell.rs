//! Cells of any table as text, for the formats that are text.

use super::clock::Clock;
use crate::error::TableError;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, BooleanArray, LargeStringArray, RecordBatch, StringArray, StringViewArray};
use arrow_buffer::NullBuffer;
use arrow_schema::{DataType, TimeUnit};

/// A column, ready to be read cell by cell.
pub(super) struct Cells<'a> {
    nulls: Option<&'a NullBuffer>,
    values: Values<'a>,
}

enum Values<'a> {
    Nothing,
    Bool(&'a BooleanArray),
    U8(&'a [u8]),
    U16(&'a [u16]),
    U32(&'a [u32]),
    U64(&'a [u64]),
    I8(&'a [i8]),
    I16(&'a [i16]),
    I32(&'a [i32]),
    I64(&'a [i64]),
    F32(&'a [f32]),
    F64(&'a [f64]),
    Time(&'a [i64], TimeUnit),
    Date(&'a [i32]),
    Decimal(&'a [i128], i8),
    View(&'a StringViewArray),
    Text(&'a StringArray),
    LargeText(&'a LargeStringArray),
    List(&'a [i32], Box<Cells<'a>>),
    LargeList(&'a [i64], Box<Cells<'a>>),
}

/// How a text format spells the cells that are not plain numbers.
pub(super) trait Spelling {
    fn null(&mut self, out: &mut Vec<u8>);
    fn text(&mut self, out: &mut Vec<u8>, text: &str);
    /// Opens and closes what stands around a time or a date.
    fn around_time(&mut self, out: &mut Vec<u8>);
    /// Opens and closes what stands around a list in brackets.
    fn around_list(&mut self, out: &mut Vec<u8>);
    /// A number that is not finite.
    fn not_finite(&mut self, out: &mut Vec<u8>, value: f64);
    fn clock(&mut self) -> &mut Clock;
}

/// The columns of a batch.
pub(super) fn columns(batch: &RecordBatch) -> Result<Vec<Cells<'_>>, TableError> {
    let schema = batch.schema_ref();
    let pairs = schema.fields().iter().zip(batch.columns());
    pairs.map(|(field, array)| Cells::of(array.as_ref(), field.name())).collect()
}

/// Refuses a table with a column that no text format can hold, before anything is written.
pub(super) fn check(schema: &arrow_schema::Schema) -> Result<(), TableError> {
    columns(&RecordBatch::new_empty(std::sync::Arc::new(schema.clone()))).map(|_| ())
}

fn numbers<T: ArrowPrimitiveType>(array: &dyn Array) -> &[T::Native] {
    array.as_primitive::<T>().values()
}

impl<'a> Cells<'a> {
    fn of(array: &'a dyn Array, name: &str) -> Result<Self, TableError> {
        let values = match array.data_type() {
            DataType::Null => Values::Nothing,
            DataType::Boolean => Values::Bool(array.as_boolean()),
            DataType::UInt8 => Values::U8(numbers::<UInt8Type>(array)),
            DataType::UInt16 => Values::U16(numbers::<UInt16Type>(array)),
            DataType::UInt32 => Values::U32(numbers::<UInt32Type>(array)),
            DataType::UInt64 => Values::U64(numbers::<UInt64Type>(array)),
            DataType::Int8 => Values::I8(numbers::<Int8Type>(array)),
            DataType::Int16 => Values::I16(numbers::<Int16Type>(array)),
            DataType::Int32 => Values::I32(numbers::<Int32Type>(array)),
            DataType::Int64 => Values::I64(numbers::<Int64Type>(array)),
            DataType::Duration(_) => Values::I64(durations(array)),
            DataType::Float32 => Values::F32(numbers::<Float32Type>(array)),
            DataType::Float64 => Values::F64(numbers::<Float64Type>(array)),
            DataType::Timestamp(unit, _) => Values::Time(times(array), *unit),
            DataType::Date32 => Values::Date(numbers::<Date32Type>(array)),
            DataType::Decimal128(_, scale) => Values::Decimal(numbers::<Decimal128Type>(array), *scale),
            DataType::Utf8View => Values::View(array.as_string_view()),
            DataType::Utf8 => Values::Text(array.as_string()),
            DataType::LargeUtf8 => Values::LargeText(array.as_string()),
            DataType::List(_) => {
                let list = array.as_list::<i32>();
                Values::List(list.value_offsets(), Box::new(Self::of(list.values().as_ref(), name)?))
            }
            DataType::LargeList(_) => {
                let list = array.as_list::<i64>();
                Values::LargeList(list.value_offsets(), Box::new(Self::of(list.values().as_ref(), name)?))
            }
            other => {
                return Err(TableError::Unsupported {
                    column: name.to_owned(),
                    data_type: other.to_string(),
                });
            }
        };
        Ok(Self { nulls: array.nulls(), values })
    }

    /// Appends the cell of this row.
    pub(super) fn push<S: Spelling>(&self, out: &mut Vec<u8>, row: usize, spelling: &mut S) {
        if self.nulls.is_some_and(|nulls| nulls.is_null(row)) {
            return spelling.null(out);
        }
        match &self.values {
            Values::Nothing => spelling.null(out),
            Values::Bool(array) => out.extend_from_slice(if array.value(row) { b"true" } else { b"false" }),
            Values::U8(values) => push_integer(out, values, row),
            Values::U16(values) => push_integer(out, values, row),
            Values::U32(values) => push_integer(out, values, row),
            Values::U64(values) => push_integer(out, values, row),
            Values::I8(values) => push_integer(out, values, row),
            Values::I16(values) => push_integer(out, values, row),
            Values::I32(values) => push_integer(out, values, row),
            Values::I64(values) => push_integer(out, values, row),
            Values::F32(values) => push_float(out, at(values, row), spelling),
            Values::F64(values) => push_float(out, at(values, row), spelling),
            Values::Time(values, unit) => {
                spelling.around_time(out);
                spelling.clock().push_time(out, at(values, row), *unit);
                spelling.around_time(out);
            }
            Values::Date(values) => {
                spelling.around_time(out);
                spelling.clock().push_date(out, i64::from(at(values, row)));
                spelling.around_time(out);
            }
            Values::Decimal(values, scale) => push_decimal(out, at(values, row), *scale),
            Values::View(array) => spelling.text(out, array.value(row)),
            Values::Text(array) => spelling.text(out, array.value(row)),
            Values::LargeText(array) => spelling.text(out, array.value(row)),
            Values::List(offsets, inner) => {
                let (from, to) = (at(offsets, row), at(offsets, row + 1));
                push_list(out, offset(from)..offset(to), inner, spelling);
            }
            Values::LargeList(offsets, inner) => {
                let (from, to) = (at(offsets, row), at(offsets, row + 1));
                push_list(out, offset(from)..offset(to), inner, spelling);
            }
        }
    }
}

/// Offsets are never negative.
fn offset<O: TryInto<usize>>(value: O) -> usize {
    value.try_into().unwrap_or_default()
}

fn times(array: &dyn Array) -> &[i64] {
    use arrow_array::types as t;
    match array.data_type() {
        DataType::Timestamp(TimeUnit::Second, _) => numbers::<t::TimestampSecondType>(array),
        DataType::Timestamp(TimeUnit::Millisecond, _) => numbers::<t::TimestampMillisecondType>(array),
        DataType::Timestamp(TimeUnit::Microsecond, _) => numbers::<t::TimestampMicrosecondType>(array),
        _ => numbers::<t::TimestampNanosecondType>(array),
    }
}

fn durations(array: &dyn Array) -> &[i64] {
    use arrow_array::types as t;
    match array.data_type() {
        DataType::Duration(TimeUnit::Second) => numbers::<t::DurationSecondType>(array),
        DataType::Duration(TimeUnit::Millisecond) => numbers::<t::DurationMillisecondType>(array),
        DataType::Duration(TimeUnit::Microsecond) => numbers::<t::DurationMicrosecondType>(array),
        _ => numbers::<t::DurationNanosecondType>(array),
    }
}

fn at<T: Copy + Default>(values: &[T], row: usize) -> T {
    values.get(row).copied().unwrap_or_default()
}

fn push_integer<T: itoa::Integer + Copy + Default>(out: &mut Vec<u8>, values: &[T], row: usize) {
    let mut buffer = itoa::Buffer::new();
    out.extend_from_slice(buffer.format(at(values, row)).as_bytes());
}

fn push_float<F: zmij::Float + Into<f64> + Copy, S: Spelling>(out: &mut Vec<u8>, value: F, spelling: &mut S) {
    let wide: f64 = value.into();
    if wide.is_finite() {
        out.extend_from_slice(zmij::Buffer::new().format_finite(value).as_bytes());
    } else {
        spelling.not_finite(out, wide);
    }
}

fn push_decimal(out: &mut Vec<u8>, value: i128, scale: i8) {
    let mut buffer = itoa::Buffer::new();
    let Ok(places @ 1..) = usize::try_from(scale) else {
        out.extend_from_slice(buffer.format(value).as_bytes());
        out.extend(std::iter::repeat_n(b'0', if value == 0 { 0 } else { scale.unsigned_abs().into() }));
        return;
    };
    if value < 0 {
        out.push(b'-');
    }
    let digits = format!("{:0>width$}", value.unsigned_abs(), width = places + 1);
    let (whole, part) = digits.split_at(digits.len() - places);
    out.extend_from_slice(whole.as_bytes());
    out.push(b'.');
    out.extend_from_slice(part.as_bytes());
}

fn push_list<S: Spelling>(
    out: &mut Vec<u8>,
    rows: std::ops::Range<usize>,
    inner: &Cells<'_>,
    spelling: &mut S,
) {
    spelling.around_list(out);
    out.push(b'[');
    let first = rows.start;
    for row in rows {
        if row > first {
            out.push(b',');
        }
        inner.push(out, row, spelling);
    }
    out.push(b']');
    spelling.around_list(out);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_keep_their_point() {
        for (value, scale, shown) in [
            (0, 0, "0"),
            (-17, 0, "-17"),
            (10_i128.pow(38) - 1, 0, "99999999999999999999999999999999999999"),
            (5, 2, "0.05"),
            (-12345, 2, "-123.45"),
            (5, -2, "500"),
        ] {
            let mut out = Vec::new();
            push_decimal(&mut out, value, scale);
            assert_eq!(String::from_utf8(out).unwrap(), shown);
        }
    }
}
