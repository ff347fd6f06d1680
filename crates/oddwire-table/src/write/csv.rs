//! CSV and TSV, safe to open in a spreadsheet.
//!
//! Cells are quoted as RFC 4180 says. Null is an empty cell, empty text is `""`. A text cell that a spreadsheet
//! would take for a formula gets a leading apostrophe, so that a host name in a capture cannot run anything on the
//! reader's machine. Lists are `[1,2]`, times ISO 8601 in UTC.

use super::cell::{Cells, Spelling, check, columns};
use super::clock::Clock;
use super::target::Target;
use super::{Encoder, Options};
use crate::error::TableError;
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use std::io::Write;

/// Bytes gathered before they are written.
pub(super) const CHUNK: usize = 256 * 1024;

pub(super) struct Csv {
    target: Target,
    out: Vec<u8>,
    spelling: Commas,
}

/// How CSV spells its cells.
struct Commas {
    delimiter: u8,
    formula_safe: bool,
    clock: Clock,
}

impl Csv {
    pub(super) fn start(
        target: Target,
        schema: &SchemaRef,
        delimiter: u8,
        options: Options,
    ) -> Result<Self, TableError> {
        check(schema)?;
        let spelling = Commas { delimiter, formula_safe: options.formula_safe, clock: Clock::default() };
        let mut csv = Self { target, out: Vec::with_capacity(CHUNK), spelling };
        if options.header {
            csv.header(schema);
        }
        Ok(csv)
    }

    fn header(&mut self, schema: &SchemaRef) {
        for (place, field) in schema.fields().iter().enumerate() {
            if place > 0 {
                self.out.push(self.spelling.delimiter);
            }
            self.spelling.text(&mut self.out, field.name());
        }
        self.out.extend_from_slice(b"\r\n");
    }

    fn row(&mut self, cells: &[Cells<'_>], row: usize) {
        for (place, column) in cells.iter().enumerate() {
            if place > 0 {
                self.out.push(self.spelling.delimiter);
            }
            column.push(&mut self.out, row, &mut self.spelling);
        }
        self.out.extend_from_slice(b"\r\n");
    }

    fn drain(&mut self) -> Result<(), TableError> {
        self.target.write_all(&self.out)?;
        self.out.clear();
        Ok(())
    }
}

impl Encoder for Csv {
    fn write(&mut self, batch: &RecordBatch) -> Result<(), TableError> {
        let cells = columns(batch)?;
        for row in 0..batch.num_rows() {
            self.row(&cells, row);
            if self.out.len() >= CHUNK {
                self.drain()?;
            }
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), TableError> {
        self.drain()?;
        Ok(self.target.flush()?)
    }

    fn finish(mut self: Box<Self>) -> Result<Target, TableError> {
        self.drain()?;
        Ok(self.target)
    }
}

impl Commas {
    /// Whether this byte makes quotes necessary.
    fn needs_quotes(&self, byte: u8) -> bool {
        byte == self.delimiter || matches!(byte, b'"' | b'\n' | b'\r')
    }
}

impl Spelling for Commas {
    fn null(&mut self, _: &mut Vec<u8>) {}

    fn text(&mut self, out: &mut Vec<u8>, text: &str) {
        let bytes = text.as_bytes();
        let risky =
            self.formula_safe && matches!(bytes.first(), Some(b'=' | b'+' | b'-' | b'@' | b'\t' | b'\r'));
        if !bytes.is_empty() && !bytes.iter().any(|byte| self.needs_quotes(*byte)) {
            if risky {
                out.push(b'\'');
            }
            return out.extend_from_slice(bytes);
        }
        out.push(b'"');
        if risky {
            out.push(b'\'');
        }
        for byte in bytes {
            if *byte == b'"' {
                out.push(b'"');
            }
            out.push(*byte);
        }
        out.push(b'"');
    }

    fn around_time(&mut self, _: &mut Vec<u8>) {}

    fn around_list(&mut self, out: &mut Vec<u8>) {
        out.push(b'"');
    }

    fn not_finite(&mut self, out: &mut Vec<u8>, value: f64) {
        let word: &[u8] = if value.is_nan() {
            b"NaN"
        } else if value > 0.0 {
            b"inf"
        } else {
            b"-inf"
        };
        out.extend_from_slice(word);
    }

    fn clock(&mut self) -> &mut Clock {
        &mut self.clock
    }
}
