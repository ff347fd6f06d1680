//! The columns of SSH.

use super::judge::Sign;
use super::{CIPHER, COMPRESSION, HOST_KEY, KEX, Said};
use crate::column::{Column, Get};
use crate::proto::{Row, put};

/// The longest text of a list that is shown.
const MOST_LIST: usize = 8_192;

macro_rules! c {
    ($name:literal, $unit:literal, $kind:ident, $meaning:literal, $get:expr) => {
        Column::<Row<Said>>::new($name, $unit, Get::$kind($get), $meaning)
    };
}

const COLUMNS: &[Column<Row<Said>>] = &[
    c!(
        "login",
        "",
        Word,
        "Whether somebody got in: success, failure or unknown; a judgement by sizes and order of encrypted \
        packets, no certainty; null where encryption never began.",
        |r| {
            r.sealed.then_some(match r.verdict.login {
                Some(true) => "success",
                Some(false) => "failure",
                None => "unknown",
            })
        }
    ),
    c!(
        "login_sign",
        "",
        Word,
        "What that judgement rests on: accept (a packet of the size of success), traffic (goes on as only \
        after a log-in), refusals; null where there is none.",
        |r| {
            r.verdict.sign.map(|sign| match sign {
                Sign::Success => "accept",
                Sign::Traffic => "traffic",
                Sign::Refusals => "refusals",
            })
        }
    ),
    c!(
        "login_tries",
        "",
        OptU32,
        "Log-ins that were tried, keys that were offered in vain among them: refused ones and the accepted one, \
        by the same judgement; null where it cannot be judged.",
        |r| r.verdict.tries
    ),
    c!("client_banner", "", Text, "What the client says it is.", |r, text| put(
        text,
        r.banners[0].as_deref()
    )),
    c!("server_banner", "", Text, "What the server says it is.", |r, text| put(
        text,
        r.banners[1].as_deref()
    )),
    c!("version", "", OptU8, "Version of the protocol that both speak, by the banners: 1 or 2.", |r| r
        .version),
    c!("hassh", "", Text, "HASSH of the client: MD5 of its lists of methods.", |r, text| {
        r.offers[0].as_ref().map(|offer| text.push_str(&offer.hassh(false))).is_some()
    }),
    c!("hassh_server", "", Text, "HASSH of the server.", |r, text| {
        r.offers[1].as_ref().map(|offer| text.push_str(&offer.hassh(true))).is_some()
    }),
    c!("kex", "", Text, "Method for the exchange of keys that both sides' lists lead to.", |r, text| put(
        text,
        r.chosen(KEX)
    )),
    c!("host_key", "", Text, "Algorithm of the server's key that both sides' lists lead to.", |r, text| {
        put(text, r.chosen(HOST_KEY))
    }),
    c!("cipher", "", Text, "Cipher for what the client sends.", |r, text| put(text, r.chosen(CIPHER))),
    c!(
        "mac",
        "",
        Text,
        "Code for integrity of what the client sends; implicit where the cipher does that itself.",
        |r, text| { put(text, r.mac()) }
    ),
    c!("compression", "", Text, "Compression of what the client sends.", |r, text| put(
        text,
        r.chosen(COMPRESSION)
    )),
    c!(
        "host_key_sha256",
        "",
        Text,
        "SHA-256 of the key that the server showed, in hexadecimal.",
        |r, text| { put(text, r.host_key.as_deref()) }
    ),
    c!("client_first", "", OptBool, "Whether the client spoke first.", |r| r.client_first),
    c!("server_cipher", "", Text, "Cipher for what the server sends.", |r, text| put(
        text,
        r.chosen(CIPHER + 1)
    ))
    .on_request(),
    c!("hassh_text", "", Text, "The text that HASSH of the client is the digest of.", |r, text| {
        list(r.offers[0].as_ref().map(|offer| offer.hassh_text(false)).as_deref(), text)
    })
    .on_request(),
    c!("hassh_server_text", "", Text, "The text that HASSH of the server is the digest of.", |r, text| {
        list(r.offers[1].as_ref().map(|offer| offer.hassh_text(true)).as_deref(), text)
    })
    .on_request(),
    c!(
        "requests_judged",
        "",
        U32,
        "Encrypted requests of the client with their answers that the judgement saw.",
        |r| { r.verdict.exchanges }
    )
    .on_request(),
    c!("refusal_bytes", "bytes", OptU32, "Bytes of one refusal, encrypted.", |r| r.verdict.refusal_bytes)
        .on_request(),
];

fn list(list: Option<&str>, text: &mut String) -> bool {
    put(text, list.map(|list| list.get(..MOST_LIST).unwrap_or(list)))
}

/// The columns of SSH rows.
pub(super) fn columns() -> Vec<Column<Row<Said>>> {
    COLUMNS.to_vec()
}
