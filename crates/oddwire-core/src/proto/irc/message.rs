//! A line of IRC: who says it, the command, and its parameters.

use crate::proto::lines::words;

/// The longest command.
const MOST_VERB: usize = 16;

/// A line, taken apart.
#[derive(Debug, Clone, Copy)]
pub(super) struct Message<'a> {
    /// Server, or `nick!user@host`; empty where the line does not say.
    pub(super) from: &'a [u8],
    pub(super) verb: &'a [u8],
    rest: &'a [u8],
}

impl<'a> Message<'a> {
    /// Takes a line apart; `None` where it has no command.
    pub(super) fn read(line: &'a [u8]) -> Option<Self> {
        let line = if line.first() == Some(&b'@') { words(line).1 } else { line };
        let (from, line) = match line.strip_prefix(b":") {
            Some(prefixed) => words(prefixed),
            None => (&[][..], line),
        };
        let (verb, rest) = words(line);
        let fits = (1..=MOST_VERB).contains(&verb.len()) && verb.iter().all(u8::is_ascii_alphanumeric);
        fits.then_some(Self { from, verb, rest })
    }

    /// Whether this is the command.
    pub(super) fn is(&self, verb: &str) -> bool {
        self.verb.eq_ignore_ascii_case(verb.as_bytes())
    }

    /// The code of a server's reply.
    pub(super) fn code(&self) -> Option<u16> {
        let &[a, b, c] = self.verb else { return None };
        let digits = [a, b, c].iter().all(u8::is_ascii_digit) && !self.from.is_empty();
        digits.then(|| [a, b, c].iter().fold(0, |code, digit| code * 10 + u16::from(digit - b'0')))
    }

    /// Its parameter of that number, from 0; what follows a colon is the last one.
    pub(super) fn parameter(&self, number: usize) -> Option<&'a [u8]> {
        let mut rest = self.rest;
        for _ in 0..number {
            if rest.is_empty() || rest.first() == Some(&b':') {
                return None;
            }
            rest = words(rest).1;
        }
        let own = rest.strip_prefix(b":").unwrap_or_else(|| words(rest).0);
        (!own.is_empty()).then_some(own)
    }

    /// The name of the user who says it, if it is a user.
    pub(super) fn nick(&self) -> Option<&'a [u8]> {
        let end = self.from.iter().position(|&byte| byte == b'!')?;
        self.from.get(..end)
    }
}

/// Whether a name is that of a channel.
pub(super) fn is_channel(name: &[u8]) -> bool {
    matches!(name, [b'#' | b'&' | b'!' | b'+', _, ..])
}
