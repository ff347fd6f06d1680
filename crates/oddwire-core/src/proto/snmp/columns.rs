//! The columns of SNMP.

use super::Said;
use super::message::Kind;
use crate::column::{Column, Get};
use crate::proto::{Row, put};
use std::fmt::Write;

macro_rules! c {
    ($name:literal, $unit:literal, $kind:ident, $meaning:literal, $get:expr) => {
        Column::<Row<Said>>::new($name, $unit, Get::$kind($get), $meaning)
    };
}

const COLUMNS: &[Column<Row<Said>>] = &[
    c!("version", "", Word, "Version of the protocol: 1, 2c or 3.", |r| Some(match r.message.version {
        0 => "1",
        1 => "2c",
        _ => "3",
    })),
    c!(
        "pdu",
        "",
        Word,
        "What was asked or told, such as get, get_bulk or trap; null when it is encrypted.",
        |r| { r.message.kind.map(kind_name) }
    ),
    c!("answer", "", Word, "What answered: response, or report for a fault of version 3.", |r| r
        .answer
        .map(kind_name)),
    c!(
        "community_default",
        "",
        OptBool,
        "Whether the community, which is not kept, is one that everybody knows.",
        |r| { r.message.community_default }
    )
    .by("public or private"),
    c!("user", "", Text, "User of version 3.", |r, text| put(text, r.message.user.as_deref())),
    c!("security", "", Word, "Whether version 3 authenticates and encrypts.", |r| {
        r.message.flags.map(|flags| match flags & 3 {
            0 => "noAuthNoPriv",
            1 => "authNoPriv",
            3 => "authPriv",
            _ => "privWithoutAuth",
        })
    }),
    c!("variables", "", OptU16, "Variables of the request, or of the message that stands alone.", |r| {
        r.message.variables
    }),
    c!("first_oid", "", Text, "Object identifier of the first variable.", |r, text| {
        put(text, r.message.first_object.as_deref())
    }),
    c!(
        "trap_oid",
        "",
        Text,
        "What a trap is: its own identifier; of version 1 the enterprise.",
        |r, text| { put(text, r.message.trap_object.as_deref()) }
    ),
    c!("max_repetitions", "", OptU32, "How often a get_bulk asks for the next objects.", |r| r
        .message
        .max_repetitions),
    c!("error", "", Text, "Error of the answer in a word; null where all went well.", |r, text| {
        r.error.is_some_and(|error| push_error(error, text))
    }),
    c!("request_bytes", "bytes", OptU32, "Bytes of the request, or of the trap.", |r| r.request_bytes),
    c!("answer_bytes", "bytes", OptU32, "Bytes of the answer.", |r| r.answer_bytes),
    c!("amplification", "", OptF64, "Bytes of the answer for each byte of the request.", |r| {
        let asked = r.request_bytes.filter(|&bytes| bytes > 0)?;
        Some(f64::from(r.answer_bytes?) / f64::from(asked))
    })
    .by("answer_bytes / request_bytes"),
    c!("latency_ns", "ns", OptU64, "Time from the request to its answer.", |r| r.latency_ns),
    c!("tries", "", OptU32, "How often the same request was sent until it was answered or given up.", |r| {
        (r.tries > 0).then_some(r.tries)
    }),
    c!("answer_variables", "", OptU16, "Variables of the answer.", |r| r.answer_variables).on_request(),
    c!("engine_id", "", Text, "Engine of version 3 that is in charge, in hexadecimal digits.", |r, text| {
        put(text, r.message.engine.as_deref())
    })
    .on_request(),
];

const fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Get => "get",
        Kind::GetNext => "get_next",
        Kind::Response => "response",
        Kind::Set => "set",
        Kind::TrapOfVersion1 | Kind::Trap => "trap",
        Kind::GetBulk => "get_bulk",
        Kind::Inform => "inform",
        Kind::Report => "report",
    }
}

fn push_error(error: u32, text: &mut String) -> bool {
    text.push_str(match error {
        0 => return false,
        1 => "too_big",
        2 => "no_such_name",
        3 => "bad_value",
        4 => "read_only",
        5 => "general_error",
        6 => "no_access",
        7 => "wrong_type",
        8 => "wrong_length",
        9 => "wrong_encoding",
        10 => "wrong_value",
        11 => "no_creation",
        12 => "inconsistent_value",
        13 => "resource_unavailable",
        14 => "commit_failed",
        15 => "undo_failed",
        16 => "authorization_error",
        17 => "not_writable",
        18 => "inconsistent_name",
        _ => return write!(text, "{error}").is_ok(),
    });
    true
}

/// The columns of SNMP rows.
pub(super) fn columns() -> Vec<Column<Row<Said>>> {
    COLUMNS.to_vec()
}
