//! Values of options as text: bounded, and shown safely.

use crate::packet::{Addr, Mac};
use crate::proto::{clean, hex};
use std::fmt::Write;

/// Bytes of a text option that are kept.
const MOST_TEXT: usize = 255;
/// Bytes of an identifier that are kept, as digits.
const MOST_IDENTIFIER: usize = 64;
/// Addresses of a list that are kept.
const MOST_ADDRESSES: usize = 16;
/// Requested parameters that are kept.
const MOST_PARAMETERS: usize = 256;

/// A text without the zeros that some senders end it with; `None` for an empty one.
pub(super) fn shown(bytes: &[u8]) -> Option<Box<str>> {
    let end = bytes.iter().rposition(|&byte| byte != 0)?;
    bytes.get(..=end).map(|text| clean(text, MOST_TEXT))
}

/// An identifier as hexadecimal digits.
pub(super) fn digits(bytes: &[u8]) -> Option<Box<str>> {
    let kept = bytes.get(..MOST_IDENTIFIER).unwrap_or(bytes);
    (!kept.is_empty()).then(|| hex(kept).into_boxed_str())
}

/// Things with commas between them; `None` where there is none.
pub(super) fn joined<T: std::fmt::Display>(things: impl Iterator<Item = T>, most: usize) -> Option<Box<str>> {
    let mut text = String::new();
    for thing in things.take(most) {
        if !text.is_empty() {
            text.push(',');
        }
        let _ = write!(text, "{thing}");
    }
    (!text.is_empty()).then(|| text.into_boxed_str())
}

/// A list of IPv4 addresses.
pub(super) fn addresses_4(bytes: &[u8]) -> Option<Box<str>> {
    joined(bytes.as_chunks::<4>().0.iter().map(|octets| Addr::v4(*octets)), MOST_ADDRESSES)
}

/// A list of IPv6 addresses.
pub(super) fn addresses_6(bytes: &[u8]) -> Option<Box<str>> {
    joined(bytes.as_chunks::<16>().0.iter().map(|octets| Addr(*octets)), MOST_ADDRESSES)
}

/// The numbers of requested options, of one byte each.
pub(super) fn parameters_4(bytes: &[u8]) -> Option<Box<str>> {
    joined(bytes.iter(), MOST_PARAMETERS)
}

/// The numbers of requested options, of two bytes each.
pub(super) fn parameters_6(bytes: &[u8]) -> Option<Box<str>> {
    joined(bytes.as_chunks::<2>().0.iter().map(|pair| u16::from_be_bytes(*pair)), MOST_PARAMETERS)
}

/// Domain names in the form of DNS without pointers, joined by commas.
pub(super) fn names(bytes: &[u8]) -> Option<Box<str>> {
    let mut bytes = bytes.get(..MOST_TEXT).unwrap_or(bytes);
    let (mut text, mut inside) = (Vec::new(), false);
    while let [length, rest @ ..] = bytes {
        let (label, behind) = rest.split_at_checked(usize::from(*length)).unwrap_or((rest, &[]));
        if *length == 0 {
            inside = false;
        } else {
            if !text.is_empty() {
                text.push(if inside { b'.' } else { b',' });
            }
            text.extend_from_slice(label);
            inside = true;
        }
        bytes = behind;
    }
    shown(&text)
}

/// An address that is not the unspecified one.
pub(super) fn address(octets: [u8; 4]) -> Option<Addr> {
    (octets != [0; 4]).then(|| Addr::v4(octets))
}

/// A hardware address that is not all zeros.
pub(super) fn mac(octets: [u8; 6]) -> Option<Mac> {
    (octets != [0; 6]).then_some(Mac(octets))
}
