//! The Arrow schema of a table, made from its list of columns.

use crate::error::TableError;
use crate::nearest::nearest;
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use oddwire_core::column::{Column, Get};
use std::collections::HashMap;
use std::sync::Arc;

/// The Arrow schema of these columns; unit, meaning and formula are in each field's metadata.
#[must_use]
pub fn schema_of<R>(columns: &[Column<R>]) -> SchemaRef {
    Arc::new(Schema::new(columns.iter().map(field_of).collect::<Vec<_>>()))
}

/// The columns of these names, in the order named.
pub fn select<R>(columns: &[Column<R>], names: &[&str]) -> Result<Vec<Column<R>>, TableError> {
    names.iter().map(|name| find(columns, name)).collect()
}

fn find<R>(columns: &[Column<R>], name: &str) -> Result<Column<R>, TableError> {
    columns.iter().find(|column| column.name == name).copied().ok_or_else(|| TableError::UnknownColumn {
        name: name.to_owned(),
        nearest: nearest(name, columns.iter().map(|column| column.name)).map(str::to_owned),
    })
}

fn field_of<R>(column: &Column<R>) -> Field {
    let (data_type, nullable) = type_of(&column.get);
    let facts = [("unit", column.unit), ("meaning", column.meaning), ("formula", column.formula)];
    let metadata: HashMap<String, String> = facts
        .into_iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(key, text)| (key.to_owned(), text.to_owned()))
        .collect();
    Field::new(column.name, data_type, nullable).with_metadata(metadata)
}

/// The Arrow type, and whether nulls can occur.
fn type_of<R>(get: &Get<R>) -> (DataType, bool) {
    match get {
        Get::Bool(_) => (DataType::Boolean, false),
        Get::U8(_) => (DataType::UInt8, false),
        Get::U16(_) => (DataType::UInt16, false),
        Get::U32(_) => (DataType::UInt32, false),
        Get::U64(_) => (DataType::UInt64, false),
        Get::F64(_) => (DataType::Float64, false),
        Get::OptBool(_) => (DataType::Boolean, true),
        Get::OptU8(_) => (DataType::UInt8, true),
        Get::OptU16(_) => (DataType::UInt16, true),
        Get::OptU32(_) => (DataType::UInt32, true),
        Get::OptU64(_) => (DataType::UInt64, true),
        Get::OptF64(_) => (DataType::Float64, true),
        Get::Time(_) => (DataType::Timestamp(TimeUnit::Nanosecond, Some("UTC".into())), false),
        Get::Wide(_) => (DataType::Decimal128(38, 0), true),
        Get::Word(_) | Get::Addr(_) | Get::Mac(_) | Get::Text(_) => (DataType::Utf8View, true),
        Get::ListI64(_) => (DataType::List(list_item()), false),
    }
}

/// The field inside a list column.
pub(crate) fn list_item() -> Arc<Field> {
    Arc::new(Field::new_list_field(DataType::Int64, false))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Row {
        length: u32,
    }

    const COLUMNS: &[Column<Row>] = &[
        Column::new("length", "bytes", Get::U32(|row: &Row| row.length), "Length of the frame.")
            .by("as on the wire"),
        Column::new("dst_port", "", Get::OptU16(|_| None), "Destination port."),
    ];

    #[test]
    fn metadata_says_what_a_column_is() {
        let schema = schema_of(COLUMNS);
        let field = schema.field(0);
        assert_eq!(field.metadata()["unit"], "bytes");
        assert_eq!(field.metadata()["formula"], "as on the wire");
        assert!(!field.is_nullable());
        assert!(!schema.field(1).metadata().contains_key("unit"));
        assert!(schema.field(1).is_nullable());
    }

    #[test]
    fn selects_in_the_order_named() {
        let names: Vec<_> =
            select(COLUMNS, &["dst_port", "length"]).unwrap().iter().map(|c| c.name).collect();
        assert_eq!(names, ["dst_port", "length"]);
    }

    #[test]
    fn an_unknown_name_is_explained() {
        let error = select(COLUMNS, &["dstport"]).unwrap_err();
        assert_eq!(error.to_string(), "unknown column 'dstport'; did you mean 'dst_port'?");
    }
}
