//! SNMP over UDP: questions about a device with their answers, and traps.
//!
//! Of a flow at most [`MOST_OPEN`] requests wait for their answer, [`WAITS_NS`] at most; of each the first
//! object, the user and the engine are kept, which take less than 1 KiB. The community is a secret: only
//! whether it is one that everybody knows is kept.

mod ber;
mod columns;
mod message;

use crate::column::Column;
use crate::proto::{Moment, Next, Opening, Out, Parser, Piece, Probe, Row, transport};
use message::{Kind, Message};

/// Requests of one flow that may wait for their answer.
pub const MOST_OPEN: usize = 16;
/// How long a request waits, in packet time.
pub const WAITS_NS: i64 = 30_000_000_000;

const AGENT_PORT: u16 = 161;
const TRAP_PORT: u16 = 162;

/// Listens to SNMP.
#[derive(Debug, Default)]
pub struct Snmp {
    open: Vec<Open>,
}

/// A request that waits.
#[derive(Debug)]
struct Open {
    at: Moment,
    client_is_a: bool,
    said: Said,
}

/// A request with its answer, or a message alone.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Said {
    /// What was asked; of an answer alone that.
    message: Message,
    tries: u32,
    answer: Option<Kind>,
    error: Option<u32>,
    answer_variables: Option<u16>,
    request_bytes: Option<u32>,
    answer_bytes: Option<u32>,
    latency_ns: Option<u64>,
}

impl Parser for Snmp {
    type Said = Said;

    const NAME: &'static str = "snmp";
    const ROW: &'static str = "a request with its answer; a trap; or an answer alone";
    const BRIEF: &'static [&'static str] =
        &["version", "pdu", "first_oid", "error", "request_bytes", "answer_bytes"];

    fn probe(opening: &Opening<'_>) -> Probe {
        if !opening.is_over(transport::UDP) || opening.bytes.first() != Some(&ber::SEQUENCE) {
            return Probe::No;
        }
        let hint = opening.has_port(AGENT_PORT) || opening.has_port(TRAP_PORT);
        match Message::read(opening.bytes) {
            Some(message) if hint || message.whole => Probe::Yes,
            _ => Probe::No,
        }
    }

    fn push(&mut self, piece: &Piece<'_>, out: &mut Out<'_, Said>) -> Next {
        self.close_old(piece.at.time_ns, out);
        let Some(message) = Message::read(piece.bytes) else { return Next::More };
        let asked = self
            .open
            .iter()
            .position(|open| open.client_is_a != piece.from_a && open.said.message.is_answered_by(&message));
        match message.kind {
            Some(kind) if kind.is_trap() => {
                out.say(piece.at, piece.from_a, Said::asking(message, piece.wire()));
            }
            Some(kind) if kind.is_answer() => self.answer(asked, message, piece, out),
            None if asked.is_some() || !message.wants_answer() && piece.to_port() != TRAP_PORT => {
                self.answer(asked, message, piece, out);
            }
            _ => self.ask(message, piece, out),
        }
        Next::More
    }

    fn drain(&mut self, out: &mut Out<'_, Said>) {
        for open in self.open.drain(..) {
            out.say(open.at, open.client_is_a, open.said);
        }
    }

    fn held(&self) -> usize {
        let texts: usize = self.open.iter().map(|open| open.said.message.held()).sum();
        texts + self.open.capacity() * size_of::<Open>()
    }

    fn columns() -> Vec<Column<Row<Said>>> {
        columns::columns()
    }
}

impl Snmp {
    fn ask(&mut self, message: Message, piece: &Piece<'_>, out: &mut Out<'_, Said>) {
        let again = self
            .open
            .iter_mut()
            .find(|open| open.client_is_a == piece.from_a && open.said.message == message);
        if let Some(open) = again {
            open.said.tries = open.said.tries.saturating_add(1);
            return;
        }
        if self.open.len() >= MOST_OPEN {
            let oldest = self.open.remove(0);
            out.say(oldest.at, oldest.client_is_a, oldest.said);
        }
        if self.open.capacity() == 0 {
            self.open.reserve_exact(1);
        }
        let said = Said::asking(message, piece.wire());
        self.open.push(Open { at: piece.at, client_is_a: piece.from_a, said });
    }

    fn answer(&mut self, asked: Option<usize>, message: Message, piece: &Piece<'_>, out: &mut Out<'_, Said>) {
        let (answer, error, answer_variables) = (message.kind, message.error, message.variables);
        let answer_bytes = Some(piece.wire());
        let Some(index) = asked else {
            let said = Said { message, answer, error, answer_variables, answer_bytes, ..Said::default() };
            out.say(piece.at, !piece.from_a, said);
            return;
        };
        let Open { at, client_is_a, mut said } = self.open.remove(index);
        if said.message.engine.is_none() {
            said.message.engine = message.engine;
        }
        let latency_ns = u64::try_from(piece.at.time_ns.saturating_sub(at.time_ns)).ok();
        out.say(at, client_is_a, Said { answer, error, answer_variables, answer_bytes, latency_ns, ..said });
    }

    /// Says requests that have waited too long.
    fn close_old(&mut self, now_ns: i64, out: &mut Out<'_, Said>) {
        while let Some(open) = self.open.first() {
            if now_ns.saturating_sub(open.at.time_ns) <= WAITS_NS {
                return;
            }
            let Open { at, client_is_a, said } = self.open.remove(0);
            out.say(at, client_is_a, said);
        }
    }
}

impl Message {
    /// Whether an answer belongs to this request.
    fn is_answered_by(&self, answer: &Self) -> bool {
        self.id == answer.id && self.version == answer.version
    }

    /// Whether the sender of a message of version 3 says that it may be answered; answers and traps do not.
    fn wants_answer(&self) -> bool {
        self.flags.is_some_and(|flags| flags & 4 != 0)
    }

    fn held(&self) -> usize {
        [&self.user, &self.engine, &self.first_object, &self.trap_object]
            .into_iter()
            .map(|text| text.as_deref().map_or(0, str::len))
            .sum()
    }
}

impl Said {
    fn asking(message: Message, bytes: u32) -> Self {
        Self { message, tries: 1, request_bytes: Some(bytes), ..Self::default() }
    }
}

#[cfg(test)]
mod tests;
