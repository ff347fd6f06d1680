//! The columns of command shells.

use super::Said;
use crate::column::{Column, Get};
use crate::proto::Row;

macro_rules! c {
    ($name:literal, $unit:literal, $kind:ident, $meaning:literal, $get:expr) => {
        Column::<Row<Said>>::new($name, $unit, Get::$kind($get), $meaning)
    };
}

const COLUMNS: &[Column<Row<Said>>] = &[
    c!("event", "", Word, "Begin, when the shell first shows itself, or end, with totals.", |r| {
        Some(if r.over { "end" } else { "begin" })
    }),
    c!("prompt", "", Word, "Kind of the shell: windows_cmd, powershell or unix.", |r| r
        .kind
        .map(|kind| kind.name())),
    c!(
        "from_client",
        "",
        OptBool,
        "Whether the side that opened the connection is the shell's: a reverse shell.",
        |r| r.from_client
    )
    .by("who opened it is told by the handshake, else by the ports; null where neither tells"),
    c!("prompts", "", U32, "Prompts that it showed so far.", |r| r.prompts),
    c!("commands", "", U32, "Lines that the other side gave it so far.", |r| r.commands),
    c!("client_bytes", "bytes", U64, "Bytes that the client sent so far.", |r| r.client_bytes),
    c!("server_bytes", "bytes", U64, "Bytes that the server sent so far.", |r| r.server_bytes),
];

/// The columns of command shells' rows.
pub(super) fn columns() -> Vec<Column<Row<Said>>> {
    COLUMNS.to_vec()
}
