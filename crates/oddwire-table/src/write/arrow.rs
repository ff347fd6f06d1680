//! Arrow IPC: a file that can be mapped, or a stream.

use super::Encoder;
use super::target::Target;
use crate::error::TableError;
use arrow_array::RecordBatch;
use arrow_ipc::writer::{FileWriter, StreamWriter};
use arrow_schema::SchemaRef;
use std::io::BufWriter;

struct ToFile(FileWriter<BufWriter<Target>>);

struct ToStream(StreamWriter<BufWriter<Target>>);

pub(super) fn start(target: Target, schema: &SchemaRef) -> Result<Box<dyn Encoder>, TableError> {
    Ok(if target.is_file() {
        Box::new(ToFile(FileWriter::try_new_buffered(target, schema)?))
    } else {
        Box::new(ToStream(StreamWriter::try_new_buffered(target, schema)?))
    })
}

fn unwrap_buffer(buffer: BufWriter<Target>) -> Result<Target, TableError> {
    buffer.into_inner().map_err(|error| TableError::Stream(error.into_error()))
}

impl Encoder for ToFile {
    fn write(&mut self, batch: &RecordBatch) -> Result<(), TableError> {
        Ok(self.0.write(batch)?)
    }

    fn finish(mut self: Box<Self>) -> Result<Target, TableError> {
        self.0.finish()?;
        unwrap_buffer(self.0.into_inner()?)
    }
}

impl Encoder for ToStream {
    fn write(&mut self, batch: &RecordBatch) -> Result<(), TableError> {
        Ok(self.0.write(batch)?)
    }

    fn finish(mut self: Box<Self>) -> Result<Target, TableError> {
        self.0.finish()?;
        unwrap_buffer(self.0.into_inner()?)
    }
}
