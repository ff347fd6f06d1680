//! The columns of executable content.

use super::Said;
use crate::column::{Column, Get};
use crate::proto::Row;

macro_rules! c {
    ($name:literal, $unit:literal, $kind:ident, $meaning:literal, $get:expr) => {
        Column::<Row<Said>>::new($name, $unit, Get::$kind($get), $meaning)
    };
}

const COLUMNS: &[Column<Row<Said>>] = &[
    c!("what", "", Word, "What it is: pe, elf, macho, script or powershell.", |r| Some(r.what.name())),
    c!("from_client", "", OptBool, "Whether the side that opened the connection sent it.", |r| r.from_client)
        .by("who opened it is told by the handshake, else by the ports; null where neither tells"),
    c!(
        "offset_bytes",
        "bytes",
        U8,
        "Bytes before it: 0, or 4 where its length stands before it, as stagers send it.",
        |r| r.offset
    ),
];

/// The columns of executable content's rows.
pub(super) fn columns() -> Vec<Column<Row<Said>>> {
    COLUMNS.to_vec()
}
