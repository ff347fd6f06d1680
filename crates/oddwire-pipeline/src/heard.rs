//! What was said, as judges read it: one table a protocol that somebody asked for, with numbers for hosts.

use crate::error::RunError;
use crate::request::BATCH_ROWS;
use arrow_array::RecordBatch;
use arrow_schema::{ArrowError, Schema, SchemaRef};
use oddwire_core::book::Book;
use oddwire_core::flow::tracker::{TICK_NS, start_of};
use oddwire_core::judged::{Heard, heard_columns};
use oddwire_core::proto::{Listed, Protocol, Row, SaidRows, Visit};
use oddwire_table::{TableBuilder, select};
use std::sync::Arc;

/// The protocols that judges read, each with the columns that they want beside those that every table begins with.
pub type Wanted = [(Protocol, Vec<String>)];

/// Gathers the rows of one protocol.
pub(crate) trait Gather: Send {
    /// Which protocol it is.
    fn protocol(&self) -> Protocol;
    /// Takes the rows that are ready; none of them belongs to a tick before `open_ns`.
    fn take(&mut self, said: &mut SaidRows, open_ns: i64, book: &mut Book) -> Result<(), RunError>;
    /// Rows gathered.
    fn rows(&self) -> usize;
    /// Hands out all batches; of no rows one empty batch, which has the schema.
    fn hand_out(&mut self) -> Result<Vec<RecordBatch>, RunError>;
}

/// The gatherers of these protocols.
pub(crate) fn gatherers(wanted: &Wanted) -> Result<Vec<Box<dyn Gather>>, RunError> {
    wanted.iter().map(|(protocol, columns)| protocol.ask(Make { columns })).collect()
}

/// The set of these protocols.
pub(crate) fn bits(wanted: &Wanted) -> u64 {
    wanted.iter().fold(0, |bits, (protocol, _)| bits | protocol.bit())
}

struct Make<'a> {
    columns: &'a [String],
}

impl Visit for Make<'_> {
    type Answer = Result<Box<dyn Gather>, RunError>;

    fn visit<P: Listed>(self) -> Self::Answer {
        let names: Vec<&str> = self.columns.iter().map(String::as_str).collect();
        let (heads, texts) = (heard_columns(), select(&P::columns(), &names)?);
        let fields = [oddwire_table::schema_of(&heads), oddwire_table::schema_of(&texts)];
        let fields: Vec<_> = fields.iter().flat_map(|schema| schema.fields().iter().cloned()).collect();
        Ok(Box::new(Table::<P> {
            heads: TableBuilder::new(&heads, BATCH_ROWS),
            texts: TableBuilder::new(&texts, BATCH_ROWS),
            schema: Arc::new(Schema::new(fields)),
            batches: Vec::new(),
            rows: 0,
        }))
    }
}

struct Table<P: Listed> {
    heads: TableBuilder<Heard>,
    texts: TableBuilder<Row<P::Said>>,
    schema: SchemaRef,
    batches: Vec<RecordBatch>,
    rows: usize,
}

impl<P: Listed> Table<P> {
    fn seal(&mut self) -> Result<RecordBatch, RunError> {
        let (heads, texts) = (self.heads.finish()?, self.texts.finish()?);
        let columns = [heads.columns(), texts.columns()].concat();
        let joined: Result<_, ArrowError> = RecordBatch::try_new(self.schema.clone(), columns);
        joined.map_err(|error| RunError::Table(error.into()))
    }
}

impl<P: Listed> Gather for Table<P> {
    fn protocol(&self) -> Protocol {
        P::PROTOCOL
    }

    fn take(&mut self, said: &mut SaidRows, open_ns: i64, book: &mut Book) -> Result<(), RunError> {
        let rows = P::rows(said);
        if rows.is_empty() {
            return Ok(());
        }
        let tick = |row: &Row<P::Said>| start_of(row.at.time_ns, TICK_NS).max(open_ns);
        let heads: Vec<Heard> = rows.iter().map(|row| Heard::of(row, tick(row), book)).collect();
        self.heads.append(&heads);
        self.texts.append(rows);
        self.rows += rows.len();
        rows.clear();
        if self.heads.len() >= BATCH_ROWS {
            let batch = self.seal()?;
            self.batches.push(batch);
        }
        Ok(())
    }

    fn rows(&self) -> usize {
        self.rows
    }

    fn hand_out(&mut self) -> Result<Vec<RecordBatch>, RunError> {
        if self.batches.is_empty() || !self.heads.is_empty() {
            let batch = self.seal()?;
            self.batches.push(batch);
        }
        self.rows = 0;
        Ok(std::mem::take(&mut self.batches))
    }
}
