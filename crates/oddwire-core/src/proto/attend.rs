//! Attending to one flow: puts its streams in order, finds out who can read them, and tells that parser.

use super::contract::{Moment, Next, Opening, Piece, Probe};
use super::listen::{Heard, Hearing, Rules};
use super::row::FlowOf;
use super::stream::{Ready, Segment, Stream};
use super::{CARRIED, CARRIERS, Protocol, Speaker};
use crate::flow::key::FlowKey;
use crate::packet::{Tcp, tcp_flag};

/// Bytes that are gathered while parsers cannot tell yet, both directions together.
const GUESS_BYTES: usize = 2_048;
/// Pieces, likewise.
const GUESS_PIECES: usize = 12;
/// Pieces after which a flow is left alone when only its name is wanted.
const NAME_PIECES: u32 = 32;

/// A flow that is listened to.
pub(super) struct Attention {
    streams: [Stream; 2],
    pieces: u32,
    mind: Mind,
}

/// Whether it is known who reads the flow.
pub(super) enum Mind {
    Guessing(Guess),
    Sure(Speaker),
}

/// What was heard of a flow whose parser is not known yet.
#[derive(Default)]
pub(super) struct Guess {
    heard: Vec<Part>,
    said: [Vec<u8>; 2],
}

struct Part {
    from_a: bool,
    at: Moment,
    start: usize,
    missing: u32,
    cut: u32,
}

/// What the openings of a flow say of its parser.
pub(super) enum Choice {
    Nobody,
    Later,
    Found(Protocol),
}
impl Attention {
    /// Attends to a flow whose first sender goes on with this sequence number.
    pub(super) fn new(mind: Mind, from_a: bool, start: Option<u32>) -> Self {
        let mut streams = [Stream::default(), Stream::default()];
        if let Some(stream) = streams.get_mut(usize::from(!from_a)) {
            *stream = Stream::starting_at(start);
        }
        Self { streams, pieces: 0, mind }
    }

    /// Takes a packet; `false` when no more are wanted.
    pub(super) fn take(&mut self, heard: &Heard<'_>, hearing: &mut Hearing<'_>) -> bool {
        let &Heard { flow: FlowOf { key, .. }, from_a, stamp, packet, .. } = heard;
        let moment = Moment { time_ns: stamp.time_ns, number: stamp.number, input: stamp.input };
        let bytes = packet.payload;
        let cut = packet.payload_length.saturating_sub(bytes.len() as u32);
        let Self { streams: [a, b], pieces, mind } = self;
        let (own, other) = if from_a { (a, b) } else { (b, a) };
        let mut go_on = true;
        let Some(tcp) = &packet.tcp else {
            let word = packet.icmp_word;
            let icmp = packet.icmp.map(|(kind, code)| (kind, code, word));
            let piece = Piece { key, from_a, at: moment, bytes, missing: 0, cut, icmp };
            return mind.push(&piece, pieces, hearing);
        };
        if tcp.flags & tcp_flag::ACK != 0 {
            other.acknowledge(tcp.ack);
        }
        let mut tell = |from_a: bool, ready: &Ready<'_>| {
            let &Ready { at: moment, bytes, missing, cut } = ready;
            let piece = Piece { key, from_a, at: moment, bytes, missing, cut, icmp: None };
            go_on = go_on && mind.push(&piece, pieces, hearing);
        };
        other.settle(&mut |ready| tell(!from_a, ready));
        if !bytes.is_empty() {
            let segment = Segment { seq: first_byte(tcp), at: moment, bytes, cut };
            own.take(&segment, &mut |ready| tell(from_a, ready));
        }
        go_on
    }

    /// The flow is over: what waits and what is unfinished is said.
    pub(super) fn end(&mut self, key: &FlowKey, hearing: &mut Hearing<'_>) {
        for (from_a, stream) in [true, false].into_iter().zip(&mut self.streams) {
            let mut go_on = true;
            stream.give_up(&mut |&Ready { at, bytes, missing, cut }| {
                let piece = Piece { key, from_a, at, bytes, missing, cut, icmp: None };
                go_on = go_on && self.mind.push(&piece, &mut self.pieces, hearing);
            });
            if !go_on {
                return;
            }
        }
        if let Mind::Sure(speaker) = &mut self.mind {
            speaker.drain(hearing);
        }
    }

    /// Bytes of memory it holds.
    pub(super) fn held(&self) -> usize {
        let mind = match &self.mind {
            Mind::Guessing(guess) => {
                guess.said.iter().map(Vec::capacity).sum::<usize>()
                    + guess.heard.capacity() * size_of::<Part>()
            }
            Mind::Sure(speaker) => speaker.held(),
        };
        size_of::<Self>() + mind + self.streams.iter().map(Stream::held).sum::<usize>()
    }
}

impl Mind {
    /// Takes a piece; `false` when no more are wanted.
    fn push(&mut self, piece: &Piece<'_>, pieces: &mut u32, hearing: &mut Hearing<'_>) -> bool {
        match self {
            Self::Sure(speaker) => {
                *pieces += 1;
                match speaker.push(piece, hearing) {
                    Next::Done => return false,
                    Next::More => return is_wanted(speaker.protocol(), *pieces, hearing),
                    Next::Again => speaker.drain(hearing),
                }
                *self = Self::Guessing(Guess::default());
                true
            }
            Self::Guessing(guess) => match guess.push(piece, hearing.rules) {
                Choice::Nobody => false,
                Choice::Later => true,
                Choice::Found(protocol) => {
                    hearing.known.service.get_or_insert(protocol.name());
                    let mut guess = std::mem::take(guess);
                    guess.leave_out_strangers(protocol, piece);
                    *self = Self::Sure(protocol.parser());
                    self.replay(&guess, piece.key, pieces, hearing)
                }
            },
        }
    }

    /// Tells a parser what was heard before it was found.
    fn replay(&mut self, guess: &Guess, key: &FlowKey, pieces: &mut u32, hearing: &mut Hearing<'_>) -> bool {
        let mut ends = [guess.said[0].len(), guess.said[1].len()];
        let mut lengths = vec![0; guess.heard.len()];
        for (length, heard) in lengths.iter_mut().zip(&guess.heard).rev() {
            if let Some(end) = ends.get_mut(usize::from(!heard.from_a)) {
                *length = end.saturating_sub(heard.start);
                *end = heard.start;
            }
        }
        guess.heard.iter().zip(lengths).all(|(heard, length)| {
            let said = if heard.from_a { &guess.said[0] } else { &guess.said[1] };
            let bytes = said.get(heard.start..heard.start + length).unwrap_or(&[]);
            let &Part { from_a, at, missing, cut, .. } = heard;
            self.push(&Piece { key, from_a, at, bytes, missing, cut, icmp: None }, pieces, hearing)
        })
    }
}

impl Guess {
    /// Forgets what the other direction said where that is none of the protocol: it belongs to what came before, such
    /// as the byte by which a server agrees to TLS.
    fn leave_out_strangers(&mut self, protocol: Protocol, piece: &Piece<'_>) {
        let [a, b] = &self.said;
        let (own, other) = if piece.from_a { (a, b) } else { (b, a) };
        let opening = Opening {
            key: piece.key,
            from_a: !piece.from_a,
            bytes: other,
            other: own,
            wire: other.len() as u32,
        };
        if !other.is_empty() && protocol.probe(&opening) == Probe::No {
            self.heard.retain(|part| part.from_a == piece.from_a);
        }
    }

    fn push(&mut self, piece: &Piece<'_>, rules: &Rules) -> Choice {
        let [a, b] = &mut self.said;
        let (own, other) = if piece.from_a { (a, b) } else { (b, a) };
        let &Piece { from_a, at, missing, cut, .. } = piece;
        self.heard.push(Part { from_a, at, start: own.len(), missing, cut });
        own.extend_from_slice(piece.bytes);
        let opening = Opening { key: piece.key, from_a, bytes: own, other, wire: own.len() as u32 };
        match choose(&opening, rules) {
            Choice::Later
                if own.len() + other.len() > GUESS_BYTES || self.heard.len() >= GUESS_PIECES || cut > 0 =>
            {
                Choice::Nobody
            }
            choice => choice,
        }
    }
}

/// The number of a segment's first byte of payload: a SYN takes the number before it.
pub(super) const fn first_byte(tcp: &Tcp) -> u32 {
    tcp.seq.wrapping_add((tcp.flags & tcp_flag::SYN != 0) as u32)
}

/// Whether more of a flow is wanted: its rows, or a name that it may still give.
fn is_wanted(protocol: Protocol, pieces: u32, hearing: &Hearing<'_>) -> bool {
    let rows = hearing.rules.rows;
    rows & protocol.bit() != 0
        || may_carry(protocol, rows)
        || hearing.rules.names
            && protocol.names_flows()
            && hearing.known.name.is_none()
            && pieces < NAME_PIECES
}

/// Whether rows of another protocol are wanted that may begin behind this one.
const fn may_carry(protocol: Protocol, rows: u64) -> bool {
    CARRIERS & protocol.bit() != 0 && CARRIED & rows & !protocol.bit() != 0
}

/// Asks every parser; the first that is sure has it. Those behind the last one that is wanted need not be asked.
pub(super) fn choose(opening: &Opening<'_>, rules: &Rules) -> Choice {
    let mut choice = Choice::Nobody;
    let is_asked = |protocol: &&Protocol| {
        rules.names || protocol.bit() <= rules.rows || may_carry(**protocol, rules.rows)
    };
    for &protocol in Protocol::ALL.iter().filter(is_asked) {
        match protocol.probe(opening) {
            Probe::Yes => return Choice::Found(protocol),
            Probe::More => choice = Choice::Later,
            Probe::No => {}
        }
    }
    choice
}
