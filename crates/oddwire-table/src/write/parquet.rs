//! Parquet.

use super::Encoder;
use super::target::Target;
use crate::error::TableError;
use ::parquet::arrow::ArrowWriter;
use ::parquet::basic::{Compression, ZstdLevel};
use ::parquet::file::properties::WriterProperties;
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;

/// Rows in a row group; what is held in memory is the encoded columns of one.
const ROW_GROUP: usize = 64 * 1024;

pub(super) struct Parquet(ArrowWriter<Target>);

impl Parquet {
    pub(super) fn start(target: Target, schema: &SchemaRef) -> Result<Self, TableError> {
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(1)?))
            .set_max_row_group_row_count(Some(ROW_GROUP))
            .build();
        Ok(Self(ArrowWriter::try_new(target, schema.clone(), Some(properties))?))
    }
}

impl Encoder for Parquet {
    fn write(&mut self, batch: &RecordBatch) -> Result<(), TableError> {
        Ok(self.0.write(batch)?)
    }

    fn finish(self: Box<Self>) -> Result<Target, TableError> {
        Ok(self.0.into_inner()?)
    }
}
