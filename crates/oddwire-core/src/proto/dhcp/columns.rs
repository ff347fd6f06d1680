//! The columns of DHCP.

use super::{Message, Said};
use crate::column::{Column, Get};
use crate::proto::{Row, put};
use std::fmt::Write;

macro_rules! c {
    ($name:literal, $unit:literal, $kind:ident, $meaning:literal, $get:expr) => {
        Column::<Row<Said>>::new($name, $unit, Get::$kind($get), $meaning)
    };
}

const COLUMNS: &[Column<Row<Said>>] = &[
    c!("service", "", Word, "Which of its kin it is: dhcp (with BOOTP) or dhcpv6.", |r| Some(
        if r.version_6 { "dhcpv6" } else { "dhcp" }
    )),
    c!(
        "message",
        "",
        Text,
        "What message it is, such as discover or solicit; else the number of its type.",
        |r, text| { push_message(r.message, text) }
    ),
    c!("transaction", "", U32, "Transaction identifier.", |r| r.transaction),
    c!(
        "client_mac",
        "",
        Mac,
        "Hardware address of the client; of DHCPv6 as its identifier or a relay says.",
        |r| { r.client_mac }
    ),
    c!(
        "client_id",
        "",
        Text,
        "Client identifier with its type, in hexadecimal digits; of DHCPv6 the DUID.",
        |r, text| { put(text, r.client_id.as_deref()) }
    ),
    c!("client_ip", "", Addr, "Address that the client has already.", |r| r.client_ip),
    c!("assigned_ip", "", Addr, "Address that the server gives.", |r| r.assigned_ip),
    c!("requested_ip", "", Addr, "Address that the client asks for.", |r| r.requested_ip),
    c!("server_ip", "", Addr, "Server by its identifier, else by the header.", |r| r.server_ip),
    c!("relay_ip", "", Addr, "Relay between the two; of DHCPv6 the address of the client's link.", |r| r
        .relay_ip),
    c!("lease_s", "s", OptU32, "How long the address is lent; of DHCPv6 its valid lifetime.", |r| r.lease_s),
    c!("router", "", Addr, "First router that is offered.", |r| r.router),
    c!("dns_servers", "", Text, "Name servers that are offered, joined by commas.", |r, text| {
        put(text, r.name_servers.as_deref())
    }),
    c!("domain", "", Text, "Domain that is offered; of DHCPv6 the search list.", |r, text| {
        put(text, r.domain.as_deref())
    }),
    c!("hostname", "", Text, "Name of the host.", |r, text| put(text, r.hostname.as_deref())),
    c!("fqdn", "", Text, "Full name of the client.", |r, text| put(text, r.fqdn.as_deref())),
    c!(
        "vendor_class",
        "",
        Text,
        "Vendor class; of DHCPv6 the enterprise's number and its words.",
        |r, text| { put(text, r.vendor_class.as_deref()) }
    ),
    c!(
        "parameters",
        "",
        Text,
        "Numbers of the options that the client asks for, in its order.",
        |r, text| { put(text, r.parameters.as_deref()) }
    ),
    c!("status", "", Text, "What a refusal or a status says.", |r, text| put(text, r.status.as_deref())),
    c!("relayed", "", Bool, "Whether a relay added what it knows.", |r| r.relayed),
    c!("bytes", "bytes", U32, "Bytes of the message.", |r| r.bytes),
    c!("subnet_mask", "", Addr, "Mask of the network that is offered.", |r| r.subnet_mask).on_request(),
    c!("prefixes", "", Text, "Prefixes that DHCPv6 delegates, joined by commas.", |r, text| {
        put(text, r.prefixes.as_deref())
    })
    .on_request(),
    c!("server_id", "", Text, "DUID of the server of DHCPv6, in hexadecimal digits.", |r, text| {
        put(text, r.server_id.as_deref())
    })
    .on_request(),
    c!("ntp_servers", "", Text, "Time servers that are offered, joined by commas.", |r, text| {
        put(text, r.time_servers.as_deref())
    })
    .on_request(),
    c!("boot_server", "", Text, "Server that is offered to boot from.", |r, text| put(
        text,
        r.boot_server.as_deref()
    ))
    .on_request(),
    c!("boot_file", "", Text, "File that is offered to boot from.", |r, text| put(
        text,
        r.boot_file.as_deref()
    ))
    .on_request(),
    c!("wpad", "", Text, "Address of the proxy settings that is offered.", |r, text| put(
        text,
        r.proxy.as_deref()
    ))
    .on_request(),
];

fn push_message(message: Message, text: &mut String) -> bool {
    let (name, number) = match message {
        Message::BootpRequest => (Some("bootp_request"), 1),
        Message::BootpReply => (Some("bootp_reply"), 2),
        Message::Version4(kind) => (name_4(kind), kind),
        Message::Version6(kind) => (name_6(kind), kind),
    };
    match name {
        Some(name) => text.push_str(name),
        None => drop(write!(text, "{number}")),
    }
    true
}

const fn name_4(kind: u8) -> Option<&'static str> {
    Some(match kind {
        1 => "discover",
        2 => "offer",
        3 => "request",
        4 => "decline",
        5 => "ack",
        6 => "nak",
        7 => "release",
        8 => "inform",
        9 => "force_renew",
        10 => "lease_query",
        11 => "lease_unassigned",
        12 => "lease_unknown",
        13 => "lease_active",
        14 => "bulk_lease_query",
        15 => "lease_query_done",
        16 => "active_lease_query",
        17 => "lease_query_status",
        18 => "tls",
        _ => return None,
    })
}

const fn name_6(kind: u8) -> Option<&'static str> {
    Some(match kind {
        1 => "solicit",
        2 => "advertise",
        3 => "request",
        4 => "confirm",
        5 => "renew",
        6 => "rebind",
        7 => "reply",
        8 => "release",
        9 => "decline",
        10 => "reconfigure",
        11 => "information_request",
        12 => "relay_forward",
        13 => "relay_reply",
        14 => "lease_query",
        15 => "lease_query_reply",
        16 => "lease_query_done",
        17 => "lease_query_data",
        18 => "reconfigure_request",
        19 => "reconfigure_reply",
        20 => "dhcpv4_query",
        21 => "dhcpv4_response",
        _ => return None,
    })
}

/// The columns of DHCP rows.
pub(super) fn columns() -> Vec<Column<Row<Said>>> {
    COLUMNS.to_vec()
}
