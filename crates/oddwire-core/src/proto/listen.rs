//! Listening to flows: finds the parser of each by its first bytes, feeds it in order, and keeps memory bounded.

use super::attend::{Attention, Choice, Guess, Mind, choose, first_byte};
use super::contract::{Opening, transport};
use super::out::{Budget, Known, Out};
use super::row::FlowOf;
use super::{Listed, SaidRows};
use crate::flow::stamp::Stamp;
use crate::packet::{Fragment, Packet, tcp_flag};
use std::collections::VecDeque;

/// Tries that a flow has until it counts as unknown: what a datagram costs is 1, what a segment costs is more, for a
/// stream says soon what it is.
const TRIES: u8 = 16;
const SEGMENT: u8 = 4;
/// What a stream costs in which nobody found anything after a while.
const GUESS: u8 = 8;
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
    /// Whether `a` opened the connection, where the handshake shows it.
    opened_by_a: Option<bool>,
    talk: Option<Box<Talk>>,
}

/// A flow whose parser is known, or is being guessed.
struct Talk {
    known: Known,
    serial: u32,
    counted: usize,
    attention: Option<Box<Attention>>,
}
/// Where a parser's rows go, whatever parser it is.
pub struct Hearing<'h> {
    pub(super) flow: &'h FlowOf,
    pub(super) opened_by_a: Option<bool>,
    pub(super) rows: &'h mut SaidRows,
    pub(super) rules: &'h Rules,
    pub(super) known: &'h mut Known,
    pub(super) budget: &'h mut Budget,
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
        Self { tries: TRIES, listens: true, opened_by_a: None, talk: None }
    }
}

impl Ear {
    /// Whether further packets are of interest.
    #[inline]
    #[must_use]
    pub const fn listens(&self) -> bool {
        self.listens
    }

    /// Notes who opens the connection: who sends the SYN, or is sent its answer.
    fn watch_handshake(&mut self, heard: &Heard<'_>) {
        if let Some(tcp) = &heard.packet.tcp
            && tcp.flags & tcp_flag::SYN != 0
        {
            let answers = tcp.flags & tcp_flag::ACK != 0;
            self.opened_by_a.get_or_insert(heard.from_a != answers);
        }
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
        let out = Out::new(self.flow, rows, self.known, self.budget);
        call(&mut out.of(P::NAME).opened(self.opened_by_a))
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
        ear.watch_handshake(heard);
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
        let (rules, budget, opened_by_a) = (&self.rules, &mut self.budget, ear.opened_by_a);
        let mut hearing = Hearing { flow, opened_by_a, rows: said, rules, known, budget };
        if focus.take(heard, &mut hearing) {
            *attention = Some(focus);
        } else if talk.known == Known::default() {
            // What comes later may begin more clearly.
            ear.tries = ear.tries.saturating_sub(GUESS);
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
                ear.tries = ear.tries.saturating_sub(if packet.tcp.is_some() { SEGMENT } else { 1 });
                ear.settle();
                return false;
            }
        };
        self.serial = self.serial.wrapping_add(1);
        let service = match &mind {
            Mind::Sure(speaker) => Some(speaker.protocol().name()),
            Mind::Guessing(_) => None,
        };
        let known = Known { service, name: None };
        let start = expected.filter(|_| early > 0).or(packet.tcp.as_ref().map(first_byte));
        let attention = Some(Box::new(Attention::new(mind, from_a, start)));
        ear.talk = Some(Box::new(Talk { known, serial: self.serial, counted: 0, attention }));
        self.queue.push_back((id, self.serial));
        true
    }

    /// Counts anew what a flow holds.
    fn account(&mut self, ear: &mut Ear) {
        let Some(talk) = &mut ear.talk else { return };
        let now = talk.attention.as_ref().map_or(0, |focus| size_of::<Talk>() + focus.held());
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
            let (rules, budget, opened_by_a) = (&self.rules, &mut self.budget, ear.opened_by_a);
            let mut hearing = Hearing { flow, opened_by_a, rows: said, rules, known, budget };
            focus.end(&flow.key, &mut hearing);
            self.forgotten += u64::from(early);
        }
        self.account(ear);
    }
}
