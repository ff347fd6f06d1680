//! The Arrow `PyCapsule` interface: batches out of the core and into it, without a copy.
#![allow(unsafe_code)]

use crate::errors::{table_error, usage};
use arrow_array::RecordBatchReader;
use arrow_array::ffi_stream::{FFI_ArrowArrayStream, RecordBatchStreamReader};
use oddwire_table::TableError;
use pyo3::prelude::*;
use pyo3::types::PyCapsule;
use std::ffi::CStr;

const STREAM: &CStr = c"arrow_array_stream";

/// A reader as a capsule; whoever imports it empties it, and what nobody imports is released with the capsule.
pub(crate) fn export(
    py: Python<'_>,
    reader: Box<dyn RecordBatchReader + Send>,
) -> PyResult<Bound<'_, PyCapsule>> {
    PyCapsule::new_with_value(py, SendStream(FFI_ArrowArrayStream::new(reader)), STREAM)
}

/// A stream that capsules may hold. It must be the first and only field: importers read the capsule's pointer as
/// the C struct itself.
#[repr(transparent)]
struct SendStream(#[allow(dead_code)] FFI_ArrowArrayStream);

// SAFETY: `export` takes only readers that are `Send`, and the C interface moves a stream as a whole.
unsafe impl Send for SendStream {}

/// The batches of any Python object that has `__arrow_c_stream__`.
pub(crate) fn import(object: &Bound<'_, PyAny>) -> PyResult<RecordBatchStreamReader> {
    if !object.hasattr("__arrow_c_stream__")? {
        return Err(usage(format!("{} has no __arrow_c_stream__", object.get_type())));
    }
    let capsule = object.call_method0("__arrow_c_stream__")?.cast_into::<PyCapsule>()?;
    let pointer = capsule.pointer_checked(Some(STREAM))?;
    // SAFETY: by the interface's rules a capsule of this name points to an ArrowArrayStream, which the importer
    // moves out of it.
    let reader = unsafe { RecordBatchStreamReader::from_raw(pointer.as_ptr().cast()) };
    reader.map_err(|error| table_error(&TableError::from(error)))
}
