//! Packets of DCE/RPC: the version with connections (5) and the one of datagrams (4).

use crate::proto::bytes::{part, u16_at, u32_at};

/// Bytes of the head of a packet over a connection.
pub(super) const HEADER: usize = 16;
/// Bytes by which a call or its failure is told.
pub(super) const CALL: usize = 28;
/// Bytes of the head of a datagram.
const DATAGRAM: usize = 80;
/// Interfaces of one binding that are read.
const MOST_CONTEXTS: usize = 32;

const FIRST_FRAGMENT: u8 = 1;

pub(super) const REQUEST: u8 = 0;
pub(super) const RESPONSE: u8 = 2;
pub(super) const FAULT: u8 = 3;
pub(super) const BIND: u8 = 11;
pub(super) const BIND_ACK: u8 = 12;
pub(super) const BIND_NAK: u8 = 13;
pub(super) const ALTER: u8 = 14;
pub(super) const ALTER_ANSWER: u8 = 15;
pub(super) const AUTH: u8 = 16;

/// The head of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) kind: u8,
    pub(super) first: bool,
    /// Bytes of the packet, and those of the proof at its end.
    pub(super) length: usize,
    pub(super) auth: usize,
}

/// An interface, and its version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Interface {
    pub(super) identifier: u128,
    pub(super) version: (u16, u16),
}

/// A datagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Datagram {
    pub(super) kind: u8,
    pub(super) first: bool,
    pub(super) interface: Interface,
    pub(super) operation: u16,
    /// Why the call failed.
    pub(super) status: Option<u32>,
}

impl Head {
    /// Reads the head of a packet of a connection between machines that put low bytes first.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let &[5, minor, kind, flags, 0x10, 0, 0, 0, ..] = bytes else { return None };
        let (length, auth) = (usize::from(u16_at(bytes, 8)?), usize::from(u16_at(bytes, 10)?));
        bytes.get(..HEADER)?;
        let sound = minor <= 1 && is_kind(kind) && length >= HEADER && auth + HEADER <= length;
        sound.then_some(Self { kind, first: flags & FIRST_FRAGMENT != 0, length, auth })
    }

    /// Bytes of the packet that are wanted.
    pub(super) fn want(&self, most: usize) -> usize {
        match self.kind {
            BIND | BIND_ACK | BIND_NAK | ALTER | ALTER_ANSWER | AUTH => self.length.min(most),
            _ => self.length.min(CALL),
        }
    }

    /// Kind, level and bytes of the proof at the packet's end.
    pub(super) fn proof<'a>(&self, packet: &'a [u8]) -> Option<(u8, u8, &'a [u8])> {
        let start = self.length.checked_sub(self.auth).filter(|_| self.auth > 0)?;
        let trailer = part(packet, start.checked_sub(8)?, 2)?;
        let blob = packet.get(start..)?;
        Some((*trailer.first()?, *trailer.get(1)?, blob))
    }
}

const fn is_kind(kind: u8) -> bool {
    matches!(kind, REQUEST | RESPONSE | FAULT | BIND..=19)
}

/// The interfaces of a binding, with the numbers that calls use for them.
pub(super) fn contexts(packet: &[u8]) -> Vec<(u16, Interface)> {
    let count = packet.get(24).map_or(0, |&count| usize::from(count)).min(MOST_CONTEXTS);
    let mut at = 28;
    let mut contexts = Vec::new();
    for _ in 0..count {
        let (Some(number), Some(&syntaxes)) = (u16_at(packet, at), packet.get(at + 2)) else { break };
        let Some(interface) = interface(packet, at + 4) else { break };
        contexts.push((number, interface));
        at += 24 + 20 * usize::from(syntaxes);
    }
    contexts
}

fn interface(packet: &[u8], at: usize) -> Option<Interface> {
    let identifier = identifier(packet.get(at..)?.first_chunk()?, true);
    Some(Interface { identifier, version: (u16_at(packet, at + 16)?, u16_at(packet, at + 18)?) })
}

/// An identifier, whose first three parts are numbers.
fn identifier(bytes: &[u8; 16], low_first: bool) -> u128 {
    let mut bytes = *bytes;
    if low_first {
        let [a, b, c, d, e, f, g, h, ..] = bytes;
        let front = [d, c, b, a, f, e, h, g];
        bytes.iter_mut().zip(front).for_each(|(place, byte)| *place = byte);
    }
    u128::from_be_bytes(bytes)
}

/// Which interfaces of a binding were accepted, in their order.
pub(super) fn results(packet: &[u8]) -> Vec<bool> {
    let Some(address) = u16_at(packet, 24) else { return Vec::new() };
    let at = (26 + usize::from(address)).next_multiple_of(4);
    let count = packet.get(at).map_or(0, |&count| usize::from(count)).min(MOST_CONTEXTS);
    (0..count).map_while(|place| u16_at(packet, at + 4 + 24 * place)).map(|result| result == 0).collect()
}

/// The number of the interface and that of the operation of a call.
pub(super) fn call(packet: &[u8]) -> Option<(u16, u16)> {
    Some((u16_at(packet, 20)?, u16_at(packet, 22)?))
}

/// Why a call failed.
pub(super) fn fault(packet: &[u8]) -> Option<u32> {
    u32_at(packet, 24)
}

impl Datagram {
    /// Reads a datagram of `wire` bytes.
    pub(super) fn read(bytes: &[u8], wire: usize) -> Option<Self> {
        let &[4, kind @ 0..=10, flags, more, order @ (0 | 0x10), 0, 0, ..] = bytes else { return None };
        bytes.get(..DATAGRAM)?;
        let low_first = order == 0x10;
        let word = |at| {
            let word = u16_at(bytes, at)?;
            Some(if low_first { word } else { word.swap_bytes() })
        };
        let number = |at| {
            let number = u32_at(bytes, at)?;
            Some(if low_first { number } else { number.swap_bytes() })
        };
        let version = number(60)?;
        let identifier = identifier(bytes.get(24..)?.first_chunk()?, low_first);
        let length = usize::from(word(74)?);
        let signed = bytes.get(78).is_some_and(|&kind| kind != 0);
        let fits = if signed { DATAGRAM + length <= wire } else { DATAGRAM + length == wire };
        let sound = flags & 0x81 == 0 && more & 0xfd == 0 && fits && identifier != 0;
        let fragment = word(76)?;
        sound.then_some(Self {
            kind,
            first: fragment == 0,
            interface: Interface { identifier, version: (version as u16, (version >> 16) as u16) },
            operation: word(68)?,
            status: if matches!(kind, 3 | 6) { number(DATAGRAM) } else { None },
        })
    }
}
