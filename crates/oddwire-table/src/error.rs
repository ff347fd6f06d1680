//! What can go wrong with a table, each said in one line: what, where, what to do.

use std::fmt;
use std::path::PathBuf;

/// Why a table could not be built, filtered or written.
#[derive(Debug)]
#[non_exhaustive]
pub enum TableError {
    /// No column has this name.
    UnknownColumn {
        /// The name that was asked for.
        name: String,
        /// The column that was probably meant.
        nearest: Option<String>,
    },
    /// A filter expression cannot be read or does not fit the table.
    Filter {
        /// Where in the expression, counted in characters from 1.
        at: usize,
        /// What is wrong there, and what would be right.
        message: String,
    },
    /// A column's type cannot be written in this format.
    Unsupported {
        /// The column.
        column: String,
        /// Its Arrow type.
        data_type: String,
    },
    /// No format has this name.
    UnknownFormat {
        /// The name that was asked for.
        name: String,
    },
    /// The file could not be made or written.
    File {
        /// The file, as the user named it.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The stream could not be written.
    Stream(std::io::Error),
    /// Arrow refused a batch.
    Arrow(arrow_schema::ArrowError),
    /// The Parquet encoder refused a batch.
    Parquet(parquet::errors::ParquetError),
}

impl fmt::Display for TableError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownColumn { name, nearest: Some(near) } => {
                write!(f, "unknown column '{name}'; did you mean '{near}'?")
            }
            Self::UnknownColumn { name, nearest: None } => write!(f, "unknown column '{name}'"),
            Self::Filter { at, message } => write!(f, "column {at}: {message}"),
            Self::Unsupported { column, data_type } => {
                write!(
                    f,
                    "column '{column}' has type {data_type}, which this format cannot hold; leave it out"
                )
            }
            Self::UnknownFormat { name } => {
                write!(f, "unknown format '{name}'; one of csv, tsv, json, jsonl, parquet, arrow")
            }
            Self::File { path, source } => write!(f, "{}: {source}", path.display()),
            Self::Stream(source) => write!(f, "output stream: {source}"),
            Self::Arrow(source) => write!(f, "{source}"),
            Self::Parquet(source) => write!(f, "{source}"),
        }
    }
}

impl std::error::Error for TableError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::File { source, .. } | Self::Stream(source) => Some(source),
            Self::Arrow(source) => Some(source),
            Self::Parquet(source) => Some(source),
            _ => None,
        }
    }
}

impl From<std::io::Error> for TableError {
    fn from(source: std::io::Error) -> Self {
        Self::Stream(source)
    }
}

impl From<arrow_schema::ArrowError> for TableError {
    fn from(source: arrow_schema::ArrowError) -> Self {
        match source {
            arrow_schema::ArrowError::IoError(_, source) => Self::Stream(source),
            other => Self::Arrow(other),
        }
    }
}

impl From<parquet::errors::ParquetError> for TableError {
    fn from(source: parquet::errors::ParquetError) -> Self {
        Self::Parquet(source)
    }
}
