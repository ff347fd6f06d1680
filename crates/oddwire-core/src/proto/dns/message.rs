//! One DNS message: header, first question, answers. Lax: what could be read stands.

use crate::packet::Addr;
use crate::proto::text::clean;
use std::fmt::Write;
use std::net::{Ipv4Addr, Ipv6Addr};

/// Bytes of a message's header.
pub(super) const HEADER: usize = 12;
/// The longest name, in bytes on the wire.
const MOST_NAME: usize = 255;
/// Records of a message that are read; what follows is only counted by the header.
const MOST_RECORDS: usize = 128;
/// Answers that are kept.
const MOST_ANSWERS: usize = 32;
/// Names with addresses that are kept.
const MOST_NAMED: usize = 16;
/// Bytes of text that one answer may take.
const MOST_DATA: usize = 256;

const NETBIOS_NAME: u16 = 32;
const OPT: u16 = 41;

/// A question or answer message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) id: u16,
    pub(super) flags: u16,
    /// Questions, answers, authority and additional records, as the header counts them.
    pub(super) counts: [u16; 4],
    pub(super) question: Option<Question>,
    pub(super) answers: Vec<Answer>,
    /// Names with an address of theirs, from answers and additional records.
    pub(super) named: Vec<(Box<str>, Addr)>,
    pub(super) ttl_min: Option<u32>,
    /// What EDNS says: extended code, and the flag "DNSSEC OK".
    pub(super) edns: Option<(u8, bool)>,
    /// Whether it was read to its end.
    pub(super) whole: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Question {
    pub(super) name: Box<str>,
    /// Labels, and the bytes of the longest.
    pub(super) labels: u8,
    pub(super) longest: u8,
    pub(super) kind: u16,
    pub(super) class: u16,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) kind: u16,
    pub(super) data: Box<str>,
}

/// How a message is read.
#[derive(Debug, Clone, Copy)]
struct Reading {
    /// It is one of `NetBIOS`, whose names are written in half bytes.
    netbios: bool,
    /// Its texts are wanted.
    texts: bool,
}

/// A name as it was read.
#[derive(Debug, Default)]
struct Name {
    text: String,
    labels: u8,
    longest: u8,
}

impl Message {
    /// Reads a message; `None` where not even the header is there.
    pub(super) fn read(bytes: &[u8], netbios: bool) -> Option<Self> {
        Self::read_as(bytes, Reading { netbios, texts: true })
    }

    /// Reads a message without its texts: enough to tell whether it is one, and a third of the work.
    pub(super) fn skim(bytes: &[u8], netbios: bool) -> Option<Self> {
        Self::read_as(bytes, Reading { netbios, texts: false })
    }

    fn read_as(bytes: &[u8], reading: Reading) -> Option<Self> {
        let mut at = 0;
        let mut next = || word(bytes, &mut at);
        let mut message = Self {
            id: next()?,
            flags: next()?,
            counts: [next()?, next()?, next()?, next()?],
            ..Self::default()
        };
        message.whole = message.read_body(bytes, reading).is_some();
        Some(message)
    }

    pub(super) const fn is_response(&self) -> bool {
        self.flags & 0x8000 != 0
    }

    pub(super) const fn operation(&self) -> u8 {
        (self.flags >> 11 & 15) as u8
    }

    pub(super) const fn code(&self) -> u8 {
        (self.flags & 15) as u8
    }

    /// The name and type that an answer begins with, or the question.
    fn read_body(&mut self, bytes: &[u8], reading: Reading) -> Option<()> {
        let mut at = HEADER;
        for index in 0..usize::from(self.counts[0]).min(MOST_RECORDS) {
            let name = read_name(bytes, &mut at, reading)?;
            let (kind, class) = (word(bytes, &mut at)?, word(bytes, &mut at)?);
            if index == 0 {
                let Name { text, labels, longest } = name;
                self.question = Some(Question { name: text.into(), labels, longest, kind, class });
            }
        }
        let [_, answers, authority, additional] = self.counts.map(usize::from);
        for index in 0..(answers + authority + additional).min(MOST_RECORDS) {
            self.read_record(bytes, &mut at, index < answers, reading)?;
        }
        Some(())
    }

    fn read_record(&mut self, bytes: &[u8], at: &mut usize, answer: bool, reading: Reading) -> Option<()> {
        let name = read_name(bytes, at, reading)?;
        let (kind, class) = (word(bytes, at)?, word(bytes, at)?);
        let ttl = u32::from(word(bytes, at)?) << 16 | u32::from(word(bytes, at)?);
        let length = usize::from(word(bytes, at)?);
        let start = *at;
        let data = bytes.get(start..start + length)?;
        *at = start + length;
        if kind == OPT {
            self.edns = Some(((ttl >> 24) as u8, ttl & 0x8000 != 0));
            return Some(());
        }
        if !reading.texts {
            return Some(());
        }
        let netbios = reading.netbios;
        if let Some(address) = address_of(kind, data, netbios)
            && self.named.len() < MOST_NAMED
        {
            self.named.push((name.text.as_str().into(), address));
        }
        if answer {
            self.ttl_min = Some(self.ttl_min.map_or(ttl, |least| least.min(ttl)));
            if self.question.is_none() {
                let Name { text, labels, longest } = name;
                self.question = Some(Question { name: text.into(), labels, longest, kind, class });
            }
            if self.answers.len() < MOST_ANSWERS {
                let data = shown(bytes, start, data, kind, netbios).into_boxed_str();
                self.answers.push(Answer { kind, data });
            }
        }
        Some(())
    }
}

fn word(bytes: &[u8], at: &mut usize) -> Option<u16> {
    let word = bytes.get(*at..)?.first_chunk::<2>()?;
    *at += 2;
    Some(u16::from_be_bytes(*word))
}

/// Reads a name and passes over it. Pointers only lead backwards, so there is no way round in a circle.
fn read_name(bytes: &[u8], at: &mut usize, reading: Reading) -> Option<Name> {
    let mut name = Name::default();
    let (mut place, mut before, mut end, mut wire) = (*at, *at, None, 0);
    loop {
        let length = usize::from(*bytes.get(place)?);
        match length >> 6 {
            0 if length == 0 => break,
            0 => {
                let label = bytes.get(place + 1..place + 1 + length)?;
                wire += length + 1;
                if wire > MOST_NAME {
                    return None;
                }
                name.add(label, reading);
                place += length + 1;
            }
            3 => {
                let target = (length & 0x3f) << 8 | usize::from(*bytes.get(place + 1)?);
                end = end.or(Some(place + 2));
                if target >= before {
                    return None;
                }
                (place, before) = (target, target);
            }
            _ => return None,
        }
    }
    if name.labels == 0 && reading.texts {
        name.text.push('.');
    }
    *at = end.unwrap_or(place + 1);
    Some(name)
}

impl Name {
    fn add(&mut self, label: &[u8], reading: Reading) {
        self.labels += 1;
        self.longest = self.longest.max(label.len() as u8);
        if !reading.texts {
            return;
        }
        if self.labels > 1 {
            self.text.push('.');
        }
        match reading.netbios.then(|| netbios_name(label)).flatten() {
            Some(name) => self.text.push_str(&name),
            None => self.text.push_str(&clean(label, 4 * MOST_NAME)),
        }
    }
}

/// The name behind the half-byte letters of `NetBIOS`, with its suffix: `FILESERVER<20>`.
fn netbios_name(label: &[u8]) -> Option<String> {
    if label.len() != 32 || !label.iter().all(|byte| (b'A'..=b'P').contains(byte)) {
        return None;
    }
    let pairs = label.as_chunks::<2>().0.iter();
    let bytes: Vec<u8> = pairs.map(|[high, low]| (high - b'A') << 4 | (low - b'A')).collect();
    let (suffix, name) = bytes.split_last()?;
    let mut text = clean(name.trim_ascii_end(), MOST_NAME).into_string();
    let _ = write!(text, "<{suffix:02x}>");
    Some(text)
}

/// The address that a record gives its name.
fn address_of(kind: u16, data: &[u8], netbios: bool) -> Option<Addr> {
    match (kind, data.len()) {
        (1, 4) => data.first_chunk().map(|&octets| Addr::v4(octets)),
        (28, 16) => data.first_chunk().map(|&octets| Addr(octets)),
        (NETBIOS_NAME, 6..) if netbios => data.get(2..)?.first_chunk().map(|&octets| Addr::v4(octets)),
        _ => None,
    }
}

/// What a record says, as text.
fn shown(bytes: &[u8], start: usize, data: &[u8], kind: u16, netbios: bool) -> String {
    told(bytes, start, data, kind, netbios).unwrap_or_else(|| format!("{} bytes", data.len()))
}

fn told(bytes: &[u8], start: usize, data: &[u8], kind: u16, netbios: bool) -> Option<String> {
    let name = |skip: usize| {
        let mut at = start + skip;
        read_name(bytes, &mut at, Reading { netbios: false, texts: true }).map(|name| name.text)
    };
    let number = |at: usize| data.get(at..)?.first_chunk::<2>().map(|&word| u16::from_be_bytes(word));
    match (kind, data.len()) {
        (1, 4) => Some(Ipv4Addr::from(*data.first_chunk::<4>()?).to_string()),
        (28, 16) => Some(Ipv6Addr::from(*data.first_chunk::<16>()?).to_string()),
        (NETBIOS_NAME, 6..) if netbios => {
            Some(Ipv4Addr::from(*data.get(2..)?.first_chunk::<4>()?).to_string())
        }
        (2 | 5 | 6 | 12 | 39, _) => name(0),
        (33, 7..) if !netbios => Some(format!("{} {} {} {}", number(0)?, number(2)?, number(4)?, name(6)?)),
        (16 | 99, _) => Some(strings(data)),
        (15 | 64 | 65, 3..) => Some(format!("{} {}", number(0)?, name(2)?)),
        _ => None,
    }
}

/// The strings of a TXT record, joined.
fn strings(mut data: &[u8]) -> String {
    let mut joined = Vec::new();
    while let [length, rest @ ..] = data {
        let (text, behind) = rest.split_at(usize::from(*length).min(rest.len()));
        joined.extend_from_slice(text);
        data = behind;
    }
    clean(&joined, MOST_DATA).into_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_pointer_that_leads_forward_or_to_itself_ends_the_reading() {
        let mut message = [0u8; 16].to_vec();
        message[5] = 1;
        message[12..14].copy_from_slice(&[0xc0, 12]);
        let read = Message::read(&message, false).unwrap();
        assert!(!read.whole && read.question.is_none());
    }

    #[test]
    fn a_bomb_of_pointers_to_long_names_is_read_in_bounds() {
        let mut message = vec![0u8; HEADER];
        message[7] = 255;
        message.extend([&[63u8][..], &[b'a'; 63], &[63], &[b'b'; 63], &[63], &[b'c'; 63], &[0]].concat());
        message.extend([0, 5, 0, 1, 0, 0, 0, 9, 0, 2, 0xc0, 12]);
        while message.len() < 60_000 {
            message.extend([0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 9, 0, 2, 0xc0, 12]);
        }
        let read = Message::read(&message, false).unwrap();
        assert_eq!((read.answers.len(), read.question.unwrap().labels), (MOST_ANSWERS, 3));
    }

    #[test]
    fn a_netbios_name_is_told_with_its_suffix() {
        assert_eq!(netbios_name(b"EGFCEFEECACACACACACACACACACACACA").as_deref(), Some("FRED<20>"));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..300), netbios in any::<bool>()) {
            if let Some(message) = Message::read(&bytes, netbios) {
                prop_assert!(message.answers.len() <= MOST_ANSWERS);
                prop_assert!(message.question.is_none_or(|question| question.name.len() <= 4 * MOST_NAME + 130));
            }
        }
    }
}
