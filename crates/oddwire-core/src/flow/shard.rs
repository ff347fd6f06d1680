//! One of the 64 parts of the flow table: an index, the live flows, and the ticks at which they are looked at.

use super::key::{Directed, FlowKey};
use super::live::{Live, YOUNG_BYTES};
use super::record::{Ended, Record};
use super::sample::Samples;
use super::slab::Slab;
use super::stamp::Stamp;
use super::state::State;
use super::wheel::{Wheel, mark, tick_after};
use crate::packet::{Packet, tcp_flag};
use crate::proto::{self, FlowOf, Listener, SaidRows};
use foldhash::fast::FixedState;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use std::hash::BuildHasher;

/// What a shard needs to know of the tracker's options.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// A flow ends after this much quiet.
    pub idle_ns: i64,
    /// A closed conversation is kept this long for stragglers.
    pub linger_ns: i64,
    /// Whether slices are handed out.
    pub slices: bool,
    /// Whether payload entropy is measured.
    pub entropy: bool,
    /// Whether the first packets are remembered one by one.
    pub splt: bool,
    /// What is wanted of what is said.
    pub said: proto::Rules,
    /// Memory that the shard's flows may take.
    pub max_bytes: usize,
}

/// Rows that are ready, in the order in which they became so.
#[derive(Debug, Default)]
pub struct Output {
    /// Slices of windows that are over.
    pub slices: Vec<Record>,
    /// Flows that ended.
    pub flows: Vec<Record>,
    /// What was said.
    pub said: SaidRows,
}

impl Output {
    /// Whether there is no row.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.slices.is_empty() && self.flows.is_empty() && self.said.is_empty()
    }

    /// Changes places with another, which keeps its rows.
    pub fn exchange(&mut self, other: &mut Self) {
        self.slices.append(&mut other.slices);
        self.flows.append(&mut other.flows);
        self.said.append(&mut other.said);
        std::mem::swap(self, other);
    }
}

/// One part of the flow table.
#[derive(Debug)]
pub struct Shard {
    rules: Rules,
    hasher: FixedState,
    index: HashTable<u32>,
    flows: Slab<Live>,
    wheel: Wheel,
    samples: Samples,
    listener: Listener,
    bytes: usize,
    evicted: u64,
    finished: u32,
    /// Rows that are ready.
    pub output: Output,
}

impl Shard {
    /// An empty part; the seed keeps strangers from choosing collisions.
    #[must_use]
    pub fn new(rules: Rules, seed: u64) -> Self {
        Self {
            rules,
            hasher: FixedState::with_seed(seed),
            index: HashTable::new(),
            flows: Slab::default(),
            wheel: Wheel::default(),
            samples: Samples::default(),
            listener: Listener::new(rules.said),
            bytes: 0,
            evicted: 0,
            finished: 0,
            output: Output::default(),
        }
    }

    /// Live flows.
    #[must_use]
    pub const fn live(&self) -> usize {
        self.flows.len()
    }

    /// Flows that ended early because the table was full.
    #[must_use]
    pub const fn evicted(&self) -> u64 {
        self.evicted
    }

    /// Flows left alone early because memory was short, and costly work that was refused.
    #[must_use]
    pub const fn unheard(&self) -> (u64, u64) {
        self.listener.skipped()
    }

    /// Bytes of memory that listening takes.
    #[must_use]
    pub fn heard_bytes(&self) -> usize {
        self.listener.held()
    }

    /// Counts one packet.
    #[inline]
    pub fn add(&mut self, at: &Directed, window_ns: i64, stamp: &Stamp, packet: &Packet<'_>) {
        let id = self.place_of(at);
        if self.flows.get(id).is_none_or(Live::is_vacant) {
            return self.begin(id, at, window_ns, stamp, packet);
        }
        let Some(why) = self.is_another(id, stamp, packet) else {
            return self.go_on(id, at, window_ns, stamp, packet);
        };
        self.end(id, why);
        let id = self.place_of(at);
        self.begin(id, at, window_ns, stamp, packet);
    }

    /// The number of a key's flow; of a new flow the number that it will have, already in the index.
    #[inline]
    fn place_of(&mut self, at: &Directed) -> u32 {
        let Self { flows, hasher, index, .. } = self;
        let hash = hasher.hash_one(at.key);
        let same = |&id: &u32| flows.get(id).is_some_and(|live| live.key == at.key);
        match index.entry(hash, same, |&id| flows.get(id).map_or(0, |live| hasher.hash_one(live.key))) {
            Entry::Occupied(found) => *found.get(),
            Entry::Vacant(place) => *place.insert(flows.next_id()).get(),
        }
    }

    /// Why a packet of a known key belongs to a new flow, if it does: after the idle time, or by a fresh SYN.
    #[inline]
    fn is_another(&self, id: u32, stamp: &Stamp, packet: &Packet<'_>) -> Option<Ended> {
        let live = self.flows.get(id)?;
        if stamp.time_ns.abs_diff(live.last_ns()) > self.rules.idle_ns.unsigned_abs() {
            return Some(Ended::Idle);
        }
        let tcp = packet.tcp.filter(|tcp| tcp.flags & (tcp_flag::SYN | tcp_flag::ACK) == tcp_flag::SYN)?;
        let state = live.state();
        let fresh = (state.is_closed() || state.is_under_way()) && live.syn_seq() != Some(tcp.seq);
        fresh.then_some(Ended::Reused)
    }

    fn begin(&mut self, id: u32, at: &Directed, window_ns: i64, stamp: &Stamp, packet: &Packet<'_>) {
        let mut live = Live::new(at, window_ns, self.rules.splt, stamp, packet);
        let tick = tick_after(stamp.time_ns.saturating_add(self.rules.idle_ns));
        live.due = mark(tick);
        self.flows.insert(live);
        self.wheel.put(tick, id);
        self.bytes += YOUNG_BYTES;
        self.hear(id, at, None, stamp, packet);
        self.after(id, at, stamp, packet);
    }

    #[inline]
    fn go_on(&mut self, id: u32, at: &Directed, window_ns: i64, stamp: &Stamp, packet: &Packet<'_>) {
        let Some(live) = self.flows.get_mut(id) else { return };
        if self.rules.slices && window_ns > live.window_ns() {
            self.bytes += live.cut_slice(window_ns, &self.samples, &mut self.output.slices);
        }
        let listens = self.listener.is_on() && live.ear.listens();
        let expected = if listens { live.expected(at.from_a) } else { None };
        self.bytes += live.add(stamp, packet, at.from_a);
        if listens {
            self.hear(id, at, expected, stamp, packet);
        }
        self.after(id, at, stamp, packet);
    }

    /// Listens to a packet; `expected` is the sequence number that its sender was to go on with.
    fn hear(&mut self, id: u32, at: &Directed, expected: Option<u32>, stamp: &Stamp, packet: &Packet<'_>) {
        let Self { listener, flows, output, .. } = self;
        if !listener.is_on() {
            return;
        }
        if let Some(live) = flows.get_mut(id) {
            let flow = FlowOf { key: live.key, born_ns: live.born_ns() };
            let heard = proto::Heard { id, flow: &flow, from_a: at.from_a, expected, stamp, packet };
            listener.hear(&mut live.ear, &heard, &mut output.said);
        }
        while let Some((id, serial)) = listener.too_many() {
            if let Some(live) = flows.get_mut(id).filter(|live| live.ear.is_serial(serial)) {
                let flow = FlowOf { key: live.key, born_ns: live.born_ns() };
                listener.end(&mut live.ear, &flow, true, &mut output.said);
            }
        }
        let is_live = |id, serial| flows.get(id).is_some_and(|live| live.ear.is_serial(serial));
        listener.tidy(flows.len(), is_live);
    }

    /// What every packet brings about: its payload is measured, a closing conversation is looked at sooner, the
    /// bound holds.
    #[inline]
    fn after(&mut self, id: u32, at: &Directed, stamp: &Stamp, packet: &Packet<'_>) {
        let Some(live) = self.flows.get_mut(id) else { return };
        if self.rules.entropy {
            live.sample(&mut self.samples, packet.payload, at.from_a);
        }
        let closes = packet.tcp.is_some_and(|tcp| tcp.flags & (tcp_flag::FIN | tcp_flag::RST) != 0);
        if closes && !live.closed && live.state().is_closed() {
            live.closed = true;
            let tick = tick_after(stamp.time_ns.saturating_add(self.rules.linger_ns));
            live.due = mark(tick);
            self.wheel.put(tick, id);
        }
        while self.bytes > self.rules.max_bytes && self.flows.len() > 1 {
            self.evict();
        }
    }

    /// Ends the flow that has been quiet longest, to the tick.
    #[cold]
    fn evict(&mut self) {
        while let Some((tick, id)) = self.wheel.take_due(i64::MAX) {
            if self.is_due(tick, id) {
                self.evicted += 1;
                self.end(id, Ended::Evicted);
                return;
            }
        }
    }

    /// Whether a flow that the wheel names has really been quiet since; one that was busy is put down for later, and
    /// a place that was given to another flow is passed over.
    fn is_due(&mut self, tick: i64, id: u32) -> bool {
        let Some(live) = self.flows.get_mut(id).filter(|live| live.due == mark(tick)) else { return false };
        if live.is_vacant() {
            return false;
        }
        let quiet_ns = if live.closed { self.rules.linger_ns } else { self.rules.idle_ns };
        let due = tick_after(live.last_ns().saturating_add(quiet_ns));
        if due > tick {
            live.due = mark(due);
            self.wheel.put(due, id);
        }
        due <= tick
    }

    /// Ends a flow.
    fn end(&mut self, id: u32, why: Ended) {
        let Some(key) = self.flows.get(id).map(|live| live.key) else { return };
        if let Ok(entry) = self.index.find_entry(self.hasher.hash_one(key), |&other| other == id) {
            entry.remove();
        }
        self.hand_out(id, why);
    }

    /// Gives a flow's place back and puts its rows to the output.
    fn hand_out(&mut self, id: u32, why: Ended) {
        let Some(mut live) = self.flows.remove(id, Live::default()) else { return };
        if self.listener.is_on() {
            let flow = FlowOf { key: live.key, born_ns: live.born_ns() };
            self.listener.end(&mut live.ear, &flow, false, &mut self.output.said);
        }
        self.bytes = self.bytes.saturating_sub(YOUNG_BYTES + live.extra_bytes());
        let why = how_it_ended(live.state(), why);
        let slices = self.rules.slices.then_some(&mut self.output.slices);
        live.end(why, &mut self.samples, slices, &mut self.output.flows);
    }

    /// Ends flows that have been quiet for too long before `watermark_ns`, at most `most` of them. Says whether
    /// there may be more.
    pub fn expire(&mut self, watermark_ns: i64, most: usize) -> bool {
        let mut left = most;
        while left > 0 {
            let Some((tick, id)) = self.wheel.take_due(watermark_ns) else { return false };
            if self.is_due(tick, id) {
                self.end(id, Ended::Idle);
                left -= 1;
            }
        }
        true
    }

    /// Hands out the slices of all windows before `window_ns`.
    pub fn close_windows(&mut self, window_ns: i64) {
        for live in self.flows.iter_mut().filter(|live| live.is_due_before(window_ns)) {
            self.bytes += live.cut_slice(window_ns, &self.samples, &mut self.output.slices);
        }
    }

    /// Ends flows because the input has ended, at most `most`. Says whether there are more.
    pub fn finish(&mut self, most: usize) -> bool {
        self.index.clear();
        let mut left = most;
        while let Some(live) = self.flows.get(self.finished).filter(|_| left > 0) {
            if !live.is_vacant() {
                self.hand_out(self.finished, Ended::InputEnd);
                left -= 1;
            }
            self.finished += 1;
        }
        !self.flows.is_empty()
    }
}

/// A closed conversation ended by FIN or RST whatever came after.
fn how_it_ended(state: State, otherwise: Ended) -> Ended {
    if otherwise == Ended::Evicted {
        Ended::Evicted
    } else if state.all(State::FIN_A | State::FIN_B) {
        Ended::Fin
    } else if state.any(State::RST_A | State::RST_B) {
        Ended::Reset
    } else {
        otherwise
    }
}

/// The shard of a key.
#[inline]
#[must_use]
pub fn shard_of(key: &FlowKey) -> usize {
    key.shard_hash() as usize % super::key::SHARDS
}
