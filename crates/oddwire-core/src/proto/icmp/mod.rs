//! ICMP and `ICMPv6`: every message is a row. Nothing is remembered from one message to the next.
//!
//! Of errors the quoted packet is read up to its ports, of discovery at most [`MOST_OPTIONS`] options, and at
//! most [`MOST_NAMED`] prefixes, name servers and groups. A plain echo costs no allocation; of its data only the
//! entropy is kept.

mod columns;
mod discovery;
mod names;
mod quoted;

use crate::column::Column;
use crate::flow::entropy::{Logs, PER_BIT, Tally};
use crate::packet::{Addr, Mac};
use crate::proto::{Next, Opening, Out, Parser, Piece, Probe, Row, transport};
use quoted::Quoted;
use std::sync::LazyLock;

/// Options of one message that are read.
pub const MOST_OPTIONS: usize = 64;
/// Prefixes, name servers or groups of one message that are kept.
pub const MOST_NAMED: usize = 16;

/// Listens to ICMP.
#[derive(Debug, Default)]
pub struct Icmp;

/// One message.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Said {
    version_6: bool,
    kind: u8,
    code: u8,
    word: [u8; 4],
    data_bytes: u32,
    /// Of the data of an echo, in 1/[`PER_BIT`] bit a byte.
    entropy: Option<u16>,
    detail: Option<Box<Detail>>,
}

/// What only errors, redirects and discovery say.
#[derive(Debug, Clone, Default, PartialEq)]
struct Detail {
    quoted: Option<Quoted>,
    target: Option<Addr>,
    destination: Option<Addr>,
    source_mac: Option<Mac>,
    target_mac: Option<Mac>,
    mtu: Option<u32>,
    prefixes: Option<Box<str>>,
    name_servers: Option<Box<str>>,
    groups: Option<Box<str>>,
}

impl Parser for Icmp {
    type Said = Said;

    const NAME: &'static str = "icmp";
    const ROW: &'static str = "a message; its source is the sender";
    const BRIEF: &'static [&'static str] = &["kind", "code_name", "identifier", "sequence", "data_bytes"];

    fn probe(opening: &Opening<'_>) -> Probe {
        if matches!(opening.key.protocol, transport::ICMP | transport::ICMPV6) {
            Probe::Yes
        } else {
            Probe::No
        }
    }

    fn push(&mut self, piece: &Piece<'_>, out: &mut Out<'_, Said>) -> Next {
        let version_6 = piece.key.protocol == transport::ICMPV6;
        out.service(if version_6 { "icmpv6" } else { "icmp" });
        if let Some((kind, code, word)) = piece.icmp {
            let entropy = echo_entropy(version_6, kind, piece.bytes);
            let detail = Detail::read(version_6, kind, word, piece.bytes);
            let data_bytes = piece.wire();
            out.say(
                piece.at,
                piece.from_a,
                Said { version_6, kind, code, word, data_bytes, entropy, detail },
            );
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

fn echo_entropy(version_6: bool, kind: u8, data: &[u8]) -> Option<u16> {
    static LOGS: LazyLock<Logs> = LazyLock::new(Logs::default);
    if data.is_empty() || !is_echo(version_6, kind) {
        return None;
    }
    let mut tally = Tally::default();
    tally.add(data, &LOGS);
    Some(tally.entropy(&LOGS))
}

const fn is_echo(version_6: bool, kind: u8) -> bool {
    if version_6 { matches!(kind, 128 | 129) } else { matches!(kind, 0 | 8) }
}

/// Echoes that name an interface: their sequence number is one byte.
const fn is_extended_echo(version_6: bool, kind: u8) -> bool {
    if version_6 { matches!(kind, 160 | 161) } else { matches!(kind, 42 | 43) }
}

const fn is_error(version_6: bool, kind: u8) -> bool {
    if version_6 { matches!(kind, 1..=4) } else { matches!(kind, 3 | 4 | 5 | 11 | 12) }
}

impl Detail {
    fn read(version_6: bool, kind: u8, word: [u8; 4], bytes: &[u8]) -> Option<Box<Self>> {
        if is_error(version_6, kind) {
            let quoted = Some(Quoted::read(bytes)?);
            return Some(Box::new(Self { quoted, ..Self::default() }));
        }
        if !version_6 || !discovery::has_more(kind) {
            return None;
        }
        let mut detail = Self::default();
        discovery::read(kind, word, bytes, &mut detail);
        (detail != Self::default()).then(|| Box::new(detail))
    }
}

impl Said {
    fn halves(&self) -> (u16, u16) {
        let [a, b, c, d] = self.word;
        (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]))
    }

    fn identifier(&self) -> Option<u16> {
        let has = is_echo(self.version_6, self.kind)
            || is_extended_echo(self.version_6, self.kind)
            || !self.version_6 && matches!(self.kind, 13..=18);
        has.then(|| self.halves().0)
    }

    fn sequence(&self) -> Option<u16> {
        if is_extended_echo(self.version_6, self.kind) {
            return Some(u16::from(self.word[2]));
        }
        self.identifier().map(|_| self.halves().1)
    }

    /// The better gateway of a redirect of IPv4.
    fn gateway(&self) -> Option<Addr> {
        (!self.version_6 && self.kind == 5).then(|| Addr::v4(self.word))
    }

    fn mtu(&self) -> Option<u32> {
        match (self.version_6, self.kind, self.code) {
            (false, 3, 4) => Some(u32::from(self.halves().1)),
            (true, 2, _) => Some(u32::from_be_bytes(self.word)),
            _ => self.detail.as_ref()?.mtu,
        }
    }

    /// Where in the quoted packet the fault is.
    fn pointer(&self) -> Option<u32> {
        match (self.version_6, self.kind) {
            (false, 12) => Some(u32::from(self.word[0])),
            (true, 4) => Some(u32::from_be_bytes(self.word)),
            _ => None,
        }
    }

    fn router_lifetime(&self) -> Option<u16> {
        let advertises = if self.version_6 { self.kind == 134 } else { self.kind == 9 };
        advertises.then(|| self.halves().1)
    }

    /// A flag of a router's (134) or a neighbour's (136) advertisement.
    fn flag(&self, kind: u8, flag: u8) -> Option<bool> {
        let flags = if kind == 134 { self.word[1] } else { self.word[0] };
        (self.version_6 && self.kind == kind).then_some(flags & flag != 0)
    }

    fn entropy_bits(&self) -> Option<f64> {
        self.entropy.map(|entropy| f64::from(entropy) / f64::from(PER_BIT))
    }

    fn quoted(&self) -> Option<&Quoted> {
        self.detail.as_ref()?.quoted.as_ref()
    }
}

#[cfg(test)]
mod tests;
