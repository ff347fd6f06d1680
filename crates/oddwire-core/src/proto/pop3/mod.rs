//! POP3: who logs in to a mailbox, and whether that worked. Behind a log-in nothing is read.
//!
//! Of a session a line of 4 KiB a side is held, and at most [`MOST_OPEN`] commands that wait for their replies.
//! What proves a user is never kept.

mod probe;

use crate::column::Column;
use crate::proto::lines::{Lines, words};
pub use crate::proto::mailbox::Said;
use crate::proto::mailbox::{self, Answers, MOST_LINE, MOST_READ, MOST_TEXT};
use crate::proto::{Moment, Next, Opening, Out, Parser, Piece, Probe, Row, clean};
use std::collections::VecDeque;

/// Commands that may wait for their reply.
pub const MOST_OPEN: usize = 64;

/// Listens to POP3.
#[derive(Debug, Default)]
pub struct Pop3 {
    began: Option<Moment>,
    client_is_a: Option<bool>,
    client: Lines,
    server: Lines,
    open: VecDeque<Command>,
    answers: Answers,
    replied: bool,
    read: u64,
    said: Box<Said>,
}

/// A command, as far as its reply means something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Command {
    Login,
    StartTls,
    Quit,
    Other,
}

impl Parser for Pop3 {
    type Said = Said;

    const NAME: &'static str = "pop3";
    const ROW: &'static str = "a session up to its log-in to a mailbox, or up to STLS";
    const CARRIES: bool = true;
    const BRIEF: &'static [&'static str] = &["user", "login", "login_tries", "auth_method", "starttls"];

    fn probe(opening: &Opening<'_>) -> Probe {
        probe::probe(opening)
    }

    fn push(&mut self, piece: &Piece<'_>, out: &mut Out<'_, Said>) -> Next {
        self.began.get_or_insert(piece.at);
        let by_server = matches!(piece.bytes.first(), Some(b'+' | b'-'));
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
        self.said.held()
            + self.open.capacity() * size_of::<Command>()
            + self.client.held()
            + self.server.held()
    }

    fn columns() -> Vec<Column<Row<Said>>> {
        mailbox::columns()
    }
}

impl Pop3 {
    fn hear_client(&mut self, piece: &Piece<'_>) -> Next {
        if piece.missing > 0 {
            self.open.clear();
            self.answers = Answers::default();
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
        let (verb, rest) = words(line);
        let is = |word: &[u8]| verb.eq_ignore_ascii_case(word);
        let command = if is(b"PASS") {
            self.said.try_login(b"USER");
            Command::Login
        } else if is(b"APOP") {
            self.said.user = Some(clean(words(rest).0, MOST_TEXT));
            self.said.try_login(b"APOP");
            Command::Login
        } else if is(b"AUTH") && !rest.is_empty() {
            let (method, first) = words(rest);
            self.said.try_login(method);
            self.answers = Answers::of(method, first, &mut self.said);
            Command::Login
        } else if is(b"STLS") {
            Command::StartTls
        } else if is(b"QUIT") {
            Command::Quit
        } else {
            if is(b"USER") {
                self.said.user = Some(clean(rest, MOST_TEXT));
            }
            Command::Other
        };
        if self.open.len() < MOST_OPEN {
            self.open.push_back(command);
        }
    }

    fn hear_server(&mut self, piece: &Piece<'_>) -> Next {
        if piece.missing > 0 {
            self.open.clear();
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

    /// A reply; other lines are those of a longer one.
    fn take_reply(&mut self, line: &[u8]) -> Next {
        let (word, text) = words(line);
        let good = match word {
            b"+OK" => true,
            b"-ERR" => false,
            _ => return Next::More,
        };
        if !std::mem::replace(&mut self.replied, true) && self.open.is_empty() {
            self.said.banner = Some(clean(text, MOST_TEXT));
            return Next::More;
        }
        match self.open.pop_front() {
            Some(Command::Login) => {
                self.answers = Answers::default();
                self.said.end_login(good);
                if good { Next::Done } else { Next::More }
            }
            Some(Command::StartTls) if good => {
                self.said.tls = true;
                Next::Again
            }
            Some(Command::Quit) => Next::Done,
            _ => Next::More,
        }
    }

    fn finish(&mut self, out: &mut Out<'_, Said>) {
        if let Some(at) = self.began.take() {
            out.say(at, self.client_is_a.unwrap_or(true), std::mem::take(&mut *self.said));
        }
    }
}

#[cfg(test)]
mod tests;
