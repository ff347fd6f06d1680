//! What a body is, by its first bytes, which are looked at and not kept.

/// First bytes of a body that are looked at.
const LOOKED_AT: usize = 32;

/// The first bytes of a body, until they have been looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Look {
    bytes: [u8; LOOKED_AT],
    length: usize,
    kind: Option<&'static str>,
    over: bool,
}

impl Look {
    /// Takes the next bytes of the body.
    pub(super) fn take(&mut self, bytes: &[u8]) {
        if self.over {
            return;
        }
        let room = self.bytes.get_mut(self.length..).unwrap_or(&mut []);
        let count = room.len().min(bytes.len());
        room.iter_mut().zip(bytes).for_each(|(place, &byte)| *place = byte);
        self.length += count;
        if self.length == LOOKED_AT {
            self.end();
        }
    }

    /// No more bytes come, or some are lost: what is there must do.
    pub(super) fn end(&mut self) {
        if !self.over {
            self.kind = kind(self.bytes.get(..self.length).unwrap_or(&[]));
            *self = Self { kind: self.kind, over: true, ..Self::default() };
        }
    }

    /// What the body is.
    pub(super) const fn kind(&self) -> Option<&'static str> {
        self.kind
    }
}

/// A word for first bytes; `None` where there are none.
fn kind(bytes: &[u8]) -> Option<&'static str> {
    Some(match bytes {
        [] => return None,
        [b'M', b'Z', ..] => "exe",
        [0x7f, b'E', b'L', b'F', ..] => "elf",
        _ if is_mach(bytes) => "macho",
        [0xca, 0xfe, 0xba, 0xbe, ..] => "java_class",
        [b'#', b'!', ..] => "script",
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => "zip",
        [0x1f, 0x8b, ..] => "gzip",
        [b'%', b'P', b'D', b'F', ..] => "pdf",
        [b'M', b'S', b'C', b'F', ..] => "cab",
        [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, ..] => "ole",
        _ if is_image(bytes) => "image",
        _ if is_html(bytes) => "html",
        _ if is_text(bytes) => "text",
        _ => "other",
    })
}

/// Whether it is a program of macOS. One for several machines begins like a Java class, but with a small
/// count behind.
fn is_mach(bytes: &[u8]) -> bool {
    matches!(
        bytes,
        [0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 0..=30, ..]
            | [0xfe, 0xed, 0xfa, 0xce | 0xcf, ..]
            | [0xce | 0xcf, 0xfa, 0xed, 0xfe, ..]
    )
}

fn is_image(bytes: &[u8]) -> bool {
    matches!(
        bytes,
        [0x89, b'P', b'N', b'G', ..]
            | [b'G', b'I', b'F', b'8', ..]
            | [0xff, 0xd8, 0xff, ..]
            | [0, 0, 1, 0, ..]
            | [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..]
    )
}

fn is_html(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    [&b"<!doctype html"[..], b"<html", b"<head", b"<body", b"<script", b"<title", b"<meta"]
        .iter()
        .any(|tag| bytes.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag)))
}

/// Whether bytes are text as far as they go: a character may be cut at their end.
fn is_text(bytes: &[u8]) -> bool {
    let valid = match std::str::from_utf8(bytes) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none(),
    };
    valid && bytes.iter().all(|&byte| byte >= b' ' && byte != 0x7f || byte.is_ascii_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_bytes_tell_what_a_body_is() {
        let cases: [(&[u8], &str); 12] = [
            (b"MZ\x90\0", "exe"),
            (b"\x7fELF\x02", "elf"),
            (b"#!/bin/sh\n", "script"),
            (b"\xca\xfe\xba\xbe\0\0\0\x02", "macho"),
            (b"\xca\xfe\xba\xbe\0\0\0\x34", "java_class"),
            (b"PK\x03\x04", "zip"),
            (b"\x1f\x8b\x08", "gzip"),
            (b"\n <!DOCTYPE HTML PUBLIC", "html"),
            (b"\x89PNG\r\n", "image"),
            (b"{\"a\": 1}", "text"),
            ("caf\u{e9}".as_bytes(), "text"),
            (b"\x00\x01\x02", "other"),
        ];
        for (bytes, word) in cases {
            let mut look = Look::default();
            for byte in bytes {
                look.take(&[*byte]);
            }
            look.end();
            assert_eq!(look.kind(), Some(word));
        }
    }
}
