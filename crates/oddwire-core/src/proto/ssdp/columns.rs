//! The columns of SSDP.

use super::message::Said;
use crate::column::{Column, Get};
use crate::proto::{Row, put};

macro_rules! c {
    ($name:literal, $unit:literal, $kind:ident, $meaning:literal, $get:expr) => {
        Column::<Row<Said>>::new($name, $unit, Get::$kind($get), $meaning)
    };
}

const COLUMNS: &[Column<Row<Said>>] = &[
    c!("method", "", Word, "What the message is: m-search, notify or response.", |r| Some(r.kind.name())),
    c!("target", "", Text, "Kind of device or service that is looked for or announced.", |r, text| {
        put(text, r.target.as_deref())
    }),
    c!("usn", "", Text, "Unique name of the service.", |r, text| put(text, r.usn.as_deref())),
    c!("announcement", "", Word, "What is announced: alive, byebye, update or other.", |r| r.announcement),
    c!("location", "", Text, "Address of the device's description, without user and query.", |r, text| {
        put(text, r.location.as_deref())
    }),
    c!("location_host", "", Text, "Host of that address, in lower case, without port.", |r, text| {
        put(text, r.location_host.as_deref())
    }),
    c!("server", "", Text, "What the device calls itself.", |r, text| put(text, r.server.as_deref())),
    c!("agent", "", Text, "What the client calls itself.", |r, text| put(text, r.agent.as_deref())),
    c!("max_wait", "s", OptU8, "Time within which responses shall come.", |r| r.max_wait),
    c!("max_age", "s", OptU32, "Time for which an announcement or response holds.", |r| r.max_age)
        .on_request(),
    c!("multicast", "", Bool, "Whether it was sent to a group.", |r| r.multicast),
    c!("bytes", "bytes", U32, "Bytes of the message.", |r| r.bytes),
];

/// The columns of SSDP rows.
pub(super) fn columns() -> Vec<Column<Row<Said>>> {
    COLUMNS.to_vec()
}
