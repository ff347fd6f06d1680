//! Columns of numbers and times.

use super::known::Bits;
use super::{Maker, Names};
use crate::error::TableError;
use arrow_array::{ArrayRef, ArrowPrimitiveType, Decimal128Array, PrimitiveArray};
use std::sync::Arc;

/// The zone of every time Oddwire writes.
const UTC: &str = "UTC";

/// Sums of squares beyond this do not fit 38 decimal digits; they are given as unknown.
const LARGEST_WIDE: u128 = 10_u128.pow(38) - 1;

struct Always<R, T: ArrowPrimitiveType> {
    get: fn(&R) -> T::Native,
    values: Vec<T::Native>,
    capacity: usize,
}

struct Maybe<R, T: ArrowPrimitiveType> {
    get: fn(&R) -> Option<T::Native>,
    values: Vec<T::Native>,
    nulls: Bits,
    capacity: usize,
}

struct Wide<R> {
    get: fn(&R) -> u128,
    values: Vec<i128>,
    nulls: Bits,
    capacity: usize,
}

pub(super) fn always<R: 'static, T: ArrowPrimitiveType>(
    get: fn(&R) -> T::Native,
    capacity: usize,
) -> Box<dyn Maker<R> + Send> {
    Box::new(Always::<R, T> { get, values: Vec::new(), capacity })
}

pub(super) fn maybe<R: 'static, T: ArrowPrimitiveType>(
    get: fn(&R) -> Option<T::Native>,
    capacity: usize,
) -> Box<dyn Maker<R> + Send> {
    Box::new(Maybe::<R, T> { get, values: Vec::new(), nulls: Bits::default(), capacity })
}

pub(super) fn wide<R: 'static>(get: fn(&R) -> u128, capacity: usize) -> Box<dyn Maker<R> + Send> {
    Box::new(Wide { get, values: Vec::new(), nulls: Bits::default(), capacity })
}

/// Gets the room once a batch, not at every doubling.
fn reserve<T>(values: &mut Vec<T>, capacity: usize) {
    if values.is_empty() {
        values.reserve_exact(capacity);
    }
}

impl<R, T: ArrowPrimitiveType> Maker<R> for Always<R, T> {
    fn append(&mut self, rows: &[R], _: &mut Names) {
        reserve(&mut self.values, self.capacity);
        self.values.extend(rows.iter().map(self.get));
    }

    fn finish(&mut self, _: &Names) -> Result<ArrayRef, TableError> {
        let values = std::mem::take(&mut self.values);
        Ok(zoned(PrimitiveArray::<T>::try_new(values.into(), None)?))
    }
}

/// Times get their zone; everything else is left as it is.
fn zoned<T: ArrowPrimitiveType>(array: PrimitiveArray<T>) -> ArrayRef {
    match T::DATA_TYPE {
        arrow_schema::DataType::Timestamp(unit, _) => {
            Arc::new(array.with_data_type(arrow_schema::DataType::Timestamp(unit, Some(UTC.into()))))
        }
        _ => Arc::new(array),
    }
}

impl<R, T: ArrowPrimitiveType> Maker<R> for Maybe<R, T> {
    fn append(&mut self, rows: &[R], _: &mut Names) {
        reserve(&mut self.values, self.capacity);
        let Self { get, values, nulls, .. } = self;
        values.extend(rows.iter().map(|row| {
            let value = get(row);
            nulls.push(value.is_some());
            value.unwrap_or_default()
        }));
    }

    fn finish(&mut self, _: &Names) -> Result<ArrayRef, TableError> {
        let values = std::mem::take(&mut self.values);
        Ok(Arc::new(PrimitiveArray::<T>::try_new(values.into(), self.nulls.finish_known())?))
    }
}

impl<R> Maker<R> for Wide<R> {
    fn append(&mut self, rows: &[R], _: &mut Names) {
        reserve(&mut self.values, self.capacity);
        for row in rows {
            let value = Some((self.get)(row)).filter(|value| *value <= LARGEST_WIDE);
            let value = value.and_then(|value| i128::try_from(value).ok());
            self.nulls.push(value.is_some());
            self.values.push(value.unwrap_or_default());
        }
    }

    fn finish(&mut self, _: &Names) -> Result<ArrayRef, TableError> {
        let values = std::mem::take(&mut self.values);
        let array = Decimal128Array::try_new(values.into(), self.nulls.finish_known())?;
        Ok(Arc::new(array.with_precision_and_scale(38, 0)?))
    }
}
