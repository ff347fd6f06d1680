//! Text as a server understands it in the end: percent signs read, in lower case, blanks and comments made alike.

/// Reads `%XX` once or twice over, and makes alike what means the same. At most `most` bytes are read.
pub(super) fn plain(text: &[u8], most: usize) -> Vec<u8> {
    let text = text.get(..most).unwrap_or(text);
    let spaced: Vec<u8> = text.iter().map(|&byte| if byte == b'+' { b' ' } else { byte }).collect();
    let mut read = decoded(&spaced);
    if read.contains(&b'%') {
        read = decoded(&read);
    }
    without_comments(&read)
}

fn decoded(text: &[u8]) -> Vec<u8> {
    let mut read = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&first, behind)) = rest.split_first() {
        let byte = match (first, behind) {
            (b'%', [high, low, ..]) => digit(*high).zip(digit(*low)).map(|(high, low)| high << 4 | low),
            _ => None,
        };
        read.push(byte.unwrap_or(first));
        rest = if byte.is_some() { behind.get(2..).unwrap_or(&[]) } else { behind };
    }
    read
}

const fn digit(letter: u8) -> Option<u8> {
    match letter {
        b'0'..=b'9' => Some(letter - b'0'),
        b'a'..=b'f' => Some(letter - b'a' + 10),
        b'A'..=b'F' => Some(letter - b'A' + 10),
        _ => None,
    }
}

/// Lower case, with one blank for any number of blanks and comments, and `;` for the end of a line: a shell takes
/// both alike.
fn without_comments(text: &[u8]) -> Vec<u8> {
    let mut simple = Vec::with_capacity(text.len());
    let mut rest = text;
    let mut closes = true;
    while let Some((&byte, behind)) = rest.split_first() {
        let (shown, next) = match rest {
            [b'/', b'*', b'!', inner @ ..] => {
                let digits = inner.iter().take_while(|byte| byte.is_ascii_digit()).count();
                (b' ', inner.get(digits..).unwrap_or(&[]))
            }
            [b'/', b'*', inner @ ..] if closes => match inner.windows(2).position(|two| two == b"*/") {
                Some(end) => (b' ', inner.get(end + 2..).unwrap_or(&[])),
                None => {
                    closes = false;
                    (byte, behind)
                }
            },
            [b'*', b'/', behind @ ..] => (b' ', behind),
            [b'\n', ..] => (b';', behind),
            [0..=b' ', ..] => (b' ', behind),
            _ => (byte.to_ascii_lowercase(), behind),
        };
        if shown != b' ' || simple.last() != Some(&b' ') {
            simple.push(shown);
        }
        rest = next;
    }
    simple
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_the_same_looks_the_same() {
        let cases: [(&[u8], &[u8]); 7] = [
            (b"UNION%20%0d%09SeLeCT+1", b"union select 1"),
            (b"union/**/select/*x*/1", b"union select 1"),
            (b"union/*!50000select*/1", b"union select 1"),
            (b"%252e%252e%2f", b"../"),
            (b"100%25+off%zz%4", b"100% off%zz%4"),
            (b"/*never", b"/*never"),
            (b"a%0aid", b"a;id"),
        ];
        for (text, read) in cases {
            assert_eq!(plain(text, 99), read, "{}", text.escape_ascii());
        }
        assert_eq!(plain(b"abc", 2), b"ab");
        assert!(plain(&b"/* ".repeat(500), 2_000).len() <= 1_500);
    }
}
