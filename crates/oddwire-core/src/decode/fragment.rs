//! Fragmented datagrams: put together again, within bounds.
//!
//! Where fragments overlap the first data wins. A fragment that contradicts what is known of its datagram is
//! dropped and counted; a datagram that stays incomplete is dropped by age, or as the oldest when room is short.

use super::DecoderLimits;
use super::walk::{Next, Walk};
use crate::packet::{Addr, Fragment, Tunnel, Vlans};
use foldhash::fast::FixedState;
use hashbrown::HashMap;
use std::collections::VecDeque;

/// The largest datagram that is put together.
const MAX_DATAGRAM: u32 = 65_535;
/// The most pieces one datagram may come in.
const MAX_PIECES: usize = 2048;
/// What one waiting datagram costs besides its bytes.
const OVERHEAD: usize = 256;

/// What became of fragments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FragmentCounts {
    /// Datagrams made whole.
    pub completed: u64,
    /// Datagrams dropped because they stayed incomplete for too long.
    pub expired: u64,
    /// Datagrams dropped to keep within the limits.
    pub evicted: u64,
    /// Fragments that brought bytes which were already there.
    pub overlaps: u64,
    /// Fragments dropped because they contradict their datagram.
    pub bad: u64,
    /// Fragments that could not be used because not all of their bytes are there.
    pub cut: u64,
}

/// What fragments of one datagram have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    src: Option<Addr>,
    dst: Option<Addr>,
    id: u32,
    protocol: u8,
    vlans: Vlans,
    tunnel: Tunnel,
}

/// Bytes `start..end` of a datagram, kept at `at`.
#[derive(Debug, Clone, Copy)]
struct Piece {
    start: u32,
    end: u32,
    at: u32,
}

/// A datagram that waits for fragments. Its pieces are in order and do not overlap.
#[derive(Debug, Default)]
struct Waiting {
    serial: u64,
    total: Option<u32>,
    have: u32,
    pieces: Vec<Piece>,
    bytes: Vec<u8>,
}

/// The datagrams that wait for fragments.
#[derive(Debug, Default)]
pub(super) struct Fragments {
    limits: DecoderLimits,
    waiting: HashMap<Key, Waiting, FixedState>,
    /// In the order of their first fragments; those no longer waiting are passed over.
    ages: VecDeque<(i64, u64, Key)>,
    next_serial: u64,
    held: usize,
    pub(super) counts: FragmentCounts,
}

/// Adds the rest of the walk as a fragment. Goes on with the whole datagram when that completes it, and with
/// what the fragment itself shows when it is the first.
#[cold]
pub(super) fn join(walk: &mut Walk, id: u32, protocol: u8, offset: u32, more: bool) -> Next {
    walk.packet.fragment = Fragment::Part;
    if walk.rest.len() < walk.wire || walk.lenient {
        walk.fragments.counts.cut += 1;
    } else if let Some(datagram) = add(walk, id, protocol, offset, more)
        && continue_whole(walk, &datagram)
    {
        return Next::Protocol(protocol);
    }
    walk.partial = true;
    walk.lenient = true;
    if offset == 0 { Next::Protocol(protocol) } else { Next::Done }
}

fn add(walk: &mut Walk, id: u32, protocol: u8, offset: u32, more: bool) -> Option<Waiting> {
    let packet = &*walk.packet;
    let key =
        Key { src: packet.src, dst: packet.dst, id, protocol, vlans: packet.vlans, tunnel: packet.tunnel };
    walk.fragments.add(key, walk.time_ns, offset, more, walk.rest)
}

fn continue_whole(walk: &mut Walk, datagram: &Waiting) -> bool {
    let Some((buffer, others)) = std::mem::take(&mut walk.whole).split_first_mut() else { return false };
    walk.whole = others;
    datagram.write_to(buffer);
    walk.rest = buffer;
    walk.wire = buffer.len();
    walk.packet.fragment = Fragment::Completed;
    true
}

impl Fragments {
    /// Nothing waits yet.
    pub(super) fn new(limits: DecoderLimits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// Bytes held for waiting datagrams.
    pub(super) fn held(&self) -> usize {
        self.held
    }

    fn add(&mut self, key: Key, time_ns: i64, start: u32, more: bool, data: &[u8]) -> Option<Waiting> {
        self.expire(time_ns);
        let end = start + data.len() as u32;
        if end > MAX_DATAGRAM || data.is_empty() || (more && !data.len().is_multiple_of(8)) {
            self.counts.bad += 1;
            return None;
        }
        if !self.waiting.contains_key(&key) {
            self.open(key, time_ns);
        }
        let waiting = self.waiting.get_mut(&key)?;
        let before = waiting.cost();
        match waiting.add(start, end, more, data) {
            Ok(overlap) => self.counts.overlaps += u64::from(overlap),
            Err(Contradiction) => self.counts.bad += 1,
        }
        self.held = self.held + waiting.cost() - before;
        if waiting.is_whole() {
            self.counts.completed += 1;
            return self.remove(&key);
        }
        while self.held > self.limits.fragment_bytes && self.evict() {}
        None
    }

    fn open(&mut self, key: Key, time_ns: i64) {
        while self.waiting.len() >= self.limits.fragment_datagrams.max(1) && self.evict() {}
        if self.ages.len() > 2 * self.waiting.len() + 64 {
            let waiting = &self.waiting;
            self.ages.retain(|(_, serial, key)| waiting.get(key).is_some_and(|w| w.serial == *serial));
        }
        let serial = self.next_serial;
        self.next_serial += 1;
        self.held += OVERHEAD;
        self.waiting.insert(key, Waiting { serial, ..Waiting::default() });
        self.ages.push_back((time_ns, serial, key));
    }

    fn expire(&mut self, now_ns: i64) {
        while let Some(&(first_ns, ..)) = self.ages.front() {
            if now_ns.saturating_sub(first_ns) <= self.limits.fragment_timeout_ns {
                return;
            }
            self.counts.expired += u64::from(self.drop_oldest());
        }
    }

    /// Drops the oldest; `false` when there is none.
    fn evict(&mut self) -> bool {
        while !self.ages.is_empty() {
            if self.drop_oldest() {
                self.counts.evicted += 1;
                return true;
            }
        }
        false
    }

    /// Whether the oldest was still waiting.
    fn drop_oldest(&mut self) -> bool {
        let Some((_, serial, key)) = self.ages.pop_front() else { return false };
        self.waiting.get(&key).is_some_and(|w| w.serial == serial) && self.remove(&key).is_some()
    }

    fn remove(&mut self, key: &Key) -> Option<Waiting> {
        let waiting = self.waiting.remove(key)?;
        self.held -= waiting.cost();
        Some(waiting)
    }
}

/// A fragment that cannot belong to the datagram whose name it bears.
struct Contradiction;

impl Waiting {
    fn cost(&self) -> usize {
        OVERHEAD + self.bytes.capacity() + self.pieces.capacity() * size_of::<Piece>()
    }

    fn is_whole(&self) -> bool {
        self.total == Some(self.have)
    }

    /// Keeps what is new of the fragment; says whether some of it was not.
    fn add(&mut self, start: u32, end: u32, more: bool, data: &[u8]) -> Result<bool, Contradiction> {
        let last_end = self.pieces.last().map_or(0, |piece| piece.end);
        let total = if more { self.total } else { Some(end) };
        let contradicts = self.total.is_some_and(|known| total != Some(known))
            || total.is_some_and(|total| end > total || last_end > total)
            || self.pieces.len() >= MAX_PIECES;
        if contradicts {
            return Err(Contradiction);
        }
        self.total = total;
        Ok(self.fill(start, end, data))
    }

    /// Fills the gaps between the pieces that are there.
    fn fill(&mut self, start: u32, end: u32, data: &[u8]) -> bool {
        let mut index = self.pieces.partition_point(|piece| piece.end <= start);
        let (mut from, mut overlap) = (start, false);
        while from < end {
            let there = self.pieces.get(index).copied().filter(|piece| piece.start < end);
            let to = there.map_or(end, |piece| piece.start);
            if from < to {
                self.keep(index, from, to, data.get((from - start) as usize..(to - start) as usize));
                index += 1;
            }
            overlap |= there.is_some();
            from = there.map_or(end, |piece| piece.end);
            index += 1;
        }
        overlap
    }

    fn keep(&mut self, index: usize, start: u32, end: u32, data: Option<&[u8]>) {
        let at = self.bytes.len() as u32;
        self.bytes.extend_from_slice(data.unwrap_or_default());
        self.pieces.insert(index, Piece { start, end, at });
        self.have += end - start;
    }

    /// Writes the whole datagram in order.
    fn write_to(&self, buffer: &mut Vec<u8>) {
        buffer.clear();
        for piece in &self.pieces {
            let (from, length) = (piece.at as usize, (piece.end - piece.start) as usize);
            buffer.extend_from_slice(self.bytes.get(from..from + length).unwrap_or_default());
        }
    }
}
