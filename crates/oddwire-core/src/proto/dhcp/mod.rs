//! `DHCPv4`, its forerunner BOOTP, and `DHCPv6`: every message is a row. Nothing is remembered between
//! messages.
//!
//! Of a message at most [`MOST_OPTIONS`] options are read, of a relayed one at most [`MOST_RELAYS`] envelopes
//! are opened; texts take at most 255 bytes, identifiers 64 bytes, lists 16 addresses or 256 numbers.

mod columns;
mod options;
mod text;
mod version4;
mod version6;

use crate::column::Column;
use crate::identity::Lease;
use crate::packet::{Addr, Mac};
use crate::proto::{Next, Opening, Out, Parser, Piece, Probe, Row, transport};

/// The message that confirms a lease, of version 4 and of version 6.
const ACK: u8 = 5;
const REPLY: u8 = 7;
/// Options of one message that are read.
pub const MOST_OPTIONS: usize = 256;
/// Envelopes of relays that are opened.
pub const MOST_RELAYS: usize = 8;

/// Listens to DHCP.
#[derive(Debug, Default)]
pub struct Dhcp {
    version: Version,
}

/// Which version a flow speaks: that of its first message.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Version {
    #[default]
    Unknown,
    Four,
    Six,
}

/// One message.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Said {
    version_6: bool,
    message: Message,
    transaction: u32,
    relayed: bool,
    client_mac: Option<Mac>,
    client_id: Option<Box<str>>,
    server_id: Option<Box<str>>,
    client_ip: Option<Addr>,
    assigned_ip: Option<Addr>,
    requested_ip: Option<Addr>,
    server_ip: Option<Addr>,
    relay_ip: Option<Addr>,
    lease_s: Option<u32>,
    router: Option<Addr>,
    subnet_mask: Option<Addr>,
    name_servers: Option<Box<str>>,
    domain: Option<Box<str>>,
    hostname: Option<Box<str>>,
    fqdn: Option<Box<str>>,
    vendor_class: Option<Box<str>>,
    parameters: Option<Box<str>>,
    prefixes: Option<Box<str>>,
    time_servers: Option<Box<str>>,
    boot_server: Option<Box<str>>,
    boot_file: Option<Box<str>>,
    proxy: Option<Box<str>>,
    status: Option<Box<str>>,
    bytes: u32,
}

/// What kind of message it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Message {
    #[default]
    BootpRequest,
    BootpReply,
    Version4(u8),
    Version6(u8),
}

impl Parser for Dhcp {
    type Said = Said;

    const NAME: &'static str = "dhcp";
    const ROW: &'static str = "a message of DHCPv4, BOOTP or DHCPv6; its source is the client";
    const BRIEF: &'static [&'static str] =
        &["message", "client_mac", "assigned_ip", "requested_ip", "hostname", "vendor_class"];

    fn probe(opening: &Opening<'_>) -> Probe {
        if !opening.is_over(transport::UDP) {
            return Probe::No;
        }
        match version4::probe(opening) {
            Probe::Yes => Probe::Yes,
            _ => version6::probe(opening),
        }
    }

    fn push(&mut self, piece: &Piece<'_>, out: &mut Out<'_, Said>) -> Next {
        let read = match self.version(piece) {
            Version::Six => version6::read(piece.bytes),
            _ => version4::read(piece.bytes),
        };
        out.service(if self.version == Version::Six { "dhcpv6" } else { "dhcp" });
        if let Some((said, from_client)) = read {
            let client_is_a = piece.from_a == from_client;
            out.say(piece.at, client_is_a, Said { bytes: piece.wire(), ..said });
        }
        Next::More
    }

    fn drain(&mut self, _: &mut Out<'_, Said>) {}

    fn held(&self) -> usize {
        0
    }

    fn columns() -> Vec<Column<Row<Said>>> {
        columns::columns()
    }
}

impl Dhcp {
    /// The version of the flow, judged once, in the order in which [`Parser::probe`] judges.
    fn version(&mut self, piece: &Piece<'_>) -> Version {
        if self.version == Version::Unknown {
            let &Piece { key, from_a, bytes, .. } = piece;
            let opening = Opening { key, from_a, bytes, other: &[], wire: piece.wire() };
            let four = version4::probe(&opening) == Probe::Yes;
            self.version = if four { Version::Four } else { Version::Six };
        }
        self.version
    }
}

impl Said {
    /// What the message says of a lease; `None` where the client has no hardware address.
    #[must_use]
    pub fn lease(&self) -> Option<Lease<'_>> {
        let confirms = matches!(self.message, Message::Version4(ACK) | Message::Version6(REPLY));
        Some(Lease {
            mac: self.client_mac?,
            granted: self.assigned_ip.filter(|address| confirms && *address != Addr::v4([0; 4])),
            name: self.fqdn.as_deref().or(self.hostname.as_deref()),
            vendor: self.vendor_class.as_deref(),
        })
    }
}

#[cfg(test)]
mod tests;
