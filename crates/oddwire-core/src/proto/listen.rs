//! Listening to flows: finds the parser of each by its first bytes, feeds it in order, and keeps memory bounded.

use super::contract::{Moment, Next, Opening, Piece, Probe, transport};
use super::out::{Budget, Known, Out};
use super::row::FlowOf;
use super::stream::{Ready, Segment, Stream};
use super::{Listed, Protocol, SaidRows, Speaker};
use crate::flow::key::FlowKey;
use crate::flow::stamp::Stamp;
use crate::packet::{Fragment, Packet, Tcp, tcp_flag};
use std::collections::VecDeque;

/// Packets with payload that are looked at until a flow counts as unknown.
const TRIES: u8 = 4;
/// Bytes that are gathered while parsers cannot tell yet, both directions together.
const GUESS_BYTES: usize = 2_048;
/// Pieces, likewise.
const GUESS_PIECES: usize = 12;
/// Pieces after which a flow is left alone when only its name is wanted.
const NAME_PIECES: u32 = 32;
/// Pieces of costly work a second and shard.
const WORK_A_SECOND: u32 = 64;

/// What is wanted of what is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// The protocols whose rows are wanted, as a set of [`Protocol::bit`].
    pub rows: u64,
    /// Whether flows are wanted with their service and name.
    pub names: bool,
    /// Memory for all that is being listened to.
    pub max_bytes: usize,
}

impl Rules {
    /// Listens to nothing.
    pub const DEAF: Self = Self { rows: 0, names: false, max_bytes: 0 };

    /// Whether anything is wanted.
    #[must_use]
    pub const fn listen(&self) -> bool {
        self.rows != 0 || self.names
    }
}

/// A packet of a flow, as it is heard.
#[derive(Debug, Clone, Copy)]
pub struct Heard<'a> {
    /// The flow's number in its shard.
    pub id: u32,
    /// The flow.
    pub flow: &'a FlowOf,
    /// Whether `a` sent it.
    pub from_a: bool,
    /// The sequence number that the sender was to go on with.
    pub expected: Option<u32>,
    /// Where and when.
    pub stamp: &'a Stamp,
    /// The packet.
    pub packet: &'a Packet<'a>,
}

/// What the listener holds of one flow.
#[derive(Debug)]
pub struct Ear {
    tries: u8,
    /// Whether further packets are of interest: asked for every packet, and so kept beside the flow.
    listens: bool,
    talk: Option<Box<Talk>>,
}

/// A flow whose parser is known, or is being guessed.
struct Talk {
    known: Known,
    serial: u32,
    counted: usize,
    attention: Option<Box<Attention>>,
}

struct Attention {
    streams: [Stream; 2],
    pieces: u32,
    mind: Mind,
}

enum Mind {
    Guessing(Guess),
    Sure(Speaker),
}

/// What was heard of a flow whose parser is not known yet.
#[derive(Default)]
struct Guess {
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
enum Choice {
    Nobody,
    Later,
    Found(Protocol),
}

/// Where a parser's rows go, whatever parser it is.
pub struct Hearing<'h> {
    flow: &'h FlowOf,
    rows: &'h mut SaidRows,
    rules: &'h Rules,
    known: &'h mut Known,
    budget: &'h mut Budget,
}

/// Listens to the flows of one shard.
#[derive(Debug)]
pub struct Listener {
    rules: Rules,
    budget: Budget,
    /// Flows that are listened to, in the order in which that began; some of them are over.
    queue: VecDeque<(u32, u32)>,
    serial: u32,
    held: usize,
    forgotten: u64,
}

impl std::fmt::Debug for Talk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Talk").field("known", &self.known).finish_non_exhaustive()
    }
}

impl Default for Ear {
    fn default() -> Self {
        Self { tries: TRIES, listens: true, talk: None }
    }
}

impl Ear {
    /// Whether further packets are of interest.
    #[inline]
    #[must_use]
    pub const fn listens(&self) -> bool {
        self.listens
    }

    fn settle(&mut self) {
        self.listens = match &self.talk {
            None => self.tries > 0,
            Some(talk) => talk.attention.is_some(),
        };
    }

    /// What is known of the flow.
    #[must_use]
    pub fn known(&self) -> Option<&Known> {
        self.talk.as_deref().map(|talk| &talk.known)
    }

    /// Whether this is still what was put down under that number.
    #[must_use]
    pub fn is_serial(&self, serial: u32) -> bool {
        self.talk.as_ref().is_some_and(|talk| talk.serial == serial && talk.attention.is_some())
    }
}

impl Hearing<'_> {
    /// Calls a parser with the outlet of its own rows.
    pub fn of<P: Listed, R>(&mut self, call: impl FnOnce(&mut Out<'_, P::Said>) -> R) -> R {
        let wanted = self.rules.rows & P::PROTOCOL.bit() != 0;
        let rows = if wanted { Some(P::rows(self.rows)) } else { None };
        call(&mut Out::new(self.flow, rows, self.known, self.budget))
    }
}

impl Listener {
    /// A listener for one shard.
    #[must_use]
    pub const fn new(rules: Rules) -> Self {
        let budget = Budget::new(WORK_A_SECOND);
        Self { rules, budget, queue: VecDeque::new(), serial: 0, held: 0, forgotten: 0 }
    }

    /// Whether anything is wanted.
    #[inline]
    #[must_use]
    pub const fn is_on(&self) -> bool {
        self.rules.listen()
    }

    /// Flows that were left alone early because memory was short, and costly work that was left out.
    #[must_use]
    pub const fn skipped(&self) -> (u64, u64) {
        (self.forgotten, self.budget.refused)
    }

    /// Bytes of memory that listening takes: what parsers, streams in wait and the queue of flows hold.
    #[must_use]
    pub fn held(&self) -> usize {
        self.held + self.queue.capacity() * size_of::<(u32, u32)>()
    }

    /// Hears a packet of a flow.
    pub fn hear(&mut self, ear: &mut Ear, heard: &Heard<'_>, said: &mut SaidRows) {
        let Heard { flow, packet, .. } = *heard;
        let tcp = packet.protocol == Some(transport::TCP);
        if packet.payload.is_empty() && (ear.talk.is_none() || !tcp) && packet.icmp.is_none() {
            return;
        }
        if !tcp && packet.fragment == Fragment::Part {
            return;
        }
        if ear.talk.is_none() && !self.begin(ear, heard) {
            return;
        }
        let Some(talk) = &mut ear.talk else { return };
        let Talk { known, attention, .. } = &mut **talk;
        let Some(mut focus) = attention.take() else { return };
        let mut hearing = Hearing { flow, rows: said, rules: &self.rules, known, budget: &mut self.budget };
        if focus.take(heard, &mut hearing) {
            *attention = Some(focus);
        } else if talk.known == Known::default() {
            ear.tries = 0;
        }
        self.account(ear);
    }

    /// Looks at the first bytes; `false` when there is nothing to listen to (yet).
    fn begin(&mut self, ear: &mut Ear, heard: &Heard<'_>) -> bool {
        let &Heard { id, flow, from_a, expected, packet, .. } = heard;
        let early = match (&packet.tcp, expected) {
            (Some(tcp), Some(next)) => first_byte(tcp).wrapping_sub(next).cast_signed(),
            _ => 0,
        };
        if early < 0 {
            return false;
        }
        let opening = Opening {
            key: &flow.key,
            from_a,
            bytes: packet.payload,
            other: &[],
            wire: packet.payload_length,
        };
        let mind = match choose(&opening, &self.rules) {
            _ if early > 0 => Mind::Guessing(Guess::default()),
            Choice::Found(protocol) => Mind::Sure(protocol.parser()),
            Choice::Later if packet.tcp.is_some() => Mind::Guessing(Guess::default()),
            Choice::Later | Choice::Nobody => {
                ear.tries -= 1;
                ear.settle();
                return false;
            }
        };
        let start = expected.or(packet.tcp.as_ref().map(first_byte));
        let mut streams = [Stream::default(), Stream::default()];
        if let Some(stream) = streams.get_mut(usize::from(!from_a)) {
            *stream = Stream::starting_at(start);
        }
        self.serial = self.serial.wrapping_add(1);
        let service = match &mind {
            Mind::Sure(speaker) => Some(speaker.protocol().name()),
            Mind::Guessing(_) => None,
        };
        let known = Known { service, name: None };
        let attention = Some(Box::new(Attention { streams, pieces: 0, mind }));
        ear.talk = Some(Box::new(Talk { known, serial: self.serial, counted: 0, attention }));
        self.queue.push_back((id, self.serial));
        true
    }

    /// Counts anew what a flow holds.
    fn account(&mut self, ear: &mut Ear) {
        let Some(talk) = &mut ear.talk else { return };
        let now = talk.attention.as_ref().map_or(0, |focus| focus.held());
        self.held = (self.held + now).saturating_sub(talk.counted);
        talk.counted = now;
        if talk.attention.is_none() && talk.known == Known::default() {
            ear.talk = None;
        }
        ear.settle();
    }

    /// The flow that has been listened to longest, when memory is short.
    pub fn too_many(&mut self) -> Option<(u32, u32)> {
        if self.held <= self.rules.max_bytes { None } else { self.queue.pop_front() }
    }

    /// Leaves out of the queue what is over, now and then; `is_live` says what is not.
    pub fn tidy(&mut self, live: usize, is_live: impl Fn(u32, u32) -> bool) {
        if self.queue.len() > 1_024 + 2 * live {
            self.queue.retain(|&(id, serial)| is_live(id, serial));
        }
    }

    /// Ends listening to a flow, because it is over or because memory is short: what is unfinished is said.
    pub fn end(&mut self, ear: &mut Ear, flow: &FlowOf, early: bool, said: &mut SaidRows) {
        (ear.tries, ear.listens) = (0, false);
        let Some(talk) = &mut ear.talk else { return };
        let Talk { known, attention, .. } = &mut **talk;
        if let Some(mut focus) = attention.take() {
            let mut hearing =
                Hearing { flow, rows: said, rules: &self.rules, known, budget: &mut self.budget };
            focus.end(&flow.key, &mut hearing);
            self.forgotten += u64::from(early);
        }
        self.account(ear);
    }
}

/// The number of a segment's first byte of payload: a SYN takes the number before it.
const fn first_byte(tcp: &Tcp) -> u32 {
    tcp.seq.wrapping_add((tcp.flags & tcp_flag::SYN != 0) as u32)
}

impl Attention {
    /// Takes a packet; `false` when no more are wanted.
    fn take(&mut self, heard: &Heard<'_>, hearing: &mut Hearing<'_>) -> bool {
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

    fn end(&mut self, key: &FlowKey, hearing: &mut Hearing<'_>) {
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

    fn held(&self) -> usize {
        let mind = match &self.mind {
            Mind::Guessing(guess) => {
                guess.said.iter().map(Vec::capacity).sum::<usize>()
                    + guess.heard.capacity() * size_of::<Part>()
            }
            Mind::Sure(speaker) => speaker.held(),
        };
        size_of::<Talk>() + size_of::<Self>() + mind + self.streams.iter().map(Stream::held).sum::<usize>()
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
                    let guess = std::mem::take(guess);
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

/// Whether more of a flow is wanted: its rows, or a name that it may still give.
fn is_wanted(protocol: Protocol, pieces: u32, hearing: &Hearing<'_>) -> bool {
    hearing.rules.rows & protocol.bit() != 0
        || hearing.rules.names
            && protocol.names_flows()
            && hearing.known.name.is_none()
            && pieces < NAME_PIECES
}

/// Asks every parser; the first that is sure has it. Those behind the last one that is wanted need not be asked.
fn choose(opening: &Opening<'_>, rules: &Rules) -> Choice {
    let mut choice = Choice::Nobody;
    let behind = |protocol: &&Protocol| rules.names || protocol.bit() <= rules.rows;
    for &protocol in Protocol::ALL.iter().take_while(behind) {
        match protocol.probe(opening) {
            Probe::Yes => return Choice::Found(protocol),
            Probe::More => choice = Choice::Later,
            Probe::No => {}
        }
    }
    choice
}
