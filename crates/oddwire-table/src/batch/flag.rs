//! Columns of yes and no.

use super::known::Known;
use super::{Maker, Names};
use crate::error::TableError;
use arrow_array::{ArrayRef, BooleanArray};
use arrow_buffer::BooleanBufferBuilder;
use std::sync::Arc;

struct Always<R> {
    get: fn(&R) -> bool,
    values: BooleanBufferBuilder,
}

struct Maybe<R> {
    get: fn(&R) -> Option<bool>,
    values: BooleanBufferBuilder,
    nulls: Known,
}

pub(super) fn always<R: 'static>(get: fn(&R) -> bool) -> Box<dyn Maker<R> + Send> {
    Box::new(Always { get, values: BooleanBufferBuilder::new(0) })
}

pub(super) fn maybe<R: 'static>(get: fn(&R) -> Option<bool>) -> Box<dyn Maker<R> + Send> {
    Box::new(Maybe { get, values: BooleanBufferBuilder::new(0), nulls: Known::new(0) })
}

impl<R> Maker<R> for Always<R> {
    fn append(&mut self, rows: &[R], _: &mut Names) {
        self.values.reserve(rows.len());
        for row in rows {
            self.values.append((self.get)(row));
        }
    }

    fn finish(&mut self, _: &Names) -> Result<ArrayRef, TableError> {
        Ok(Arc::new(BooleanArray::new(self.values.finish(), None)))
    }
}

impl<R> Maker<R> for Maybe<R> {
    fn append(&mut self, rows: &[R], _: &mut Names) {
        self.values.reserve(rows.len());
        for row in rows {
            let value = (self.get)(row);
            self.nulls.note(value.is_some());
            self.values.append(value.unwrap_or_default());
        }
        self.nulls.end_run();
    }

    fn finish(&mut self, _: &Names) -> Result<ArrayRef, TableError> {
        Ok(Arc::new(BooleanArray::new(self.values.finish(), self.nulls.finish())))
    }
}
