//! Fingerprints of hellos: JA3 and JA3S, and JA4 (of the family of that name only the one that is free for all).
//!
//! JA4 is made by its published description: <https://github.com/FoxIO-LLC/ja4>, `technical_details/JA4.md`, BSD 3-Clause.

use super::hello::{ClientHello, ServerHello, extension, is_grease};
use crate::proto::text::hex;
use md5::{Digest, Md5};
use sha2::Sha256;
use std::fmt::Write;

/// What carries the hello.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::proto) enum Carrier {
    #[default]
    Stream,
    Datagram,
    Quic,
}

/// The fingerprints of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::proto) struct Prints {
    pub(in crate::proto) ja3: [u8; 16],
    pub(in crate::proto) ja4: Box<str>,
}

impl Prints {
    /// Those of a hello that was read to its end.
    pub(in crate::proto) fn of(hello: &ClientHello, carrier: Carrier) -> Option<Self> {
        hello.whole.then(|| Self { ja3: md5(&ja3_text(hello)), ja4: ja4(hello, carrier).into() })
    }
}

/// What JA3 is the MD5 of: version, ciphers, extensions, groups and point formats.
pub(in crate::proto) fn ja3_text(hello: &ClientHello) -> String {
    let mut text = hello.version.to_string();
    push_decimal(&mut text, &hello.ciphers);
    push_decimal(&mut text, &hello.extensions);
    push_decimal(&mut text, &hello.groups);
    let formats: Vec<u16> = hello.formats.iter().map(|&format| u16::from(format)).collect();
    push_decimal(&mut text, &formats);
    text
}

/// JA3S: version, cipher and extensions of the server.
pub(in crate::proto) fn ja3s(hello: &ServerHello) -> [u8; 16] {
    let mut text = format!("{},{}", hello.version, hello.cipher);
    push_decimal(&mut text, &hello.extensions);
    md5(&text)
}

fn push_decimal(text: &mut String, numbers: &[u16]) {
    let mut sign = ',';
    let known = numbers.iter().filter(|&&number| !is_grease(number));
    for number in known {
        let _ = write!(text, "{sign}{number}");
        sign = '-';
    }
    if sign == ',' {
        text.push(',');
    }
}

fn md5(text: &str) -> [u8; 16] {
    Md5::digest(text.as_bytes()).into()
}

/// JA4, its lists hashed.
pub(in crate::proto) fn ja4(hello: &ClientHello, carrier: Carrier) -> String {
    let [ciphers, rest] = ja4_lists(hello);
    format!("{}_{}_{}", ja4_head(hello, carrier), short_hash(&ciphers), short_hash(&rest))
}

/// JA4 with its lists in full, which is called `JA4_r`.
pub(in crate::proto) fn ja4_text(hello: &ClientHello, carrier: Carrier) -> String {
    let [ciphers, rest] = ja4_lists(hello);
    format!("{}_{ciphers}_{rest}", ja4_head(hello, carrier))
}

fn ja4_head(hello: &ClientHello, carrier: Carrier) -> String {
    let carrier = match carrier {
        Carrier::Stream => 't',
        Carrier::Datagram => 'd',
        Carrier::Quic => 'q',
    };
    let version = match hello.highest() {
        0x0304 => "13",
        0x0303 => "12",
        0x0302 => "11",
        0x0301 => "10",
        0x0300 => "s3",
        0x0002 => "s2",
        0xfeff => "d1",
        0xfefd => "d2",
        0xfefc => "d3",
        _ => "00",
    };
    let name = if hello.has(extension::SERVER_NAME) { 'd' } else { 'i' };
    let count = |numbers: &[u16]| numbers.iter().filter(|&&number| !is_grease(number)).count().min(99);
    let (ciphers, extensions) = (count(&hello.ciphers), count(&hello.extensions));
    let [first, last] = ja4_protocol(hello);
    format!("{carrier}{version}{name}{ciphers:02}{extensions:02}{first}{last}")
}

/// First and last letter of the first protocol; of their digits where one of them is neither letter nor digit.
fn ja4_protocol(hello: &ClientHello) -> [char; 2] {
    let Some((first, last)) = hello.alpn_ends else { return ['0', '0'] };
    if first.is_ascii_alphanumeric() && last.is_ascii_alphanumeric() {
        return [first.into(), last.into()];
    }
    let digit = |half: u8| char::from_digit(half.into(), 16).unwrap_or('0');
    [digit(first >> 4), digit(last & 15)]
}

/// The ciphers in order of their numbers; likewise the extensions, then the signature algorithms as they were sent.
fn ja4_lists(hello: &ClientHello) -> [String; 2] {
    let mut ciphers = hello.ciphers.clone();
    ciphers.sort_unstable();
    let mut extensions = hello.extensions.clone();
    extensions.retain(|&number| !matches!(number, extension::SERVER_NAME | extension::ALPN));
    extensions.sort_unstable();
    let mut rest = hexadecimal(&extensions);
    if !hello.signatures.is_empty() {
        rest.push('_');
        rest.push_str(&hexadecimal(&hello.signatures));
    }
    [hexadecimal(&ciphers), rest]
}

fn hexadecimal(numbers: &[u16]) -> String {
    let mut text = String::with_capacity(numbers.len() * 5);
    for number in numbers.iter().filter(|&&number| !is_grease(number)) {
        let comma = if text.is_empty() { "" } else { "," };
        let _ = write!(text, "{comma}{number:04x}");
    }
    text
}

fn short_hash(list: &str) -> String {
    if list.is_empty() {
        return "000000000000".into();
    }
    let hash: [u8; 32] = Sha256::digest(list.as_bytes()).into();
    hex(hash.first_chunk::<6>().unwrap_or(&[0; 6]))
}
