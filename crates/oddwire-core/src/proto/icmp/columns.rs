//! The columns of ICMP.

use super::{Said, names};
use crate::column::{Column, Get};
use crate::names::protocol_name;
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
        Text,
        "What message it is, such as echo or unreachable; else the number of its type.",
        |r, text| {
            match names::kind_name(r.version_6, r.kind) {
                Some(name) => text.push_str(name),
                None => drop(write!(text, "{}", r.kind)),
            }
            true
        }
    ),
    c!("type", "", U8, "Type number; those of ICMP and ICMPv6 differ.", |r| r.kind),
    c!("code", "", U8, "Code number.", |r| r.code),
    c!("code_name", "", Word, "The code in a word, where the type has several.", |r| {
        names::code_name(r.version_6, r.kind, r.code)
    }),
    c!("identifier", "", OptU16, "Identifier of an echo or another question.", |r| r.identifier()),
    c!("sequence", "", OptU16, "Sequence number of an echo or another question.", |r| r.sequence()),
    c!("data_bytes", "bytes", U32, "Bytes behind the header of eight, on the wire.", |r| r.data_bytes),
    c!(
        "data_entropy",
        "bits per byte",
        OptF64,
        "Shannon entropy of the first 512 bytes of an echo's data.",
        |r| { r.entropy_bits() }
    )
    .on_request(),
    c!("gateway", "", Addr, "Router that a redirect of IPv4 names.", |r| r.gateway()),
    c!("mtu", "bytes", OptU32, "Largest packet that the next link takes.", |r| r.mtu()),
    c!("pointer", "bytes", OptU32, "Where the faulty field lies in the quoted packet.", |r| r.pointer())
        .on_request(),
    c!("quoted_protocol", "", Word, "Transport of the packet that an error is about.", |r| {
        r.quoted().map(|quoted| protocol_name(quoted.protocol))
    }),
    c!("quoted_src_ip", "", Addr, "Source address of the packet that an error is about.", |r| {
        r.quoted().map(|quoted| quoted.src)
    }),
    c!("quoted_src_port", "", OptU16, "Source port of the packet that an error is about.", |r| {
        r.quoted()?.ports.map(|ports| ports.0)
    }),
    c!("quoted_dst_ip", "", Addr, "Destination address of the packet that an error is about.", |r| {
        r.quoted().map(|quoted| quoted.dst)
    }),
    c!("quoted_dst_port", "", OptU16, "Destination port of the packet that an error is about.", |r| {
        r.quoted()?.ports.map(|ports| ports.1)
    }),
    c!(
        "target_ip",
        "",
        Addr,
        "Address that neighbour discovery is about, or the better next hop of a redirect.",
        |r| { r.detail.as_ref()?.target }
    ),
    c!("redirected_ip", "", Addr, "Destination that a redirect of IPv6 is about.", |r| r
        .detail
        .as_ref()?
        .destination),
    c!("source_mac", "", Mac, "Hardware address that the sender gives as its own.", |r| r
        .detail
        .as_ref()?
        .source_mac),
    c!("target_mac", "", Mac, "Hardware address that is given for the target.", |r| r
        .detail
        .as_ref()?
        .target_mac),
    c!("router_lifetime_s", "s", OptU16, "How long the router offers itself; 0 withdraws it.", |r| r
        .router_lifetime()),
    c!("prefixes", "", Text, "Prefixes that a router announces, joined by commas.", |r, text| {
        put(text, r.detail.as_ref().and_then(|detail| detail.prefixes.as_deref()))
    }),
    c!("dns_servers", "", Text, "Name servers that a router announces, joined by commas.", |r, text| {
        put(text, r.detail.as_ref().and_then(|detail| detail.name_servers.as_deref()))
    }),
    c!("groups", "", Text, "Multicast groups that a listener message names, joined by commas.", |r, text| {
        put(text, r.detail.as_ref().and_then(|detail| detail.groups.as_deref()))
    }),
    c!("managed", "", OptBool, "Whether a router says that addresses come from DHCPv6.", |r| r
        .flag(134, 0x80))
    .on_request(),
    c!("other_config", "", OptBool, "Whether a router says that other settings come from DHCPv6.", |r| {
        r.flag(134, 0x40)
    })
    .on_request(),
    c!("from_router", "", OptBool, "Whether the sender of a neighbour advertisement is a router.", |r| {
        r.flag(136, 0x80)
    })
    .on_request(),
    c!("solicited", "", OptBool, "Whether a neighbour advertisement answers a question.", |r| r
        .flag(136, 0x40))
    .on_request(),
    c!("override", "", OptBool, "Whether a neighbour advertisement replaces what was known.", |r| r
        .flag(136, 0x20))
    .on_request(),
];

/// The columns of ICMP rows.
pub(super) fn columns() -> Vec<Column<Row<Said>>> {
    COLUMNS.to_vec()
}
