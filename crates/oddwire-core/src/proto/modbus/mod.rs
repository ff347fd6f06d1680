//! Modbus over TCP, and over UDP on its own port: what is asked of controllers, and which of it changes them.
//!
//! Of a message the first 20 bytes are read; values of registers are not kept. Of a flow at most [`MOST_OPEN`]
//! requests wait for their answer, each in less than 128 bytes; nothing else grows.

mod codes;
mod columns;
mod head;
mod shape;

use crate::column::Column;
use crate::proto::{Moment, Next, Opening, Out, Parser, Piece, Probe, Row, transport};
use codes::{DIAGNOSTICS, ENCAPSULATED, EXCEPTION, UNITY};
use head::{HEAD, Head, Side};
use shape::{Shape, word};

pub use head::MOST_STRAY;

/// Requests of one flow that may wait for their answer.
pub const MOST_OPEN: usize = 32;
/// How long a request waits, in packet time.
const WAITS_NS: i64 = 10_000_000_000;

const PORT: u16 = 502;

/// Listens to Modbus.
#[derive(Debug, Default)]
pub struct Modbus {
    open: Vec<Open>,
    sides: [Side; 2],
    client_is_a: Option<bool>,
}

/// A request that waits for its answer.
#[derive(Debug)]
struct Open {
    at: Moment,
    from_a: bool,
    said: Said,
}

/// A request, its answer, or both.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    transaction: u16,
    unit: u8,
    function: u8,
    subfunction: Option<u16>,
    address: Option<u16>,
    quantity: Option<u16>,
    exception: Option<u8>,
    request_bytes: Option<u32>,
    answer_bytes: Option<u32>,
    latency_ns: Option<u64>,
    answer_packet: Option<u64>,
}

impl Parser for Modbus {
    type Said = Said;

    const NAME: &'static str = "modbus";
    const ROW: &'static str =
        "a request to a device with its answer; an answer without a request stands alone";
    const BRIEF: &'static [&'static str] =
        &["unit", "function_name", "write", "exception_name", "latency_ns"];

    fn probe(opening: &Opening<'_>) -> Probe {
        match opening.key.protocol {
            transport::UDP if opening.has_port(PORT) && is_datagram(opening) => Probe::Yes,
            transport::TCP => probe_stream(opening),
            _ => Probe::No,
        }
    }

    fn push(&mut self, piece: &Piece<'_>, out: &mut Out<'_, Said>) -> Next {
        self.close_old(piece.at.time_ns, out);
        let index = usize::from(!piece.from_a);
        let mut side = match self.sides.get_mut(index) {
            Some(side) if piece.key.protocol == transport::TCP => std::mem::take(side),
            _ => Side::default(),
        };
        if piece.missing > 0
            && let Some(head) = side.lose(piece.missing)
        {
            self.hear(piece, &head, out);
        }
        let mut bytes = piece.bytes;
        while let Some(head) = side.next(&mut bytes, piece.at) {
            self.hear(piece, &head, out);
        }
        if piece.cut > 0
            && let Some(head) = side.break_off()
        {
            self.hear(piece, &head, out);
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
        for open in self.open.drain(..) {
            out.say(open.at, open.from_a, open.said);
        }
    }

    fn held(&self) -> usize {
        self.open.capacity() * size_of::<Open>()
    }

    fn columns() -> Vec<Column<Row<Said>>> {
        columns::columns()
    }
}

/// Whether a datagram is one message.
fn is_datagram(opening: &Opening<'_>) -> bool {
    Head::of(opening.bytes).is_some_and(|head| head.is_strict() && head.wire() == opening.wire)
}

/// One message is enough on the port of Modbus; elsewhere a second one must follow, or an answer that fits.
fn probe_stream(opening: &Opening<'_>) -> Probe {
    let bytes = opening.bytes;
    let Some(head) = Head::of(bytes) else {
        let zeros = bytes.get(2..bytes.len().min(5)).unwrap_or(&[]);
        return if zeros.iter().all(|&byte| byte == 0) { Probe::More } else { Probe::No };
    };
    let hint = opening.has_port(PORT);
    if hint && head.is_sound() && (head.is_usual() || bytes.len() == head.wire() as usize) {
        return Probe::Yes;
    }
    if head.is_usual() && !head.is_read(bytes) {
        return Probe::More;
    }
    if !head.is_strict() {
        return Probe::No;
    }
    let second = bytes.get(head.wire() as usize..).unwrap_or(&[]);
    let same_side = follows(second, |_| true);
    let other_side = follows(opening.other, |other| other.is_exchange_with(&head));
    match (same_side, other_side) {
        (Probe::No, _) | (_, Probe::No) => Probe::No,
        (Probe::More, Probe::More) => Probe::More,
        _ => Probe::Yes,
    }
}

/// Whether bytes begin with a message that fits.
fn follows(bytes: &[u8], fits: impl FnOnce(&Head) -> bool) -> Probe {
    match Head::of(bytes) {
        Some(head) if head.is_usual() && !head.is_read(bytes) => Probe::More,
        Some(head) if !head.is_strict() => Probe::No,
        Some(head) if fits(&head) => Probe::Yes,
        _ => Probe::More,
    }
}

impl Head {
    /// Whether all that is read of a message is among these bytes.
    const fn is_read(&self, bytes: &[u8]) -> bool {
        bytes.len() >= HEAD || bytes.len() >= self.wire() as usize
    }

    /// Whether one of the two can answer the other.
    fn is_exchange_with(&self, other: &Self) -> bool {
        let (one, two) = (Shape::of(self), Shape::of(other));
        self.transaction() == other.transaction()
            && self.unit() == other.unit()
            && (self.function() ^ other.function()) & !EXCEPTION == 0
            && (one.request && two.answer || one.answer && two.request)
    }
}

impl Modbus {
    /// Takes one message.
    fn hear(&mut self, piece: &Piece<'_>, head: &Head, out: &mut Out<'_, Said>) {
        if self.is_client(piece, head) == piece.from_a {
            self.ask(piece, head, out);
        } else {
            self.answer(piece, head, out);
        }
    }

    /// Whether `a` is the client: by the port, else by the shape of messages that can be but one.
    fn is_client(&mut self, piece: &Piece<'_>, head: &Head) -> bool {
        match (piece.key.a_port == PORT, piece.key.b_port == PORT) {
            (true, false) => return false,
            (false, true) => return true,
            _ => {}
        }
        let shape = Shape::of(head);
        if shape.request != shape.answer {
            self.client_is_a = Some(shape.request == piece.from_a);
        }
        *self.client_is_a.get_or_insert(piece.from_a)
    }

    fn ask(&mut self, piece: &Piece<'_>, head: &Head, out: &mut Out<'_, Said>) {
        let said = Said { request_bytes: Some(head.wire()), ..Said::of(head, head.function()) };
        if self.open.len() >= MOST_OPEN {
            let oldest = self.open.remove(0);
            out.say(oldest.at, oldest.from_a, oldest.said);
        }
        self.open.push(Open { at: head.began, from_a: piece.from_a, said });
    }

    /// Pairs an answer with the newest request that it fits: of clients that never change the transaction, a request
    /// without answer then does not shift all that follow.
    fn answer(&mut self, piece: &Piece<'_>, head: &Head, out: &mut Out<'_, Said>) {
        let failed = head.function() & EXCEPTION != 0;
        let function = head.function() & !EXCEPTION;
        let asked = self.open.iter().rposition(|open| {
            open.from_a != piece.from_a
                && (open.said.transaction, open.said.unit) == (head.transaction(), head.unit())
                && open.said.function == function
        });
        let (at, mut said) = match asked {
            Some(index) => {
                let Open { at, said, .. } = self.open.remove(index);
                let latency = piece.at.time_ns.saturating_sub(at.time_ns);
                (at, Said { latency_ns: u64::try_from(latency).ok(), ..said })
            }
            None => (head.began, Said::of_answer(head, function)),
        };
        said.exception = if failed { head.data().first().copied() } else { None };
        said.answer_bytes = Some(head.wire());
        said.answer_packet = Some(piece.at.number);
        out.say(at, !piece.from_a, said);
    }

    /// Says requests that have waited too long.
    fn close_old(&mut self, now_ns: i64, out: &mut Out<'_, Said>) {
        let old = |open: &Open| now_ns.saturating_sub(open.at.time_ns) > WAITS_NS;
        while self.open.first().is_some_and(old) {
            let Open { at, from_a, said } = self.open.remove(0);
            out.say(at, from_a, said);
        }
    }
}

impl Said {
    fn named(head: &Head, function: u8) -> Self {
        Self { transaction: head.transaction(), unit: head.unit(), function, ..Self::default() }
    }

    /// What a request says.
    fn of(head: &Head, function: u8) -> Self {
        let data = head.data();
        let mut said = Self::named(head, function);
        match function {
            1..=4 | 15 | 16 | 23 => (said.address, said.quantity) = (word(data, 0), word(data, 2)),
            5 | 6 | 22 => (said.address, said.quantity) = (word(data, 0), Some(1)),
            24 => said.address = word(data, 0),
            DIAGNOSTICS => said.subfunction = word(data, 0),
            ENCAPSULATED => said.subfunction = data.first().copied().map(u16::from),
            UNITY => said.subfunction = data.get(1).copied().map(u16::from),
            _ => {}
        }
        said
    }

    /// What an answer without its request says of the request.
    fn of_answer(head: &Head, function: u8) -> Self {
        match function {
            _ if head.function() & EXCEPTION != 0 => Self::named(head, function),
            5 | 6 | 15 | 16 | 22 | DIAGNOSTICS | ENCAPSULATED => Self::of(head, function),
            _ => Self::named(head, function),
        }
    }
}

#[cfg(test)]
mod tests;
