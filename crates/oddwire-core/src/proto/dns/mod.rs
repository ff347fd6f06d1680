//! DNS over UDP and TCP, and its kin on the local network: mDNS, LLMNR and the name service of `NetBIOS`.
//!
//! Of a flow at most [`MOST_OPEN`] questions wait for their answer and at most one message of 64 KiB is gathered.

mod codes;
mod columns;
mod message;

use crate::column::Column;
use crate::packet::Addr;
use crate::proto::{Moment, Next, Opening, Out, Parser, Pending, Piece, Probe, Row, transport};
use message::{Answer, HEADER, Message, Question};

/// Questions of one flow that may wait for their answer.
pub const MOST_OPEN: usize = 64;
/// How long a question waits, in packet time.
const WAITS_NS: i64 = 30_000_000_000;
/// Bytes of a stream that are taken at once.
const PART: usize = 16 << 10;
/// The longest message over TCP with its length, and the part that completes it.
const MOST_MESSAGE: usize = 65_537 + PART;

const DNS_PORT: u16 = 53;
const NETBIOS_PORT: u16 = 137;
const MDNS_PORT: u16 = 5_353;
const LLMNR_PORT: u16 = 5_355;

/// Listens to DNS.
#[derive(Debug, Default)]
pub struct Dns {
    open: Vec<Open>,
    streams: [Pending; 2],
}

/// A question that waits for its answer.
#[derive(Debug)]
struct Open {
    at: Moment,
    from_a: bool,
    said: Said,
}

/// A question, its answer, or both.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Said {
    flavour: Flavour,
    part: Part,
    id: u16,
    operation: u8,
    question: Question,
    questions: u16,
    recursion_desired: bool,
    query_bytes: Option<u32>,
    tries: u32,
    answer: Option<Box<Answered>>,
}

/// What an answer says.
#[derive(Debug, Clone, Default, PartialEq)]
struct Answered {
    at: Moment,
    latency_ns: Option<u64>,
    code: u8,
    flags: u16,
    counts: [u16; 4],
    answers: Vec<Answer>,
    named: Vec<(Box<str>, Addr)>,
    ttl_min: Option<u32>,
    bytes: u32,
}

/// What became of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// No answer was seen.
    Unanswered,
    /// It was answered.
    Answered,
    /// There is no such name.
    NoSuchName,
    /// Another error.
    Failed,
}

/// Which of the kin it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Flavour {
    #[default]
    Dns,
    Mdns,
    Llmnr,
    Nbns,
}

/// What was seen of the exchange.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Part {
    #[default]
    Query,
    Response,
    Exchange,
}

impl Flavour {
    const fn of(ports: [u16; 2]) -> Self {
        match ports {
            [MDNS_PORT, _] | [_, MDNS_PORT] => Self::Mdns,
            [LLMNR_PORT, _] | [_, LLMNR_PORT] => Self::Llmnr,
            [NETBIOS_PORT, _] | [_, NETBIOS_PORT] => Self::Nbns,
            _ => Self::Dns,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::Mdns => "mdns",
            Self::Llmnr => "llmnr",
            Self::Nbns => "nbns",
        }
    }
}

impl Parser for Dns {
    type Said = Said;

    const NAME: &'static str = "dns";
    const ROW: &'static str = "a question with its answer; of mDNS, LLMNR and NetBIOS one message";

    const BRIEF: &'static [&'static str] =
        &["service", "query_type", "query", "code", "answers", "latency_ns"];

    fn probe(opening: &Opening<'_>) -> Probe {
        let ports = [opening.key.a_port, opening.key.b_port];
        let hint = ports.contains(&DNS_PORT) || Flavour::of(ports) != Flavour::Dns;
        let bytes = match opening.key.protocol {
            transport::UDP => opening.bytes,
            transport::TCP => match opening.bytes {
                [high, low, rest @ ..] if usize::from(u16::from_be_bytes([*high, *low])) >= HEADER + 5 => {
                    if rest.len() < HEADER + 5 {
                        return if hint || rest.len() < 3 { Probe::More } else { Probe::No };
                    }
                    rest
                }
                [_, _, ..] => return Probe::No,
                _ => return if hint { Probe::More } else { Probe::No },
            },
            _ => return Probe::No,
        };
        if is_dns(bytes, Flavour::of(ports) == Flavour::Nbns, hint) { Probe::Yes } else { Probe::No }
    }

    fn push(&mut self, piece: &Piece<'_>, out: &mut Out<'_, Said>) -> Next {
        let flavour = Flavour::of([piece.key.a_port, piece.key.b_port]);
        out.service(flavour.name());
        if !out.is_wanted() {
            return Next::More;
        }
        self.close_old(piece.at.time_ns, out);
        if piece.key.protocol == transport::UDP {
            self.hear(flavour, piece, piece.bytes, piece.wire(), out);
            return Next::More;
        }
        for part in piece.bytes.chunks(PART) {
            self.gather(flavour, piece, part, out);
        }
        Next::More
    }

    fn drain(&mut self, out: &mut Out<'_, Said>) {
        for open in self.open.drain(..) {
            out.say(open.at, open.from_a, open.said);
        }
    }

    fn held(&self) -> usize {
        let open: usize = self.open.iter().map(|open| open.said.question.name.len()).sum();
        open + self.open.capacity() * size_of::<Open>()
            + self.streams.iter().map(Pending::held).sum::<usize>()
    }

    fn columns() -> Vec<Column<Row<Said>>> {
        columns::columns()
    }
}

/// Whether bytes are a DNS message. Off the known ports it must be whole and make sense in every part.
fn is_dns(bytes: &[u8], netbios: bool, hint: bool) -> bool {
    let Some(message) = Message::skim(bytes, netbios) else { return false };
    let known = codes::operation_name(message.operation()).is_some() || netbios;
    let [questions, answers, ..] = message.counts;
    if hint {
        return known && questions <= 256 && (message.question.is_some() || message.is_response());
    }
    let asks = message.question.as_ref().is_some_and(|question| {
        codes::type_name(question.kind).is_some() && matches!(question.class, 1 | 3 | 255)
    });
    let sound = message.flags & 0x0040 == 0 && message.operation() == 0;
    asks && known && sound && message.whole && questions == 1 && (message.is_response() || answers == 0)
}

impl Dns {
    /// Takes bytes of a stream, and the messages that they complete.
    fn gather(&mut self, flavour: Flavour, piece: &Piece<'_>, part: &[u8], out: &mut Out<'_, Said>) {
        let Some(place) = self.streams.get_mut(usize::from(!piece.from_a)) else { return };
        let mut stream = std::mem::take(place);
        if piece.missing > 0 {
            stream.clear();
        }
        stream.append(part, MOST_MESSAGE);
        while let [high, low, rest @ ..] = stream.bytes() {
            let length = usize::from(u16::from_be_bytes([*high, *low]));
            let Some(message) = rest.get(..length) else { break };
            self.hear(flavour, piece, message, length as u32, out);
            stream.consume(length + 2);
        }
        if let Some(place) = self.streams.get_mut(usize::from(!piece.from_a)) {
            *place = stream;
        }
    }

    /// Takes one message.
    fn hear(
        &mut self,
        flavour: Flavour,
        piece: &Piece<'_>,
        bytes: &[u8],
        wire: u32,
        out: &mut Out<'_, Said>,
    ) {
        let Some(message) = Message::read(bytes, flavour == Flavour::Nbns) else { return };
        if message.is_response() {
            self.answer(flavour, piece, message, wire, out);
        } else {
            self.ask(flavour, piece, message, wire, out);
        }
    }

    fn ask(
        &mut self,
        flavour: Flavour,
        piece: &Piece<'_>,
        message: Message,
        wire: u32,
        out: &mut Out<'_, Said>,
    ) {
        let mut said = Said::of(flavour, &message);
        said.question = message.question.unwrap_or_default();
        (said.query_bytes, said.tries) = (Some(wire), 1);
        let multicast = flavour != Flavour::Dns;
        if multicast {
            out.say(piece.at, piece.from_a, said);
            return;
        }
        if let Some(open) = self.open.iter_mut().find(|open| {
            open.from_a == piece.from_a && open.said.id == said.id && open.said.question == said.question
        }) {
            open.said.tries += 1;
            return;
        }
        if self.open.len() >= MOST_OPEN {
            let oldest = self.open.remove(0);
            out.say(oldest.at, oldest.from_a, oldest.said);
        }
        self.open.push(Open { at: piece.at, from_a: piece.from_a, said });
    }

    fn answer(
        &mut self,
        flavour: Flavour,
        piece: &Piece<'_>,
        message: Message,
        wire: u32,
        out: &mut Out<'_, Said>,
    ) {
        let asked = self.open.iter().position(|open| {
            open.from_a != piece.from_a && open.said.id == message.id && open.said.is_asked_by(&message)
        });
        let mut answered = Answered {
            at: piece.at,
            latency_ns: None,
            code: message.code(),
            flags: message.flags,
            counts: message.counts,
            answers: Vec::new(),
            named: Vec::new(),
            ttl_min: message.ttl_min,
            bytes: wire,
        };
        let mut unasked = Said::of(flavour, &message);
        (answered.answers, answered.named) = (message.answers, message.named);
        if let Some(index) = asked {
            let Open { at, from_a, mut said } = self.open.remove(index);
            answered.latency_ns = u64::try_from(piece.at.time_ns.saturating_sub(at.time_ns)).ok();
            (said.part, said.answer) = (Part::Exchange, Some(Box::new(answered)));
            out.say(at, from_a, said);
            return;
        }
        unasked.question = message.question.unwrap_or_default();
        (unasked.part, unasked.answer) = (Part::Response, Some(Box::new(answered)));
        out.say(piece.at, !piece.from_a, unasked);
    }

    /// Says questions that have waited too long.
    fn close_old(&mut self, now_ns: i64, out: &mut Out<'_, Said>) {
        while let Some(open) = self.open.first() {
            if now_ns.saturating_sub(open.at.time_ns) <= WAITS_NS {
                return;
            }
            let Open { at, from_a, said } = self.open.remove(0);
            out.say(at, from_a, said);
        }
    }
}

impl Said {
    /// Which of the kin it is: dns, mdns, llmnr or nbns.
    #[must_use]
    pub const fn service(&self) -> &'static str {
        self.flavour.name()
    }

    /// The name that was asked for.
    #[must_use]
    pub const fn query(&self) -> &str {
        &self.question.name
    }

    /// Whether the record type is none of those that ordinary programs ask for all day.
    #[must_use]
    pub const fn is_odd_type(&self) -> bool {
        !matches!(self.question.kind, 1 | 2 | 5 | 6 | 12 | 15 | 28 | 32 | 33 | 43 | 48 | 64 | 65)
    }

    /// Bytes of the question message and of the answer message, 0 where there is none.
    #[must_use]
    pub fn sizes(&self) -> (u32, u32) {
        (self.query_bytes.unwrap_or(0), self.answer.as_ref().map_or(0, |answer| answer.bytes))
    }

    /// What became of the question.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        match self.answer.as_ref().map(|answer| answer.code) {
            None => Verdict::Unanswered,
            Some(0) => Verdict::Answered,
            Some(3) => Verdict::NoSuchName,
            Some(_) => Verdict::Failed,
        }
    }

    /// The addresses that the answer gives.
    pub fn addresses(&self) -> impl Iterator<Item = &Addr> {
        self.answer.iter().flat_map(|answer| answer.named.iter().map(|(_, address)| address))
    }

    /// Names and the addresses that an answer gives them; what a name server answers belongs to the name asked for.
    pub fn named_addresses(&self) -> impl Iterator<Item = (&str, Addr)> {
        let asked = (self.flavour == Flavour::Dns).then(|| self.query());
        let named = self.answer.iter().flat_map(|answer| &answer.named);
        named.map(move |(name, address)| (asked.unwrap_or(name), *address))
    }

    fn of(flavour: Flavour, message: &Message) -> Self {
        Self {
            flavour,
            id: message.id,
            operation: message.operation(),
            questions: message.counts[0],
            recursion_desired: message.flags & 0x0100 != 0,
            ..Self::default()
        }
    }

    /// Whether an answer repeats this question, or no question at all.
    fn is_asked_by(&self, answer: &Message) -> bool {
        answer.question.as_ref().is_none_or(|question| {
            answer.counts[0] == 0
                || question.kind == self.question.kind
                    && question.name.eq_ignore_ascii_case(&self.question.name)
        })
    }
}

#[cfg(test)]
mod tests;
