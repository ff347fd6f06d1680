//! Tables to files: one writer for every format, with memory that does not grow with the table.

mod arrow;
mod cell;
mod clock;
mod csv;
mod json;
mod parquet;
mod target;

use crate::error::TableError;
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use std::io::Write;
use std::path::Path;
use std::str::FromStr;
use target::Target;

/// A file format for tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// Comma-separated values (RFC 4180), UTF-8, with a header line.
    Csv,
    /// The same with tabs.
    Tsv,
    /// One JSON array of objects.
    Json,
    /// One JSON object a line.
    JsonLines,
    /// Apache Parquet.
    Parquet,
    /// Arrow IPC: the file format in a file, the stream format in a stream.
    Arrow,
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 6] =
        [Self::Csv, Self::Tsv, Self::Json, Self::JsonLines, Self::Parquet, Self::Arrow];

    /// The name by which it is chosen, which is also the usual ending of its files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Tsv => "tsv",
            Self::Json => "json",
            Self::JsonLines => "jsonl",
            Self::Parquet => "parquet",
            Self::Arrow => "arrow",
        }
    }

    /// The format a path's ending names, if it names one.
    #[must_use]
    pub fn of_path(path: &Path) -> Option<Self> {
        path.extension()?.to_str()?.parse().ok()
    }
}

impl FromStr for Format {
    type Err = TableError;

    fn from_str(name: &str) -> Result<Self, TableError> {
        let lower = name.to_ascii_lowercase();
        let known = match lower.as_str() {
            "ndjson" => Some(Self::JsonLines),
            "pq" => Some(Self::Parquet),
            "feather" | "ipc" => Some(Self::Arrow),
            other => Self::ALL.into_iter().find(|format| format.name() == other),
        };
        known.ok_or_else(|| TableError::UnknownFormat { name: name.to_owned() })
    }
}

/// How a table is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Whether text cells of CSV and TSV that a spreadsheet would take for a formula (starting with `=`, `+`, `-`,
    /// `@`, tab or carriage return) get a leading apostrophe. Numbers are never changed.
    pub formula_safe: bool,
    /// Whether CSV and TSV start with a line of column names.
    pub header: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { formula_safe: true, header: true }
    }
}

/// Writes a table, batch by batch. A file appears under its name only when the table is finished.
pub struct TableWriter {
    encoder: Box<dyn Encoder>,
}

/// One format's way to write batches into a target it owns.
trait Encoder: Send {
    fn write(&mut self, batch: &RecordBatch) -> Result<(), TableError>;
    /// Sends on what was written so far, where the format allows it.
    fn flush(&mut self) -> Result<(), TableError> {
        Ok(())
    }
    /// Writes what is left and gives the target back.
    fn finish(self: Box<Self>) -> Result<Target, TableError>;
}

impl TableWriter {
    /// A writer into a file. Until it is finished the file has a temporary name in the same folder.
    pub fn create(
        path: &Path,
        format: Format,
        schema: &SchemaRef,
        options: Options,
    ) -> Result<Self, TableError> {
        let target =
            Target::file(path).map_err(|source| TableError::File { path: path.to_owned(), source })?;
        Self::start(target, format, schema, options)
    }

    /// A writer into a stream, such as standard output.
    pub fn stream(
        out: Box<dyn Write + Send>,
        format: Format,
        schema: &SchemaRef,
        options: Options,
    ) -> Result<Self, TableError> {
        Self::start(Target::stream(out), format, schema, options)
    }

    fn start(
        target: Target,
        format: Format,
        schema: &SchemaRef,
        options: Options,
    ) -> Result<Self, TableError> {
        let encoder: Box<dyn Encoder> = match format {
            Format::Csv => Box::new(csv::Csv::start(target, schema, b',', options)?),
            Format::Tsv => Box::new(csv::Csv::start(target, schema, b'\t', options)?),
            Format::Json => Box::new(json::Json::start(target, schema, json::Shape::Array)?),
            Format::JsonLines => Box::new(json::Json::start(target, schema, json::Shape::Lines)?),
            Format::Parquet => Box::new(parquet::Parquet::start(target, schema)?),
            Format::Arrow => arrow::start(target, schema)?,
        };
        Ok(Self { encoder })
    }

    /// Writes a batch, which must have the schema the writer was started with.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), TableError> {
        self.encoder.write(batch)
    }

    /// Sends on what was written so far, for a reader that waits; formats with a footer keep it until the end.
    pub fn flush(&mut self) -> Result<(), TableError> {
        self.encoder.flush()
    }

    /// Ends the table; a file gets its name now.
    pub fn finish(self) -> Result<(), TableError> {
        self.encoder.finish()?.finish()
    }
}
