//! Batches one after the other: a run in a thread of its own, with a bounded queue between it and its reader.

use crate::capsule;
use crate::errors::{run_error, table_error, usage};
use crate::table::standard_output;
use crate::{facts, options, rows};
use arrow_array::{RecordBatch, RecordBatchIterator, RecordBatchReader};
use arrow_schema::{ArrowError, SchemaRef};
use oddwire_pipeline::{RunError, Stats, Table};
use oddwire_table::{Filter, Format, Options, TableError, TableWriter};
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyDict, PyList};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// Batches that may wait for the reader.
const WAITING: usize = 4;

type Ended = Arc<Mutex<Option<Result<Stats, RunError>>>>;

/// Reads what a run in another thread makes. Dropping it stops the run.
struct Reader {
    schema: SchemaRef,
    batches: Receiver<RecordBatch>,
    ended: Ended,
}

impl Iterator for Reader {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Ok(batch) = self.batches.recv() {
            return Some(Ok(batch));
        }
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        match &*ended {
            Some(Err(error)) => Some(Err(ArrowError::ExternalError(error.to_string().into()))),
            _ => None,
        }
    }
}

impl RecordBatchReader for Reader {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }
}

/// A stream of Arrow batches; any Arrow consumer takes it without a copy, once.
#[pyclass(frozen, module = "oddwire._oddwire")]
pub(crate) struct Batches {
    reader: Mutex<Option<Box<dyn RecordBatchReader + Send>>>,
    ended: Ended,
}

impl Batches {
    fn take(&self) -> PyResult<Box<dyn RecordBatchReader + Send>> {
        let taken = self.reader.lock().unwrap_or_else(PoisonError::into_inner).take();
        taken.ok_or_else(|| usage("this stream was read before; open it again"))
    }
}

#[pymethods]
impl Batches {
    /// The Arrow `PyCapsule` stream interface.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let _ = requested_schema;
        capsule::export(py, self.take()?)
    }

    /// The names of the columns.
    fn names(&self) -> Vec<String> {
        let reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        let names = |reader: &(dyn RecordBatchReader + Send)| {
            reader.schema().fields().iter().map(|field| field.name().clone()).collect()
        };
        reader.as_deref().map(names).unwrap_or_default()
    }

    /// The next batch as a stream of its own, or `None` at the end.
    fn next_batch(&self, py: Python<'_>) -> PyResult<Option<Self>> {
        match self.next(py) {
            None => Ok(None),
            Some(Ok(batch)) => Ok(Some(Self::of(batch))),
            Some(Err(error)) => Err(self.error(error)),
        }
    }

    /// The rows of the next batch as tuples, or `None` at the end.
    fn next_rows<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyList>>> {
        match self.next(py) {
            None => Ok(None),
            Some(Ok(batch)) => Ok(Some(rows::tuples(py, &batch)?)),
            Some(Err(error)) => Err(self.error(error)),
        }
    }

    /// What the run saw, once it has ended; raises what ended it early.
    fn stats<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDict>>> {
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        match &*ended {
            Some(Ok(stats)) => Ok(Some(facts::stats(py, stats)?)),
            Some(Err(error)) => Err(run_error(error)),
            None => Ok(None),
        }
    }
}

impl Batches {
    fn of(batch: RecordBatch) -> Self {
        let schema = batch.schema();
        let reader = RecordBatchIterator::new(std::iter::once(Ok(batch)), schema);
        Self { reader: Mutex::new(Some(Box::new(reader))), ended: Arc::default() }
    }

    /// A stream of these batches; `None` without one, for then there is no schema.
    pub(crate) fn of_all(batches: Vec<RecordBatch>) -> Option<Self> {
        let schema = batches.first()?.schema();
        let reader = RecordBatchIterator::new(batches.into_iter().map(Ok), schema);
        Some(Self { reader: Mutex::new(Some(Box::new(reader))), ended: Arc::default() })
    }

    fn next(&self, py: Python<'_>) -> Option<Result<RecordBatch, ArrowError>> {
        py.detach(|| {
            let mut reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
            reader.as_mut().and_then(Iterator::next)
        })
    }

    /// The run's own error, which says more than Arrow's.
    fn error(&self, error: ArrowError) -> PyErr {
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        match &*ended {
            Some(Err(own)) => run_error(own),
            _ => table_error(&TableError::from(error)),
        }
    }
}

/// Starts a run and gives the stream of its batches.
#[pyfunction]
pub(crate) fn open(
    inputs: Vec<PathBuf>,
    table: &str,
    columns: Option<Vec<String>>,
    filter: Option<String>,
    limit: Option<u64>,
    options: &Bound<'_, PyDict>,
) -> PyResult<Batches> {
    let request = options::request(inputs, options)?;
    let shape = options::shape(columns, filter, limit);
    let table: Table = table.parse().map_err(usage)?;
    let schema = oddwire_pipeline::schema(table, &shape).map_err(|error| run_error(&error))?;
    let (sender, batches) = sync_channel(WAITING);
    let ended: Ended = Arc::default();
    let told = Arc::clone(&ended);
    thread::spawn(move || {
        let mut sink = |batch| Ok(sender.send(batch).is_ok());
        let made = oddwire_pipeline::run(&request, table, &shape, &mut sink, &mut |_| true);
        *told.lock().unwrap_or_else(PoisonError::into_inner) = Some(made);
        // The queue ends only now, so that whoever sees its end finds the result.
        drop(sender);
    });
    let reader = Reader { schema, batches, ended: Arc::clone(&ended) };
    Ok(Batches { reader: Mutex::new(Some(Box::new(reader))), ended })
}

/// Writes any Arrow stream to a file, or to standard output; answers the number of rows.
#[pyfunction]
pub(crate) fn write(
    py: Python<'_>,
    stream: &Bound<'_, PyAny>,
    path: Option<PathBuf>,
    format: &str,
    formula_safe: bool,
) -> PyResult<u64> {
    let reader = capsule::import(stream)?;
    let format: Format = format.parse().map_err(|error| table_error(&error))?;
    let options = Options { formula_safe, ..Options::default() };
    py.detach(|| write_all(reader, path, format, options)).map_err(|error| table_error(&error))
}

fn write_all(
    reader: impl RecordBatchReader,
    path: Option<PathBuf>,
    format: Format,
    options: Options,
) -> Result<u64, TableError> {
    let schema = reader.schema();
    let mut writer = match path {
        Some(path) => TableWriter::create(&path, format, &schema, options)?,
        None => TableWriter::stream(standard_output(), format, &schema, options)?,
    };
    let mut rows = 0;
    for batch in reader {
        let batch = batch?;
        rows += batch.num_rows() as u64;
        writer.write(&batch)?;
    }
    writer.finish()?;
    Ok(rows)
}

/// The rows of any Arrow stream that a filter expression keeps.
#[pyfunction]
pub(crate) fn filter(stream: &Bound<'_, PyAny>, text: &str) -> PyResult<Batches> {
    let reader = capsule::import(stream)?;
    let schema = reader.schema();
    let bound = Filter::parse(text).and_then(|filter| filter.bind(&schema));
    let bound = bound.map_err(|error| table_error(&error))?;
    let kept =
        reader.map(move |batch| bound.keep(&batch?).map_err(|error| ArrowError::ExternalError(error.into())));
    let reader = RecordBatchIterator::new(kept, schema);
    Ok(Batches { reader: Mutex::new(Some(Box::new(reader))), ended: Arc::default() })
}

/// Any Arrow stream as one of ours, so that its rows can be had as tuples.
#[pyfunction]
pub(crate) fn adopt(stream: &Bound<'_, PyAny>) -> PyResult<Batches> {
    let reader = capsule::import(stream)?;
    Ok(Batches { reader: Mutex::new(Some(Box::new(reader))), ended: Arc::default() })
}
