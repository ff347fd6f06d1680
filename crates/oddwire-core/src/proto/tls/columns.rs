//! The columns of TLS.

use super::certificate::Content;
use super::codes::{alert_name, push_cipher, push_group, push_version};
use super::fingerprint::{Carrier, ja3_text, ja4_text};
use super::hello::extension;
use super::{ClientHello, Said, Server};
use crate::column::{Column, Get};
use crate::proto::{Row, hex, put};
use std::fmt::Write;

macro_rules! c {
    ($name:literal, $unit:literal, $kind:ident, $meaning:literal, $get:expr) => {
        Column::<Row<Said>>::new($name, $unit, Get::$kind($get), $meaning)
    };
}

const COLUMNS: &[Column<Row<Said>>] = &[
    c!("service", "", Word, "Whether it is tls (over TCP) or dtls (over UDP).", |r| {
        Some(if r.carrier == Carrier::Datagram { "dtls" } else { "tls" })
    }),
    c!(
        "version",
        "",
        Text,
        "Version that both agreed on; null where the server did not answer.",
        |r, text| { r.server.as_ref().is_some_and(|server| version(Some(server.hello.negotiated()), text)) }
    ),
    c!("client_version", "", Text, "Highest version that the client offered.", |r, text| {
        version(r.hello.as_ref().map(|hello| hello.highest()), text)
    }),
    c!("sni", "", Text, "Name of the server that the client asked for.", |r, text| {
        put(text, r.hello.as_ref().and_then(|hello| hello.name.as_deref()))
    }),
    c!("alpn", "", Text, "Protocol that the server chose; hidden in TLS 1.3.", |r, text| {
        put(text, r.server.as_ref().and_then(|server| server.hello.alpn.as_deref()))
    }),
    c!("client_alpn", "", Text, "Protocols that the client offered, joined by commas.", |r, text| {
        put(text, r.hello.as_ref().and_then(|hello| hello.alpn.as_deref()))
    }),
    c!(
        "cipher",
        "",
        Text,
        "Cipher suite that the server chose, by its registered name, or its number.",
        |r, text| {
            r.server.as_ref().filter(|server| !server.hello.retry).is_some_and(|server| {
                push_cipher(server.hello.cipher, text);
                true
            })
        }
    ),
    c!("ciphers_offered", "", OptU16, "Cipher suites that the client offered.", |r| r.ciphers),
    c!("group", "", Text, "Group of the key exchange that the server chose.", |r, text| {
        r.server.as_ref().and_then(|server| server.hello.group).is_some_and(|group| {
            push_group(group, text);
            true
        })
    }),
    c!(
        "resumed",
        "",
        OptBool,
        "Whether an earlier session was resumed: by session identifier, ticket or key.",
        |r| { r.resumed }
    ),
    c!("established", "", Bool, "Whether both sides went over to encryption.", |r| r.established),
    c!("hello_retry", "", OptBool, "Whether the server asked for another hello.", |r| {
        r.server.as_ref().map(|server| server.retried)
    })
    .on_request(),
    c!("ja3", "", Text, "JA3 fingerprint of the client.", |r, text| {
        put(text, r.prints.as_ref().map(|prints| hex(&prints.ja3)).as_deref())
    }),
    c!("ja3s", "", Text, "JA3S fingerprint of the server.", |r, text| {
        put(text, r.server.as_ref().and_then(|server| server.ja3s).map(|ja3s| hex(&ja3s)).as_deref())
    }),
    c!("ja4", "", Text, "JA4 fingerprint of the client.", |r, text| {
        put(text, r.prints.as_ref().map(|prints| &*prints.ja4))
    }),
    c!("ja4_retry", "", Text, "JA4 of the second hello, which answers a request to try again.", |r, text| {
        put(text, r.ja4_retry.as_deref())
    })
    .on_request(),
    c!("ja3_text", "", Text, "What JA3 is the hash of.", |r, text| {
        put(text, printed(r).map(ja3_text).as_deref())
    })
    .on_request(),
    c!("ja4_text", "", Text, "JA4 with its lists in full, also called JA4_r.", |r, text| {
        put(text, printed(r).map(|hello| ja4_text(hello, r.carrier)).as_deref())
    })
    .on_request(),
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
    c!(
        "certificates",
        "",
        OptU16,
        "Certificates that the server showed; null in TLS 1.3, which hides them.",
        |r| { r.certificates }
    ),
    c!("subject", "", Text, "Whom the server's certificate is for, in the manner of RFC 4514.", |r, text| {
        put(text, certified(r).map(|content| &*content.subject))
    }),
    c!("issuer", "", Text, "Who issued it.", |r, text| put(
        text,
        certified(r).map(|content| &*content.issuer)
    )),
    c!("san", "", Text, "Further names that it is for, joined by commas.", |r, text| {
        put(text, certified(r).and_then(|content| content.other_names.as_deref()))
    }),
    c!("not_before", "", Text, "When it begins to be valid, UTC, in the form of RFC 3339.", |r, text| {
        certified(r).is_some_and(|content| push_time(content.not_before, text))
    }),
    c!("not_after", "", Text, "When it ends to be valid, UTC, in the form of RFC 3339.", |r, text| {
        certified(r).is_some_and(|content| push_time(content.not_after, text))
    }),
    c!(
        "certificate_expired",
        "",
        OptBool,
        "Whether it was no longer valid at the time of the packet.",
        |r| { certified(r).map(|content| r.seen_s > content.not_after) }
    ),
    c!("self_signed", "", OptBool, "Whether it names the same as subject and issuer.", |r| {
        certified(r).map(|content| content.self_signed)
    }),
    c!("key_type", "", Word, "Type of its key: rsa, ec, dsa, ed25519, ed448, gost or other.", |r| {
        certified(r).map(|content| content.key_type)
    }),
    c!("key_bits", "bits", OptU32, "Length of its key.", |r| certified(r)?.key_bits),
    c!("signature_algorithm", "", Text, "Algorithm of the signature under it.", |r, text| {
        put(text, certified(r).map(|content| &*content.signature))
    }),
    c!("certificate_sha256", "", Text, "SHA-256 of it.", |r, text| {
        put(text, r.certificate.as_ref().map(|certificate| hex(&certificate.sha256)).as_deref())
    }),
    c!(
        "client_certificate",
        "",
        OptBool,
        "Whether the client showed a certificate; null where that is hidden.",
        |r| { r.client_certificate }
    ),
    c!("alert", "", Text, "Fatal alert, else the first one that could be read.", |r, text| {
        r.alert.is_some_and(|alert| {
            match alert_name(alert) {
                Some(name) => text.push_str(name),
                None => drop(write!(text, "{alert}")),
            }
            true
        })
    }),
    c!(
        "records",
        "bytes",
        ListI64,
        "Lengths of the first 32 records in the order seen; those of the server are negative.",
        |r, list| {
            list.extend(r.records.iter().map(|&length| i64::from(length)));
        }
    ),
    c!("latency_ns", "ns", OptU64, "Time from the client's hello to the server's.", |r| latency(
        r.server.as_deref()
    )),
    c!("skipped", "", Bool, "Whether the certificate was not read because too many came at once.", |r| r
        .skipped),
];

fn latency(server: Option<&Server>) -> Option<u64> {
    server?.latency_ns
}

fn version(number: Option<u16>, text: &mut String) -> bool {
    if let Some(number) = number {
        push_version(number, text);
    }
    number.is_some()
}

/// The hello, if its lists are whole.
fn printed(said: &Said) -> Option<&ClientHello> {
    said.hello.as_deref().filter(|hello| hello.whole)
}

fn certified(said: &Said) -> Option<&Content> {
    said.certificate.as_ref()?.content.as_ref()
}

/// A moment in the form of RFC 3339; the calendar is that of Hinnant's `civil_from_days`.
fn push_time(seconds: i64, text: &mut String) -> bool {
    let (days, second) = (seconds.div_euclid(86_400) + 719_468, seconds.rem_euclid(86_400));
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let part = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * part + 2) / 5 + 1;
    let month = if part < 10 { part + 3 } else { part - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    write!(text, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z").is_ok()
}

/// The columns of TLS rows.
pub(super) fn columns() -> Vec<Column<Row<Said>>> {
    COLUMNS.to_vec()
}
