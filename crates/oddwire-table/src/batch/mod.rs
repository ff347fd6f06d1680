//! Rows to Arrow batches, column by column.

mod flag;
mod known;
mod list;
mod named;
mod number;
mod text;

use crate::error::TableError;
use crate::schema::schema_of;
use arrow_array::types::{
    Float64Type, TimestampNanosecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow_schema::SchemaRef;
use named::Names;
use oddwire_core::column::{Column, Get};

/// Rows are visited in runs of this many, so that a run stays in the cache while every column reads it.
const RUN: usize = 1024;

/// Builds Arrow batches from rows; one builder is used for a whole table.
pub struct TableBuilder<R> {
    schema: SchemaRef,
    makers: Vec<Box<dyn Maker<R> + Send>>,
    names: Names,
    rows: usize,
}

/// One column in the making.
trait Maker<R> {
    /// Takes the values of these rows.
    fn append(&mut self, rows: &[R], names: &mut Names);
    /// The column so far; the maker is empty afterwards.
    fn finish(&mut self, names: &Names) -> Result<ArrayRef, TableError>;
}

impl<R: 'static> TableBuilder<R> {
    /// A builder for these columns that expects batches of about `capacity` rows.
    #[must_use]
    pub fn new(columns: &[Column<R>], capacity: usize) -> Self {
        Self {
            schema: schema_of(columns),
            makers: columns.iter().map(|column| maker(column.get, capacity)).collect(),
            names: Names::default(),
            rows: 0,
        }
    }

    /// The schema of the batches.
    #[must_use]
    pub fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    /// How many rows were appended since the last batch.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether no row was appended since the last batch.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Takes these rows into the batch in the making.
    pub fn append(&mut self, rows: &[R]) {
        for run in rows.chunks(RUN) {
            for maker in &mut self.makers {
                maker.append(run, &mut self.names);
            }
        }
        self.rows += rows.len();
    }

    /// The batch of all rows appended since the last one.
    pub fn finish(&mut self) -> Result<RecordBatch, TableError> {
        self.names.seal();
        let names = &self.names;
        let arrays =
            self.makers.iter_mut().map(|maker| maker.finish(names)).collect::<Result<Vec<_>, _>>()?;
        self.names.clear();
        let options = RecordBatchOptions::new().with_row_count(Some(std::mem::take(&mut self.rows)));
        Ok(RecordBatch::try_new_with_options(self.schema.clone(), arrays, &options)?)
    }

    /// Appends these rows and gives the batch.
    pub fn fill(&mut self, rows: &[R]) -> Result<RecordBatch, TableError> {
        self.append(rows);
        self.finish()
    }
}

fn maker<R: 'static>(get: Get<R>, capacity: usize) -> Box<dyn Maker<R> + Send> {
    match get {
        Get::Bool(get) => flag::always(get),
        Get::U8(get) => number::always::<R, UInt8Type>(get, capacity),
        Get::U16(get) => number::always::<R, UInt16Type>(get, capacity),
        Get::U32(get) => number::always::<R, UInt32Type>(get, capacity),
        Get::U64(get) => number::always::<R, UInt64Type>(get, capacity),
        Get::F64(get) => number::always::<R, Float64Type>(get, capacity),
        Get::OptBool(get) => flag::maybe(get),
        Get::OptU8(get) => number::maybe::<R, UInt8Type>(get, capacity),
        Get::OptU16(get) => number::maybe::<R, UInt16Type>(get, capacity),
        Get::OptU32(get) => number::maybe::<R, UInt32Type>(get, capacity),
        Get::OptU64(get) => number::maybe::<R, UInt64Type>(get, capacity),
        Get::OptF64(get) => number::maybe::<R, Float64Type>(get, capacity),
        Get::Time(get) => number::always::<R, TimestampNanosecondType>(get, capacity),
        Get::Wide(get) => number::wide(get, capacity),
        Get::Word(get) => named::column(get, capacity),
        Get::Addr(get) => named::column(get, capacity),
        Get::Mac(get) => named::column(get, capacity),
        Get::Text(get) => text::column(get),
        Get::ListI64(get) => list::column(get),
    }
}
