//! DNP3 over TCP and UDP: what masters ask of outstations, and which of it changes them.
//!
//! Of a direction at most one frame of 292 bytes and one message of [`MOST_MESSAGE`] bytes is gathered, of a flow at
//! most [`MOST_OPEN`] requests wait for their answer; values of points are not kept.

mod codes;
mod columns;
mod link;
mod object;
mod side;

use crate::column::Column;
use crate::proto::{Moment, Next, Opening, Out, Parser, Piece, Probe, Row, transport};
use link::Start;
use object::Objects;
use side::{Heard, Message, Side, What};

pub use object::MOST_OBJECTS;
pub use side::{MOST_MESSAGE, MOST_STRAY};

/// Requests of one flow that may wait for their answer.
pub const MOST_OPEN: usize = 16;
/// How long a request waits, in packet time.
const WAITS_NS: i64 = 60_000_000_000;
/// The first of the addresses that mean all devices: none of them answers.
const BROADCAST: u16 = 0xfffd;

/// Listens to DNP3.
#[derive(Debug, Default)]
pub struct Dnp3 {
    open: Vec<Open>,
    sides: [Side; 2],
}

/// A request that waits for its answer, or for the rest of it.
#[derive(Debug)]
struct Open {
    at: Moment,
    from_a: bool,
    /// Sequence number of the fragment that comes next.
    next: u8,
    said: Said,
}

/// A request, its answer, or both; or a frame of the link alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    source: u16,
    destination: u16,
    function: Option<u8>,
    link: Option<&'static str>,
    sequence: Option<u8>,
    objects: Objects,
    answer_objects: Objects,
    indications: Option<u16>,
    request_bytes: Option<u32>,
    answer_bytes: Option<u32>,
    latency_ns: Option<u64>,
    answer_packet: Option<u64>,
    crc_errors: u32,
}

impl Parser for Dnp3 {
    type Said = Said;

    const NAME: &'static str = "dnp3";
    const ROW: &'static str = "a request to a device with its answer; unsolicited answers, confirmations and bare link frames stand alone";
    const BRIEF: &'static [&'static str] =
        &["source", "destination", "function_name", "control", "latency_ns"];

    fn probe(opening: &Opening<'_>) -> Probe {
        match Start::of(opening.bytes) {
            _ if !opening.is_over(transport::TCP) && !opening.is_over(transport::UDP) => Probe::No,
            Start::Header(_) => Probe::Yes,
            Start::Short => Probe::More,
            Start::Other | Start::Broken => Probe::No,
        }
    }

    fn push(&mut self, piece: &Piece<'_>, out: &mut Out<'_, Said>) -> Next {
        self.close_old(piece.at.time_ns, out);
        let index = usize::from(!piece.from_a);
        let mut side = self.sides.get_mut(index).map(std::mem::take).unwrap_or_default();
        let mut sink = |heard: Heard| self.hear(piece.from_a, piece.at, &heard, out);
        if piece.missing > 0 {
            side.lose(&mut sink);
        }
        side.take(piece.bytes, piece.at, &mut sink);
        if piece.cut > 0 {
            side.lose(&mut sink);
        } else if piece.key.protocol == transport::UDP {
            side.end_datagram();
        }
        let hopeless = side.is_hopeless();
        if let Some(place) = self.sides.get_mut(index) {
            *place = side;
        }
        if hopeless {
            self.drain(out);
            return Next::Done;
        }
        Next::More
    }

    fn drain(&mut self, out: &mut Out<'_, Said>) {
        for (from_a, mut side) in [true, false].into_iter().zip(std::mem::take(&mut self.sides)) {
            side.finish(&mut |heard| self.hear(from_a, heard.at, &heard, out));
        }
        for open in self.open.drain(..) {
            out.say(open.at, open.from_a, open.said);
        }
    }

    fn held(&self) -> usize {
        self.open.capacity() * size_of::<Open>() + self.sides.iter().map(Side::held).sum::<usize>()
    }

    fn columns() -> Vec<Column<Row<Said>>> {
        columns::columns()
    }
}

impl Dnp3 {
    /// Takes what a direction says; `now` is the packet that ended it.
    fn hear(&mut self, from_a: bool, now: Moment, heard: &Heard, out: &mut Out<'_, Said>) {
        match &heard.what {
            What::Link(name) => {
                let said = Said { link: *name, ..Said::of(heard, heard.from_master) };
                out.say(heard.at, from_a == heard.from_master, said);
            }
            What::Message(message) if message.function < codes::RESPONSE => {
                self.ask(from_a, heard, message, out);
            }
            What::Message(message) => self.answer(from_a, now, heard, message, out),
        }
    }

    fn ask(&mut self, from_a: bool, heard: &Heard, message: &Message, out: &mut Out<'_, Said>) {
        let said = Said { objects: message.objects, ..Said::of(heard, true).named(message) };
        if !codes::is_answered(message.function) || heard.destination >= BROADCAST {
            out.say(heard.at, from_a, said);
            return;
        }
        if self.open.len() >= MOST_OPEN {
            let oldest = self.open.remove(0);
            out.say(oldest.at, oldest.from_a, oldest.said);
        }
        self.open.push(Open { at: heard.at, from_a, next: message.sequence(), said });
    }

    /// Pairs an answer with the newest request that it fits; one of several fragments waits for the last.
    fn answer(
        &mut self,
        from_a: bool,
        now: Moment,
        heard: &Heard,
        message: &Message,
        out: &mut Out<'_, Said>,
    ) {
        let answered = |open: &Open| {
            message.function != codes::UNSOLICITED
                && open.from_a != from_a
                && (open.said.source, open.said.destination) == (heard.destination, heard.source)
                && open.next == message.sequence()
                && open.said.answer_bytes.is_none() == message.is_first()
        };
        let Some(index) = self.open.iter().rposition(answered) else {
            let said = Said::of(heard, false).named(message);
            let said = Said { answer_packet: Some(now.number), ..said.answered(message) };
            out.say(heard.at, !from_a, said);
            return;
        };
        let Some(open) = self.open.get_mut(index) else { return };
        let said = std::mem::take(&mut open.said);
        open.said = said.joined(heard, message);
        open.next = message.sequence().wrapping_add(1) & 15;
        if message.is_last() {
            let Open { at, from_a, mut said, .. } = self.open.remove(index);
            said.latency_ns = u64::try_from(now.time_ns.saturating_sub(at.time_ns)).ok();
            said.answer_packet = Some(now.number);
            out.say(at, from_a, said);
        }
    }

    /// Says requests that have waited too long.
    fn close_old(&mut self, now_ns: i64, out: &mut Out<'_, Said>) {
        let old = |open: &Open| now_ns.saturating_sub(open.at.time_ns) > WAITS_NS;
        while self.open.first().is_some_and(old) {
            let Open { at, from_a, said, .. } = self.open.remove(0);
            out.say(at, from_a, said);
        }
    }
}

impl Said {
    /// What the frames say, of the client or of the server.
    fn of(heard: &Heard, by_client: bool) -> Self {
        let &Heard { source, destination, wire, errors: crc_errors, .. } = heard;
        let seen = |wanted: bool| wanted.then_some(wire);
        let (source, destination) = if by_client { (source, destination) } else { (destination, source) };
        let (request_bytes, answer_bytes) = (seen(by_client), seen(!by_client));
        Self { source, destination, request_bytes, answer_bytes, crc_errors, ..Self::default() }
    }

    fn named(self, message: &Message) -> Self {
        Self { function: Some(message.function), sequence: Some(message.sequence()), ..self }
    }

    /// With what an answer says, or the next fragment of it.
    fn answered(self, message: &Message) -> Self {
        let first = self.indications.is_none();
        let bits = self.indications.unwrap_or(0) | message.indications.unwrap_or(0);
        let indications = message.indications.map(|_| bits).or(self.indications);
        let answer_objects = if first { message.objects } else { self.answer_objects };
        Self { answer_objects, indications, ..self }
    }

    fn joined(self, heard: &Heard, message: &Message) -> Self {
        let answer_bytes = Some(self.answer_bytes.unwrap_or(0).saturating_add(heard.wire));
        let crc_errors = self.crc_errors.saturating_add(heard.errors);
        Self { answer_bytes, crc_errors, ..self.answered(message) }
    }
}

#[cfg(test)]
mod tests;
