//! Packets with long headers, as many as a datagram has (RFC 9000, 17.2), and the headers of Google's old QUIC.

use super::version::{Kind, Version};
use crate::proto::tls::read::Reader;

/// The longest connection identifier.
pub(super) const MOST_IDENTIFIER: usize = 20;
/// Packets of one datagram that are looked at.
pub(super) const MOST_PACKETS: usize = 8;

/// A packet with a long header.
#[derive(Debug, Clone, Copy)]
pub(super) struct Packet<'a> {
    pub(super) version: Version,
    pub(super) content: Content,
    /// The identifiers of whom it goes to and comes from.
    pub(super) to: &'a [u8],
    pub(super) from: &'a [u8],
    pub(super) token: &'a [u8],
    /// All of the packet, and where its protected part begins.
    pub(super) bytes: &'a [u8],
    pub(super) sealed_at: usize,
    /// Whether the capture has all of it.
    pub(super) whole: bool,
}

/// What a packet is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    /// The server does not speak the client's version.
    Negotiation,
    Of(Kind),
    /// A packet of Google's old QUIC.
    Google,
}

impl<'a> Packet<'a> {
    /// Reads the next packet of a datagram that was `wire` bytes long from here on; also what lies behind it.
    pub(super) fn read(bytes: &'a [u8], wire: usize) -> Option<(Self, &'a [u8])> {
        let mut reader = Reader::new(bytes);
        let first = reader.u8()?;
        if first & 0x80 == 0 {
            return None;
        }
        let version = Version(reader.u32()?);
        let (to, from) = identifiers(&mut reader, version)?;
        let mut packet = Self {
            version,
            content: Content::Google,
            to,
            from,
            token: &[],
            bytes,
            sealed_at: 0,
            whole: true,
        };
        if version.0 == 0 {
            packet.content = Content::Negotiation;
            return Some((packet, &[]));
        }
        if version.is_google() {
            return Some((packet, &[]));
        }
        let kind = version.kind(first);
        packet.content = Content::Of(kind);
        if kind == Kind::Retry {
            packet.token = reader.rest();
            return (wire >= bytes.len() && packet.token.len() >= 16).then_some((packet, &[]));
        }
        if kind == Kind::Initial {
            let length = usize::try_from(reader.varint()?).ok().filter(|&length| length <= wire)?;
            packet.token = reader.take(length);
        }
        let length = usize::try_from(reader.varint()?).ok()?;
        packet.sealed_at = bytes.len() - reader.rest().len();
        let end = packet.sealed_at.checked_add(length).filter(|&end| length >= 20 && end <= wire)?;
        packet.whole = end <= bytes.len();
        let (own, rest) = bytes.split_at_checked(end).unwrap_or((bytes, &[]));
        packet.bytes = own;
        Some((packet, rest))
    }

    /// The versions that a server says it speaks.
    pub(super) fn offered(&self) -> impl Iterator<Item = Version> + use<'a> {
        let head = 7 + self.to.len() + self.from.len();
        let list = self.bytes.get(head..).unwrap_or_default();
        list.as_chunks::<4>().0.iter().map(|&number| Version(u32::from_be_bytes(number)))
    }
}

fn identifiers<'a>(reader: &mut Reader<'a>, version: Version) -> Option<(&'a [u8], &'a [u8])> {
    let (to, from) = if version.packs_lengths() {
        let lengths = reader.u8()?;
        let long = |half: u8| if half == 0 { 0 } else { usize::from(half) + 3 };
        (reader.take(long(lengths >> 4)), reader.take(long(lengths & 15)))
    } else {
        (reader.vector8()?, reader.vector8()?)
    };
    let fit = to.len() <= MOST_IDENTIFIER && from.len() <= MOST_IDENTIFIER;
    (fit && !reader.is_short()).then_some((to, from))
}

/// The version in the header of Google's QUIC up to Q043, which only clients send.
pub(super) fn google_version(bytes: &[u8]) -> Option<Version> {
    let &[flags, _, _, _, _, _, _, _, _, a, b, c, d, ..] = bytes else { return None };
    let version = Version(u32::from_be_bytes([a, b, c, d]));
    (flags & 0xc9 == 0x09 && version.is_google()).then_some(version)
}

/// The server's name in a readable first message of Google's QUIC: a table of tags and where their values end.
pub(super) fn google_name(bytes: &[u8]) -> Option<&[u8]> {
    const MOST_TAGS: usize = 128;
    let start = bytes.get(..64)?.windows(4).position(|four| four == b"CHLO")?;
    let mut reader = Reader::new(bytes.get(start + 4..)?);
    let [count, _] = reader.take(4).as_chunks::<2>().0 else { return None };
    let count = usize::from(u16::from_le_bytes(*count)).min(MOST_TAGS);
    let table = reader.take(count * 8).as_chunks::<8>().0;
    let mut before = 0;
    for &[a, b, c, d, e, f, g, h] in table {
        let end = u32::from_le_bytes([e, f, g, h]) as usize;
        if [a, b, c, d] == *b"SNI\0" {
            return reader.rest().get(before..end);
        }
        before = end;
    }
    None
}
