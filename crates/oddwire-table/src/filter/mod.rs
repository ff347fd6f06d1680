//! The expression language of `--filter`, over the columns of any table. Its user's page is `docs/filter.md`.
//!
//! A filter is read once, bound to a schema once (names and types are checked there), and then run over batches.

mod bind;
mod literal;
mod net;
mod parse;
mod run;
mod time;
mod token;
mod tree;

use crate::error::TableError;
use arrow_array::{BooleanArray, RecordBatch};
use arrow_schema::Schema;
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// Longer expressions are refused.
const LONGEST: usize = 64 * 1024;

/// A filter expression that was read but not yet fitted to a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Filter {
    tree: tree::Tree,
}

/// A filter fitted to the schema of a table.
#[derive(Debug, Clone)]
pub struct BoundFilter {
    tree: run::Node,
}

impl Filter {
    /// Reads an expression.
    pub fn parse(text: &str) -> Result<Self, TableError> {
        if text.len() > LONGEST {
            return Err(refuse(1, format!("the expression is longer than {LONGEST} bytes; shorten it")));
        }
        Ok(Self { tree: parse::parse(text)? })
    }

    /// The names of the columns it needs, sorted, each once.
    #[must_use]
    pub fn columns_used(&self) -> Vec<&str> {
        let mut names = BTreeSet::new();
        self.tree.columns(&mut names);
        names.into_iter().collect()
    }

    /// Fits it to a table: every name and type is checked here.
    pub fn bind(&self, schema: &Schema) -> Result<BoundFilter, TableError> {
        Ok(BoundFilter { tree: bind::bind(&self.tree, schema)? })
    }
}

impl FromStr for Filter {
    type Err = TableError;

    fn from_str(text: &str) -> Result<Self, TableError> {
        Self::parse(text)
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.tree.fmt(f)
    }
}

impl BoundFilter {
    /// Which rows fit; never null. The batch must have the schema the filter was bound to.
    pub fn mask(&self, batch: &RecordBatch) -> Result<BooleanArray, TableError> {
        Ok(BooleanArray::new(self.tree.run(batch)?, None))
    }

    /// The rows that fit.
    pub fn keep(&self, batch: &RecordBatch) -> Result<RecordBatch, TableError> {
        Ok(arrow_select::filter::filter_record_batch(batch, &self.mask(batch)?)?)
    }
}

/// The rows of a batch that fit a filter.
pub fn filter_batch(filter: &Filter, batch: &RecordBatch) -> Result<RecordBatch, TableError> {
    filter.bind(batch.schema_ref())?.keep(batch)
}

/// An error at a place in the expression.
fn refuse(at: usize, message: impl Into<String>) -> TableError {
    TableError::Filter { at, message: message.into() }
}
