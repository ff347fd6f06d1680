//! Little-endian numbers and texts at places that the sender chose: every place is checked.

use crate::proto::clean;

/// The number of two bytes at a place.
pub(in crate::proto) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|chunk| u16::from_le_bytes(*chunk))
}

/// The number of four bytes at a place.
pub(in crate::proto) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|chunk| u32::from_le_bytes(*chunk))
}

/// The number of eight bytes at a place.
pub(in crate::proto) fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().map(|chunk| u64::from_le_bytes(*chunk))
}

/// So many bytes at a place.
pub(in crate::proto) fn part(bytes: &[u8], at: usize, length: usize) -> Option<&[u8]> {
    bytes.get(at..at.checked_add(length)?)
}

/// A text of UTF-16, or of single bytes, of at most `most` bytes; what stands behind a zero is left out.
pub(in crate::proto) fn text(bytes: &[u8], wide: bool, most: usize) -> Box<str> {
    clean(plain(bytes, wide, most).as_bytes(), most)
}

/// The same of a path: its parts are made fit to be shown, the backslashes between them stay single.
pub(in crate::proto) fn path(bytes: &[u8], wide: bool, most: usize) -> Box<str> {
    let plain = plain(bytes, wide, most);
    let mut shown = String::with_capacity(plain.len());
    for (place, part) in plain.split('\\').enumerate() {
        if place > 0 {
            shown.push('\\');
        }
        shown.push_str(&clean(part.as_bytes(), most));
        if shown.len() > most {
            let end = (0..=most).rev().find(|&end| shown.is_char_boundary(end)).unwrap_or(0);
            shown.truncate(end);
            shown.push_str("...");
            break;
        }
    }
    shown.into_boxed_str()
}

fn plain(bytes: &[u8], wide: bool, most: usize) -> String {
    if !wide {
        let bytes = bytes.get(..=most).unwrap_or(bytes);
        return bytes.iter().take_while(|&&byte| byte != 0).map(|&byte| char::from(byte)).collect();
    }
    let units = bytes.chunks_exact(2).take(most + 1).map(|pair| match pair {
        [low, high] => u16::from_le_bytes([*low, *high]),
        _ => 0,
    });
    char::decode_utf16(units.take_while(|&unit| unit != 0))
        .map(|one| one.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

/// The bytes of a text up to its end mark, and what follows behind it.
pub(in crate::proto) fn up_to_zero(bytes: &[u8], wide: bool) -> (&[u8], &[u8]) {
    let width = if wide { 2 } else { 1 };
    let end = bytes.chunks_exact(width).position(|unit| unit.iter().all(|&byte| byte == 0));
    let Some(end) = end.map(|units| units * width) else { return (bytes, &[]) };
    (bytes.get(..end).unwrap_or(bytes), bytes.get(end + width..).unwrap_or(&[]))
}
