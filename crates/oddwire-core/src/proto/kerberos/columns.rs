//! The columns of Kerberos.

use super::message::Kind;
use super::{Said, words};
use crate::column::{Column, Get};
use crate::proto::{Row, put};
use std::fmt::Write;

macro_rules! c {
    ($name:literal, $unit:literal, $kind:ident, $meaning:literal, $get:expr) => {
        Column::<Row<Said>>::new($name, $unit, Get::$kind($get), $meaning)
    };
}

const COLUMNS: &[Column<Row<Said>>] = &[
    c!(
        "kind",
        "",
        Word,
        "What is asked for: as for a first ticket by a log-in, tgs for a ticket to a service.",
        |r| {
            r.kind.map(|kind| match kind {
                Kind::As => "as",
                Kind::Tgs => "tgs",
            })
        }
    ),
    c!(
        "client",
        "",
        Text,
        "Account that asks; of a tgs request it is known by the answer only.",
        |r, text| { put(text, r.client.as_deref()) }
    ),
    c!("realm", "", Text, "Realm that is asked.", |r, text| put(text, r.realm.as_deref())),
    c!("service", "", Text, "Service that the ticket is for, its parts joined by slashes.", |r, text| {
        put(text, r.service.as_deref())
    }),
    c!(
        "encryption_types",
        "",
        Text,
        "Kinds of encryption that the client offers, joined by commas.",
        |r, text| {
            for (place, &number) in r.encryptions.iter().enumerate() {
                if place > 0 {
                    text.push(',');
                }
                push_encryption(number, text);
            }
            !r.encryptions.is_empty()
        }
    ),
    c!("ticket_encryption", "", Text, "Kind of encryption of the ticket that was given.", |r, text| {
        r.ticket_encryption.inspect(|&number| push_encryption(number, text)).is_some()
    }),
    c!("reply_encryption", "", Text, "Kind of encryption of the answer to the client.", |r, text| {
        r.reply_encryption.inspect(|&number| push_encryption(number, text)).is_some()
    }),
    c!("preauth", "", OptBool, "Whether a log-in request proves that the client knows its key.", |r| r
        .preauth),
    c!("error", "", Text, "Why it was refused, in the word of the specification.", |r, text| {
        let Some(code) = r.error else { return false };
        match words::error(code) {
            Some(word) => text.push_str(word),
            None => drop(write!(text, "{code}")),
        }
        true
    }),
    c!("login", "", Word, "Outcome of a log-in: success, failure, or null where more is asked for.", |r| {
        let failed = r.error.is_some_and(words::is_failed_login);
        match r.kind {
            Some(Kind::As) if r.granted => Some("success"),
            Some(Kind::As) | None if failed => Some("failure"),
            _ => None,
        }
    }),
    c!(
        "tries",
        "",
        OptU32,
        "How often the same request was sent; null where only the answer was seen.",
        |r| { (r.tries > 0).then_some(r.tries) }
    ),
    c!("latency_ns", "ns", OptU64, "Time from the request to its answer.", |r| r.latency_ns),
    c!("options", "", Text, "Options of the request, joined by commas.", |r, text| {
        let Some(options) = r.options else { return false };
        let words = words::OPTIONS.iter().filter(|(bit, _)| options & bit != 0).map(|(_, word)| *word);
        text.push_str(&words.collect::<Vec<_>>().join(","));
        true
    })
    .on_request(),
    c!("till", "", Text, "Until when the ticket is asked for, as it was sent.", |r, text| put(
        text,
        r.till.as_deref()
    ))
    .on_request(),
];

fn push_encryption(number: i32, text: &mut String) {
    match words::encryption(number) {
        Some(word) => text.push_str(word),
        None => drop(write!(text, "{number}")),
    }
}

/// The columns of Kerberos rows.
pub(super) fn columns() -> Vec<Column<Row<Said>>> {
    COLUMNS.to_vec()
}
