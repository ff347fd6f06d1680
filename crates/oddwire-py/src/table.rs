//! Tables into files and the summary: a whole run in one call, with the GIL released.

use crate::errors::{raised, run_error, table_error, usage};
use crate::{facts, options, summary_facts};
use oddwire_pipeline::{Progress, RunError, Shape, Table};
use oddwire_table::{Format, Options, TableWriter};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// How often Python is asked whether to go on.
const ASK_EVERY: Duration = Duration::from_millis(100);

/// Asks Python, now and then, whether to go on: signals first, then the progress callback.
pub(crate) struct Asking<'a> {
    callback: Option<&'a Py<PyAny>>,
    last: Instant,
    held: Option<PyErr>,
}

impl<'a> Asking<'a> {
    pub(crate) fn new(callback: Option<&'a Py<PyAny>>) -> Self {
        Self { callback, last: Instant::now(), held: None }
    }

    pub(crate) fn ask(&mut self, progress: Progress) -> bool {
        if self.last.elapsed() < ASK_EVERY {
            return true;
        }
        self.last = Instant::now();
        let answer = Python::attach(|py| {
            py.check_signals()?;
            match self.callback {
                Some(callback) => {
                    callback.call1(py, (progress.packets, progress.bytes, progress.total_bytes)).map(|_| ())
                }
                None => Ok(()),
            }
        });
        self.held = answer.err();
        self.held.is_none()
    }

    pub(crate) fn end(self) -> PyResult<()> {
        raised(self.held)
    }
}

/// Writes a table of captures to a file, or to standard output when `path` is `None`; answers what the run saw.
#[pyfunction]
#[pyo3(signature = (inputs, table, path, format, columns, filter, limit, formula_safe, options, progress))]
#[allow(clippy::too_many_arguments)]
pub(crate) fn make<'py>(
    py: Python<'py>,
    inputs: Vec<PathBuf>,
    table: &str,
    path: Option<PathBuf>,
    format: &str,
    columns: Option<Vec<String>>,
    filter: Option<String>,
    limit: Option<u64>,
    formula_safe: bool,
    options: &Bound<'py, PyDict>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Bound<'py, PyDict>> {
    let request = options::request(inputs, options)?;
    let shape = Shape { eager: request.open.follow.is_some(), ..options::shape(columns, filter, limit) };
    let table: Table = table.parse().map_err(usage)?;
    let format: Format = format.parse().map_err(|error| table_error(&error))?;
    let write = Options { formula_safe, ..Options::default() };
    let mut asking = Asking::new(progress.as_ref());
    let made = py.detach(|| {
        let mut writer = open_writer(path, format, table, &shape, write)?;
        let mut sink = |batch| {
            writer.write(&batch)?;
            if shape.eager {
                writer.flush()?;
            }
            Ok(true)
        };
        let stats = oddwire_pipeline::run(&request, table, &shape, &mut sink, &mut |now| asking.ask(now));
        if asking.held.is_none() && stats.is_ok() {
            writer.finish()?;
        }
        stats
    });
    asking.end()?;
    facts::stats(py, &made.map_err(|error| run_error(&error))?)
}

fn open_writer(
    path: Option<PathBuf>,
    format: Format,
    table: Table,
    shape: &Shape,
    options: Options,
) -> Result<TableWriter, RunError> {
    let schema = oddwire_pipeline::schema(table, shape)?;
    Ok(match path {
        Some(path) => TableWriter::create(&path, format, &schema, options)?,
        None => TableWriter::stream(standard_output(), format, &schema, options)?,
    })
}

pub(crate) fn standard_output() -> Box<dyn Write + Send> {
    Box::new(std::io::stdout())
}

/// The summary of captures, and what the run saw.
#[pyfunction]
pub(crate) fn summarise<'py>(
    py: Python<'py>,
    inputs: Vec<PathBuf>,
    top: usize,
    describe: bool,
    options: &Bound<'py, PyDict>,
    progress: Option<Py<PyAny>>,
) -> PyResult<(Bound<'py, PyDict>, Bound<'py, PyDict>)> {
    let request = options::request(inputs, options)?;
    let mut asking = Asking::new(progress.as_ref());
    let made = py.detach(|| oddwire_pipeline::summarise(&request, describe, &mut |now| asking.ask(now)));
    asking.end()?;
    let (summary, stats) = made.map_err(|error| run_error(&error))?;
    Ok((summary_facts::summary(py, &summary, top)?, facts::stats(py, &stats)?))
}
