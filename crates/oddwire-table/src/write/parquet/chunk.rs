//! A column chunk in the making: pages, and what the footer says of them.

use crate::error::TableError;
use ::parquet::basic::{Compression, Encoding, ZstdLevel};
use ::parquet::column::page::{CompressedPage, Page, PageWriter};
use ::parquet::column::writer::ColumnCloseResult;
use ::parquet::file::metadata::ColumnChunkMetaData;
use ::parquet::file::statistics::Statistics;
use ::parquet::file::writer::{SerializedPageWriter, SerializedRowGroupWriter, TrackedWrite};
use ::parquet::schema::types::ColumnDescPtr;
use arrow_buffer::NullBuffer;
use bytes::Bytes;
use std::io::Write;

use super::bits::{push_run, push_varint};

/// Smaller pages are not worth compressing.
const LEAST: usize = 64;

/// After a page that did not shrink this many are not tried.
const PATIENCE: u8 = 15;

/// What all columns share: the compressor and room to work in.
pub(super) struct Workshop {
    zstd: zstd::bulk::Compressor<'static>,
    pub(super) bytes: Vec<u8>,
    pub(super) spare: Vec<u8>,
    pub(super) numbers: Vec<u32>,
    pub(super) words: Vec<i64>,
    pub(super) wides: Vec<i128>,
}

impl Workshop {
    pub(super) fn new() -> Result<Self, TableError> {
        Ok(Self {
            zstd: zstd::bulk::Compressor::new(1)?,
            bytes: Vec::new(),
            spare: Vec::new(),
            numbers: Vec::new(),
            words: Vec::new(),
            wides: Vec::new(),
        })
    }
}

/// The dictionary of a chunk.
pub(super) struct DictionaryPage<'a> {
    pub(super) plain: &'a [u8],
    pub(super) count: u32,
}

pub(super) struct Chunk {
    column: ColumnDescPtr,
    nullable: bool,
    sink: TrackedWrite<Vec<u8>>,
    rows: usize,
    nulls: usize,
    uncompressed: usize,
    encodings: Vec<Encoding>,
    any_compressed: bool,
    untried: u8,
}

impl Chunk {
    pub(super) fn new(column: ColumnDescPtr, nullable: bool) -> Self {
        Self {
            column,
            nullable,
            sink: TrackedWrite::new(Vec::new()),
            rows: 0,
            nulls: 0,
            uncompressed: 0,
            encodings: vec![Encoding::RLE],
            any_compressed: false,
            untried: 0,
        }
    }

    /// Bytes held.
    pub(super) fn bytes(&self) -> usize {
        self.sink.bytes_written()
    }

    pub(super) fn nulls(&self) -> usize {
        self.nulls
    }

    /// Adds a page of `rows` rows whose encoded values are in the workshop's `bytes`.
    pub(super) fn page(
        &mut self,
        workshop: &mut Workshop,
        encoding: Encoding,
        rows: usize,
        nulls: Option<&NullBuffer>,
    ) -> Result<(), TableError> {
        let mut body = Vec::with_capacity(workshop.bytes.len() + 16);
        if self.nullable {
            push_levels(&mut body, rows, nulls);
        }
        let levels = body.len();
        let uncompressed_size = levels + workshop.bytes.len();
        let is_compressed = self.push_values(&mut body, workshop)?;
        let null_count = nulls.map_or(0, NullBuffer::null_count);
        let page = Page::DataPageV2 {
            buf: Bytes::from(body),
            num_values: rows as u32,
            encoding,
            num_nulls: null_count as u32,
            num_rows: rows as u32,
            def_levels_byte_len: levels as u32,
            rep_levels_byte_len: 0,
            is_compressed,
            statistics: None,
        };
        let written = SerializedPageWriter::new(&mut self.sink)
            .write_page(CompressedPage::new(page, uncompressed_size))?;
        self.uncompressed += written.uncompressed_size;
        self.rows += rows;
        self.nulls += null_count;
        if !self.encodings.contains(&encoding) {
            self.encodings.push(encoding);
        }
        Ok(())
    }

    /// Appends the page's values, compressed where that pays.
    fn push_values(&mut self, body: &mut Vec<u8>, workshop: &mut Workshop) -> Result<bool, TableError> {
        let plain = &workshop.bytes;
        if plain.len() >= LEAST && self.untried == 0 {
            compress(&mut workshop.zstd, plain, &mut workshop.spare)?;
            if workshop.spare.len() < plain.len() - plain.len() / 10 {
                body.extend_from_slice(&workshop.spare);
                self.any_compressed = true;
                return Ok(true);
            }
            self.untried = PATIENCE;
        } else {
            self.untried = self.untried.saturating_sub(1);
        }
        body.extend_from_slice(plain);
        Ok(false)
    }

    /// Ends the chunk and appends it to its row group.
    pub(super) fn finish<W: Write + Send>(
        mut self,
        group: &mut SerializedRowGroupWriter<'_, W>,
        workshop: &mut Workshop,
        dictionary: Option<DictionaryPage<'_>>,
        statistics: Statistics,
    ) -> Result<(), TableError> {
        self.sink.flush()?;
        // One that was given up before it served a page is left out.
        let dictionary = dictionary.filter(|_| self.encodings.contains(&Encoding::RLE_DICTIONARY));
        let mut head = TrackedWrite::new(Vec::new());
        if let Some(dictionary) = &dictionary {
            self.write_dictionary(&mut head, dictionary, workshop)?;
        }
        let mut bytes = head.into_inner()?;
        let dictionary_bytes = bytes.len();
        bytes.append(&mut self.sink.into_inner()?);
        let codec = if self.any_compressed {
            Compression::ZSTD(ZstdLevel::try_new(1)?)
        } else {
            Compression::UNCOMPRESSED
        };
        let metadata = ColumnChunkMetaData::builder(self.column)
            .set_compression(codec)
            .set_encodings(self.encodings)
            .set_total_compressed_size(signed(bytes.len()))
            .set_total_uncompressed_size(signed(self.uncompressed))
            .set_num_values(signed(self.rows))
            .set_data_page_offset(signed(dictionary_bytes))
            .set_dictionary_page_offset(dictionary.map(|_| 0))
            .set_statistics(statistics)
            .build()?;
        let close = ColumnCloseResult {
            bytes_written: bytes.len() as u64,
            rows_written: self.rows as u64,
            metadata,
            bloom_filter: None,
            column_index: None,
            offset_index: None,
        };
        Ok(group.append_column(&Bytes::from(bytes), close)?)
    }

    fn write_dictionary(
        &mut self,
        head: &mut TrackedWrite<Vec<u8>>,
        dictionary: &DictionaryPage<'_>,
        workshop: &mut Workshop,
    ) -> Result<(), TableError> {
        // A dictionary page has no flag of its own: it is compressed when the chunk has a codec.
        let body = if self.any_compressed {
            compress(&mut workshop.zstd, dictionary.plain, &mut workshop.spare)?;
            &workshop.spare
        } else {
            dictionary.plain
        };
        let page = Page::DictionaryPage {
            buf: Bytes::copy_from_slice(body),
            num_values: dictionary.count,
            encoding: Encoding::PLAIN,
            is_sorted: false,
        };
        let page = CompressedPage::new(page, dictionary.plain.len());
        let written = SerializedPageWriter::new(head).write_page(page)?;
        self.uncompressed += written.uncompressed_size;
        if !self.encodings.contains(&Encoding::PLAIN) {
            self.encodings.push(Encoding::PLAIN);
        }
        head.flush()?;
        Ok(())
    }
}

fn signed(size: usize) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

fn compress(
    zstd: &mut zstd::bulk::Compressor<'static>,
    plain: &[u8],
    out: &mut Vec<u8>,
) -> Result<(), TableError> {
    out.clear();
    out.reserve(zstd::zstd_safe::compress_bound(plain.len()));
    zstd.compress_to_buffer(plain, out)?;
    Ok(())
}

/// Which rows have a value: the definition levels of a column that is not nested.
fn push_levels(out: &mut Vec<u8>, rows: usize, nulls: Option<&NullBuffer>) {
    match nulls.filter(|nulls| nulls.null_count() > 0) {
        None => push_run(out, 1, rows, 1),
        Some(nulls) if nulls.null_count() == rows => push_run(out, 0, rows, 1),
        Some(nulls) => {
            let bytes = rows.div_ceil(8);
            push_varint(out, (bytes as u64) << 1 | 1);
            let bits = nulls.inner().sliced();
            out.extend(bits.as_slice().iter().take(bytes));
        }
    }
}
