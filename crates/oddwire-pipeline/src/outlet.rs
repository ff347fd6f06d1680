//! Rows to batches: columns chosen, rows filtered and counted, batches handed on.

use crate::error::RunError;
use crate::request::{BATCH_ROWS, Shape};
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use oddwire_core::column::Column;
use oddwire_table::{BoundFilter, Filter, TableBuilder, schema_of, select};

/// Takes batches; `false` means that no more are wanted.
pub type Sink<'s> = dyn FnMut(RecordBatch) -> Result<bool, RunError> + 's;

/// The columns of a shape, and the further ones that only its filter needs.
pub struct Plan<R> {
    columns: Vec<Column<R>>,
    wanted: usize,
    filter: Option<BoundFilter>,
    limit: u64,
    batch_rows: usize,
}

impl<R: 'static> Plan<R> {
    /// Finds the columns that are asked for, and checks the filter against all there are.
    pub fn new(all: &[Column<R>], shape: &Shape) -> Result<Self, RunError> {
        let mut columns = chosen(all, &shape.columns)?;
        let wanted = columns.len();
        let limit = shape.limit.unwrap_or(u64::MAX);
        let batch_rows = if shape.eager { 1 } else { BATCH_ROWS };
        let Some(text) = &shape.filter else {
            return Ok(Self { columns, wanted, filter: None, limit, batch_rows });
        };
        let filter = Filter::parse(text)?;
        filter.bind(&schema_of(all))?;
        let has = |name: &str| columns.iter().any(|column| column.name == name);
        let further: Vec<&str> = filter.columns_used().into_iter().filter(|name| !has(name)).collect();
        columns.extend(select(all, &further)?);
        let filter = Some(filter.bind(&schema_of(&columns))?);
        Ok(Self { columns, wanted, filter, limit, batch_rows })
    }

    /// The schema of the batches that come out.
    #[must_use]
    pub fn schema(&self) -> SchemaRef {
        schema_of(self.columns.get(..self.wanted).unwrap_or(&self.columns))
    }

    /// The names of all columns that are built.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.columns.iter().map(|column| column.name)
    }

    /// Opens the outlet into a sink.
    pub fn open<'s>(self, sink: &'s mut Sink<'s>) -> Outlet<'s, R> {
        let builder = TableBuilder::new(&self.columns, self.batch_rows);
        Outlet { builder, plan: self, sink, rows: 0 }
    }
}

fn chosen<R>(all: &[Column<R>], names: &[String]) -> Result<Vec<Column<R>>, RunError> {
    if names.is_empty() {
        return Ok(all.iter().filter(|column| column.shown).copied().collect());
    }
    if names.iter().any(|name| name == "all") {
        return Ok(all.to_vec());
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    Ok(select(all, &names)?)
}

/// Where rows go.
pub struct Outlet<'s, R> {
    builder: TableBuilder<R>,
    plan: Plan<R>,
    sink: &'s mut Sink<'s>,
    rows: u64,
}

impl<R: 'static> Outlet<'_, R> {
    /// Takes rows; `Stopped` when no more are wanted.
    pub fn push(&mut self, rows: &[R]) -> Result<(), RunError> {
        self.builder.append(rows);
        if self.builder.len() >= self.plan.batch_rows { self.flush() } else { Ok(()) }
    }

    /// Hands on what there is.
    pub fn flush(&mut self) -> Result<(), RunError> {
        if self.builder.is_empty() {
            return Ok(());
        }
        let batch = self.builder.finish()?;
        let batch = match &self.plan.filter {
            Some(filter) => project(&filter.keep(&batch)?, self.plan.wanted)?,
            None => batch,
        };
        let left = self.plan.limit.saturating_sub(self.rows);
        let batch = if batch.num_rows() as u64 > left { batch.slice(0, left as usize) } else { batch };
        self.rows += batch.num_rows() as u64;
        let go_on = batch.num_rows() == 0 || (self.sink)(batch)?;
        if go_on && self.rows < self.plan.limit { Ok(()) } else { Err(RunError::Stopped) }
    }

    /// Rows handed on.
    #[must_use]
    pub const fn rows(&self) -> u64 {
        self.rows
    }
}

fn project(batch: &RecordBatch, wanted: usize) -> Result<RecordBatch, RunError> {
    if batch.num_columns() == wanted {
        return Ok(batch.clone());
    }
    let columns: Vec<usize> = (0..wanted).collect();
    batch.project(&columns).map_err(|error| RunError::Table(error.into()))
}
