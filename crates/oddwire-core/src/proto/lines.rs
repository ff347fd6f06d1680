//! Lines of a stream, one at a time and with a bound; also of FTP and others of that kind.

/// Gathers the line that is being said.
#[derive(Debug, Default)]
pub(in crate::proto) struct Lines {
    bytes: Vec<u8>,
    over: bool,
    /// Whether what comes until the end of the line is passed over: its beginning was lost.
    skip: bool,
}

impl Lines {
    /// Takes bytes off the front of `rest` up to the end of a line; `true` when there is a line to be read.
    /// Of a line longer than `most` only the beginning is kept.
    pub(in crate::proto) fn take(&mut self, rest: &mut &[u8], most: usize) -> bool {
        if std::mem::take(&mut self.over) {
            self.bytes.clear();
        }
        while !rest.is_empty() {
            let end = rest.iter().position(|&byte| byte == b'\n');
            let (line, behind) =
                rest.split_at_checked(end.map_or(rest.len(), |end| end + 1)).unwrap_or((rest, &[]));
            *rest = behind;
            if !self.skip {
                let room = most.saturating_sub(self.bytes.len());
                self.bytes.extend_from_slice(line.get(..room).unwrap_or(line));
            }
            if end.is_some() && !std::mem::take(&mut self.skip) {
                self.over = true;
                return true;
            }
        }
        false
    }

    /// The line that was taken last, without its end.
    pub(in crate::proto) fn line(&self) -> &[u8] {
        let bytes = self.bytes.strip_suffix(b"\n").unwrap_or(&self.bytes);
        bytes.strip_suffix(b"\r").unwrap_or(bytes)
    }

    /// Bytes were lost: what follows until the end of the line is passed over.
    pub(in crate::proto) fn lose(&mut self) {
        self.forget();
        self.skip = true;
    }

    /// Forgets the line for good: it may hold a secret.
    pub(in crate::proto) fn forget(&mut self) {
        self.bytes.fill(0);
        self.bytes = Vec::new();
        (self.over, self.skip) = (false, false);
    }

    /// Bytes of memory.
    pub(in crate::proto) const fn held(&self) -> usize {
        self.bytes.capacity()
    }
}

/// The code of a reply and the text behind it, and whether more lines of it follow: `250-`.
pub(in crate::proto) fn reply(line: &[u8]) -> Option<(u16, bool, &[u8])> {
    let (code, text) = line.split_first_chunk::<3>()?;
    if !code.iter().all(u8::is_ascii_digit) || !(b'1'..=b'6').contains(&code[0]) {
        return None;
    }
    let number = code.iter().fold(0, |number, digit| number * 10 + u16::from(digit - b'0'));
    match text {
        [b'-', text @ ..] => Some((number, true, text)),
        [b' ', text @ ..] => Some((number, false, text)),
        [] => Some((number, false, text)),
        _ => None,
    }
}

/// The first word of a line, and what stands behind it.
pub(in crate::proto) fn words(line: &[u8]) -> (&[u8], &[u8]) {
    let end = line.iter().position(|&byte| byte == b' ').unwrap_or(line.len());
    let (verb, rest) = line.split_at_checked(end).unwrap_or((line, &[]));
    (verb, rest.trim_ascii())
}

/// Whether bytes have a word in them, in whatever case.
pub(in crate::proto) fn has_word(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word))
}

/// Whether bytes are a beginning of a line of plain text.
pub(in crate::proto) fn is_line(bytes: &[u8]) -> bool {
    let line = bytes.split(|&byte| byte == b'\n').next().unwrap_or(bytes);
    line.iter().all(|&byte| byte == b'\t' || byte == b'\r' || byte >= 32 && byte != 127)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_bounded_and_lost_beginnings_are_passed_over() {
        let mut lines = Lines::default();
        let mut rest = &b"abcdef\r\nxy\nz"[..];
        assert!(lines.take(&mut rest, 4));
        assert_eq!(lines.line(), b"abcd");
        assert!(lines.take(&mut rest, 4));
        assert_eq!(lines.line(), b"xy");
        assert!(!lines.take(&mut rest, 4));
        lines.lose();
        rest = b"end of something\nwhole\n";
        assert!(lines.take(&mut rest, 9));
        assert_eq!(lines.line(), b"whole");
    }

    #[test]
    fn replies_are_a_code_and_a_text() {
        assert_eq!(reply(b"250-SIZE"), Some((250, true, &b"SIZE"[..])));
        assert_eq!(reply(b"354"), Some((354, false, &b""[..])));
        assert_eq!(reply(b"2500"), None);
        assert_eq!(reply(b"999 x"), None);
    }
}
