//! The columns of SMB.

use super::{Event, Said};
use crate::column::{Column, Get};
use crate::proto::ntlm::{Server, Who};
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
        "What happened: negotiate, login, tree, open, or encrypted where nothing more can be read.",
        |r| {
            Some(match r.event {
                Event::Negotiate => "negotiate",
                Event::Login => "login",
                Event::Tree => "tree",
                Event::Open => "open",
                Event::Encrypted => "encrypted",
            })
        }
    ),
    c!(
        "version",
        "",
        Word,
        "Dialect: SMB1, SMB2.0.2 to SMB3.1.1, or SMB2 where the dialect was not seen.",
        |r| r.version
    ),
    c!("user", "", Text, "Account that logs in, or that logged in before.", |r, text| put(
        text,
        who(r, |who| &who.user)
    )),
    c!("domain", "", Text, "Domain of that account, as the client says it.", |r, text| put(
        text,
        who(r, |who| &who.domain)
    )),
    c!("workstation", "", Text, "Name that the client gives itself.", |r, text| {
        put(text, who(r, |who| &who.workstation))
    }),
    c!(
        "auth",
        "",
        Word,
        "How it logs in: ntlm, kerberos, guest, anonymous, or plain for a bare password.",
        |r| r.auth
    ),
    c!("login", "", Word, "Outcome of the log-in: success or failure; null where none was seen.", |r| {
        r.login.map(|good| if good { "success" } else { "failure" })
    }),
    c!(
        "status",
        "",
        Text,
        "Status of the answer in its own word, or its number; null without an answer.",
        |r, text| { r.status.inspect(|status| status.push(text)).is_some() }
    ),
    c!("share", "", Text, "Path of the share.", |r, text| put(text, r.share.as_deref())),
    c!("share_type", "", Word, "Kind of the share: disk, pipe or print.", |r| r.share_type),
    c!("name", "", Text, "Pipe or executable file that is opened.", |r, text| put(text, r.name.as_deref())),
    c!("action", "", Word, "What opening did: opened, created, overwritten or superseded.", |r| r.action),
    c!("signing_required", "", OptBool, "Whether the server requires signed messages.", |r| r
        .signing_required),
    c!("encrypted", "", OptBool, "Whether session or share are to be encrypted.", |r| r.encrypted),
    c!("server_name", "", Text, "NetBIOS name that the server gives itself.", |r, text| put(
        text,
        server(r, |one| &one.name)
    )),
    c!("server_domain", "", Text, "NetBIOS name of the server's domain.", |r, text| {
        put(text, server(r, |one| &one.domain))
    }),
    c!("server_dns_name", "", Text, "DNS name that the server gives itself.", |r, text| {
        put(text, server(r, |one| &one.dns_name))
    }),
    c!("server_dns_domain", "", Text, "DNS name of the server's domain.", |r, text| {
        put(text, server(r, |one| &one.dns_domain))
    }),
    c!("server_os", "", Text, "Version or name of the server's operating system.", |r, text| {
        put(text, server(r, |one| &one.system))
    }),
    c!("latency_ns", "ns", OptU64, "Time from the request to its answer.", |r| r.latency_ns),
    c!("offered", "", Text, "Dialects that the client offers, joined by commas.", |r, text| put(
        text,
        r.offered.as_deref()
    ))
    .on_request(),
];

fn who(said: &Said, get: fn(&Who) -> &Option<Box<str>>) -> Option<&str> {
    said.who.as_deref().and_then(|who| get(who).as_deref())
}

fn server(said: &Said, get: fn(&Server) -> &Option<Box<str>>) -> Option<&str> {
    said.server.as_deref().and_then(|server| get(server).as_deref())
}

/// The columns of SMB rows.
pub(super) fn columns() -> Vec<Column<Row<Said>>> {
    COLUMNS.to_vec()
}
