//! How TLS and DTLS are told from everything else.

use super::datagrams;
use super::event::{content, message};
use super::records::{HEAD, is_head};
use crate::proto::{Opening, Probe, transport};

/// Ports on which a long encrypted record at the start of what was captured is enough.
const USUAL: [u16; 10] = [443, 465, 563, 636, 853, 990, 993, 995, 5_061, 8_443];

pub(super) fn probe(opening: &Opening<'_>) -> Probe {
    match opening.key.protocol {
        transport::TCP => stream(opening),
        transport::UDP if is_datagram(opening.bytes, opening.wire as usize) => Probe::Yes,
        _ => Probe::No,
    }
}

fn stream(opening: &Opening<'_>) -> Probe {
    let bytes = opening.bytes;
    match bytes {
        [] => Probe::No,
        [high, ..] if high & 0x80 != 0 => old_hello(bytes),
        [content::HANDSHAKE, 3, 0..=4, _, _, kind @ (1 | 2), rest @ ..] => hello(bytes, *kind, rest),
        _ => middle(opening),
    }
}

/// The first record of a session.
fn hello(bytes: &[u8], kind: u8, rest: &[u8]) -> Probe {
    let Some(head) = bytes.first_chunk::<HEAD>().copied().filter(|&head| is_head(head)) else {
        return Probe::No;
    };
    let length = usize::from(u16::from_be_bytes([head[3], head[4]]));
    if length < 6 {
        return next_record(bytes, length);
    }
    match rest {
        [0, _, _, 3, 0..=4, ..] => Probe::Yes,
        [0, _, _, 0x7f, _, ..] if kind == message::SERVER_HELLO => Probe::Yes,
        [] | [0] | [0, _] | [0, _, _] | [0, _, _, 3] => Probe::More,
        _ => Probe::No,
    }
}

/// A message that is cut up into tiny records: the next one must be there.
fn next_record(bytes: &[u8], length: usize) -> Probe {
    match bytes.get(HEAD + length..) {
        Some([content::HANDSHAKE, 3, 0..=4, 0..=0x48, ..]) if length > 0 => Probe::Yes,
        Some([_, _, _, _, ..]) => Probe::No,
        _ if length > 0 => Probe::More,
        _ => Probe::No,
    }
}

/// Records from the middle of a session.
fn middle(opening: &Opening<'_>) -> Probe {
    let bytes = opening.bytes;
    let mut rest = bytes;
    let mut seen = 0u32;
    while let Some(head) = rest.first_chunk::<HEAD>() {
        let Some(length) = plausible(*head) else { return Probe::No };
        seen += 1;
        let Some(behind) = rest.get(HEAD + length..) else { break };
        rest = behind;
        if rest.is_empty() || seen >= 3 {
            return Probe::Yes;
        }
    }
    let usual = USUAL.iter().any(|&port| opening.has_port(port));
    let answered = opening.other.first_chunk::<HEAD>().is_some_and(|head| plausible(*head).is_some());
    match rest {
        _ if seen >= 2 || seen == 1 && (usual || answered) => Probe::Yes,
        _ if seen == 1 => Probe::More,
        [20..=23] | [20..=23, 3] | [20..=23, 3, 0..=4] | [20..=23, 3, 0..=4, _] => Probe::More,
        _ => Probe::No,
    }
}

/// The length of a record whose head makes sense.
fn plausible(head: [u8; HEAD]) -> Option<usize> {
    let length = usize::from(u16::from_be_bytes([head[3], head[4]]));
    let fits = match head[0] {
        content::CHANGE_CIPHER => length == 1,
        content::ALERT => length == 2 || (18..128).contains(&length),
        content::HANDSHAKE => length == 4 || length >= 32,
        content::DATA => length >= 17,
        _ => false,
    };
    (fits && is_head(head)).then_some(length)
}

/// The first message of a client that would also speak SSL 2: every length in it must fit.
fn old_hello(bytes: &[u8]) -> Probe {
    let &[high, low, message::CLIENT_HELLO, major, minor, ref lengths @ ..] = bytes else {
        return match bytes {
            [_] | [_, _] | [_, _, 1] | [_, _, 1, 0 | 3] => Probe::More,
            _ => Probe::No,
        };
    };
    if !matches!((major, minor), (0, 2) | (3, 0..=3)) {
        return Probe::No;
    }
    let &[c1, c0, s1, s0, r1, r0, ..] = lengths else { return Probe::More };
    let number = |high: u8, low: u8| u32::from(u16::from_be_bytes([high, low]));
    let (ciphers, session, random) = (number(c1, c0), number(s1, s0), number(r1, r0));
    let sound =
        ciphers > 0 && ciphers.is_multiple_of(3) && matches!(session, 0 | 16) && (16..=32).contains(&random);
    let whole = number(high & 0x7f, low) == 9 + ciphers + session + random;
    if sound && whole { Probe::Yes } else { Probe::No }
}

/// Whether a datagram is made of records.
fn is_datagram(bytes: &[u8], wire: usize) -> bool {
    let mut at = 0;
    let mut first = true;
    while let Some(head) = bytes.get(at..).and_then(datagrams::Head::read) {
        let length = usize::from(head.length);
        let readable = head.epoch == 0 && head.kind == content::HANDSHAKE;
        if length == 0 || at + datagrams::HEAD + length > wire {
            return false;
        }
        if readable && !bytes.get(at + datagrams::HEAD..).is_some_and(|body| is_part(body, length)) {
            return false;
        }
        if first && head.epoch == 0 && head.kind == content::DATA {
            return false;
        }
        (at, first) = (at + datagrams::HEAD + length, false);
    }
    !first && (at == wire || at >= bytes.len() || bytes.get(at).is_some_and(|byte| byte & 0xe0 == 0x20))
}

/// Whether a record is a part of a handshake message of a known kind.
fn is_part(body: &[u8], length: usize) -> bool {
    let Some(&[kind, l2, l1, l0, _, _, o2, o1, o0, p2, p1, p0]) = body.first_chunk::<12>() else {
        return false;
    };
    let number = |a: u8, b: u8, c: u8| u32::from_be_bytes([0, a, b, c]) as usize;
    let (total, offset, part) = (number(l2, l1, l0), number(o2, o1, o0), number(p2, p1, p0));
    matches!(kind, 0..=4 | 8 | 11..=16 | 20..=24) && offset + part <= total && 12 + part <= length
}
