//! The columns of DCE/RPC.

use super::{Said, interfaces};
use crate::column::{Column, Get};
use crate::proto::ntlm::{Server, Who};
use crate::proto::{Row, put};
use std::fmt::Write;

macro_rules! c {
    ($name:literal, $unit:literal, $kind:ident, $meaning:literal, $get:expr) => {
        Column::<Row<Said>>::new($name, $unit, Get::$kind($get), $meaning)
    };
}

const COLUMNS: &[Column<Row<Said>>] = &[
    c!(
        "interface",
        "",
        Word,
        "Name of the interface, if it is well known: svcctl, samr, epmapper and others.",
        |r| { interfaces::name(r.interface?.identifier) }
    ),
    c!("uuid", "", Text, "Identifier of the interface; null where the binding was not seen.", |r, text| {
        r.interface.is_some_and(|interface| push_identifier(interface.identifier, text))
    }),
    c!("version", "", Text, "Version of the interface.", |r, text| {
        r.interface
            .is_some_and(|interface| write!(text, "{}.{}", interface.version.0, interface.version.1).is_ok())
    }),
    c!("accepted", "", OptBool, "Whether the server accepted the binding; null without an answer.", |r| r
        .accepted),
    c!("calls", "", U32, "Calls of operations.", |r| r.calls),
    c!(
        "operations",
        "",
        Text,
        "Operations that were called, each with how often: a name if it is well known, else a number.",
        |r, text| {
            let interface =
                r.interface.and_then(|interface| interfaces::name(interface.identifier)).unwrap_or("");
            for (place, (number, count)) in r.operations.iter().enumerate() {
                if place > 0 {
                    text.push(',');
                }
                let _ = match interfaces::operation(interface, *number) {
                    Some(name) => write!(text, "{name}:{count}"),
                    None => write!(text, "{number}:{count}"),
                };
            }
            !r.operations.is_empty()
        }
    ),
    c!("faults", "", U32, "Calls that failed.", |r| r.faults),
    c!("fault", "", Text, "Why the last of them failed.", |r, text| {
        let Some(status) = r.fault else { return false };
        match fault(status) {
            Some(word) => text.push_str(word),
            None => drop(write!(text, "0x{status:08x}")),
        }
        true
    }),
    c!(
        "auth",
        "",
        Text,
        "How the client logs in: ntlm, kerberos, spnego, netlogon, schannel or a number.",
        |r, text| {
            match r.auth {
                None => return false,
                Some(9) => text.push_str(if r.who.is_some() { "ntlm" } else { "spnego" }),
                Some(10) => text.push_str("ntlm"),
                Some(14) => text.push_str("schannel"),
                Some(16) => text.push_str("kerberos"),
                Some(68) => text.push_str("netlogon"),
                Some(other) => drop(write!(text, "{other}")),
            }
            true
        }
    ),
    c!(
        "auth_level",
        "",
        Word,
        "What the log-in protects: connect, call, packet, integrity or privacy.",
        |r| {
            match r.auth_level? {
                1 => Some("none"),
                2 => Some("connect"),
                3 => Some("call"),
                4 => Some("packet"),
                5 => Some("integrity"),
                6 => Some("privacy"),
                _ => None,
            }
        }
    ),
    c!("user", "", Text, "Account that logs in.", |r, text| put(text, who(r, |who| &who.user))),
    c!("domain", "", Text, "Domain of that account, as the client says it.", |r, text| put(
        text,
        who(r, |who| &who.domain)
    )),
    c!("workstation", "", Text, "Name that the client gives itself.", |r, text| {
        put(text, who(r, |who| &who.workstation))
    }),
    c!("server_name", "", Text, "NetBIOS name that the server gives itself.", |r, text| put(
        text,
        server(r, |one| &one.name)
    )),
    c!("server_domain", "", Text, "NetBIOS name of the server's domain.", |r, text| {
        put(text, server(r, |one| &one.domain))
    }),
    c!("server_dns_name", "", Text, "DNS name that the server gives itself.", |r, text| {
        put(text, server(r, |one| &one.dns_name))
    })
    .on_request(),
    c!("server_os", "", Text, "Version of the server's operating system.", |r, text| {
        put(text, server(r, |one| &one.system))
    })
    .on_request(),
];

fn who(said: &Said, get: fn(&Who) -> &Option<Box<str>>) -> Option<&str> {
    said.who.as_deref().and_then(|who| get(who).as_deref())
}

fn server(said: &Said, get: fn(&Server) -> &Option<Box<str>>) -> Option<&str> {
    said.server.as_deref().and_then(|server| get(server).as_deref())
}

fn push_identifier(identifier: u128, text: &mut String) -> bool {
    let (high, low) = ((identifier >> 64) as u64, identifier as u64);
    let (a, b, c) = (high >> 32, high >> 16 & 0xffff, high & 0xffff);
    write!(text, "{a:08x}-{b:04x}-{c:04x}-{:04x}-{:012x}", low >> 48, low & 0xffff_ffff_ffff).is_ok()
}

const fn fault(status: u32) -> Option<&'static str> {
    Some(match status {
        5 => "access_denied",
        0x0000_06c6 => "bad_bound",
        0x0000_06d8 => "cant_perform",
        0x0000_06f7 => "bad_stub_data",
        0x1c00_0008 => "nca_proto_error",
        0x1c00_0009 => "nca_out_args_too_big",
        0x1c00_001a => "nca_context_mismatch",
        0x1c01_0002 => "nca_op_rng_error",
        0x1c01_0003 => "nca_unk_if",
        0x1c01_000b => "nca_protocol_error",
        0xc002_0030 => "nt_access_denied",
        _ => return None,
    })
}

/// The columns of DCE/RPC rows.
pub(super) fn columns() -> Vec<Column<Row<Said>>> {
    COLUMNS.to_vec()
}
