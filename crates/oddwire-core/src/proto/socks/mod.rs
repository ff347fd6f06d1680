//! SOCKS 4, 4a and 5 over TCP (RFC 1928, RFC 1929): who asks a proxy for which target, and what it answers.
//!
//! One row a connection. Of each direction at most [`MOST_WAITING`] bytes are gathered until a message is whole, and
//! texts of at most [`MOST_TEXT`] bytes are kept: less than 8 KiB, and of most flows a few hundred bytes. A password is
//! passed over and never kept. Behind a granted connection another protocol begins on the same flow, which is then
//! judged anew; with any other answer listening ends.

mod codes;
mod columns;
mod message;
mod probe;

use crate::column::Column;
use crate::proto::{Moment, Next, Opening, Out, Parser, Pending, Piece, Probe, Row, transport};
use message::{Read, Request, Target};

/// Bytes of one direction that wait until a message is whole; the longest message has 522.
pub const MOST_WAITING: usize = 1_024;
/// Bytes of a text that are kept.
pub const MOST_TEXT: usize = 255;

/// The port that is registered for SOCKS.
const SOCKS_PORT: u16 = 1_080;

/// Listens to SOCKS.
#[derive(Debug, Default)]
pub struct Socks {
    client: Side,
    server: Side,
    began: Option<(Moment, bool)>,
    asked_ns: Option<i64>,
    /// Whether the client offers no other method with words of its own than name and password.
    login_only: bool,
    said: Said,
}

/// What one side says, and how far it came.
#[derive(Debug, Default)]
struct Side {
    waiting: Pending,
    stage: Stage,
}

/// How far a side came.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Stage {
    /// Its first message is to come: a greeting or a request; the choice of a method or an answer.
    #[default]
    First,
    /// The exchange of name and password, or at once the request and its answer.
    Middle,
    /// The request or its answer.
    Last,
    /// It said all.
    Over,
}

/// A connection that is asked for, as far as it came.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Said {
    version: Version,
    method: Option<u8>,
    user: Option<Box<str>>,
    login: Option<bool>,
    command: Option<u8>,
    target: Option<Target>,
    target_port: Option<u16>,
    code: Option<u8>,
    latency_ns: Option<u64>,
}

/// The version of the protocol; 4a is 4 with a name in place of an address.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Version {
    Four,
    FourA,
    #[default]
    Five,
}

impl Parser for Socks {
    type Said = Said;

    const NAME: &'static str = "socks";
    const ROW: &'static str = "a connection that a client asks a SOCKS proxy for, with the answer";
    const CARRIES: bool = true;
    const BRIEF: &'static [&'static str] =
        &["version", "user", "command", "target", "target_port", "code", "latency_ns"];
    const NAMES_FLOWS: bool = true;

    fn probe(opening: &Opening<'_>) -> Probe {
        if opening.is_over(transport::TCP) { probe::judge(opening) } else { Probe::No }
    }

    fn push(&mut self, piece: &Piece<'_>, out: &mut Out<'_, Said>) -> Next {
        if piece.missing > 0 {
            return Next::Again;
        }
        let (_, client_is_a) =
            *self.began.get_or_insert_with(|| (piece.at, is_of_client(piece) == piece.from_a));
        let by_client = client_is_a == piece.from_a;
        let side = if by_client { &mut self.client } else { &mut self.server };
        if side.stage == Stage::Over {
            return Next::More;
        }
        let mut waiting = std::mem::take(&mut side.waiting);
        waiting.append(piece.bytes, MOST_WAITING);
        let next = loop {
            let read = if by_client {
                self.hear_client(waiting.bytes(), piece.at.time_ns)
            } else {
                self.hear_server(waiting.bytes(), piece.at.time_ns)
            };
            match read {
                Read::Short if waiting.overflowed() => break Next::Done,
                Read::Short => break Next::More,
                Read::Wrong => break Next::Done,
                Read::Whole(next, length) => {
                    waiting.consume(length);
                    if next != Next::More {
                        break next;
                    }
                }
            }
        };
        let side = if by_client { &mut self.client } else { &mut self.server };
        if side.stage == Stage::Over || next != Next::More {
            waiting.clear();
        }
        side.waiting = waiting;
        let next = if next == Next::More && piece.cut > 0 { Next::Again } else { next };
        if next != Next::More {
            self.drain(out);
        }
        next
    }

    fn drain(&mut self, out: &mut Out<'_, Said>) {
        let Some((at, client_is_a)) = self.began.take() else { return };
        let said = std::mem::take(&mut self.said);
        if !self.has_told(&said) {
            return;
        }
        if let Some(Target::Name(name)) = &said.target {
            out.call(name.as_bytes());
        }
        out.say(at, client_is_a, said);
    }

    fn held(&self) -> usize {
        let Said { user, target, .. } = &self.said;
        let texts = user.as_ref().map_or(0, |user| user.len()) + target.as_ref().map_or(0, Target::held);
        self.client.waiting.held() + self.server.waiting.held() + texts
    }

    fn columns() -> Vec<Column<Row<Said>>> {
        columns::columns()
    }
}

/// Whether the first piece that is heard is the client's; only of one whose proxy alone was captured it is not.
fn is_of_client(piece: &Piece<'_>) -> bool {
    match piece.bytes {
        [0, ..] => false,
        [5, ..] => piece.from_port() != SOCKS_PORT,
        _ => true,
    }
}

impl Socks {
    /// Takes the client's next message.
    fn hear_client(&mut self, bytes: &[u8], now_ns: i64) -> Read<Next> {
        match (self.client.stage, bytes) {
            (Stage::Over, _) | (_, []) => Read::Short,
            (Stage::First, [4, ..]) => Request::read_old(bytes).then(|request| self.ask(request, now_ns)),
            (Stage::First, _) => message::greeting(bytes).then(|login_only| {
                self.login_only = login_only;
                self.client.stage = Stage::Middle;
                Next::More
            }),
            (Stage::Middle, [1, ..]) if self.may_log_in() => message::login(bytes).then(|user| {
                self.said.user = Some(user);
                self.client.stage = Stage::Last;
                Next::More
            }),
            _ => Request::read(bytes).then(|request| self.ask(request, now_ns)),
        }
    }

    /// Whether what begins with a 1 is a name with its password: other methods begin so, too.
    fn may_log_in(&self) -> bool {
        self.said.method.map_or(self.login_only, |method| method == codes::PASSWORD)
    }

    fn ask(&mut self, request: Request, now_ns: i64) -> Next {
        let Request { version, command, target, port, user } = request;
        self.said.version = version;
        self.said.user = user.or_else(|| self.said.user.take());
        (self.said.command, self.said.target_port) = (Some(command), Some(port));
        self.said.target = Some(target);
        (self.client.stage, self.asked_ns) = (Stage::Over, Some(now_ns));
        Next::More
    }

    /// Takes the proxy's next message.
    fn hear_server(&mut self, bytes: &[u8], now_ns: i64) -> Read<Next> {
        match (self.server.stage, bytes) {
            (Stage::Over, _) | (_, []) => Read::Short,
            (Stage::First, [0, ..]) => message::old_answer(bytes).then(|code| {
                if self.said.version == Version::Five {
                    self.said.version = Version::Four;
                }
                self.answer(code, code == codes::OLD_GRANTED, now_ns)
            }),
            (Stage::First, _) => message::method(bytes).then(|method| self.choose(method)),
            (Stage::Middle, _) if self.said.method == Some(codes::PASSWORD) => {
                message::verdict(bytes).then(|welcome| {
                    self.said.login = Some(welcome);
                    self.server.stage = Stage::Last;
                    if welcome { Next::More } else { Next::Done }
                })
            }
            _ => message::answer(bytes).then(|code| self.answer(code, code == codes::GRANTED, now_ns)),
        }
    }

    /// The proxy chose a method: those that are not read hide what follows.
    const fn choose(&mut self, method: u8) -> Next {
        self.said.method = Some(method);
        self.server.stage = Stage::Middle;
        if matches!(method, codes::NO_METHOD | codes::PASSWORD) { Next::More } else { Next::Done }
    }

    fn answer(&mut self, code: u8, granted: bool, now_ns: i64) -> Next {
        self.said.code = Some(code);
        self.said.latency_ns =
            self.asked_ns.and_then(|asked| u64::try_from(now_ns.saturating_sub(asked)).ok());
        self.server.stage = Stage::Over;
        let tunnel = granted && self.said.command.is_none_or(|command| command == codes::CONNECT);
        if tunnel { Next::Again } else { Next::Done }
    }

    /// Whether anything was understood.
    fn has_told(&self, said: &Said) -> bool {
        self.client.stage != Stage::First || self.server.stage != Stage::First || said.code.is_some()
    }
}

#[cfg(test)]
mod tests;
