//! The messages of SOCKS, each read from the front of what a side said.

use super::codes::{NO_METHOD, PASSWORD};
use super::{MOST_TEXT, Version};
use crate::proto::clean;
use std::net::{Ipv4Addr, Ipv6Addr};

/// What reading a message comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Read<T> {
    /// More bytes are needed.
    Short,
    /// It is none.
    Wrong,
    /// The message, and its length.
    Whole(T, usize),
}

impl<T> Read<T> {
    /// Goes on with the message.
    pub(super) fn then<U>(self, go_on: impl FnOnce(T) -> U) -> Read<U> {
        match self {
            Self::Short => Read::Short,
            Self::Wrong => Read::Wrong,
            Self::Whole(message, length) => Read::Whole(go_on(message), length),
        }
    }
}

/// Whom the client wants to reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// An address of version 4.
    Four(Ipv4Addr),
    /// An address of version 6.
    Six(Ipv6Addr),
    /// A name that the proxy is to look up.
    Name(Box<str>),
    /// An address that is written where a name should be.
    Written(Box<str>),
}

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) version: Version,
    pub(super) command: u8,
    pub(super) target: Target,
    pub(super) port: u16,
    pub(super) user: Option<Box<str>>,
}

impl Target {
    fn named(name: &[u8]) -> Self {
        let text = clean(name, MOST_TEXT);
        if text.parse::<std::net::IpAddr>().is_ok() { Self::Written(text) } else { Self::Name(text) }
    }

    /// Bytes of memory it takes beside its own size.
    pub(super) fn held(&self) -> usize {
        match self {
            Self::Four(_) | Self::Six(_) => 0,
            Self::Name(text) | Self::Written(text) => text.len(),
        }
    }
}

impl Request {
    /// A request of SOCKS 4 and 4a: command, port, address, user; for 4a an address of 0.0.0.x and a name.
    pub(super) fn read_old(bytes: &[u8]) -> Read<Self> {
        let Some((&[version, command, high, low, a, b, c, d], rest)) = bytes.split_first_chunk::<8>() else {
            return Read::Short;
        };
        if version != 4 {
            return Read::Wrong;
        }
        let Some(end) = rest.iter().position(|&byte| byte == 0) else { return too_long(rest) };
        let (user, behind) = rest.split_at_checked(end).unwrap_or((rest, &[]));
        let user = if user.is_empty() { None } else { Some(clean(user, MOST_TEXT)) };
        let port = u16::from_be_bytes([high, low]);
        if [a, b, c] != [0; 3] || d == 0 {
            let target = Target::Four(Ipv4Addr::new(a, b, c, d));
            return Read::Whole(Self { version: Version::Four, command, target, port, user }, 9 + end);
        }
        let name = behind.get(1..).unwrap_or_default();
        let Some(stop) = name.iter().position(|&byte| byte == 0) else { return too_long(name) };
        let target = Target::named(name.get(..stop).unwrap_or_default());
        Read::Whole(Self { version: Version::FourA, command, target, port, user }, 10 + end + stop)
    }

    /// A request of SOCKS 5.
    pub(super) fn read(bytes: &[u8]) -> Read<Self> {
        let command = bytes.get(1).copied().unwrap_or_default();
        addressed(bytes).then(|(target, port)| Self {
            version: Version::Five,
            command,
            target,
            port,
            user: None,
        })
    }
}

/// A text that does not end yet, or never.
const fn too_long<T>(text: &[u8]) -> Read<T> {
    if text.len() > MOST_TEXT { Read::Wrong } else { Read::Short }
}

/// The client's greeting: whether, of the methods that talk before the request, it offers name and password alone.
pub(super) fn greeting(bytes: &[u8]) -> Read<bool> {
    match bytes {
        [] | [5] => Read::Short,
        [5, count @ 1..=255, rest @ ..] => match rest.get(..usize::from(*count)) {
            Some(methods) => {
                let alone = methods.iter().all(|method| matches!(*method, NO_METHOD | PASSWORD));
                Read::Whole(alone && methods.contains(&PASSWORD), 2 + methods.len())
            }
            None => Read::Short,
        },
        _ => Read::Wrong,
    }
}

/// The name of a login; its password is passed over.
pub(super) fn login(bytes: &[u8]) -> Read<Box<str>> {
    let [1, length, rest @ ..] = bytes else {
        return if bytes.len() < 2 { Read::Short } else { Read::Wrong };
    };
    match rest.split_at_checked(usize::from(*length)) {
        Some((user, [hidden, secret @ ..])) if secret.len() >= usize::from(*hidden) => {
            Read::Whole(clean(user, MOST_TEXT), 3 + user.len() + usize::from(*hidden))
        }
        _ => Read::Short,
    }
}

/// The method that the proxy chose.
pub(super) const fn method(bytes: &[u8]) -> Read<u8> {
    match bytes {
        [] | [5] => Read::Short,
        [5, method, ..] => Read::Whole(*method, 2),
        _ => Read::Wrong,
    }
}

/// Whether a login was accepted. Its version is 1; some proxies write 5.
pub(super) const fn verdict(bytes: &[u8]) -> Read<bool> {
    match bytes {
        [] | [1 | 5] => Read::Short,
        [1 | 5, status, ..] => Read::Whole(*status == 0, 2),
        _ => Read::Wrong,
    }
}

/// The code of an answer of SOCKS 5.
pub(super) fn answer(bytes: &[u8]) -> Read<u8> {
    let code = bytes.get(1).copied().unwrap_or_default();
    addressed(bytes).then(|_| code)
}

/// The code of an answer of SOCKS 4.
pub(super) const fn old_answer(bytes: &[u8]) -> Read<u8> {
    match bytes {
        [0, code, _, _, _, _, _, _, ..] => Read::Whole(*code, 8),
        [] | [0, ..] => Read::Short,
        _ => Read::Wrong,
    }
}

/// Address and port of a request of SOCKS 5 or of its answer, which have the same form.
fn addressed(bytes: &[u8]) -> Read<(Target, u16)> {
    let [5, _, _, kind, rest @ ..] = bytes else {
        return if matches!(bytes, [] | [5] | [5, _] | [5, _, _]) { Read::Short } else { Read::Wrong };
    };
    let (head, length) = match (kind, rest) {
        (1, _) => (4, 4),
        (4, _) => (4, 16),
        (3, [length, ..]) => (5, usize::from(*length)),
        (3, []) => return Read::Short,
        _ => return Read::Wrong,
    };
    let behind = bytes.get(head..).unwrap_or_default();
    let Some((address, [high, low, ..])) = behind.split_at_checked(length) else { return Read::Short };
    let target = match (address.first_chunk::<4>(), address.first_chunk::<16>()) {
        (Some(&octets), _) if *kind == 1 => Target::Four(octets.into()),
        (_, Some(&octets)) if *kind == 4 => Target::Six(octets.into()),
        _ => Target::named(address),
    };
    Read::Whole((target, u16::from_be_bytes([*high, *low])), head + length + 2)
}
