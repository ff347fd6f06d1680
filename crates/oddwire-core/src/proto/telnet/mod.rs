//! Telnet: who logs in, and whether that worked, by what the server's text says then.
//!
//! Of a session one line of the server of [`MOST_LINE`] bytes is held, and a typed name of [`MOST_USER`] bytes. A name is
//! kept only where the server asked for one; what is typed at the prompt for a password is dropped byte by byte.

mod columns;
mod options;
mod probe;
mod words;

use crate::column::Column;
use crate::proto::{Moment, Next, Opening, Out, Parser, Piece, Probe, Row, clean};
use options::{Event, Options, opened};
use words::{Asks, asks, is_prompt, refuses, welcomes};

/// Bytes of a server's line that are kept.
pub const MOST_LINE: usize = 256;
/// The longest name that is kept.
pub const MOST_USER: usize = 128;
/// Bytes of text behind a password, none of which refuses, that only follow a log-in.
const WELCOME_BYTES: u32 = 600;
/// Bytes of a session that are looked at.
const MOST_BYTES: u64 = 64 << 10;
/// Log-ins of one session that are told.
const MOST_TRIES: u32 = 64;
const PORTS: [u16; 2] = [23, 2_323];
const BACKSPACE: u8 = 8;
const DELETE: u8 = 127;
const KILL_LINE: u8 = 21;

/// Listens to Telnet.
#[derive(Debug, Default)]
pub struct Telnet {
    began: Option<Moment>,
    client_is_a: Option<bool>,
    client: Options,
    server: Options,
    stage: Stage,
    /// The line that the server is at, in lower case.
    line: String,
    escape: Escape,
    banner: Option<Box<str>>,
    typed: Vec<u8>,
    /// Whether part of what was typed was lost.
    typed_lost: bool,
    /// Whether the client typed anything yet: from then on the server may show it.
    typed_any: bool,
    after_return: bool,
    attempt: Option<Moment>,
    user: Option<Box<str>>,
    terminal_type: Option<Box<str>>,
    environment_user: Option<Box<str>>,
    text_since: u32,
    tries: u32,
    bytes: u64,
}

/// What is expected next.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Stage {
    #[default]
    Prompt,
    User,
    /// A name was typed: a password is asked for, or not.
    Named,
    Password,
    Verdict,
    /// Somebody is in: nothing more is told.
    Over,
}

/// How far a control sequence of the terminal has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Escape {
    #[default]
    None,
    Begun,
    Inside,
}

/// What a log-in says, or a session without one.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Said {
    user: Option<Box<str>>,
    attempt: bool,
    login: Option<bool>,
    tries: u32,
    terminal_type: Option<Box<str>>,
    environment_user: Option<Box<str>>,
    banner: Option<Box<str>>,
}

impl Parser for Telnet {
    type Said = Said;

    const NAME: &'static str = "telnet";
    const ROW: &'static str = "a log-in; of a session without one the session";
    const BRIEF: &'static [&'static str] = &["user", "login", "login_tries", "terminal_type"];

    fn probe(opening: &Opening<'_>) -> Probe {
        probe::probe(opening)
    }

    fn push(&mut self, piece: &Piece<'_>, out: &mut Out<'_, Said>) -> Next {
        self.began.get_or_insert(piece.at);
        let client_is_a = *self.client_is_a.get_or_insert_with(|| client_is_a(piece));
        let by_client = piece.from_a == client_is_a;
        if piece.missing > 0 {
            self.lose(by_client);
        }
        self.bytes += piece.bytes.len() as u64;
        for &byte in piece.bytes {
            let side = if by_client { &mut self.client } else { &mut self.server };
            match side.take(byte) {
                Event::Text(byte) if by_client => self.take_typed(byte, piece.at, out),
                Event::Text(byte) => self.take_text(byte, piece.at, out),
                Event::Words if by_client => self.take_words(),
                _ => {}
            }
            if self.stage == Stage::Over {
                return Next::Done;
            }
        }
        if self.bytes > MOST_BYTES || self.tries >= MOST_TRIES {
            self.finish(out);
            return Next::Done;
        }
        Next::More
    }

    fn drain(&mut self, out: &mut Out<'_, Said>) {
        self.finish(out);
    }

    fn held(&self) -> usize {
        let texts = [&self.banner, &self.user, &self.terminal_type, &self.environment_user];
        let texts: usize = texts.iter().filter_map(|text| text.as_deref()).map(str::len).sum();
        texts + self.line.capacity() + self.typed.capacity() + self.client.held() + self.server.held()
    }

    fn columns() -> Vec<Column<Row<Said>>> {
        columns::columns()
    }
}

/// Whether `a` is the client: by the port, by what the options ask for, else by the greater port.
fn client_is_a(piece: &Piece<'_>) -> bool {
    let [from, to] = [piece.from_port(), piece.to_port()].map(|port| PORTS.contains(&port));
    let by_server = match (from, to) {
        (true, false) => true,
        (false, true) => false,
        _ => opened(piece.bytes).by_server.unwrap_or(piece.from_port() < piece.to_port()),
    };
    piece.from_a != by_server
}

impl Telnet {
    /// Bytes were lost.
    fn lose(&mut self, by_client: bool) {
        if by_client {
            self.client.lose();
            self.typed_lost = true;
        } else {
            self.server.lose();
            self.line.clear();
            self.escape = Escape::None;
        }
    }

    fn take_words(&mut self) {
        if let Some(name) = self.client.terminal_type() {
            self.terminal_type = Some(clean(name, MOST_USER));
        }
        if let Some(name) = self.client.user() {
            self.environment_user = Some(clean(name, MOST_USER));
        }
    }

    /// A byte that the client typed.
    fn take_typed(&mut self, byte: u8, at: Moment, out: &mut Out<'_, Said>) {
        self.typed_any = true;
        let ends = byte == b'\r' || byte == b'\n';
        let echo = std::mem::replace(&mut self.after_return, byte == b'\r') && matches!(byte, b'\n' | 0);
        if echo {
            return;
        }
        match self.stage {
            Stage::User if ends => self.end_name(at),
            Stage::User => self.type_name(byte),
            Stage::Password if ends => {
                self.stage = Stage::Verdict;
                self.line.clear();
                self.text_since = 0;
            }
            Stage::Named | Stage::Verdict if is_prompt(&self.line) => self.end_login(Some(true), out),
            _ => {}
        }
    }

    fn type_name(&mut self, byte: u8) {
        match byte {
            BACKSPACE | DELETE => drop(self.typed.pop()),
            KILL_LINE => self.typed.clear(),
            byte if byte >= 32 && self.typed.len() < MOST_USER => self.typed.push(byte),
            _ => {}
        }
    }

    fn end_name(&mut self, at: Moment) {
        let known = !self.typed.is_empty() && !self.typed_lost;
        self.user = known.then(|| clean(&self.typed, MOST_USER));
        self.typed = Vec::new();
        self.attempt = Some(at);
        self.stage = Stage::Named;
        self.line.clear();
        self.text_since = 0;
    }

    /// A byte that the server shows.
    fn take_text(&mut self, byte: u8, at: Moment, out: &mut Out<'_, Said>) {
        match (self.escape, byte) {
            (Escape::None, 27) => self.escape = Escape::Begun,
            (Escape::Begun, b'[') => self.escape = Escape::Inside,
            (Escape::Begun, _) | (Escape::Inside, 64..127) => self.escape = Escape::None,
            (Escape::None, b'\r' | b'\n') => self.end_line(out),
            (Escape::None, 32..127) => {
                if self.line.len() < MOST_LINE {
                    self.line.push(char::from(byte));
                }
                self.text_since = self.text_since.saturating_add(1);
                if byte == b':' {
                    self.colon(at, out);
                } else if self.stage == Stage::Verdict && self.text_since > WELCOME_BYTES {
                    self.end_login(Some(true), out);
                }
            }
            _ => {}
        }
    }

    fn end_line(&mut self, out: &mut Out<'_, Said>) {
        let line = std::mem::take(&mut self.line);
        let trimmed = line.trim();
        if !trimmed.is_empty() && self.banner.is_none() && self.stage == Stage::Prompt && !self.typed_any {
            self.banner = Some(clean(trimmed.as_bytes(), MOST_LINE));
        }
        let lower = line.to_ascii_lowercase();
        if matches!(self.stage, Stage::Verdict | Stage::Named | Stage::Password) {
            if refuses(&lower) {
                self.end_login(Some(false), out);
            } else if self.stage == Stage::Verdict && welcomes(&lower) {
                self.end_login(Some(true), out);
            }
        }
    }

    /// The server's line has come to a colon: it may ask for something.
    fn colon(&mut self, at: Moment, out: &mut Out<'_, Said>) {
        let lower = self.line.to_ascii_lowercase();
        let Some(asked) = asks(&lower) else { return };
        let again = match (self.stage, asked) {
            (Stage::Verdict | Stage::Password, _) => true,
            (Stage::Named, Asks::User) => self.user.is_some(),
            _ => false,
        };
        if again && self.attempt.is_some() {
            self.end_login(Some(false), out);
        }
        self.typed = Vec::new();
        self.typed_lost = false;
        match asked {
            Asks::User => self.stage = Stage::User,
            Asks::Password => {
                if self.stage == Stage::User {
                    self.user = None;
                }
                self.stage = Stage::Password;
                self.attempt.get_or_insert(at);
            }
        }
    }

    /// The log-in that is under way has ended.
    fn end_login(&mut self, login: Option<bool>, out: &mut Out<'_, Said>) {
        self.stage = Stage::Prompt;
        let Some(at) = self.attempt.take() else { return };
        self.tries += 1;
        self.say(at, true, login, out);
        self.user = None;
        if login == Some(true) {
            self.stage = Stage::Over;
        }
    }

    fn say(&self, at: Moment, attempt: bool, login: Option<bool>, out: &mut Out<'_, Said>) {
        let said = Said {
            user: self.user.clone(),
            attempt,
            login,
            tries: self.tries,
            terminal_type: self.terminal_type.clone(),
            environment_user: self.environment_user.clone(),
            banner: self.banner.clone(),
        };
        out.say(at, self.client_is_a.unwrap_or(true), said);
    }

    fn finish(&mut self, out: &mut Out<'_, Said>) {
        if self.stage == Stage::Verdict || self.stage == Stage::Named {
            let verdict = is_prompt(&self.line).then_some(true);
            let verdict = verdict.or_else(|| refuses(&self.line.to_ascii_lowercase()).then_some(false));
            self.end_login(verdict, out);
        }
        if let Some(at) = self.began.take()
            && self.tries == 0
        {
            self.say(at, false, None, out);
        }
    }
}

#[cfg(test)]
mod tests;
