//! The table: an index of 8-byte places over two slabs, with idle flows swept out as time passes.

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use super::export::Export;
use super::key::Key;
use super::record::{Full, Small};
use crate::decode::Packet;

/// A flow ends after this long without a packet.
const IDLE_US: u64 = 60_000_000;
/// The place is in the slab of full records.
const FULL: u32 = 1 << 31;

/// Where a flow is; the hash is kept so that growing the index touches no record.
#[derive(Clone, Copy)]
struct Place {
    hash: u32,
    at: u32,
}

/// Counts of a finished run.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub struct Stats {
    /// Flows exported.
    pub flows: u64,
    /// The most flows held at once.
    pub most_live: usize,
}

/// Live flows of one address family.
pub struct Table<K> {
    index: HashTable<Place>,
    small: Vec<Small<K>>,
    small_free: Vec<u32>,
    full: Vec<Full<K>>,
    full_free: Vec<u32>,
    swept_us: u64,
    since_sweep: usize,
    most_live: usize,
}

impl<K: Key> Default for Table<K> {
    fn default() -> Self {
        Self {
            index: HashTable::new(),
            small: Vec::new(),
            small_free: Vec::new(),
            full: Vec::new(),
            full_free: Vec::new(),
            swept_us: 0,
            since_sweep: 0,
            most_live: 0,
        }
    }
}

impl<K: Key> Table<K> {
    /// Counts a packet; idle flows go to the export.
    #[inline]
    pub fn add(&mut self, key: K, flipped: bool, packet: &Packet, export: &mut Export) {
        self.since_sweep += 1;
        if packet.time_us > self.swept_us + IDLE_US / 4
            && self.since_sweep * 8 > self.small.len() + self.full.len()
        {
            self.sweep(packet.time_us, export);
        }
        let hash = key.hash();
        let Self { index, small, full, .. } = self;
        let same = |place: &Place| place.hash == hash && key_at(small, full, place.at) == Some(&key);
        match index.entry(spread(hash), same, |place| spread(place.hash)) {
            Entry::Vacant(vacant) => {
                let at = put(&mut self.small, &mut self.small_free, Small::new(key, packet, flipped));
                vacant.insert(Place { hash, at });
                self.most_live = self.most_live.max(self.index.len());
            }
            Entry::Occupied(mut occupied) => {
                let place = occupied.get_mut();
                if place.at & FULL == 0 {
                    let Some(record) = self.small.get_mut(place.at as usize) else { return };
                    let promoted = record.promote();
                    record.free();
                    self.small_free.push(place.at);
                    place.at = FULL | put(&mut self.full, &mut self.full_free, promoted);
                }
                if let Some(record) = self.full.get_mut((place.at & !FULL) as usize) {
                    record.add(packet, flipped);
                }
            }
        }
    }

    /// Exports what is left and gives the counts.
    pub fn finish(self, export: &mut Export) -> usize {
        self.small.iter().filter(|flow| !flow.is_free()).for_each(|flow| export.small(flow));
        self.full.iter().filter(|flow| flow.first_us != 0).for_each(|flow| export.full(flow));
        self.most_live
    }

    /// Walks both slabs in order and exports flows that are idle; costs less than one step a packet.
    #[cold]
    fn sweep(&mut self, now_us: u64, export: &mut Export) {
        (self.swept_us, self.since_sweep) = (now_us, 0);
        let before = now_us.saturating_sub(IDLE_US);
        for (at, flow) in (0_u32..).zip(&mut self.small) {
            if !flow.is_free() && flow.time_us() < before {
                export.small(flow);
                forget(&mut self.index, flow.key.hash(), at);
                flow.free();
                self.small_free.push(at);
            }
        }
        for (at, flow) in (0_u32..).zip(&mut self.full) {
            if flow.first_us != 0 && flow.last_us < before {
                export.full(flow);
                forget(&mut self.index, flow.key.hash(), FULL | at);
                flow.first_us = 0;
                self.full_free.push(at);
            }
        }
    }
}

#[inline]
fn key_at<'a, K>(small: &'a [Small<K>], full: &'a [Full<K>], at: u32) -> Option<&'a K> {
    if at & FULL == 0 {
        small.get(at as usize).map(|flow| &flow.key)
    } else {
        full.get((at & !FULL) as usize).map(|flow| &flow.key)
    }
}

/// Puts a record in a free place or at the end.
#[inline]
fn put<T>(slab: &mut Vec<T>, free: &mut Vec<u32>, record: T) -> u32 {
    if let Some(at) = free.pop()
        && let Some(place) = slab.get_mut(at as usize)
    {
        *place = record;
        return at;
    }
    slab.push(record);
    (slab.len() - 1) as u32
}

fn forget(index: &mut HashTable<Place>, hash: u32, at: u32) {
    if let Ok(entry) = index.find_entry(spread(hash), |place| place.at == at) {
        entry.remove();
    }
}

/// The index takes its bucket from the low bits and its tag from the high ones.
#[inline]
fn spread(hash: u32) -> u64 {
    u64::from(hash) << 32 | u64::from(hash)
}
