//! IRC over TCP, on any port: who joins which channels, and how much is said there.
//!
//! Of a flow one line of [`MOST_LINE`] bytes a side is held, and names: of channels at most [`MOST_CHANNELS`] bytes.
//! Beyond [`MOST_JOINS`] no more joins are told one by one. Messages, passwords and keys of channels are never kept.

mod columns;
mod message;
mod probe;

use crate::column::Column;
use crate::proto::lines::Lines;
use crate::proto::opener::opener_by_ports;
use crate::proto::{Moment, Next, Opening, Out, Parser, Piece, Probe, Row, clean};
use message::{Message, is_channel};

/// The longest line that is read to its end.
pub const MOST_LINE: usize = 1_024;
/// Bytes of the names of channels that are kept.
pub const MOST_CHANNELS: usize = 512;
/// Joins that are told one by one.
pub const MOST_JOINS: u32 = 32;
/// The longest name that is kept.
const MOST_NAME: usize = 128;
/// The server is ready to go on encrypted.
const START_TLS: u16 = 670;
const WELCOME: u16 = 1;

/// Listens to IRC.
#[derive(Debug, Default)]
pub struct Irc {
    client_is_a: Option<bool>,
    lines: [Lines; 2],
    bytes: [u64; 2],
    last: Moment,
    heard: bool,
    told: u32,
    said: Box<Said>,
}

/// What a row is of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Event {
    Registration,
    Join,
    #[default]
    End,
}

/// What is said of a session so far.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Said {
    event: Event,
    nick: Option<Box<str>>,
    user: Option<Box<str>>,
    channels: String,
    server_name: Option<Box<str>>,
    joins: u32,
    sent: u32,
    received: u32,
    client_bytes: u64,
    server_bytes: u64,
}

impl Event {
    const fn name(self) -> &'static str {
        match self {
            Self::Registration => "registration",
            Self::Join => "join",
            Self::End => "end",
        }
    }
}

impl Parser for Irc {
    type Said = Said;

    const NAME: &'static str = "irc";
    const ROW: &'static str = "a registration with a server, a join, or the end of a session";
    const CARRIES: bool = true;
    const BRIEF: &'static [&'static str] =
        &["event", "nick", "channels", "server_name", "messages_sent", "messages_received"];

    fn probe(opening: &Opening<'_>) -> Probe {
        probe::probe(opening)
    }

    fn push(&mut self, piece: &Piece<'_>, out: &mut Out<'_, Said>) -> Next {
        self.last = piece.at;
        self.heard = true;
        let index = usize::from(!piece.from_a);
        if let Some(bytes) = self.bytes.get_mut(index) {
            *bytes = bytes.saturating_add(piece.bytes.len() as u64 + u64::from(piece.missing));
        }
        let Some(place) = self.lines.get_mut(index) else { return Next::More };
        let mut lines = std::mem::take(place);
        if piece.missing > 0 {
            lines.lose();
        }
        let mut next = Next::More;
        let mut rest = piece.bytes;
        while next == Next::More && lines.take(&mut rest, MOST_LINE) {
            if let Some(message) = Message::read(lines.line()) {
                next = self.hear(&message, piece, out);
            }
            lines.forget();
        }
        if let Some(place) = self.lines.get_mut(index) {
            *place = lines;
        }
        next
    }

    fn drain(&mut self, out: &mut Out<'_, Said>) {
        if self.heard {
            self.say(Event::End, out);
        }
    }

    fn held(&self) -> usize {
        let said = &*self.said;
        let texts = [&said.nick, &said.user, &said.server_name];
        let texts: usize = texts.iter().filter_map(|text| text.as_deref()).map(str::len).sum();
        size_of::<Said>()
            + texts
            + said.channels.capacity()
            + self.lines.iter().map(Lines::held).sum::<usize>()
    }

    fn columns() -> Vec<Column<Row<Said>>> {
        columns::columns()
    }
}

impl Irc {
    fn hear(&mut self, message: &Message<'_>, piece: &Piece<'_>, out: &mut Out<'_, Said>) -> Next {
        let by_server = is_by_server(message);
        if let (None, Some(by_server)) = (self.client_is_a, by_server) {
            self.client_is_a = Some(piece.from_a != by_server);
        }
        let opener = || out.opened_by_a().or_else(|| opener_by_ports(piece.key)).unwrap_or(true);
        let client_is_a = self.client_is_a.unwrap_or_else(opener);
        if piece.from_a == client_is_a {
            self.hear_client(message, out);
            Next::More
        } else {
            self.hear_server(message, out)
        }
    }

    fn hear_client(&mut self, message: &Message<'_>, out: &mut Out<'_, Said>) {
        let said = &mut *self.said;
        let name = message.parameter(0);
        if message.is("NICK") {
            said.nick = name.map(|name| clean(name, MOST_NAME));
        } else if message.is("USER") {
            said.user = name.map(|name| clean(name, MOST_NAME));
        } else if message.is("PRIVMSG") {
            said.sent = said.sent.saturating_add(1);
        } else if message.is("JOIN") {
            let channels = name.unwrap_or(&[]).split(|&byte| byte == b',').filter(|name| is_channel(name));
            for channel in channels {
                said.joins = said.joins.saturating_add(1);
                said.add_channel(channel);
            }
            self.told = self.told.saturating_add(1);
            if self.told <= MOST_JOINS {
                self.say(Event::Join, out);
            }
        }
    }

    fn hear_server(&mut self, message: &Message<'_>, out: &mut Out<'_, Said>) -> Next {
        let said = &mut *self.said;
        if let Some(code) = message.code() {
            if said.server_name.is_none() {
                said.server_name = Some(clean(message.from, MOST_NAME));
            }
            if code == WELCOME {
                said.nick = message.parameter(0).map(|name| clean(name, MOST_NAME)).or(said.nick.take());
                self.say(Event::Registration, out);
            }
            return if code == START_TLS { Next::Again } else { Next::More };
        }
        let own = message.nick().is_some_and(|nick| {
            said.nick.as_deref().is_some_and(|own| own.as_bytes().eq_ignore_ascii_case(nick))
        });
        if message.is("PRIVMSG") {
            said.received = said.received.saturating_add(1);
        } else if message.is("NICK") && own {
            said.nick = message.parameter(0).map(|name| clean(name, MOST_NAME));
        } else if message.is("JOIN")
            && own
            && let Some(channel) = message.parameter(0).filter(|name| is_channel(name))
        {
            said.add_channel(channel);
        }
        Next::More
    }

    fn say(&self, event: Event, out: &mut Out<'_, Said>) {
        let client_is_a = self.client_is_a.or(out.opened_by_a()).unwrap_or(true);
        let [a, b] = self.bytes;
        let (client_bytes, server_bytes) = if client_is_a { (a, b) } else { (b, a) };
        out.say(self.last, client_is_a, Said { event, client_bytes, server_bytes, ..(*self.said).clone() });
    }
}

impl Said {
    /// Notes a channel, once and while there is room.
    fn add_channel(&mut self, name: &[u8]) {
        let name = clean(name, MOST_NAME);
        let known = self.channels.split(',').any(|one| one == &*name);
        if known || self.channels.len() + name.len() >= MOST_CHANNELS {
            return;
        }
        if !self.channels.is_empty() {
            self.channels.push(',');
        }
        self.channels.push_str(&name);
    }
}

/// Whether only a server says this, or only a client; `None` where both do.
fn is_by_server(message: &Message<'_>) -> Option<bool> {
    if !message.from.is_empty() || message.is("ERROR") || message.is("NOTICE") {
        return Some(true);
    }
    ["NICK", "USER", "JOIN", "PASS", "CAP", "PRIVMSG"].iter().any(|verb| message.is(verb)).then_some(false)
}

#[cfg(test)]
mod tests;
