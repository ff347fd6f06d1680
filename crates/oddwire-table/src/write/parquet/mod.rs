//! Parquet, encoded here column by column.
//!
//! The general writer of the `parquet` crate hashes every value of every column; on the tables of captures, where most
//! columns are constant, repeat few values or count upwards, that is several times the cost of the rest of the
//! program. Here each page of a column is looked at first: one value is one run; few values get a dictionary; whole
//! numbers are delta-packed; pages that do not shrink are not compressed. Types that capture tables do not have go
//! through the general writer. File layout, metadata and footer are the crate's.

mod bits;
mod chunk;
mod column;
mod delta;
mod dictionary;
mod number;
mod text;

use super::Encoder;
use super::target::Target;
use crate::error::TableError;
use ::parquet::arrow::arrow_writer::ArrowRowGroupWriterFactory;
use ::parquet::arrow::{ArrowSchemaConverter, add_encoded_arrow_schema_to_metadata};
use ::parquet::basic::{Compression, ZstdLevel};
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::SerializedFileWriter;
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use column::Column;
use std::sync::Arc;

/// Rows in a page. Smaller batches are gathered up to this.
const PAGE_ROWS: usize = 16 * 1024;

/// A row group ends when its encoded columns reach this; they are held in memory until then.
const GROUP_BYTES: usize = 8 << 20;

/// It also ends at this many rows, so that readers can take groups in parallel.
const GROUP_ROWS: usize = 512 * 1024;

pub(super) struct Parquet {
    file: SerializedFileWriter<Target>,
    schema: SchemaRef,
    columns: Vec<Column>,
    workshop: chunk::Workshop,
    pending: Vec<RecordBatch>,
    pending_rows: usize,
    group_rows: usize,
    groups: usize,
}

impl Parquet {
    pub(super) fn start(target: Target, schema: &SchemaRef) -> Result<Self, TableError> {
        let mut properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(1)?))
            .set_created_by(concat!("oddwire ", env!("CARGO_PKG_VERSION")).to_owned())
            .build();
        let layout = ArrowSchemaConverter::new().convert(schema)?;
        add_encoded_arrow_schema_to_metadata(schema, &mut properties);
        let file = SerializedFileWriter::new(target, layout.root_schema_ptr(), Arc::new(properties))?;
        let mut parquet = Self {
            file,
            schema: schema.clone(),
            columns: Vec::new(),
            workshop: chunk::Workshop::new()?,
            pending: Vec::new(),
            pending_rows: 0,
            group_rows: 0,
            groups: 0,
        };
        parquet.columns = parquet.fresh_columns()?;
        Ok(parquet)
    }

    /// The columns of a new row group.
    fn fresh_columns(&self) -> Result<Vec<Column>, TableError> {
        let layout = self.file.schema_descr();
        let mut general = Vec::new();
        if self.schema.fields().iter().any(|field| !column::is_ours(field.data_type())) {
            let factory = ArrowRowGroupWriterFactory::new(&self.file, self.schema.clone());
            general = factory.create_column_writers(self.groups)?;
        }
        let mut general = general.into_iter().map(Some).collect::<Vec<_>>();
        let mut columns: Vec<Column> = Vec::with_capacity(self.schema.fields().len());
        for (index, field) in self.schema.fields().iter().enumerate() {
            let leaves = (0..layout.num_columns()).filter(|leaf| layout.get_column_root_idx(*leaf) == index);
            columns.push(if column::is_ours(field.data_type()) {
                Column::ours(leaves.map(|leaf| layout.column(leaf)).next(), field)?
            } else {
                Column::general(leaves.filter_map(|leaf| general.get_mut(leaf)?.take()).collect(), field)
            });
        }
        Ok(columns)
    }

    /// Encodes the batches gathered so far as one page a column.
    fn encode_pending(&mut self) -> Result<(), TableError> {
        let batches = std::mem::take(&mut self.pending);
        self.pending_rows = 0;
        match batches.as_slice() {
            [] => Ok(()),
            [one] => self.encode(one),
            many => self.encode(&arrow_select::concat::concat_batches(&self.schema, many)?),
        }
    }

    fn encode(&mut self, batch: &RecordBatch) -> Result<(), TableError> {
        for start in (0..batch.num_rows()).step_by(PAGE_ROWS) {
            let page = batch.slice(start, PAGE_ROWS.min(batch.num_rows() - start));
            for (column, array) in self.columns.iter_mut().zip(page.columns()) {
                column.write(array, &mut self.workshop)?;
            }
            self.group_rows += page.num_rows();
            let bytes: usize = self.columns.iter().map(Column::bytes).sum();
            if self.group_rows >= GROUP_ROWS || bytes >= GROUP_BYTES {
                self.end_group()?;
            }
        }
        Ok(())
    }

    fn end_group(&mut self) -> Result<(), TableError> {
        if self.group_rows == 0 {
            return Ok(());
        }
        let columns = std::mem::take(&mut self.columns);
        let mut group = self.file.next_row_group()?;
        for column in columns {
            column.finish(&mut group, &mut self.workshop)?;
        }
        group.close()?;
        self.group_rows = 0;
        self.groups += 1;
        self.columns = self.fresh_columns()?;
        Ok(())
    }
}

impl Encoder for Parquet {
    fn write(&mut self, batch: &RecordBatch) -> Result<(), TableError> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        self.pending_rows += batch.num_rows();
        self.pending.push(batch.clone());
        if self.pending_rows >= PAGE_ROWS / 2 {
            self.encode_pending()?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<Target, TableError> {
        self.encode_pending()?;
        self.end_group()?;
        Ok(self.file.into_inner()?)
    }
}
