//! Batches as lists of Python tuples, for what wants Python values: a table on the screen, `SQLite`.

use crate::errors::usage;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    Decimal128Type, Float64Type, Int32Type, Int64Type, TimestampNanosecondType, UInt8Type, UInt16Type,
    UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, TimeUnit};
use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};

/// The rows of a batch. Times are nanoseconds since the epoch; lists become text; wide integers become text.
pub(crate) fn tuples<'py>(py: Python<'py>, batch: &RecordBatch) -> PyResult<Bound<'py, PyList>> {
    let list = PyList::empty(py);
    for row in 0..batch.num_rows() {
        let cells =
            batch.columns().iter().map(|column| cell(py, column, row)).collect::<PyResult<Vec<_>>>()?;
        list.append(PyTuple::new(py, cells)?)?;
    }
    Ok(list)
}

fn cell<'py>(py: Python<'py>, column: &ArrayRef, row: usize) -> PyResult<Option<Bound<'py, PyAny>>> {
    if column.is_null(row) {
        return Ok(None);
    }
    macro_rules! number {
        ($kind:ty) => {
            column.as_primitive::<$kind>().value(row).into_pyobject(py)?.into_any()
        };
    }
    Ok(Some(match column.data_type() {
        DataType::UInt8 => number!(UInt8Type),
        DataType::UInt16 => number!(UInt16Type),
        DataType::UInt32 => number!(UInt32Type),
        DataType::UInt64 => number!(UInt64Type),
        DataType::Int32 => number!(Int32Type),
        DataType::Int64 => number!(Int64Type),
        DataType::Float64 => number!(Float64Type),
        DataType::Timestamp(TimeUnit::Nanosecond, _) => number!(TimestampNanosecondType),
        DataType::Boolean => column.as_boolean().value(row).into_pyobject(py)?.to_owned().into_any(),
        DataType::Utf8 => column.as_string::<i32>().value(row).into_pyobject(py)?.into_any(),
        DataType::LargeUtf8 => column.as_string::<i64>().value(row).into_pyobject(py)?.into_any(),
        DataType::Utf8View => column.as_string_view().value(row).into_pyobject(py)?.into_any(),
        DataType::Decimal128(..) => {
            column.as_primitive::<Decimal128Type>().value(row).to_string().into_pyobject(py)?.into_any()
        }
        DataType::List(_) => list_text(&column.as_list::<i32>().value(row)).into_pyobject(py)?.into_any(),
        other => return Err(usage(format!("no Python value for a column of type {other}"))),
    }))
}

/// A list as `[1,2,3]`, as in CSV.
fn list_text(items: &ArrayRef) -> String {
    let numbers =
        items.as_primitive_opt::<Int64Type>().map(|items| items.values().as_ref()).unwrap_or_default();
    let numbers: Vec<String> = numbers.iter().map(i64::to_string).collect();
    format!("[{}]", numbers.join(","))
}
