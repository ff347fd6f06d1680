//! Columns of short integer lists.

use super::{Maker, Names};
use crate::error::TableError;
use crate::schema::list_item;
use arrow_array::{ArrayRef, Int64Array, ListArray};
use arrow_buffer::{OffsetBuffer, ScalarBuffer};
use std::sync::Arc;

struct Lists<R> {
    get: fn(&R, &mut Vec<i64>),
    values: Vec<i64>,
    lengths: Vec<usize>,
}

pub(super) fn column<R: 'static>(get: fn(&R, &mut Vec<i64>)) -> Box<dyn Maker<R> + Send> {
    Box::new(Lists { get, values: Vec::new(), lengths: Vec::new() })
}

impl<R> Maker<R> for Lists<R> {
    fn append(&mut self, rows: &[R], _: &mut Names) {
        for row in rows {
            let before = self.values.len();
            (self.get)(row, &mut self.values);
            self.lengths.push(self.values.len().saturating_sub(before));
        }
    }

    fn finish(&mut self, _: &Names) -> Result<ArrayRef, TableError> {
        let offsets = OffsetBuffer::<i32>::from_lengths(self.lengths.drain(..));
        let values = Int64Array::new(ScalarBuffer::from(std::mem::take(&mut self.values)), None);
        Ok(Arc::new(ListArray::try_new(list_item(), offsets, Arc::new(values), None)?))
    }
}
