//! Control packets of MQTT, read laxly and in bounds.

use super::MOST_TEXT;
use crate::proto::clean;

pub(super) const CONNECT: u8 = 1;
pub(super) const CONNACK: u8 = 2;
pub(super) const PUBLISH: u8 = 3;
pub(super) const SUBSCRIBE: u8 = 8;
pub(super) const DISCONNECT: u8 = 14;
/// The version that has properties.
pub(super) const VERSION_5: u8 = 5;
/// The bit by which one broker tells another that it is one.
const BRIDGE: u8 = 0x80;

/// The fixed header of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) kind: u8,
    flags: u8,
    /// Bytes of the header.
    pub(super) length: usize,
    /// Bytes behind it.
    pub(super) rest: usize,
}

/// What first bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    /// A packet.
    Header(Header),
    /// Too few bytes to tell.
    Short,
    /// No packet.
    Wrong,
}

impl Header {
    /// Reads a header and checks what the standard fixes.
    pub(super) fn read(bytes: &[u8]) -> Start {
        let Some((&first, behind)) = bytes.split_first() else { return Start::Short };
        let (kind, flags) = (first >> 4, first & 15);
        let right = match kind {
            0 => false,
            PUBLISH => flags & 6 != 6,
            6 | 8 | 10 => flags & 7 == 2,
            _ => flags == 0,
        };
        if !right {
            return Start::Wrong;
        }
        let mut rest = 0;
        for (place, &byte) in behind.iter().take(4).enumerate() {
            rest |= usize::from(byte & 0x7f) << (7 * place);
            if byte & 0x80 == 0 {
                let header = Self { kind, flags, length: place + 2, rest };
                return if header.has_right_length() { Start::Header(header) } else { Start::Wrong };
            }
        }
        if behind.len() >= 4 { Start::Wrong } else { Start::Short }
    }

    const fn has_right_length(self) -> bool {
        match self.kind {
            CONNECT => self.rest >= 12,
            CONNACK..=7 | 11 => self.rest >= 2,
            8..=10 => self.rest >= 3,
            12 | 13 => self.rest == 0,
            _ => true,
        }
    }

    /// The topic of a message that is published, or the first that is subscribed to.
    pub(super) fn topic(self, body: &[u8], version: u8) -> Option<Box<str>> {
        let mut fields = Fields(body);
        if self.kind == SUBSCRIBE {
            fields.word()?;
            if version == VERSION_5 {
                fields.properties()?;
            }
        }
        fields.text().filter(|topic| !topic.is_empty())
    }

    /// Whether a packet can be real: where it publishes, the topic fits and is text.
    pub(super) fn is_sound(self, body: &[u8]) -> bool {
        if self.kind != PUBLISH {
            return true;
        }
        let mut fields = Fields(body);
        let Some(length) = fields.word().map(usize::from) else { return false };
        let topic = body.get(2..).map_or(&[][..], |rest| rest.get(..length).unwrap_or(rest));
        length + 2 <= self.rest
            && topic.iter().all(|&byte| byte >= b' ' && !matches!(byte, b'#' | b'+' | 0x7f))
    }
}

/// How many sound packets stand in a row; `None` where something else stands there, which a broken CONNECT is
/// too.
pub(super) fn count(mut bytes: &[u8]) -> Option<usize> {
    let mut count = 0;
    while count < 8 {
        match Header::read(bytes) {
            Start::Wrong => return None,
            Start::Short => break,
            Start::Header(header) if header.kind == CONNECT => return None,
            Start::Header(header) => {
                let body = bytes.get(header.length..).unwrap_or(&[]);
                if !header.is_sound(body) && body.len() >= header.rest.min(2) {
                    return None;
                }
                match body.get(header.rest..) {
                    Some(rest) => bytes = rest,
                    None => break,
                }
            }
        }
        count += 1;
    }
    Some(count)
}

/// What a client says of itself.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Connect {
    pub(super) version: u8,
    pub(super) client_id: Option<Box<str>>,
    pub(super) user: Option<Box<str>>,
    pub(super) has_password: bool,
    pub(super) keep_alive_s: u16,
    pub(super) clean_session: bool,
    pub(super) will: bool,
    pub(super) will_topic: Option<Box<str>>,
}

impl Connect {
    /// Reads a CONNECT packet behind its fixed header, as far as it goes.
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        let mut fields = Fields(body);
        if !matches!(fields.bytes()?, b"MQTT" | b"MQIsdp") {
            return None;
        }
        let (version, flags) = (fields.byte()? & !BRIDGE, fields.byte()?);
        let mut connect = Self {
            version,
            has_password: flags & 0x40 != 0,
            keep_alive_s: fields.word()?,
            clean_session: flags & 0x02 != 0,
            will: flags & 0x04 != 0,
            ..Self::default()
        };
        connect.read_texts(&mut fields, flags & 0x80 != 0);
        Some(connect)
    }

    /// Reads the texts in their order; the password stands last and is not read.
    fn read_texts(&mut self, fields: &mut Fields<'_>, has_user: bool) -> Option<()> {
        let properties = self.version == VERSION_5;
        if properties {
            fields.properties()?;
        }
        self.client_id = Some(fields.text()?);
        if self.will {
            if properties {
                fields.properties()?;
            }
            self.will_topic = Some(fields.text()?);
            fields.bytes()?;
        }
        if has_user {
            self.user = Some(fields.text()?);
        }
        Some(())
    }

    /// Bytes of memory of its texts.
    pub(super) fn held(&self) -> usize {
        let texts = [&self.client_id, &self.user, &self.will_topic];
        texts.into_iter().flatten().map(|text| text.len()).sum()
    }
}

/// Whether bytes begin a CONNECT packet: `None` where they are too few.
pub(super) fn begins_connect(bytes: &[u8]) -> Option<bool> {
    if bytes.first() != Some(&(CONNECT << 4)) {
        return Some(false);
    }
    let header = match Header::read(bytes) {
        Start::Header(header) => header,
        Start::Short => return None,
        Start::Wrong => return Some(false),
    };
    let body = bytes.get(header.length..).unwrap_or(&[]);
    let fits = |name: &[u8], versions: [u8; 3]| match body.get(..name.len()) {
        Some(start) if start == name => {
            body.get(name.len()).map(|version| versions.contains(&(version & !BRIDGE)))
        }
        Some(_) => Some(false),
        None => {
            if name.starts_with(body) {
                None
            } else {
                Some(false)
            }
        }
    };
    match (fits(b"\0\x04MQTT", [3, 4, 5]), fits(b"\0\x06MQIsdp", [3, 3, 4])) {
        (Some(false), known) | (known, Some(false)) => known,
        (known, other) => known.or(other),
    }
}

/// Fields of a packet that are not read yet.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    fn word(&mut self) -> Option<u16> {
        self.take(2)?.first_chunk().map(|&word| u16::from_be_bytes(word))
    }

    fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = self.word()?;
        self.take(usize::from(length))
    }

    fn text(&mut self) -> Option<Box<str>> {
        self.bytes().map(|bytes| clean(bytes, MOST_TEXT))
    }

    /// Passes over properties.
    fn properties(&mut self) -> Option<()> {
        let mut length = 0;
        for shift in [0, 7, 14, 21] {
            let byte = self.byte()?;
            length |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return self.take(length).map(drop);
            }
        }
        None
    }
}
