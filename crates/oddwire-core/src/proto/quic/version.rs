//! The versions of QUIC that are known, and what differs between them.

use std::fmt::Write;

/// QUIC version 2 (RFC 9369).
const SECOND: u32 = 0x6b33_43cf;

/// Salts from which the keys of the first packets are made.
const SALT_1: [u8; 20] = *b"\x38\x76\x2c\xf7\xf5\x59\x34\xb3\x4d\x17\x9a\xe6\xa4\xc8\x0c\xad\xcc\xbb\x7f\x0a";
const SALT_2: [u8; 20] = *b"\x0d\xed\xe3\xde\xf7\x00\xa6\xdb\x81\x93\x81\xbe\x6e\x26\x9d\xcb\xf9\xbd\x2e\xd9";
const SALT_DRAFT_29: [u8; 20] =
    *b"\xaf\xbf\xec\x28\x99\x93\xd2\x4c\x9e\x97\x86\xf1\x9c\x61\x11\xe0\x43\x90\xa8\x99";
const SALT_DRAFT_23: [u8; 20] =
    *b"\xc3\xee\xf7\x12\xc7\x2e\xbb\x5a\x11\xa7\xd2\x43\x2b\xb4\x63\x65\xbe\xf9\xf5\x02";

/// A version, by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Version(pub(super) u32);

/// How long packets of a version are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Initial,
    Early,
    Handshake,
    Retry,
}

impl Version {
    /// The draft that it is, or that it is made from.
    const fn draft(self) -> Option<u32> {
        match self.0 {
            0xff00_0000..=0xff00_00ff => Some(self.0 & 0xff),
            0xface_b002 | 0xface_b00e | 0xface_b00f => Some(27),
            _ => None,
        }
    }

    /// Whether it is Google's own QUIC, from before the common one.
    pub(super) const fn is_google(self) -> bool {
        let [letter, digits @ ..] = self.0.to_be_bytes();
        let [a, b, c] = digits;
        matches!(letter, b'Q' | b'T') && a.is_ascii_digit() && b.is_ascii_digit() && c.is_ascii_digit()
    }

    /// Whether it is one that is only sent to keep others used to the unknown (RFC 9000, 15).
    pub(super) const fn is_grease(self) -> bool {
        self.0 & 0x0f0f_0f0f == 0x0a0a_0a0a
    }

    pub(super) const fn is_known(self) -> bool {
        matches!(self.0, 1 | SECOND | 0xface_b000..=0xface_b0ff)
            || matches!(self.draft(), Some(1..=34))
            || self.is_google()
    }

    /// The salt of its keys; `None` where it is not known.
    pub(super) const fn salt(self) -> Option<&'static [u8; 20]> {
        Some(match (self.0, self.draft()) {
            (1 | 0xface_b010..=0xface_b013, _) | (_, Some(33 | 34)) => &SALT_1,
            (SECOND, _) => &SALT_2,
            (_, Some(29..=32)) => &SALT_DRAFT_29,
            (_, Some(23..=28)) => &SALT_DRAFT_23,
            _ => return None,
        })
    }

    /// The words from which key, vector and the key of the header are made.
    pub(super) const fn labels(self) -> [&'static str; 3] {
        match self.0 {
            SECOND => ["quicv2 key", "quicv2 iv", "quicv2 hp"],
            _ => ["quic key", "quic iv", "quic hp"],
        }
    }

    /// What kind of packet a first byte says.
    pub(super) const fn kind(self, first: u8) -> Kind {
        let number = first >> 4 & 3;
        match (self.0, number) {
            (SECOND, 1) | (_, 0) if !(self.0 == SECOND && number == 0) => Kind::Initial,
            (SECOND, 2) => Kind::Early,
            (SECOND, 3) => Kind::Handshake,
            (SECOND, _) => Kind::Retry,
            (_, 1) => Kind::Early,
            (_, 2) => Kind::Handshake,
            _ => Kind::Retry,
        }
    }

    /// Whether both lengths of connection identifiers stand in one byte.
    pub(super) const fn packs_lengths(self) -> bool {
        matches!(self.draft(), Some(..=21))
            || matches!(&self.0.to_be_bytes(), b"Q044" | b"Q045" | b"Q046" | b"Q047" | b"Q048")
    }

    /// Its common name.
    pub(super) fn push_name(self, text: &mut String) {
        let [a, b, c, d] = self.0.to_be_bytes();
        let _ = match self.0 {
            1 => write!(text, "1"),
            SECOND => write!(text, "2"),
            0xff00_0000..=0xff00_00ff => write!(text, "draft-{d}"),
            0xface_b000..=0xface_b0ff => write!(text, "mvfst-{d:x}"),
            _ if self.is_google() => {
                write!(text, "{}{}{}{}", char::from(a), char::from(b), char::from(c), char::from(d))
            }
            number => write!(text, "0x{number:08x}"),
        };
    }
}
