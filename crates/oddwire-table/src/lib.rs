//! Oddwire's tables: rows become Arrow batches, batches are filtered and written to files.
#![forbid(unsafe_code)]

pub mod batch;
pub mod error;
pub mod filter;
mod nearest;
pub mod schema;
mod text;
pub mod write;

pub use batch::TableBuilder;
pub use error::TableError;
pub use filter::{BoundFilter, Filter, filter_batch};
pub use schema::{schema_of, select};
pub use write::{Format, Options, TableWriter};
