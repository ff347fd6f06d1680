//! Foreign bytes as text that can be shown: bounded, without control characters.

/// Bytes as text of at most `most` bytes. What is no printable text of UTF-8 is written as `\xNN`; where it was cut
/// three dots follow.
#[must_use]
pub fn clean(bytes: &[u8], most: usize) -> Box<str> {
    let mut text = String::with_capacity(bytes.len().min(most));
    for chunk in bytes.utf8_chunks() {
        for one in chunk.valid().chars() {
            if one.is_control() || is_invisible(one) {
                one.encode_utf8(&mut [0; 4]).bytes().for_each(|byte| escape(byte, &mut text));
            } else if one == '\\' {
                text.push_str("\\\\");
            } else {
                text.push(one);
            }
            if text.len() > most {
                return cut(text, most);
            }
        }
        chunk.invalid().iter().for_each(|&byte| escape(byte, &mut text));
        if text.len() > most {
            return cut(text, most);
        }
    }
    text.into_boxed_str()
}

/// Characters that change how the text around them is shown.
const fn is_invisible(one: char) -> bool {
    matches!(one, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

fn escape(byte: u8, text: &mut String) {
    const DIGITS: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    text.push_str("\\x");
    for digit in [byte >> 4, byte & 15] {
        text.push(DIGITS.get(usize::from(digit)).copied().unwrap_or('?'));
    }
}

fn cut(mut text: String, most: usize) -> Box<str> {
    let end = (0..=most.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    text.truncate(end);
    text.push_str("...");
    text.into_boxed_str()
}

/// Appends an optional text to a cell; `false` (null) where there is none.
pub fn put(cell: &mut String, text: Option<&str>) -> bool {
    if let Some(text) = text {
        cell.push_str(text);
    }
    text.is_some()
}

/// Bytes as lower-case hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn foreign_bytes_cannot_steer_a_terminal() {
        assert_eq!(&*clean(b"caf\xc3\xa9\x1b[31m\xff\\", 99), "café\\x1b[31m\\xff\\\\");
        assert_eq!(&*clean("a\u{202e}b".as_bytes(), 99), "a\\xe2\\x80\\xaeb");
        assert_eq!(&*clean(b"abcdef", 3), "abc...");
    }

    proptest! {
        #[test]
        fn it_is_bounded_and_printable(bytes in prop::collection::vec(any::<u8>(), 0..400), most in 0usize..100) {
            let text = clean(&bytes, most);
            prop_assert!(text.len() <= most + 3);
            prop_assert!(!text.chars().any(char::is_control));
        }
    }
}
