//! The columns of SOCKS.

use super::message::Target;
use super::{Said, Version, codes};
use crate::column::{Column, Get};
use crate::proto::{Row, put};
use std::fmt::Write;

macro_rules! c {
    ($name:literal, $unit:literal, $kind:ident, $meaning:literal, $get:expr) => {
        Column::<Row<Said>>::new($name, $unit, Get::$kind($get), $meaning)
    };
}

const COLUMNS: &[Column<Row<Said>>] = &[
    c!("version", "", Word, "Version of the protocol: 4, 4a (with a name as target) or 5.", |r| {
        Some(match r.version {
            Version::Four => "4",
            Version::FourA => "4a",
            Version::Five => "5",
        })
    }),
    c!(
        "method",
        "",
        Word,
        "Way to authenticate that the proxy chose: none, password, gssapi or a rarer one; refused where none suits.",
        |r| { r.method.map(codes::method_name) }
    ),
    c!("user", "", Text, "Name of the user; the password is never kept.", |r, text| {
        put(text, r.user.as_deref())
    }),
    c!("login", "", Word, "Whether the proxy accepted name and password: success or failure.", |r| {
        r.login.map(|welcome| if welcome { "success" } else { "failure" })
    }),
    c!("command", "", Word, "What is asked for: connect, bind, udp_associate or other.", |r| {
        r.command.map(codes::command_name)
    }),
    c!("target", "", Text, "Host that the client wants to reach, by name or address.", |r, text| {
        match &r.target {
            None => return false,
            Some(Target::Four(address)) => drop(write!(text, "{address}")),
            Some(Target::Six(address)) => drop(write!(text, "{address}")),
            Some(Target::Name(name) | Target::Written(name)) => text.push_str(name),
        }
        true
    }),
    c!("target_port", "", OptU16, "Port of that host.", |r| r.target_port),
    c!("code", "", Word, "Answer of the proxy: granted, or the reason why not.", |r| {
        r.code.map(|code| codes::code_name(r.version, code))
    }),
    c!("latency_ns", "ns", OptU64, "Time from the request to its answer.", |r| r.latency_ns),
];

/// The columns of SOCKS rows.
pub(super) fn columns() -> Vec<Column<Row<Said>>> {
    COLUMNS.to_vec()
}
