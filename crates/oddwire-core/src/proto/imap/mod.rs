//! IMAP: who logs in to a mailbox, and whether that worked. Behind a log-in nothing is read.
//!
//! Of a session a line of 4 KiB a side is held, and at most [`MOST_OPEN`] tags of commands that wait for their replies.
//! What proves a user is never kept.

mod probe;

use crate::column::Column;
use crate::proto::lines::{Lines, words};
pub use crate::proto::mailbox::Said;
use crate::proto::mailbox::{self, Answers, MOST_LINE, MOST_READ, MOST_TEXT};
use crate::proto::{Moment, Next, Opening, Out, Parser, Piece, Probe, Row, clean};

/// Commands that may wait for their reply.
pub const MOST_OPEN: usize = 16;
/// The longest tag that is kept.
const MOST_TAG: usize = 32;

/// Listens to IMAP.
#[derive(Debug, Default)]
pub struct Imap {
    began: Option<Moment>,
    client_is_a: Option<bool>,
    client: Lines,
    server: Lines,
    open: Vec<(Box<[u8]>, Command)>,
    answers: Answers,
    literal: Literal,
    read: u64,
    said: Box<Said>,
}

/// A command whose reply means something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Command {
    Login,
    StartTls,
    Logout,
}

/// What the client's next line is, where the one before ended with its length.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Literal {
    #[default]
    None,
    /// A name of so many bytes.
    User(usize),
    /// A secret.
    Secret,
}

impl Parser for Imap {
    type Said = Said;

    const NAME: &'static str = "imap";
    const ROW: &'static str = "a session up to its log-in to a mailbox, or up to STARTTLS";
    const CARRIES: bool = true;
    const BRIEF: &'static [&'static str] = &["user", "login", "login_tries", "auth_method", "starttls"];

    fn probe(opening: &Opening<'_>) -> Probe {
        probe::probe(opening)
    }

    fn push(&mut self, piece: &Piece<'_>, out: &mut Out<'_, Said>) -> Next {
        self.began.get_or_insert(piece.at);
        let by_server = piece.bytes.first() == Some(&b'*');
        let client_is_a = *self.client_is_a.get_or_insert(piece.from_a != by_server);
        self.read = self.read.saturating_add(piece.bytes.len() as u64);
        let mut next =
            if piece.from_a == client_is_a { self.hear_client(piece) } else { self.hear_server(piece) };
        if self.read > MOST_READ && next == Next::More {
            next = Next::Done;
        }
        if next != Next::More {
            self.finish(out);
        }
        next
    }

    fn drain(&mut self, out: &mut Out<'_, Said>) {
        self.finish(out);
    }

    fn held(&self) -> usize {
        let tags: usize = self.open.iter().map(|(tag, _)| tag.len()).sum();
        let open = self.open.capacity() * size_of::<(Box<[u8]>, Command)>();
        self.said.held() + open + tags + self.client.held() + self.server.held()
    }

    fn columns() -> Vec<Column<Row<Said>>> {
        mailbox::columns()
    }
}

impl Imap {
    fn hear_client(&mut self, piece: &Piece<'_>) -> Next {
        if piece.missing > 0 {
            self.open.clear();
            (self.answers, self.literal) = (Answers::default(), Literal::None);
            self.client.lose();
        }
        let mut rest = piece.bytes;
        let mut lines = std::mem::take(&mut self.client);
        while lines.take(&mut rest, MOST_LINE) {
            self.take_line(lines.line());
            lines.forget();
        }
        self.client = lines;
        Next::More
    }

    fn take_line(&mut self, line: &[u8]) {
        if self.answers.wait() {
            return self.answers.take(line, &mut self.said);
        }
        match std::mem::take(&mut self.literal) {
            Literal::None => {}
            Literal::Secret => return,
            Literal::User(length) => {
                self.said.user = line.get(..length).map(|name| clean(name, MOST_TEXT));
                if literal(line.get(length..).unwrap_or(&[])).is_some() {
                    self.literal = Literal::Secret;
                }
                return;
            }
        }
        let (tag, rest) = words(line);
        let (verb, rest) = words(rest);
        let is = |word: &[u8]| verb.eq_ignore_ascii_case(word);
        let command = if is(b"LOGIN") {
            self.said.try_login(b"LOGIN");
            self.take_login(rest);
            Command::Login
        } else if is(b"AUTHENTICATE") {
            let (method, first) = words(rest);
            self.said.try_login(method);
            self.answers = Answers::of(method, first, &mut self.said);
            Command::Login
        } else if is(b"STARTTLS") {
            Command::StartTls
        } else if is(b"LOGOUT") {
            Command::Logout
        } else {
            return;
        };
        if self.open.len() < MOST_OPEN && tag.len() <= MOST_TAG {
            self.open.push((tag.into(), command));
        }
    }

    /// Takes the name of LOGIN: a word, a text in quotation marks, or its length.
    fn take_login(&mut self, rest: &[u8]) {
        self.said.user = None;
        if let Some(quoted) = rest.strip_prefix(b"\"") {
            let mut name = Vec::new();
            let mut escaped = false;
            for &byte in quoted.iter().take(2 * MOST_TEXT) {
                match byte {
                    b'\\' if !escaped => escaped = true,
                    b'"' if !escaped => break,
                    _ => {
                        escaped = false;
                        name.push(byte);
                    }
                }
            }
            self.said.user = Some(clean(&name, MOST_TEXT));
        } else {
            let (word, secret) = words(rest);
            match literal(word) {
                Some(length) if secret.is_empty() => self.literal = Literal::User(length),
                _ => self.said.user = Some(clean(word, MOST_TEXT)),
            }
        }
        if self.said.user.is_some() && literal(rest).is_some() {
            self.literal = Literal::Secret;
        }
    }

    fn hear_server(&mut self, piece: &Piece<'_>) -> Next {
        if piece.missing > 0 {
            self.server.lose();
        }
        let mut rest = piece.bytes;
        let mut next = Next::More;
        let mut lines = std::mem::take(&mut self.server);
        while next == Next::More && lines.take(&mut rest, MOST_LINE) {
            next = self.take_reply(lines.line());
        }
        self.server = lines;
        next
    }

    fn take_reply(&mut self, line: &[u8]) -> Next {
        let (tag, rest) = words(line);
        let (word, text) = words(rest);
        if tag == b"*" {
            let greets = word.eq_ignore_ascii_case(b"OK") || word.eq_ignore_ascii_case(b"PREAUTH");
            if greets && self.said.banner.is_none() && self.open.is_empty() {
                self.said.banner = Some(clean(text, MOST_TEXT));
            }
            return Next::More;
        }
        let Some(index) = self.open.iter().position(|(open, _)| **open == *tag) else { return Next::More };
        let good = word.eq_ignore_ascii_case(b"OK");
        match self.open.remove(index).1 {
            Command::Login => {
                (self.answers, self.literal) = (Answers::default(), Literal::None);
                self.said.end_login(good);
                if good { Next::Done } else { Next::More }
            }
            Command::StartTls if good => {
                self.said.tls = true;
                Next::Again
            }
            Command::Logout => Next::Done,
            Command::StartTls => Next::More,
        }
    }

    fn finish(&mut self, out: &mut Out<'_, Said>) {
        if let Some(at) = self.began.take() {
            out.say(at, self.client_is_a.unwrap_or(true), std::mem::take(&mut *self.said));
        }
    }
}

/// The length at the end of a line: `{12}` or `{12+}`.
fn literal(text: &[u8]) -> Option<usize> {
    let inner = text.trim_ascii().strip_suffix(b"}")?;
    let inner = inner.strip_suffix(b"+").unwrap_or(inner);
    let start = inner.iter().rposition(|&byte| byte == b'{')?;
    std::str::from_utf8(inner.get(start + 1..)?).ok()?.parse().ok()
}

#[cfg(test)]
mod tests;
