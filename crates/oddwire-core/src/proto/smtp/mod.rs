//! SMTP, its kin LMTP, and submission: who sends mail for whom, and who logs in for that.
//!
//! A line is held up to [`MOST_LINE`] bytes a side and at most [`MOST_OPEN`] commands wait for their replies.
//! Messages are passed over and only counted; what proves a user is never kept.

mod body;
mod client;
mod columns;
pub(in crate::proto) mod login;
mod probe;

use crate::column::Column;
use crate::proto::lines::{Lines, reply};
use crate::proto::{Moment, Next, Opening, Out, Parser, Piece, Probe, Row, clean};
use body::Body;
use login::Method;
use std::collections::VecDeque;

/// The longest line that is read to its end.
pub const MOST_LINE: usize = 4_096;
/// Commands that may wait for their reply.
pub const MOST_OPEN: usize = 128;
/// The longest text that is kept.
const MOST_TEXT: usize = 255;
const VERBS: [&[u8]; 3] = [b"EHLO", b"HELO", b"LHLO"];

/// Listens to SMTP.
#[derive(Debug, Default)]
pub struct Smtp {
    began: Option<Moment>,
    client_is_a: Option<bool>,
    client: Lines,
    server: Lines,
    mode: Mode,
    /// Commands that wait for their replies, oldest first.
    open: VecDeque<Command>,
    server_spoke: bool,
    auth: Auth,
    /// Recipients of the message that is being prepared.
    to: u32,
    said: Box<Said>,
}

/// What the client's next bytes are.
#[derive(Debug, Clone, Copy, Default)]
enum Mode {
    #[default]
    Command,
    /// Answers in a log-in.
    Auth,
    /// A message up to its dot; whether the server wanted it.
    Body(Body, bool),
    /// So many bytes of a message, and whether they are its last.
    Chunk(u64),
}

/// A log-in that is under way.
#[derive(Debug, Clone, Copy, Default)]
struct Auth {
    method: Method,
    answers: u8,
    challenged: bool,
}

/// A command, as far as its reply means something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Command {
    Hello,
    Auth,
    StartTls,
    Mail,
    Recipient,
    Data,
    Message,
    Quit,
    Other,
}

/// What a session says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Said {
    lmtp: bool,
    helo: Option<Box<str>>,
    banner: Option<Box<str>>,
    mail_from: Option<Box<str>>,
    mails: u32,
    recipients: u32,
    refused: u32,
    delivered: u32,
    message_bytes: u64,
    auth_method: Option<Box<str>>,
    user: Option<Box<str>>,
    tries: u32,
    failures: u32,
    let_in: bool,
    tls_offered: Option<bool>,
    tls: bool,
    last_code: Option<u16>,
    errors: u32,
}

impl Parser for Smtp {
    type Said = Said;

    const NAME: &'static str = "smtp";
    const ROW: &'static str =
        "a session: who sent how many mails, and the log-in; up to STARTTLS where that is used";
    const CARRIES: bool = true;
    const BRIEF: &'static [&'static str] =
        &["helo", "mail_from", "recipients", "user", "login", "login_tries"];

    fn probe(opening: &Opening<'_>) -> Probe {
        probe::probe(opening)
    }

    fn push(&mut self, piece: &Piece<'_>, out: &mut Out<'_, Said>) -> Next {
        self.began.get_or_insert(piece.at);
        let client_is_a = *self.client_is_a.get_or_insert_with(|| {
            let by_server = piece.bytes.first().is_some_and(u8::is_ascii_digit);
            piece.from_a != by_server
        });
        let next =
            if piece.from_a == client_is_a { self.hear_client(piece) } else { self.hear_server(piece) };
        if next != Next::More {
            self.finish(out);
        }
        next
    }

    fn drain(&mut self, out: &mut Out<'_, Said>) {
        self.finish(out);
    }

    fn held(&self) -> usize {
        let said = &*self.said;
        let texts = [&said.helo, &said.banner, &said.mail_from, &said.auth_method, &said.user];
        let texts: usize = texts.iter().filter_map(|text| text.as_deref()).map(str::len).sum();
        let open = self.open.capacity() * size_of::<Command>();
        size_of::<Said>() + texts + open + self.client.held() + self.server.held()
    }

    fn columns() -> Vec<Column<Row<Said>>> {
        columns::columns()
    }
}

impl Smtp {
    fn hear_server(&mut self, piece: &Piece<'_>) -> Next {
        self.server_spoke = true;
        if piece.missing > 0 {
            self.open.clear();
            self.server.lose();
        }
        let mut rest = piece.bytes;
        while self.server.take(&mut rest, MOST_LINE) {
            let line = std::mem::take(&mut self.server);
            let next = self.take_reply(line.line());
            self.server = line;
            if next != Next::More {
                return next;
            }
        }
        Next::More
    }

    fn take_reply(&mut self, line: &[u8]) -> Next {
        let Some((code, more, text)) = reply(line) else { return Next::More };
        let early = self.open.is_empty() || code == 220 && self.open.front() != Some(&Command::StartTls);
        let greeting = self.said.last_code.is_none() && early;
        if greeting && self.said.banner.is_none() {
            self.said.banner = Some(clean(text, MOST_TEXT));
        }
        if code == 250 && self.open.front() == Some(&Command::Hello) {
            let offers = text.trim_ascii().eq_ignore_ascii_case(b"STARTTLS");
            *self.said.tls_offered.get_or_insert(false) |= offers;
        }
        if more {
            return Next::More;
        }
        self.said.last_code = Some(code);
        self.said.errors = self.said.errors.saturating_add(u32::from(code >= 500));
        if code == 334 {
            self.auth.challenged = true;
            return Next::More;
        }
        if greeting { Next::More } else { self.answer(code) }
    }

    /// A reply to the command that waits longest.
    fn answer(&mut self, code: u16) -> Next {
        let good = (200..300).contains(&code);
        if let Mode::Body(_, wanted @ true) = &mut self.mode {
            // The end of the message was lost: the server has seen it.
            *wanted = false;
            self.end_message();
        }
        let Some(command) = self.open.pop_front() else { return Next::More };
        let count = u32::from(good);
        let said = &mut *self.said;
        match command {
            Command::Mail => said.mails = said.mails.saturating_add(count),
            Command::Recipient => {
                said.recipients = said.recipients.saturating_add(count);
                said.refused = said.refused.saturating_add(1 - count);
                self.to = self.to.saturating_add(count);
            }
            Command::Data => match &mut self.mode {
                Mode::Body(_, wanted) if code == 354 => *wanted = true,
                Mode::Body(..) => self.mode = Mode::Command,
                _ => {}
            },
            Command::Message => said.delivered = said.delivered.saturating_add(count),
            Command::Auth => {
                said.let_in |= good;
                said.failures = said.failures.saturating_add(1 - count);
                self.mode = Mode::Command;
            }
            Command::StartTls if good => {
                said.tls = true;
                return Next::Again;
            }
            Command::Quit if good => return Next::Done,
            _ => {}
        }
        Next::More
    }

    fn finish(&mut self, out: &mut Out<'_, Said>) {
        if let Some(at) = self.began.take() {
            out.say(at, self.client_is_a.unwrap_or(true), std::mem::take(&mut *self.said));
        }
    }
}

#[cfg(test)]
mod tests;
