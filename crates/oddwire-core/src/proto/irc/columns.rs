//! The columns of IRC.

use super::Said;
use crate::column::{Column, Get};
use crate::proto::{Row, put};

macro_rules! c {
    ($name:literal, $unit:literal, $kind:ident, $meaning:literal, $get:expr) => {
        Column::<Row<Said>>::new($name, $unit, Get::$kind($get), $meaning)
    };
}

const COLUMNS: &[Column<Row<Said>>] = &[
    c!(
        "event",
        "",
        Word,
        "What happened: registration, when the server took the client; join; or end, with totals.",
        |r| Some(r.event.name())
    ),
    c!("nick", "", Text, "Name that the client goes by.", |r, text| put(text, r.nick.as_deref())),
    c!("user", "", Text, "Name of the user on the client's host, as it says.", |r, text| put(
        text,
        r.user.as_deref()
    )),
    c!("channels", "", Text, "Channels that it joined so far, joined by commas.", |r, text| {
        let known = !r.channels.is_empty();
        text.push_str(&r.channels);
        known
    }),
    c!("server_name", "", Text, "What the server calls itself.", |r, text| put(
        text,
        r.server_name.as_deref()
    )),
    c!("joins", "", U32, "Channels that it asked to join so far.", |r| r.joins),
    c!("messages_sent", "", U32, "Messages that the client sent so far.", |r| r.sent),
    c!("messages_received", "", U32, "Messages that the client was sent so far.", |r| r.received),
    c!("client_bytes", "bytes", U64, "Bytes that the client sent so far.", |r| r.client_bytes),
    c!("server_bytes", "bytes", U64, "Bytes that the server sent so far.", |r| r.server_bytes),
];

/// The columns of IRC rows.
pub(super) fn columns() -> Vec<Column<Row<Said>>> {
    COLUMNS.to_vec()
}
