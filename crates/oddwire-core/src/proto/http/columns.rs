//! The columns of HTTP.

use super::exchange::Said;
use super::request::Request;
use super::response::Response;
use crate::column::{Column, Get};
use crate::proto::{Row, put};

macro_rules! c {
    ($name:literal, $unit:literal, $kind:ident, $meaning:literal, $get:expr) => {
        Column::<Row<Said>>::new($name, $unit, Get::$kind($get), $meaning)
    };
}

const COLUMNS: &[Column<Row<Said>>] = &[
    c!("message", "", Word, "What was seen: request, response, or exchange for both.", |r| {
        Some(match (&r.request, &r.response) {
            (Some(_), Some(_)) => "exchange",
            (Some(_), None) => "request",
            (None, _) => "response",
        })
    }),
    c!("method", "", Text, "Method of the request.", |r, text| put(
        text,
        r.asked().map(|request| &*request.method)
    )),
    c!("host", "", Text, "Host that was asked for, in lower case, without port.", |r, text| {
        put(text, r.asked().and_then(|request| request.host.as_deref()))
    })
    .by("the Host field; without it that of the target"),
    c!("host_port", "", OptU16, "Port that stands behind the host.", |r| r.asked()?.host_port).on_request(),
    c!("path", "", Text, "Path that was asked for, without query; of CONNECT host and port.", |r, text| {
        put(text, r.asked().map(|request| &*request.path))
    }),
    c!("query_bytes", "bytes", OptU32, "Length of the query behind the path; null without one.", |r| {
        r.asked()?.query_bytes
    }),
    c!("query_names", "", Text, "Names of the query's parameters, joined by commas.", |r, text| {
        put(text, r.asked().and_then(|request| request.query_names.as_deref()))
    })
    .on_request(),
    c!(
        "attack_signs",
        "",
        Text,
        "Kinds of attacks whose syntax stands in the request: sql, traversal, script, command, template, joined by commas.",
        |r, text| { r.asked().is_some_and(|request| request.attack_signs.put(text)) }
    )
    .by("in the target, percent signs read twice; of other fields what is expanded where it is logged or run"),
    c!(
        "version",
        "",
        Word,
        "Version of the request, or of the response alone: 1.0, 1.1, icy or other.",
        |r| { r.asked().and_then(|request| request.version).or_else(|| r.answered()?.version) }
    ),
    c!("status", "", OptU16, "Status of the response; interim ones are passed over.", |r| Some(
        r.answered()?.status
    )),
    c!("reason", "", Text, "Words behind the status.", |r, text| {
        put(text, r.answered().and_then(|response| response.reason.as_deref()))
    })
    .on_request(),
    c!("agent", "", Text, "What the client calls itself.", |r, text| {
        put(text, r.asked().and_then(|request| request.agent.as_deref()))
    }),
    c!("referrer", "", Text, "Address that led here, without user and query.", |r, text| {
        put(text, r.asked().and_then(|request| request.referrer.as_deref()))
    }),
    c!("server", "", Text, "What the server calls itself.", |r, text| {
        put(text, r.answered().and_then(|response| response.server.as_deref()))
    }),
    c!("content_type", "", Text, "Declared type of the response's body.", |r, text| {
        put(text, r.answered().and_then(|response| response.content_type.as_deref()))
    }),
    c!("content_length", "bytes", OptU64, "Declared length of the response's body.", |r| r
        .answered()?
        .length),
    c!("request_content_type", "", Text, "Declared type of the request's body.", |r, text| {
        put(text, r.asked().and_then(|request| request.content_type.as_deref()))
    }),
    c!("request_bytes", "bytes", OptU64, "Bytes of the request's body on the wire.", |r| {
        r.asked().filter(|request| !request.cut).map(|request| request.body_bytes)
    })
    .by("those that the capture lacks between them are counted; null behind a head that was cut"),
    c!("response_bytes", "bytes", OptU64, "Bytes of the response's body on the wire.", |r| {
        r.answered().filter(|response| !response.cut).map(|response| response.body_bytes)
    })
    .by("those that the capture lacks between them are counted; null behind a head that was cut"),
    c!(
        "auth",
        "",
        Word,
        "How the client proves who it is: basic, digest, bearer, ntlm, negotiate or other.",
        |r| { r.asked()?.auth }
    ),
    c!("user", "", Text, "User that the client says it is, where basic or digest tells.", |r, text| {
        put(text, r.asked().and_then(|request| request.user.as_deref()))
    }),
    c!("login", "", Word, "Whether the server took the credentials: success or failure.", |r| r.login()).by(
        "401 or 407 is failure, another below 400 success; null without credentials, or while NTLM goes on",
    ),
    c!("cookies", "", OptU16, "Cookies of the request.", |r| Some(r.asked()?.cookies)),
    c!("location_host", "", Text, "Host that the response sends the client to.", |r, text| {
        put(text, r.answered().and_then(|response| response.location_host.as_deref()))
    })
    .on_request(),
    c!("proxied", "", OptBool, "Whether the client speaks to a proxy.", |r| { Some(r.asked()?.proxied) })
        .by("the method is CONNECT, or the target has scheme and host"),
    c!("address_as_host", "", OptBool, "Whether the host is an IP address.", |r| r.asked()?.asks_address()),
    c!("body_kind", "", Word, "What the response's body begins like, whatever its declared type.", |r| {
        r.answered()?.body_kind
    })
    .by("exe, elf, macho, script, zip, gzip, pdf, html, image, java_class, cab, ole, text or other"),
    c!("filename", "", Text, "Name that the response gives to its body.", |r, text| {
        put(text, r.answered().and_then(|response| response.filename.as_deref()))
    })
    .on_request(),
    c!(
        "latency_ns",
        "ns",
        OptU64,
        "Time from the last byte of the request to the first of its response.",
        |r| { r.latency_ns }
    ),
    c!("head_cut", "", Bool, "Whether a head was read in part only: too long, or cut by the capture.", |r| {
        r.asked().is_some_and(|request| request.cut) || r.answered().is_some_and(|response| response.cut)
    }),
    c!("request_packet", "", OptU64, "Number of the packet that began the request.", |r| Some(
        r.asked()?.at.number
    ))
    .on_request(),
    c!("response_packet", "", OptU64, "Number of the packet that began the response.", |r| {
        Some(r.answered()?.at.number)
    })
    .on_request(),
];

impl Said {
    fn asked(&self) -> Option<&Request> {
        self.request.as_deref()
    }

    fn answered(&self) -> Option<&Response> {
        self.response.as_deref()
    }
}

/// The columns of HTTP rows.
pub(super) fn columns() -> Vec<Column<Row<Said>>> {
    COLUMNS.to_vec()
}
