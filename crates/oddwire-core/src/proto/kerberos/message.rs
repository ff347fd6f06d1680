//! Messages between a client and a key distribution center, in clear parts.

use super::der::{MEMBER, SEQUENCE, Walk, head};
use crate::proto::clean;

/// Bytes of a name.
const MOST_NAME: usize = 255;
/// Parts of a name, encryption types and pieces of evidence that are read.
const MOST_PARTS: usize = 32;

const ENCRYPTED_TIME: i32 = 2;
const PUBLIC_KEY: i32 = 16;
const ENCRYPTED_CHALLENGE: i32 = 138;

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The first ticket, by a log-in.
    As,
    /// A ticket for a service, by the first one.
    Tgs,
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Message {
    Request(Request),
    Reply(Reply),
    Error(Failure),
}

/// What a client asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) kind: Kind,
    pub(super) preauth: bool,
    pub(super) client: Option<Box<str>>,
    pub(super) realm: Option<Box<str>>,
    pub(super) service: Option<Box<str>>,
    pub(super) options: Option<u32>,
    pub(super) till: Option<Box<str>>,
    pub(super) nonce: Option<i32>,
    pub(super) encryptions: Vec<i32>,
}

/// A ticket that is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) kind: Kind,
    pub(super) client: Option<Box<str>>,
    pub(super) realm: Option<Box<str>>,
    pub(super) service: Option<Box<str>>,
    pub(super) ticket_encryption: Option<i32>,
    pub(super) own_encryption: Option<i32>,
}

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) code: Option<i32>,
    pub(super) client: Option<Box<str>>,
    pub(super) realm: Option<Box<str>>,
    pub(super) service: Option<Box<str>>,
}

/// Bytes of a message by its own head, if it begins like one; `Err(true)` where more bytes will tell.
pub(super) fn length(bytes: &[u8]) -> Result<usize, bool> {
    let Some(&tag) = bytes.first() else { return Err(true) };
    if !matches!(tag, 0x6a..=0x6d | 0x7e) {
        return Err(false);
    }
    let Some((_, length, start)) = head(bytes) else { return Err(bytes.len() < 6) };
    let inner = bytes.get(start..).unwrap_or(&[]);
    let Some((sequence, inner_length, inner_start)) = head(inner) else { return Err(inner.len() < 6) };
    if sequence != SEQUENCE || inner_length + inner_start != length {
        return Err(false);
    }
    let first = if matches!(tag, 0x6a | 0x6c) { MEMBER + 1 } else { MEMBER };
    let want = [first, 3, 2, 1, 5, first + 1, 3, 2, 1, tag & 0x1f];
    let have = inner.get(inner_start..).unwrap_or(&[]);
    match have.get(..want.len()) {
        Some(have) if have == want => Ok(start + length),
        Some(_) => Err(false),
        None => Err(want.starts_with(have)),
    }
}

impl Message {
    /// Reads a message; `None` where it is none that is told.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let mut outer = Walk(bytes);
        let (tag, content) = outer.next()?;
        let body = Walk(content).within(SEQUENCE)?;
        match tag {
            0x6a => Some(Self::Request(Request::read(Kind::As, body))),
            0x6c => Some(Self::Request(Request::read(Kind::Tgs, body))),
            0x6b => Some(Self::Reply(Reply::read(Kind::As, body))),
            0x6d => Some(Self::Reply(Reply::read(Kind::Tgs, body))),
            0x7e => Some(Self::Error(Failure::read(body))),
            _ => None,
        }
    }
}

impl Request {
    fn read(kind: Kind, body: Walk<'_>) -> Self {
        let inner = body.member(4).and_then(|body| body.within(SEQUENCE));
        let member = |number| inner.and_then(|inner| inner.member(number));
        Self {
            kind,
            preauth: body.member(3).is_some_and(proves),
            client: member(1).and_then(principal),
            realm: member(2).and_then(name),
            service: member(3).and_then(principal),
            options: member(0).and_then(options),
            till: member(5).and_then(name),
            nonce: member(7).and_then(Walk::integer),
            encryptions: member(8).map(integers).unwrap_or_default(),
        }
    }
}

impl Reply {
    fn read(kind: Kind, body: Walk<'_>) -> Self {
        let ticket = body.member(5).and_then(|ticket| ticket.within(0x61)?.within(SEQUENCE));
        let part = |number| ticket.and_then(|ticket| ticket.member(number));
        Self {
            kind,
            client: body.member(4).and_then(principal),
            realm: body.member(3).and_then(name),
            service: part(2).and_then(principal),
            ticket_encryption: part(3).and_then(encryption),
            own_encryption: body.member(6).and_then(encryption),
        }
    }
}

impl Failure {
    fn read(body: Walk<'_>) -> Self {
        Self {
            code: body.member(6).and_then(Walk::integer),
            client: body.member(8).and_then(principal),
            realm: body.member(9).and_then(name),
            service: body.member(10).and_then(principal),
        }
    }
}

/// Whether the evidence of a request shows that the client knows its key.
fn proves(evidence: Walk<'_>) -> bool {
    let Some(mut evidence) = evidence.within(SEQUENCE) else { return false };
    for _ in 0..MOST_PARTS {
        let Some((_, one)) = evidence.next() else { return false };
        let kind = Walk(one).member(1).and_then(Walk::integer);
        if matches!(kind, Some(ENCRYPTED_TIME | PUBLIC_KEY | ENCRYPTED_CHALLENGE)) {
            return true;
        }
    }
    false
}

fn name(value: Walk<'_>) -> Option<Box<str>> {
    value.text().filter(|text| !text.is_empty()).map(|text| clean(text, MOST_NAME))
}

/// The parts of a name, joined.
fn principal(value: Walk<'_>) -> Option<Box<str>> {
    let mut parts = value.within(SEQUENCE)?.member(1)?.within(SEQUENCE)?;
    let mut joined = Vec::new();
    for place in 0..MOST_PARTS {
        let before = parts;
        if parts.next().is_none() || joined.len() > MOST_NAME {
            break;
        }
        if place > 0 {
            joined.push(b'/');
        }
        let part = before.text()?;
        joined.extend_from_slice(part.get(..=MOST_NAME).unwrap_or(part));
    }
    (!joined.is_empty()).then(|| clean(&joined, MOST_NAME))
}

fn options(value: Walk<'_>) -> Option<u32> {
    match *value.within(3)?.0 {
        [_, a, b, c, d, ..] => Some(u32::from_be_bytes([a, b, c, d])),
        _ => None,
    }
}

fn encryption(value: Walk<'_>) -> Option<i32> {
    value.within(SEQUENCE)?.member(0)?.integer()
}

fn integers(value: Walk<'_>) -> Vec<i32> {
    let Some(mut list) = value.within(SEQUENCE) else { return Vec::new() };
    let next = |_| {
        let before = list;
        list.next()?;
        before.integer()
    };
    (0..MOST_PARTS).map_while(next).collect()
}
