//! The columns of QUIC.

use super::Said;
use crate::column::{Column, Get};
use crate::proto::tls::fingerprint::{Carrier, ja3_text, ja4_text};
use crate::proto::tls::hello::{ClientHello, extension};
use crate::proto::{Row, hex, put};

macro_rules! c {
    ($name:literal, $unit:literal, $kind:ident, $meaning:literal, $get:expr) => {
        Column::<Row<Said>>::new($name, $unit, Get::$kind($get), $meaning)
    };
}

const COLUMNS: &[Column<Row<Said>>] = &[
    c!(
        "version",
        "",
        Text,
        "Version that the client speaks: 1, 2, draft-29, Q046 and so on, or its number.",
        |r, text| {
            let known = r.version.0 != 0;
            if known {
                r.version.push_name(text);
            }
            known
        }
    ),
    c!("sni", "", Text, "Name of the server that the client asked for.", |r, text| {
        put(text, r.hello.as_ref().and_then(|hello| hello.name.as_deref()).or(r.google_name.as_deref()))
    }),
    c!("alpn", "", Text, "Protocols that the client offered, joined by commas.", |r, text| {
        put(text, r.hello.as_ref().and_then(|hello| hello.alpn.as_deref()))
    }),
    c!("ja4", "", Text, "JA4 fingerprint of the client.", |r, text| {
        put(text, r.prints.as_ref().map(|prints| &*prints.ja4))
    }),
    c!("ja3", "", Text, "JA3 fingerprint of the client.", |r, text| {
        put(text, r.prints.as_ref().map(|prints| hex(&prints.ja3)).as_deref())
    }),
    c!("ja4_text", "", Text, "JA4 with its lists in full, also called JA4_r.", |r, text| {
        put(text, printed(r).map(|hello| ja4_text(hello, Carrier::Quic)).as_deref())
    })
    .on_request(),
    c!("ja3_text", "", Text, "What JA3 is the hash of.", |r, text| put(
        text,
        printed(r).map(ja3_text).as_deref()
    ))
    .on_request(),
    c!("ciphers_offered", "", OptU16, "Cipher suites that the client offered.", |r| r.ciphers),
    c!(
        "dcid_bytes",
        "bytes",
        OptU8,
        "Length of the identifier that the client first chose for the server.",
        |r| { r.identifiers.map(|(server, _)| server) }
    ),
    c!("scid_bytes", "bytes", OptU8, "Length of the identifier that the client chose for itself.", |r| {
        r.identifiers.map(|(_, client)| client)
    }),
    c!("token_bytes", "bytes", OptU32, "Length of the longest token in the client's first packets.", |r| r
        .token_bytes),
    c!("retry", "", Bool, "Whether the server asked the client to prove its address.", |r| r.retry),
    c!(
        "server_version_negotiation",
        "",
        Bool,
        "Whether the server did not speak the client's version.",
        |r| { r.negotiation }
    ),
    c!("zero_rtt", "", Bool, "Whether the client was seen to send data before the server answered.", |r| r
        .early),
    c!(
        "ech",
        "",
        OptBool,
        "Whether the hello carries an encrypted one, or only pretends to: that cannot be told.",
        |r| { r.hello.as_ref().map(|hello| hello.has(extension::ENCRYPTED_HELLO)) }
    ),
    c!("client_hello_bytes", "bytes", OptU32, "Bytes of the client's hello with its head.", |r| {
        r.hello.as_ref().map(|hello| hello.bytes)
    }),
    c!("server_seen", "", Bool, "Whether the server was heard.", |r| r.server_seen),
    c!("latency_ns", "ns", OptU64, "Time from the client's first packet to the server's.", |r| r.latency_ns),
    c!("skipped", "", Bool, "Whether the hello was not read because too many came at once.", |r| r.skipped),
];

/// The hello, if its lists are whole.
fn printed(said: &Said) -> Option<&ClientHello> {
    said.hello.as_deref().filter(|hello| hello.whole)
}

/// The columns of QUIC rows.
pub(super) fn columns() -> Vec<Column<Row<Said>>> {
    COLUMNS.to_vec()
}
