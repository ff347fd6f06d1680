//! Columns of yes and no.

use super::known::Bits;
use super::{Maker, Names};
use crate::error::TableError;
use arrow_array::{ArrayRef, BooleanArray};
use std::sync::Arc;

struct Always<R> {
    get: fn(&R) -> bool,
    values: Bits,
}

struct Maybe<R> {
    get: fn(&R) -> Option<bool>,
    values: Bits,
    nulls: Bits,
}

pub(super) fn always<R: 'static>(get: fn(&R) -> bool) -> Box<dyn Maker<R> + Send> {
    Box::new(Always { get, values: Bits::default() })
}

pub(super) fn maybe<R: 'static>(get: fn(&R) -> Option<bool>) -> Box<dyn Maker<R> + Send> {
    Box::new(Maybe { get, values: Bits::default(), nulls: Bits::default() })
}

impl<R> Maker<R> for Always<R> {
    fn append(&mut self, rows: &[R], _: &mut Names) {
        for row in rows {
            self.values.push((self.get)(row));
        }
    }

    fn finish(&mut self, _: &Names) -> Result<ArrayRef, TableError> {
        Ok(Arc::new(BooleanArray::new(self.values.finish(), None)))
    }
}

impl<R> Maker<R> for Maybe<R> {
    fn append(&mut self, rows: &[R], _: &mut Names) {
        for row in rows {
            let value = (self.get)(row);
            self.nulls.push(value.is_some());
            self.values.push(value.unwrap_or_default());
        }
    }

    fn finish(&mut self, _: &Names) -> Result<ArrayRef, TableError> {
        Ok(Arc::new(BooleanArray::new(self.values.finish(), self.nulls.finish_known())))
    }
}
