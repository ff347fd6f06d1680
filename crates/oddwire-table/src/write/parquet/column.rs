//! A column of a row group: one of ours, or one left to the general writer.

use super::chunk::{Chunk, Workshop};
use super::dictionary::Dictionary;
use super::number::{Numbers, Store, Wides, write_flags};
use super::text::Texts;
use crate::error::TableError;
use ::parquet::arrow::arrow_writer::{ArrowColumnWriter, compute_leaves};
use ::parquet::errors::ParquetError;
use ::parquet::file::statistics::Statistics;
use ::parquet::file::writer::SerializedRowGroupWriter;
use ::parquet::schema::types::ColumnDescPtr;
use arrow_array::ArrayRef;
use arrow_array::cast::AsArray;
use arrow_schema::{DataType, FieldRef};
use std::io::Write;

/// The precision from which a decimal is stored in 16 bytes.
const WIDE_FROM: u8 = 37;

pub(super) enum Column {
    Ours { chunk: Chunk, kind: Box<Kind> },
    General { writers: Vec<ArrowColumnWriter>, field: FieldRef },
}

pub(super) enum Kind {
    Flags,
    Numbers(Numbers),
    Wides(Wides),
    Texts(Texts),
}

/// Whether columns of this type are encoded here.
pub(super) fn is_ours(data_type: &DataType) -> bool {
    Kind::of(data_type).is_some()
}

impl Kind {
    fn of(data_type: &DataType) -> Option<Self> {
        Some(match data_type {
            DataType::Boolean => Self::Flags,
            DataType::Utf8View => Self::Texts(Texts::new()),
            DataType::Decimal128(WIDE_FROM.., _) => Self::Wides(Wides(Dictionary::new())),
            other => Self::Numbers(Numbers::new(Store::of(other)?)),
        })
    }
}

impl Column {
    pub(super) fn ours(leaf: Option<ColumnDescPtr>, field: &FieldRef) -> Result<Self, TableError> {
        let kind = Kind::of(field.data_type());
        let (Some(leaf), Some(kind)) = (leaf, kind) else {
            return Err(
                ParquetError::General(format!("column '{}' has no place in the file", field.name())).into()
            );
        };
        Ok(Self::Ours { chunk: Chunk::new(leaf, field.is_nullable()), kind: Box::new(kind) })
    }

    pub(super) fn general(writers: Vec<ArrowColumnWriter>, field: &FieldRef) -> Self {
        Self::General { writers, field: field.clone() }
    }

    /// Bytes held.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Ours { chunk, .. } => chunk.bytes(),
            Self::General { writers, .. } => writers.iter().map(ArrowColumnWriter::memory_size).sum(),
        }
    }

    pub(super) fn write(&mut self, array: &ArrayRef, workshop: &mut Workshop) -> Result<(), TableError> {
        match self {
            Self::Ours { chunk, kind } => match kind.as_mut() {
                Kind::Flags => write_flags(array.as_ref(), chunk, workshop),
                Kind::Numbers(numbers) => numbers.write(array.as_ref(), chunk, workshop),
                Kind::Wides(wides) => wides.write(array.as_ref(), chunk, workshop),
                Kind::Texts(texts) => texts.write(array.as_string_view(), chunk, workshop),
            },
            Self::General { writers, field } => {
                for (writer, leaf) in writers.iter_mut().zip(compute_leaves(field, array)?) {
                    writer.write(&leaf)?;
                }
                Ok(())
            }
        }
    }

    pub(super) fn finish<W: Write + Send>(
        self,
        group: &mut SerializedRowGroupWriter<'_, W>,
        workshop: &mut Workshop,
    ) -> Result<(), TableError> {
        match self {
            Self::Ours { chunk, kind } => {
                let nulls = Some(chunk.nulls() as u64);
                match *kind {
                    Kind::Flags => {
                        let statistics = Statistics::boolean(None, None, None, nulls, false);
                        chunk.finish(group, workshop, None, statistics)
                    }
                    Kind::Numbers(numbers) => {
                        let statistics = numbers.statistics(chunk.nulls());
                        chunk.finish(group, workshop, numbers.dictionary(), statistics)
                    }
                    Kind::Wides(wides) => {
                        let statistics = Statistics::fixed_len_byte_array(None, None, None, nulls, false);
                        chunk.finish(group, workshop, wides.dictionary(), statistics)
                    }
                    Kind::Texts(texts) => {
                        let statistics = Statistics::byte_array(None, None, None, nulls, false);
                        chunk.finish(group, workshop, texts.dictionary(), statistics)
                    }
                }
            }
            Self::General { writers, .. } => {
                for writer in writers {
                    writer.close()?.append_to_row_group(group)?;
                }
                Ok(())
            }
        }
    }
}
