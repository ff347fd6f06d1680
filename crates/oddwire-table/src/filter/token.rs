//! Text to tokens.

use super::refuse;
use crate::error::TableError;

/// A token and where it starts, counted in characters from 1.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) at: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    /// A column, a keyword, a number, an address, a word.
    Word(String),
    /// A column in backquotes.
    Name(String),
    /// Text in quotes.
    Text(String),
    /// An operator or a bracket.
    Sign(&'static str),
    /// The end of the expression.
    End,
}

/// Longer signs first, so that `<=` is not read as `<`.
const SIGNS: [&str; 15] = ["==", "!=", "<>", "<=", ">=", "&&", "||", "=", "<", ">", "~", "!", "(", ")", ","];

pub(super) fn tokens(text: &str) -> Result<Vec<Token>, TableError> {
    let mut reader = Reader { rest: text, at: 1 };
    let mut tokens = Vec::new();
    loop {
        reader.take_while(char::is_whitespace);
        let at = reader.at;
        let Some(first) = reader.rest.chars().next() else {
            tokens.push(Token { kind: Kind::End, at });
            return Ok(tokens);
        };
        tokens.push(Token { kind: reader.kind(first)?, at });
    }
}

struct Reader<'a> {
    rest: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn kind(&mut self, first: char) -> Result<Kind, TableError> {
        match first {
            '"' | '\'' => Ok(Kind::Text(self.quoted(first)?)),
            '`' => Ok(Kind::Name(self.quoted(first)?)),
            _ => match SIGNS.into_iter().find(|sign| self.rest.starts_with(sign)) {
                Some(sign) => {
                    self.skip(sign.len(), sign.len());
                    Ok(Kind::Sign(sign))
                }
                None => self.word(first),
            },
        }
    }

    /// A run of letters, digits and what occurs in addresses, times and signed numbers.
    fn word(&mut self, first: char) -> Result<Kind, TableError> {
        let inside = |c: char| c.is_alphanumeric() || "_.:/+-%".contains(c);
        if !inside(first) {
            return Err(refuse(self.at, format!("unexpected {first:?}; text belongs in quotes")));
        }
        Ok(Kind::Word(self.take_while(inside).to_owned()))
    }

    /// Text up to the same quote; a backslash takes a quote or a backslash literally.
    fn quoted(&mut self, quote: char) -> Result<String, TableError> {
        let start = self.at;
        let mut text = String::new();
        self.skip(quote.len_utf8(), 1);
        let mut characters = self.rest.chars().peekable();
        while let Some(next) = characters.next() {
            self.skip(next.len_utf8(), 1);
            if next == quote {
                return Ok(text);
            }
            match (next, characters.peek().copied()) {
                ('\\', Some(literal)) if literal == quote || literal == '\\' => {
                    characters.next();
                    self.skip(literal.len_utf8(), 1);
                    text.push(literal);
                }
                _ => text.push(next),
            }
        }
        Err(refuse(start, format!("the quote {quote} is never closed")))
    }

    fn take_while(&mut self, fits: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c: char| !fits(c)).unwrap_or(self.rest.len());
        let (taken, _) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
        self.skip(end, taken.chars().count());
        taken
    }

    fn skip(&mut self, bytes: usize, characters: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
        self.at += characters;
    }
}
