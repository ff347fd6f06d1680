//! NTP: clocks asking for the time, and the control and private modes that are abused to amplify.
//!
//! Of a flow at most [`MOST_OPEN`] requests wait for their answer. A private or control request waits for as
//! many answers as come until the next one, [`WAITS_NS`] at most; the answers are counted and not kept.

mod columns;
mod message;

use crate::column::Column;
use crate::proto::{Moment, Next, Opening, Out, Parser, Piece, Probe, Row, transport};
use message::{Control, Extensions, Message, Private, Time};

/// Requests of one flow that may wait for their answer.
pub const MOST_OPEN: usize = 16;
/// How long a request waits, in packet time.
pub const WAITS_NS: i64 = 30_000_000_000;

const NTP_PORT: u16 = 123;

/// Listens to NTP.
#[derive(Debug, Default)]
pub struct Ntp {
    open: Vec<Open>,
}

/// A request that waits, or answers that nobody was seen to ask for and that are being counted.
#[derive(Debug)]
struct Open {
    at: Moment,
    client_is_a: bool,
    said: Said,
}

/// A request with its answers, or a message alone.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Said {
    /// What was asked; of answers alone the first of them.
    message: Message,
    /// The time message that answered.
    answer: Option<Time>,
    extensions: Extensions,
    request_bytes: Option<u32>,
    answer_bytes: Option<u64>,
    answers: u32,
    latency_ns: Option<u64>,
}

impl Parser for Ntp {
    type Said = Said;

    const NAME: &'static str = "ntp";
    const ROW: &'static str = "a request with its answers, or a message that stands alone";
    const BRIEF: &'static [&'static str] =
        &["mode", "version", "stratum", "request_bytes", "answer_bytes", "amplification"];

    fn probe(opening: &Opening<'_>) -> Probe {
        if opening.is_over(transport::UDP) && is_ntp(opening) { Probe::Yes } else { Probe::No }
    }

    fn push(&mut self, piece: &Piece<'_>, out: &mut Out<'_, Said>) -> Next {
        self.close_old(piece.at.time_ns, out);
        match Message::read(piece.bytes) {
            Some(message @ Message::Time(time)) => {
                let extensions = Extensions::read(piece.bytes).unwrap_or_default();
                let said = Said { extensions, ..Said::of(message) };
                self.hear_time(time, said, piece, out);
            }
            Some(
                message @ (Message::Control(Control { is_answer, .. })
                | Message::Private(Private { is_answer, .. })),
            ) => {
                if is_answer {
                    self.count_answer(message, piece, out);
                } else {
                    self.say_where(out, |open| open.client_is_a == piece.from_a && open.said.is_managing());
                    self.wait(Said::of(message), piece, out);
                }
            }
            None => {}
        }
        Next::More
    }

    fn drain(&mut self, out: &mut Out<'_, Said>) {
        self.say_where(out, |_| true);
    }

    fn held(&self) -> usize {
        self.open.capacity() * size_of::<Open>()
    }

    fn columns() -> Vec<Column<Row<Said>>> {
        columns::columns()
    }
}

/// Whether a datagram is NTP. Off the known port it must be a time message that makes sense in every field.
fn is_ntp(opening: &Opening<'_>) -> bool {
    let wire = opening.wire as usize;
    let hint = opening.has_port(NTP_PORT);
    match Message::read(opening.bytes) {
        Some(Message::Time(time)) => {
            let length = wire.is_multiple_of(4)
                && (wire > opening.bytes.len() || Extensions::read(opening.bytes).is_some());
            let plausible = matches!(time.version, 1..=4) && time.stratum <= 16;
            length && plausible && (hint || time.is_plausible())
        }
        Some(Message::Control(control)) => {
            let known = matches!(control.operation, 0..=12 | 31);
            let fits = usize::from(control.count) + 12 <= wire;
            hint && matches!(control.version, 1..=4) && known && fits
        }
        Some(Message::Private(private)) => {
            hint && matches!(private.version, 1..=4) && matches!(private.implementation, 0 | 2 | 3)
        }
        None => false,
    }
}

impl Ntp {
    /// Takes a time message: a request waits, an answer ends its wait, all else stands alone.
    fn hear_time(&mut self, time: Time, mut said: Said, piece: &Piece<'_>, out: &mut Out<'_, Said>) {
        let asked = self.open.iter().position(|open| {
            open.client_is_a != piece.from_a
                && matches!(open.said.message, Message::Time(asked) if asked.is_answered_by(&time))
        });
        if let Some(index) = asked {
            let Open { at, client_is_a, said: request } = self.open.remove(index);
            let mut said = Said { answer: Some(time), ..request };
            said.count(piece, at);
            out.say(at, client_is_a, said);
        } else if matches!(time.mode, 1 | 3) {
            self.wait(said, piece, out);
        } else if time.mode == 5 {
            said.request_bytes = Some(piece.wire());
            out.say(piece.at, piece.from_a, said);
        } else {
            (said.answers, said.answer_bytes) = (1, Some(u64::from(piece.wire())));
            out.say(piece.at, !piece.from_a, said);
        }
    }

    fn wait(&mut self, said: Said, piece: &Piece<'_>, out: &mut Out<'_, Said>) {
        let said = Said { request_bytes: Some(piece.wire()), ..said };
        self.keep(Open { at: piece.at, client_is_a: piece.from_a, said }, out);
    }

    fn keep(&mut self, open: Open, out: &mut Out<'_, Said>) {
        if self.open.len() >= MOST_OPEN {
            let oldest = self.open.remove(0);
            out.say(oldest.at, oldest.client_is_a, oldest.said);
        }
        if self.open.capacity() == 0 {
            self.open.reserve_exact(1);
        }
        self.open.push(open);
    }

    /// Counts an answer to a private or control request, or one that nobody was seen to ask for.
    fn count_answer(&mut self, message: Message, piece: &Piece<'_>, out: &mut Out<'_, Said>) {
        let asked = self.open.iter_mut().find(|open| {
            open.client_is_a != piece.from_a && open.said.message.is_of_one_question_with(&message)
        });
        if let Some(open) = asked {
            open.said.count(piece, open.at);
            return;
        }
        let mut said = Said::of(message);
        (said.answers, said.answer_bytes) = (1, Some(u64::from(piece.wire())));
        self.keep(Open { at: piece.at, client_is_a: !piece.from_a, said }, out);
    }

    /// Says requests that have waited too long.
    fn close_old(&mut self, now_ns: i64, out: &mut Out<'_, Said>) {
        self.say_where(out, |open| now_ns.saturating_sub(open.at.time_ns) > WAITS_NS);
    }

    fn say_where(&mut self, out: &mut Out<'_, Said>, is_over: impl Fn(&Open) -> bool) {
        self.open.retain(|open| {
            let over = is_over(open);
            if over {
                out.say(open.at, open.client_is_a, open.said);
            }
            !over
        });
    }
}

impl Message {
    /// Whether another message is an answer to this one, or a further answer to what this one answers.
    fn is_of_one_question_with(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Control(one), Self::Control(other)) => {
                (one.operation, one.sequence) == (other.operation, other.sequence)
            }
            (Self::Private(one), Self::Private(other)) => one.code == other.code,
            _ => false,
        }
    }
}

impl Time {
    /// Whether an answer repeats the time at which this request left.
    const fn is_answered_by(&self, answer: &Self) -> bool {
        let fits = match self.mode {
            3 => answer.mode == 4,
            _ => matches!(answer.mode, 1 | 2),
        };
        fits && answer.originated == self.sent
    }
}

impl Said {
    fn of(message: Message) -> Self {
        Self {
            message,
            answer: None,
            extensions: Extensions::default(),
            request_bytes: None,
            answer_bytes: None,
            answers: 0,
            latency_ns: None,
        }
    }

    /// Counts an answer; the first one tells the latency.
    fn count(&mut self, piece: &Piece<'_>, asked: Moment) {
        if self.request_bytes.is_some() && self.answers == 0 {
            self.latency_ns = u64::try_from(piece.at.time_ns.saturating_sub(asked.time_ns)).ok();
        }
        self.answers = self.answers.saturating_add(1);
        self.answer_bytes = Some(self.answer_bytes.unwrap_or(0).saturating_add(u64::from(piece.wire())));
    }

    /// Whether it is of the control or the private mode.
    const fn is_managing(&self) -> bool {
        !matches!(self.message, Message::Time(_))
    }
}

#[cfg(test)]
mod tests;
