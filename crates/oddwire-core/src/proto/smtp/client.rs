//! What the client of SMTP says: commands, answers in a log-in, and messages that are passed over.

use super::body::Body;
use super::login::Method;
use super::{Auth, Command, MOST_LINE, MOST_OPEN, MOST_TEXT, Mode, Smtp, VERBS};
use crate::proto::lines::words;
use crate::proto::{Next, Piece, clean};

impl Smtp {
    pub(super) fn hear_client(&mut self, piece: &Piece<'_>) -> Next {
        if piece.missing > 0 {
            self.lose_client(u64::from(piece.missing));
        }
        let mut rest = piece.bytes;
        while !rest.is_empty() {
            match &mut self.mode {
                Mode::Chunk(left) => {
                    let count = rest.len().min(usize::try_from(*left).unwrap_or(usize::MAX));
                    *left -= count as u64;
                    let over = *left == 0;
                    self.said.message_bytes = self.said.message_bytes.saturating_add(count as u64);
                    rest = rest.get(count..).unwrap_or(&[]);
                    if over {
                        self.mode = Mode::Command;
                    }
                }
                Mode::Body(body, _) => {
                    let (count, over) = body.take(&mut rest);
                    self.said.message_bytes = self.said.message_bytes.saturating_add(count as u64);
                    if over {
                        self.end_message();
                    }
                }
                Mode::Command | Mode::Auth => {
                    if self.client.take(&mut rest, MOST_LINE) {
                        let line = std::mem::take(&mut self.client);
                        self.take_line(line.line());
                        self.client = line;
                        self.client.forget();
                    }
                }
            }
        }
        Next::More
    }

    /// Bytes of the client were lost.
    fn lose_client(&mut self, count: u64) {
        self.open.clear();
        match &mut self.mode {
            Mode::Chunk(left) if *left > count => {
                *left -= count;
                self.said.message_bytes = self.said.message_bytes.saturating_add(count);
                return;
            }
            Mode::Body(body, _) => {
                self.said.message_bytes = self.said.message_bytes.saturating_add(count);
                return body.lose();
            }
            _ => {}
        }
        self.mode = Mode::Command;
        self.client.lose();
    }

    /// A message was said to its end. LMTP replies once for each recipient.
    pub(super) fn end_message(&mut self) {
        self.mode = Mode::Command;
        let replies = if self.said.lmtp { self.to.clamp(1, MOST_OPEN as u32) } else { 1 };
        (0..replies).for_each(|_| self.wait_for(Command::Message));
        self.to = 0;
    }

    fn wait_for(&mut self, command: Command) {
        if self.open.len() < MOST_OPEN {
            self.open.push_back(command);
        }
    }

    /// Takes a line of the client: a command, or an answer in a log-in.
    fn take_line(&mut self, line: &[u8]) {
        if matches!(self.mode, Mode::Auth) {
            let answers = if self.server_spoke { self.auth.challenged } else { self.auth.answers > 0 };
            if answers {
                return self.take_answer(line);
            }
            self.mode = Mode::Command;
        }
        let (verb, rest) = words(line);
        let command = self.command(verb, rest);
        self.wait_for(command);
    }

    fn command(&mut self, verb: &[u8], rest: &[u8]) -> Command {
        let is = |word: &[u8]| verb.eq_ignore_ascii_case(word);
        if VERBS.iter().any(|word| is(word)) {
            self.said.lmtp |= is(b"LHLO");
            self.said.helo = Some(clean(rest, MOST_TEXT));
            Command::Hello
        } else if is(b"MAIL") {
            if self.said.mail_from.is_none() {
                self.said.mail_from = address(rest).map(|address| clean(address, MOST_TEXT));
            }
            self.to = 0;
            Command::Mail
        } else if is(b"RCPT") {
            Command::Recipient
        } else if is(b"DATA") {
            self.mode = Mode::Body(Body::default(), false);
            Command::Data
        } else if is(b"BDAT") {
            self.begin_chunk(rest)
        } else if is(b"AUTH") {
            self.begin_login(rest);
            Command::Auth
        } else if is(b"STARTTLS") {
            Command::StartTls
        } else if is(b"QUIT") {
            Command::Quit
        } else {
            Command::Other
        }
    }

    fn begin_chunk(&mut self, rest: &[u8]) -> Command {
        let (number, last) = words(rest);
        let size = std::str::from_utf8(number)
            .ok()
            .filter(|number| number.bytes().all(|byte| byte.is_ascii_digit()));
        let Some(size) = size.and_then(|number| number.parse().ok()) else { return Command::Other };
        if size > 0 {
            self.mode = Mode::Chunk(size);
        }
        if last.eq_ignore_ascii_case(b"LAST") { Command::Message } else { Command::Other }
    }

    fn begin_login(&mut self, rest: &[u8]) {
        let (name, answer) = words(rest);
        let method = Method::of(name);
        self.said.auth_method = Some(clean(&name.to_ascii_uppercase(), MOST_TEXT));
        self.said.tries = self.said.tries.saturating_add(1);
        self.auth = Auth { method, answers: method.answers(), challenged: false };
        self.mode = Mode::Auth;
        if !answer.is_empty() && answer != b"=" {
            self.take_answer(answer);
        }
    }

    fn take_answer(&mut self, answer: &[u8]) {
        if self.auth.answers == self.auth.method.answers() {
            self.said.user = self.auth.method.user(answer).or(self.said.user.take());
        }
        self.auth.answers = self.auth.answers.saturating_sub(1);
        self.auth.challenged = false;
    }
}

/// The address in `FROM:<address>`.
fn address(rest: &[u8]) -> Option<&[u8]> {
    let colon = rest.iter().position(|&byte| byte == b':')?;
    let behind = rest.get(colon + 1..)?.trim_ascii();
    match behind.strip_prefix(b"<") {
        Some(inner) => inner.split(|&byte| byte == b'>').next(),
        None => behind.split(|&byte| byte == b' ').next(),
    }
}
