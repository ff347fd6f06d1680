//! One SSDP message. It looks like a head of HTTP.

use super::MOST_READ;
use crate::packet::Addr;
use crate::proto::http::address::{after_scheme, bare, host_and_port};
use crate::proto::http::head::{Head, lower};
use crate::proto::{Piece, clean};

/// Bytes of a text that are kept, and of an address of the web.
const MOST_TEXT: usize = 255;
const MOST_ADDRESS: usize = 1_024;

/// A message.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Said {
    pub(super) kind: Kind,
    pub(super) target: Option<Box<str>>,
    pub(super) usn: Option<Box<str>>,
    pub(super) announcement: Option<&'static str>,
    pub(super) location: Option<Box<str>>,
    pub(super) location_host: Option<Box<str>>,
    pub(super) server: Option<Box<str>>,
    pub(super) agent: Option<Box<str>>,
    pub(super) max_wait: Option<u8>,
    pub(super) max_age: Option<u32>,
    pub(super) multicast: bool,
    pub(super) bytes: u32,
}

/// What a message is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Kind {
    #[default]
    Search,
    Notify,
    Response,
}

impl Kind {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Search => "m-search",
            Self::Notify => "notify",
            Self::Response => "response",
        }
    }

    /// By the beginning of a message.
    fn of(bytes: &[u8]) -> Option<Self> {
        let kinds = [(&b"M-SEARCH * HTTP/1."[..], Self::Search), (b"NOTIFY * HTTP/1.", Self::Notify)];
        let known = kinds.into_iter().find(|(start, _)| bytes.starts_with(start)).map(|(_, kind)| kind);
        known.or_else(|| {
            let rest = bytes.strip_prefix(b"HTTP/1.")?;
            matches!(rest, [b'0' | b'1', b' ', b'2', b'0', b'0', ..]).then_some(Self::Response)
        })
    }
}

/// Whether a datagram is SSDP. Off the known port it must name a service in its way: others search with the
/// same line.
pub(super) fn is_ssdp(bytes: &[u8], known_port: bool) -> bool {
    let bytes = bytes.get(..MOST_READ).unwrap_or(bytes);
    let is_own = |name: &[u8]| matches!(lower(name, &mut [0; 24]), b"st" | b"nt" | b"nts" | b"usn");
    Kind::of(bytes).is_some()
        && (known_port || Head::read(bytes, false).fields().any(|(name, _)| is_own(name)))
}

impl Said {
    /// Reads a datagram; `None` where it is no such message.
    pub(super) fn read(piece: &Piece<'_>) -> Option<Self> {
        let kind = Kind::of(piece.bytes)?;
        let bytes = piece.bytes.get(..MOST_READ).unwrap_or(piece.bytes);
        let key = piece.key;
        let to = if piece.from_a { key.b } else { key.a };
        let mut said = Self { kind, bytes: piece.wire(), multicast: is_group(to), ..Self::default() };
        for (name, value) in Head::read(bytes, piece.cut > 0).fields() {
            said.take(name, value);
        }
        Some(said)
    }

    fn take(&mut self, name: &[u8], value: &[u8]) {
        let text = || (!value.is_empty()).then(|| clean(value, MOST_TEXT));
        match lower(name, &mut [0; 24]) {
            b"st" | b"nt" if self.target.is_none() => self.target = text(),
            b"usn" if self.usn.is_none() => self.usn = text(),
            b"server" if self.server.is_none() => self.server = text(),
            b"user-agent" if self.agent.is_none() => self.agent = text(),
            b"mx" => self.max_wait = digits(value),
            b"cache-control" => self.max_age = max_age(value),
            b"location" | b"al" if self.location.is_none() && !value.is_empty() => self.take_location(value),
            b"nts" => {
                self.announcement = Some(match value {
                    b"ssdp:alive" => "alive",
                    b"ssdp:byebye" => "byebye",
                    b"ssdp:update" => "update",
                    _ => "other",
                });
            }
            _ => {}
        }
    }

    fn take_location(&mut self, value: &[u8]) {
        let value =
            bare(value.strip_prefix(b"<").and_then(|value| value.strip_suffix(b">")).unwrap_or(value));
        let rest = after_scheme(&value).unwrap_or(&[]);
        let authority = rest.split(|&byte| byte == b'/').next().unwrap_or(rest);
        let (host, _) = host_and_port(authority);
        self.location_host = (!host.is_empty()).then(|| clean(&host.to_ascii_lowercase(), MOST_TEXT));
        self.location = Some(clean(&value, MOST_ADDRESS));
    }
}

/// Whether an address is that of a group.
fn is_group(address: Addr) -> bool {
    matches!(address.as_v4(), Some([224..=239, ..])) || matches!(address.0, [0xff, ..])
}

fn digits<N: std::str::FromStr>(text: &[u8]) -> Option<N> {
    std::str::from_utf8(text).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))?.parse().ok()
}

fn max_age(value: &[u8]) -> Option<u32> {
    value.split(|&byte| byte == b',').find_map(|part| {
        let (name, number) = part.trim_ascii().split_at_checked(b"max-age".len())?;
        let number = number.trim_ascii_start().strip_prefix(b"=")?;
        name.eq_ignore_ascii_case(b"max-age").then(|| digits(number.trim_ascii()))?
    })
}
