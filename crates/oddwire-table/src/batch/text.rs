//! Columns of free text.

use super::{Maker, Names};
use crate::error::TableError;
use arrow_array::builder::{ArrayBuilder, StringViewBuilder};
use arrow_array::{ArrayRef, StringViewArray};
use std::sync::Arc;

struct Texts<R> {
    get: fn(&R, &mut String) -> bool,
    scratch: String,
    values: StringViewBuilder,
    /// Nulls not yet in `values`: many columns of a batch have nothing else.
    nulls: usize,
}

pub(super) fn column<R: 'static>(get: fn(&R, &mut String) -> bool) -> Box<dyn Maker<R> + Send> {
    Box::new(Texts { get, scratch: String::new(), values: StringViewBuilder::new(), nulls: 0 })
}

impl<R> Maker<R> for Texts<R> {
    fn append(&mut self, rows: &[R], _: &mut Names) {
        for row in rows {
            self.scratch.clear();
            if (self.get)(row, &mut self.scratch) {
                self.settle();
                self.values.append_value(&self.scratch);
            } else {
                self.nulls += 1;
            }
        }
    }

    fn finish(&mut self, _: &Names) -> Result<ArrayRef, TableError> {
        if self.values.is_empty() {
            return Ok(Arc::new(StringViewArray::new_null(std::mem::take(&mut self.nulls))));
        }
        self.settle();
        Ok(Arc::new(self.values.finish()))
    }
}

impl<R> Texts<R> {
    /// Appends the nulls that wait.
    fn settle(&mut self) {
        for _ in 0..std::mem::take(&mut self.nulls) {
            self.values.append_null();
        }
    }
}
