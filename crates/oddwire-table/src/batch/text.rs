//! Columns of free text.

use super::{Maker, Names};
use crate::error::TableError;
use arrow_array::ArrayRef;
use arrow_array::builder::StringViewBuilder;
use std::sync::Arc;

struct Texts<R> {
    get: fn(&R, &mut String) -> bool,
    scratch: String,
    values: StringViewBuilder,
}

pub(super) fn column<R: 'static>(get: fn(&R, &mut String) -> bool) -> Box<dyn Maker<R> + Send> {
    Box::new(Texts { get, scratch: String::new(), values: StringViewBuilder::new() })
}

impl<R> Maker<R> for Texts<R> {
    fn append(&mut self, rows: &[R], _: &mut Names) {
        for row in rows {
            self.scratch.clear();
            if (self.get)(row, &mut self.scratch) {
                self.values.append_value(&self.scratch);
            } else {
                self.values.append_null();
            }
        }
    }

    fn finish(&mut self, _: &Names) -> Result<ArrayRef, TableError> {
        Ok(Arc::new(self.values.finish()))
    }
}
