//! One of the 64 parts of the flow table: an index, the live flows, and two lists in the order of packet time.

use super::key::{Directed, FlowKey};
use super::live::{Live, NOBODY, YOUNG_BYTES};
use super::record::{Ended, Record};
use super::sample::Samples;
use super::slab::Slab;
use super::stamp::Stamp;
use super::state::State;
use crate::packet::{Packet, tcp_flag};
use foldhash::fast::FixedState;
use hashbrown::HashTable;
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
}

#[derive(Debug, Clone, Copy)]
struct List {
    oldest: u32,
    youngest: u32,
}

impl Default for List {
    fn default() -> Self {
        Self { oldest: NOBODY, youngest: NOBODY }
    }
}

/// One part of the flow table.
#[derive(Debug)]
pub struct Shard {
    rules: Rules,
    hasher: FixedState,
    index: HashTable<u32>,
    flows: Slab<Live>,
    lists: [List; 2],
    samples: Samples,
    bytes: usize,
    evicted: u64,
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
            lists: [List::default(); 2],
            samples: Samples::default(),
            bytes: 0,
            evicted: 0,
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

    /// Counts one packet.
    #[inline]
    pub fn add(&mut self, at: &Directed, window_ns: i64, stamp: &Stamp, packet: &Packet<'_>) {
        let hash = self.hasher.hash_one(at.key);
        let flows = &self.flows;
        let found =
            self.index.find(hash, |&id| flows.get(id).is_some_and(|live| live.key == at.key)).copied();
        match found {
            Some(id) if !self.is_another(id, stamp, packet) => self.go_on(id, at, window_ns, stamp, packet),
            Some(id) => {
                self.end(id, None);
                self.begin(hash, at, window_ns, stamp, packet);
            }
            None => self.begin(hash, at, window_ns, stamp, packet),
        }
    }

    /// Whether a packet of a known key belongs to a new flow: after the idle time, or a fresh SYN.
    #[inline]
    fn is_another(&self, id: u32, stamp: &Stamp, packet: &Packet<'_>) -> bool {
        let Some(live) = self.flows.get(id) else { return true };
        if stamp.time_ns.abs_diff(live.last_ns()) > self.rules.idle_ns.unsigned_abs() {
            return true;
        }
        match &packet.tcp {
            Some(tcp) if tcp.flags & (tcp_flag::SYN | tcp_flag::ACK) == tcp_flag::SYN => {
                let (state, syn_seq) = live.state();
                (state.is_closed() || state.is_under_way()) && syn_seq != Some(tcp.seq)
            }
            _ => false,
        }
    }

    fn begin(&mut self, hash: u64, at: &Directed, window_ns: i64, stamp: &Stamp, packet: &Packet<'_>) {
        let id = self.flows.insert(Live::new(at.key, window_ns, stamp, packet, at.from_a));
        let (flows, hasher) = (&self.flows, &self.hasher);
        self.index.insert_unique(hash, id, |&id| flows.get(id).map_or(0, |live| hasher.hash_one(live.key)));
        self.bytes += YOUNG_BYTES;
        self.link(id);
        self.after(id, at, packet);
    }

    #[inline]
    fn go_on(&mut self, id: u32, at: &Directed, window_ns: i64, stamp: &Stamp, packet: &Packet<'_>) {
        let Some(live) = self.flows.get_mut(id) else { return };
        if self.rules.slices && window_ns > live.window_ns() {
            let (slice, taken) = live.cut_slice(window_ns, &self.samples);
            self.output.slices.extend(slice);
            self.bytes += taken;
        }
        self.bytes += live.add(stamp, packet, at.from_a);
        if live.younger != NOBODY {
            self.unlink(id);
            self.link(id);
        }
        self.after(id, at, packet);
    }

    /// What every packet brings about: its payload is measured, a closing conversation moves, the bound holds.
    #[inline]
    fn after(&mut self, id: u32, at: &Directed, packet: &Packet<'_>) {
        let Some(live) = self.flows.get_mut(id) else { return };
        if self.rules.entropy {
            live.sample(&mut self.samples, packet.payload, at.from_a);
        }
        let closes = packet.tcp.is_some_and(|tcp| tcp.flags & (tcp_flag::FIN | tcp_flag::RST) != 0);
        if closes && !live.closed && live.state().0.is_closed() {
            self.unlink(id);
            if let Some(live) = self.flows.get_mut(id) {
                live.closed = true;
            }
            self.link(id);
        }
        while self.bytes > self.rules.max_bytes && self.flows.len() > 1 {
            self.evict();
        }
    }

    fn evict(&mut self) {
        let last_ns = |id: u32| self.flows.get(id).map_or(i64::MAX, Live::last_ns);
        let oldest = self.lists.map(|list| list.oldest);
        if let Some(id) = oldest.into_iter().filter(|&id| id != NOBODY).min_by_key(|&id| last_ns(id)) {
            self.evicted += 1;
            self.end(id, Some(Ended::Evicted));
        }
    }

    /// Ends a flow; why is read off its state when it is not given.
    fn end(&mut self, id: u32, why: Option<Ended>) {
        self.unlink(id);
        let Some(live) = self.flows.remove(id, Live::vacant()) else { return };
        let hash = self.hasher.hash_one(live.key);
        if let Ok(entry) = self.index.find_entry(hash, |&other| other == id) {
            entry.remove();
        }
        self.bytes = self.bytes.saturating_sub(YOUNG_BYTES + live.extra_bytes());
        let why = why.unwrap_or_else(|| how_it_ended(live.state().0, Ended::Reused));
        let (slice, flow) = live.end(why, self.rules.slices, &mut self.samples);
        self.output.slices.extend(slice);
        self.output.flows.push(flow);
    }

    /// Ends flows that have been quiet for too long before `watermark_ns`, at most `most` of them. Says whether
    /// there may be more.
    pub fn expire(&mut self, watermark_ns: i64, most: usize) -> bool {
        let quiet = [self.rules.idle_ns, self.rules.linger_ns];
        let mut left = most;
        for (which, quiet_ns) in quiet.into_iter().enumerate() {
            while let Some(id) = self.lists.get(which).map(|list| list.oldest).filter(|&id| id != NOBODY) {
                let last_ns = self.flows.get(id).map_or(i64::MIN, Live::last_ns);
                if last_ns.saturating_add(quiet_ns) >= watermark_ns {
                    break;
                }
                if left == 0 {
                    return true;
                }
                left -= 1;
                let state = self.flows.get(id).map_or_else(State::default, |live| live.state().0);
                self.end(id, Some(how_it_ended(state, Ended::Idle)));
            }
        }
        false
    }

    /// Hands out the slices of all windows before `window_ns`.
    pub fn close_windows(&mut self, window_ns: i64) {
        for which in 0..self.lists.len() {
            let mut id = self.lists.get(which).map_or(NOBODY, |list| list.oldest);
            while let Some(live) = self.flows.get_mut(id) {
                if live.window_ns() < window_ns {
                    let (slice, taken) = live.cut_slice(window_ns, &self.samples);
                    self.output.slices.extend(slice);
                    self.bytes += taken;
                }
                id = live.younger;
            }
        }
    }

    /// Ends flows because the input has ended, at most `most`. Says whether there are more.
    pub fn finish(&mut self, most: usize) -> bool {
        for _ in 0..most {
            let Some(id) = self.lists.iter().map(|list| list.oldest).find(|&id| id != NOBODY) else {
                return false;
            };
            let state = self.flows.get(id).map_or_else(State::default, |live| live.state().0);
            self.end(id, Some(how_it_ended(state, Ended::InputEnd)));
        }
        !self.flows.is_empty()
    }

    /// Puts a flow at the young end of its list.
    fn link(&mut self, id: u32) {
        let Some(which) = self.flows.get(id).map(|live| usize::from(live.closed)) else { return };
        let Some(list) = self.lists.get_mut(which) else { return };
        let older = std::mem::replace(&mut list.youngest, id);
        if older == NOBODY {
            list.oldest = id;
        } else if let Some(neighbour) = self.flows.get_mut(older) {
            neighbour.younger = id;
        }
        if let Some(live) = self.flows.get_mut(id) {
            (live.older, live.younger) = (older, NOBODY);
        }
    }

    /// Takes a flow out of its list.
    fn unlink(&mut self, id: u32) {
        let Some(live) = self.flows.get(id) else { return };
        let (older, younger, which) = (live.older, live.younger, usize::from(live.closed));
        let Some(list) = self.lists.get_mut(which) else { return };
        match self.flows.get_mut(older) {
            Some(neighbour) => neighbour.younger = younger,
            None => list.oldest = younger,
        }
        match self.flows.get_mut(younger) {
            Some(neighbour) => neighbour.older = older,
            None => list.youngest = older,
        }
    }
}

/// A closed conversation ended by FIN or RST whatever came after.
fn how_it_ended(state: State, otherwise: Ended) -> Ended {
    if state.all(State::FIN_A | State::FIN_B) {
        Ended::Fin
    } else if state.any(State::RST_A | State::RST_B) {
        Ended::Reset
    } else {
        otherwise
    }
}

/// The key that chooses a shard.
#[must_use]
pub fn shard_of(key: &FlowKey) -> usize {
    key.shard_hash() as usize % super::key::SHARDS
}
