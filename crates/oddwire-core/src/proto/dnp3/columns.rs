//! The columns of DNP3.

use super::object::Objects;
use super::{Said, codes};
use crate::column::{Column, Get};
use crate::proto::Row;
use std::fmt::Write;

macro_rules! c {
    ($name:literal, $unit:literal, $kind:ident, $meaning:literal, $get:expr) => {
        Column::<Row<Said>>::new($name, $unit, Get::$kind($get), $meaning)
    };
}

const COLUMNS: &[Column<Row<Said>>] = &[
    c!("source", "", U16, "Link address of the client, also where only an answer was seen.", |r| r.source),
    c!("destination", "", U16, "Link address of the server.", |r| r.destination),
    c!(
        "function",
        "",
        OptU8,
        "Function number of the application; null for a frame of the link alone.",
        |r| r.function
    ),
    c!(
        "function_name",
        "",
        Word,
        "Name of the function; of a frame of the link alone what that says.",
        |r| match r.function {
            Some(function) => codes::function_name(function),
            None => r.link,
        }
    ),
    c!(
        "control",
        "",
        Bool,
        "Whether it changes what the device holds, does or reports: writes, operations, restarts, files.",
        |r| { r.function.is_some_and(codes::is_control) }
    ),
    c!("sequence", "", OptU8, "Sequence number of the application.", |r| r.sequence),
    c!(
        "objects",
        "",
        Text,
        "First objects as group and variation, such as 12v1, joined by commas.",
        |r, text| { push_objects(&r.objects, text) }
    ),
    c!("answer_objects", "", Text, "First objects of the answer, likewise.", |r, text| push_objects(
        &r.answer_objects,
        text
    )),
    c!(
        "internal_indications",
        "",
        Text,
        "What the device says of itself in its answer, joined by commas; none where nothing is set.",
        |r, text| {
            r.indications.is_some_and(|bits| {
                push_joined(codes::indications(bits), text);
                if bits == 0 {
                    text.push_str("none");
                }
                true
            })
        }
    ),
    c!(
        "request_bytes",
        "bytes",
        OptU32,
        "Bytes of the frames of the request, or of a bare link frame of the client.",
        |r| r.request_bytes
    ),
    c!(
        "answer_bytes",
        "bytes",
        OptU32,
        "Bytes of the frames of the answer, or of a bare link frame of the server.",
        |r| r.answer_bytes
    ),
    c!("latency_ns", "ns", OptU64, "Time from the request to the end of its answer.", |r| r.latency_ns),
    c!(
        "crc_errors",
        "",
        U32,
        "Wrong checksums in the frames of both, and of frames between them that were passed over.",
        |r| { r.crc_errors }
    ),
    c!("answer_packet", "", OptU64, "Number of the packet that brought the answer.", |r| r.answer_packet)
        .on_request(),
];

fn push_joined(words: impl Iterator<Item = &'static str>, text: &mut String) {
    for (place, word) in words.enumerate() {
        if place > 0 {
            text.push(',');
        }
        text.push_str(word);
    }
}

fn push_objects(objects: &Objects, text: &mut String) -> bool {
    for (place, (group, variation)) in objects.kinds().iter().enumerate() {
        let comma = if place > 0 { "," } else { "" };
        let _ = write!(text, "{comma}{group}v{variation}");
    }
    !objects.kinds().is_empty()
}

/// The columns of DNP3 rows.
pub(super) fn columns() -> Vec<Column<Row<Said>>> {
    COLUMNS.to_vec()
}
