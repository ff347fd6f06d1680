//! JSON arrays and JSON lines.
//!
//! Null and numbers that are not finite are `null`; 64-bit integers and decimals are numbers, exactly; times are
//! ISO 8601 text in UTC.

use super::Encoder;
use super::cell::{Cells, Spelling, check, columns};
use super::clock::Clock;
use super::csv::CHUNK;
use super::target::Target;
use crate::error::TableError;
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use std::io::Write;

/// What stands around the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// One array of all rows.
    Array,
    /// Nothing: a row a line.
    Lines,
}

pub(super) struct Json {
    target: Target,
    out: Vec<u8>,
    /// What opens each column's cell: the brace or comma, the name, the colon.
    keys: Vec<Vec<u8>>,
    shape: Shape,
    empty: bool,
    spelling: Quotes,
}

#[derive(Default)]
struct Quotes {
    clock: Clock,
}

impl Json {
    pub(super) fn start(target: Target, schema: &SchemaRef, shape: Shape) -> Result<Self, TableError> {
        check(schema)?;
        let keys =
            schema.fields().iter().enumerate().map(|(place, field)| key(place, field.name())).collect();
        let out = Vec::with_capacity(CHUNK);
        Ok(Self { target, out, keys, shape, empty: true, spelling: Quotes::default() })
    }

    fn row(&mut self, cells: &[Cells<'_>], row: usize) {
        if self.shape == Shape::Array {
            self.out.extend_from_slice(if self.empty { b"[\n" } else { b",\n" });
        }
        self.empty = false;
        for (key, column) in self.keys.iter().zip(cells) {
            self.out.extend_from_slice(key);
            column.push(&mut self.out, row, &mut self.spelling);
        }
        if cells.is_empty() {
            self.out.push(b'{');
        }
        self.out.push(b'}');
        if self.shape == Shape::Lines {
            self.out.push(b'\n');
        }
    }

    fn drain(&mut self) -> Result<(), TableError> {
        self.target.write_all(&self.out)?;
        self.out.clear();
        Ok(())
    }
}

fn key(place: usize, name: &str) -> Vec<u8> {
    let mut key = vec![if place == 0 { b'{' } else { b',' }];
    push_text(&mut key, name);
    key.push(b':');
    key
}

impl Encoder for Json {
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
        if self.shape == Shape::Array {
            self.out.extend_from_slice(if self.empty { b"[]\n" } else { b"\n]\n" });
        }
        self.drain()?;
        Ok(self.target)
    }
}

/// Appends text in quotes, escaped.
fn push_text(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    if text.bytes().any(|byte| byte < 0x20 || byte == b'"' || byte == b'\\') {
        text.bytes().for_each(|byte| push_escaped(out, byte));
    } else {
        out.extend_from_slice(text.as_bytes());
    }
    out.push(b'"');
}

fn push_escaped(out: &mut Vec<u8>, byte: u8) {
    let short = match byte {
        b'"' | b'\\' => byte,
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        0..0x20 => {
            let hex = |nibble: u8| if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 };
            return out.extend_from_slice(&[b'\\', b'u', b'0', b'0', hex(byte >> 4), hex(byte & 15)]);
        }
        _ => return out.push(byte),
    };
    out.extend_from_slice(&[b'\\', short]);
}

impl Spelling for Quotes {
    fn null(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"null");
    }

    fn text(&mut self, out: &mut Vec<u8>, text: &str) {
        push_text(out, text);
    }

    fn around_time(&mut self, out: &mut Vec<u8>) {
        out.push(b'"');
    }

    fn around_list(&mut self, _: &mut Vec<u8>) {}

    fn not_finite(&mut self, out: &mut Vec<u8>, _: f64) {
        self.null(out);
    }

    fn clock(&mut self) -> &mut Clock {
        &mut self.clock
    }
}
