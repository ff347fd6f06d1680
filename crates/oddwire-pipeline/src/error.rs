//! What ends a run early, said in one line.

use oddwire_capture::CaptureError;
use oddwire_table::TableError;
use std::fmt;

/// Why a run ended early.
#[derive(Debug)]
#[non_exhaustive]
pub enum RunError {
    /// An input could not be opened or read.
    Capture(CaptureError),
    /// A table could not be built, filtered or written.
    Table(TableError),
    /// The request contradicts itself.
    Usage(String),
    /// A component that the request needs is not on this machine.
    Missing(String),
    /// A file could not be written.
    Output(String),
    /// Whoever asked for the run no longer wants it.
    Stopped,
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Capture(error) => error.fmt(f),
            Self::Table(error) => error.fmt(f),
            Self::Usage(message) | Self::Missing(message) | Self::Output(message) => f.write_str(message),
            Self::Stopped => f.write_str("stopped"),
        }
    }
}

impl std::error::Error for RunError {}

impl From<CaptureError> for RunError {
    fn from(error: CaptureError) -> Self {
        Self::Capture(error)
    }
}

impl From<TableError> for RunError {
    fn from(error: TableError) -> Self {
        Self::Table(error)
    }
}
