//! Errors on their way to Python: all of them here, as `(kind, message)`; `oddwire.native` gives them their class.

use oddwire_pipeline::RunError;
use oddwire_table::TableError;
use pyo3::prelude::*;
use pyo3::{PyErr, create_exception, exceptions::PyException};

create_exception!(_oddwire, NativeError, PyException, "A failure in the core: (kind, message).");

/// The kind by which Python chooses the class.
fn kind(error: &RunError) -> &'static str {
    match error {
        RunError::Capture(error) => error.kind(),
        RunError::Table(error) => table_kind(error),
        RunError::Usage(_) => "usage",
        RunError::Missing(_) => "missing_component",
        RunError::Output(_) => "output",
        RunError::Stopped => "interrupted",
        _ => "error",
    }
}

fn table_kind(error: &TableError) -> &'static str {
    match error {
        TableError::Filter { .. } => "filter",
        TableError::UnknownColumn { .. }
        | TableError::UnknownFormat { .. }
        | TableError::Unsupported { .. } => "usage",
        TableError::File { .. } | TableError::Stream(_) => "output",
        _ => "error",
    }
}

/// A failed run as a Python exception.
pub(crate) fn run_error(error: &RunError) -> PyErr {
    NativeError::new_err((kind(error), error.to_string()))
}

/// A failed table as a Python exception.
pub(crate) fn table_error(error: &TableError) -> PyErr {
    NativeError::new_err((table_kind(error), error.to_string()))
}

/// A request that makes no sense.
pub(crate) fn usage(message: impl Into<String>) -> PyErr {
    NativeError::new_err(("usage", message.into()))
}

/// Shows an exception that came out of a callback, when it was one.
pub(crate) fn raised(held: Option<PyErr>) -> PyResult<()> {
    held.map_or(Ok(()), Err)
}
