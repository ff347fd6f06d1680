//! FTP: who logs in, and which files are fetched, put, listed, renamed or deleted.
//!
//! A line is held up to [`MOST_LINE`] bytes a side, and at most [`MOST_OPEN`] commands wait for their
//! replies, each with a path of [`MOST_PATH`] bytes. A password is wiped as soon as its line is over: not
//! even its length stays.

mod columns;
mod probe;
mod talk;

use crate::column::Column;
use crate::packet::Addr;
use crate::proto::lines::{Lines, reply};
use crate::proto::{Moment, Next, Opening, Out, Parser, Piece, Probe, Row, clean};
use std::collections::VecDeque;
use talk::{Command, passive_end};

/// The longest line that is read to its end.
pub const MOST_LINE: usize = 2_048;
/// The longest path that is kept.
pub const MOST_PATH: usize = 1_024;
/// Commands that may wait for their reply.
pub const MOST_OPEN: usize = 16;
/// The longest other text that is kept.
const MOST_TEXT: usize = 255;

/// Listens to FTP.
#[derive(Debug, Default)]
pub struct Ftp {
    began: Option<Moment>,
    client_is_a: Option<bool>,
    client: Lines,
    server: Lines,
    /// The code of a reply of several lines that is not over yet.
    several: Option<u16>,
    greeted: bool,
    open: VecDeque<Open>,
    /// The log-in that is under way, and who is logged in or wants to be.
    attempt: Option<Moment>,
    user: Option<Box<str>>,
    logged_in: bool,
    /// What is to be renamed.
    old_path: Option<Box<str>>,
    data: Option<DataEnd>,
    banner: Option<Box<str>>,
    last_code: Option<u16>,
    said_any: bool,
}

/// A command that waits for its reply.
#[derive(Debug)]
struct Open {
    at: Moment,
    command: Command,
}

/// Where data is to flow, as far as it was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct DataEnd {
    passive: bool,
    ip: Option<Addr>,
    port: u16,
}

/// What was done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Action {
    #[default]
    Connect,
    Login,
    Tls,
    Download,
    Upload,
    List,
    Delete,
    Rename,
    MakeDir,
    RemoveDir,
    Site,
}

/// What a log-in or a command says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Said {
    action: Action,
    user: Option<Box<str>>,
    login: Option<bool>,
    path: Option<Box<str>>,
    new_path: Option<Box<str>>,
    code: Option<u16>,
    data: Option<DataEnd>,
    banner: Option<Box<str>>,
}

impl Parser for Ftp {
    type Said = Said;

    const NAME: &'static str = "ftp";
    const ROW: &'static str =
        "a log-in, or a command on files with its reply; of a session without those the connection";
    const CARRIES: bool = true;
    const BRIEF: &'static [&'static str] = &["action", "user", "login", "path", "code"];

    fn probe(opening: &Opening<'_>) -> Probe {
        probe::probe(opening)
    }

    fn push(&mut self, piece: &Piece<'_>, out: &mut Out<'_, Said>) -> Next {
        self.began.get_or_insert(piece.at);
        let client_is_a = *self.client_is_a.get_or_insert_with(|| {
            let by_server = piece.bytes.first().is_some_and(u8::is_ascii_digit);
            piece.from_a != by_server
        });
        let next = if piece.from_a == client_is_a {
            self.hear_client(piece, out)
        } else {
            self.hear_server(piece, out)
        };
        if next != Next::More {
            self.finish(out);
        }
        next
    }

    fn drain(&mut self, out: &mut Out<'_, Said>) {
        self.finish(out);
    }

    fn held(&self) -> usize {
        let texts = [&self.user, &self.old_path, &self.banner];
        let texts: usize = texts.iter().filter_map(|text| text.as_deref()).map(str::len).sum();
        let open: usize = self.open.iter().map(|open| open.command.held()).sum();
        texts + open + self.open.capacity() * size_of::<Open>() + self.client.held() + self.server.held()
    }

    fn columns() -> Vec<Column<Row<Said>>> {
        columns::columns()
    }
}

impl Ftp {
    fn hear_client(&mut self, piece: &Piece<'_>, out: &mut Out<'_, Said>) -> Next {
        if piece.missing > 0 {
            self.client.lose();
            self.give_up_open(out);
        }
        let mut rest = piece.bytes;
        while self.client.take(&mut rest, MOST_LINE) {
            let command = Command::read(self.client.line());
            self.client.forget();
            self.begin(piece.at, command, out);
        }
        Next::More
    }

    /// A command begins to wait for its reply.
    fn begin(&mut self, at: Moment, command: Command, out: &mut Out<'_, Said>) {
        match &command {
            Command::User(name) => {
                self.end_login(None, out);
                self.user = Some(name.clone());
                self.logged_in = false;
                self.attempt = Some(at);
            }
            Command::Pass if self.attempt.is_none() && !self.logged_in => self.attempt = Some(at),
            _ => {}
        }
        if self.open.len() >= MOST_OPEN
            && let Some(oldest) = self.open.pop_front()
        {
            self.end(oldest, None, out);
        }
        self.open.push_back(Open { at, command });
    }

    fn hear_server(&mut self, piece: &Piece<'_>, out: &mut Out<'_, Said>) -> Next {
        if piece.missing > 0 {
            self.server.lose();
            self.several = None;
            self.give_up_open(out);
        }
        let mut rest = piece.bytes;
        while self.server.take(&mut rest, MOST_LINE) {
            let line = std::mem::take(&mut self.server);
            let next = self.take_reply(line.line(), out);
            self.server = line;
            if next != Next::More {
                return next;
            }
        }
        Next::More
    }

    fn take_reply(&mut self, line: &[u8], out: &mut Out<'_, Said>) -> Next {
        let Some((code, more, text)) = reply(line) else { return Next::More };
        if self.several.is_some_and(|began| began != code) {
            return Next::More;
        }
        let greets = !std::mem::replace(&mut self.greeted, true) && matches!(code, 120 | 220 | 421 | 530);
        if greets && self.open.is_empty() {
            self.banner = Some(clean(text, MOST_TEXT));
            self.greeted = true;
        }
        let greets = greets || self.several.is_none() && code == 220 && self.last_code.is_none();
        self.several = more.then_some(code);
        if more {
            return Next::More;
        }
        self.last_code = Some(code);
        if greets && self.open.is_empty() || code < 200 {
            return Next::More;
        }
        let Some(open) = self.open.pop_front() else { return Next::More };
        if open.command == Command::Passive {
            self.data = passive_end(code, text).or(self.data);
        }
        self.end(open, Some(code), out)
    }

    /// A command has its reply, or will not get one.
    fn end(&mut self, open: Open, code: Option<u16>, out: &mut Out<'_, Said>) -> Next {
        let good = code.is_some_and(|code| (200..300).contains(&code));
        match open.command {
            Command::User(_) | Command::Pass => match code {
                Some(331 | 332) | None => {}
                Some(_) => self.end_login(code, out),
            },
            Command::Tls if good => {
                self.say(open.at, Said { action: Action::Tls, code, ..Said::default() }, out);
                return Next::Again;
            }
            Command::Quit if good => return Next::Done,
            Command::Port(end) if good || code.is_none() => self.data = end,
            Command::RenameFrom(path) => self.old_path = Some(path),
            Command::RenameTo(path) => {
                let (path, new_path) = (self.old_path.take(), Some(path));
                self.say(
                    open.at,
                    Said { action: Action::Rename, path, new_path, code, ..Said::default() },
                    out,
                );
            }
            Command::File(action, path) => {
                let moves = matches!(action, Action::Download | Action::Upload | Action::List);
                let data = if moves { self.data.take() } else { None };
                self.say(open.at, Said { action, path, code, data, ..Said::default() }, out);
            }
            _ => {}
        }
        Next::More
    }

    /// The log-in that is under way has its last reply, or will not get one.
    fn end_login(&mut self, code: Option<u16>, out: &mut Out<'_, Said>) {
        let Some(at) = self.attempt.take() else { return };
        let login = code.map(|code| (200..300).contains(&code));
        self.logged_in = login == Some(true);
        self.say(at, Said { action: Action::Login, login, code, ..Said::default() }, out);
    }

    fn say(&mut self, at: Moment, said: Said, out: &mut Out<'_, Said>) {
        let banner = if self.said_any { None } else { self.banner.take() };
        self.said_any = true;
        let user = self.user.clone();
        out.say(at, self.client_is_a.unwrap_or(true), Said { user, banner, ..said });
    }

    /// Bytes were lost: it is not known any more which reply belongs to which command.
    fn give_up_open(&mut self, out: &mut Out<'_, Said>) {
        while let Some(open) = self.open.pop_front() {
            self.end(open, None, out);
        }
    }

    fn finish(&mut self, out: &mut Out<'_, Said>) {
        self.give_up_open(out);
        self.end_login(None, out);
        if let Some(at) = self.began.take()
            && !self.said_any
        {
            self.say(at, Said { code: self.last_code, ..Said::default() }, out);
        }
    }
}

#[cfg(test)]
mod tests;
