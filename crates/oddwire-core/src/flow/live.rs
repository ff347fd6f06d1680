//! A live flow: a short list of packets while it is young, a whole record from the third packet on.

use super::brief::Brief;
use super::key::{Directed, FlowKey};
use super::record::{Ended, Record};
use super::sample::{Sample, Samples};
use super::stamp::Stamp;
use super::state::State;
use crate::packet::Packet;
use crate::proto::Ear;

/// One flow of the table. What is looked at for every packet stands first: the key, and the way to the record.
#[derive(Debug, Default)]
#[repr(C)]
pub struct Live {
    /// Its key.
    pub key: FlowKey,
    /// The tick at which it is looked at again.
    pub due: u32,
    whole: Option<Box<Whole>>,
    /// What is heard of it.
    pub ear: Ear,
    window_ns: i64,
    samples: [Sample; 2],
    /// Whether the conversation is over and only stragglers may come.
    pub closed: bool,
    /// Whether records remember the first packets one by one.
    splt: bool,
    /// Whether packets came since the last slice; where none did, nothing further is looked at.
    fresh: bool,
    /// How many of the first two packets belong to slices that were handed out.
    sliced: u8,
    first: Brief,
    second: Option<Box<Brief>>,
}

#[derive(Debug)]
struct Whole {
    now: Record,
    before: Option<Box<Record>>,
}

/// Bytes that a young flow takes: the place, its share of the index and of the wheel.
pub const YOUNG_BYTES: usize = size_of::<Live>() + 16;
/// Bytes that a second packet adds.
pub const SECOND_BYTES: usize = size_of::<Brief>() + 16;
/// Bytes that a whole record adds.
pub const WHOLE_BYTES: usize = size_of::<Whole>() + 16;
/// Bytes that the memory of earlier slices adds.
pub const BEFORE_BYTES: usize = size_of::<Record>() + 16;

impl Live {
    /// A flow that begins with this packet.
    #[must_use]
    pub fn new(at: &Directed, window_ns: i64, splt: bool, stamp: &Stamp, packet: &Packet<'_>) -> Self {
        let first = Brief::new(stamp, packet, at.from_a);
        Self { key: at.key, window_ns, splt, fresh: true, first, ..Self::default() }
    }

    /// Whether this place holds no flow.
    #[inline]
    #[must_use]
    pub const fn is_vacant(&self) -> bool {
        self.key.ip_version == 0
    }

    /// Counts one more packet; the answer is how many bytes of memory that took.
    #[inline]
    pub fn add(&mut self, stamp: &Stamp, packet: &Packet<'_>, from_a: bool) -> usize {
        self.fresh = true;
        if let Some(whole) = &mut self.whole {
            whole.now.add(stamp, packet, from_a);
            return 0;
        }
        self.add_young(stamp, packet, from_a)
    }

    fn add_young(&mut self, stamp: &Stamp, packet: &Packet<'_>, from_a: bool) -> usize {
        if self.second.is_none() {
            self.second = Some(Box::new(Brief::new(stamp, packet, from_a)));
            return SECOND_BYTES;
        }
        let taken = self.grow_up();
        if let Some(whole) = &mut self.whole {
            whole.now.add(stamp, packet, from_a);
        }
        taken
    }

    /// Measures the payload of a packet.
    #[inline]
    pub fn sample(&mut self, samples: &mut Samples, payload: &[u8], from_a: bool) {
        let [a, b] = &mut self.samples;
        samples.add(if from_a { a } else { b }, payload);
    }

    /// Turns the list of packets into a record.
    fn grow_up(&mut self) -> usize {
        let mut whole = Box::new(Whole { now: self.empty_record(), before: None });
        if self.sliced > 0 {
            let mut before = Box::new(self.empty_record());
            self.replay(0, self.sliced, &mut before);
            whole.now = before.carry_on(self.window_ns);
            whole.before = Some(before);
        }
        self.replay(self.sliced, 2, &mut whole.now);
        let taken = WHOLE_BYTES + whole.before.as_ref().map_or(0, |_| BEFORE_BYTES);
        (self.whole, self.second) = (Some(whole), None);
        taken.saturating_sub(SECOND_BYTES)
    }

    /// Adds the packets from one to another of a young flow to a record.
    fn replay(&self, from: u8, to: u8, record: &mut Record) {
        let briefs = std::iter::once(&self.first).chain(self.second.as_deref());
        for brief in briefs.take(usize::from(to)).skip(usize::from(from)) {
            brief.replay(record);
        }
    }

    fn empty_record(&self) -> Record {
        Record {
            key: self.key,
            window_ns: self.window_ns,
            born_ns: self.first.time_ns,
            splt: self.splt.then(Box::default),
            ..Record::default()
        }
    }

    /// Time of the first packet.
    #[inline]
    #[must_use]
    pub const fn born_ns(&self) -> i64 {
        self.first.time_ns
    }

    /// The sequence number that one end goes on with, as far as it was seen.
    #[must_use]
    pub fn expected(&self, from_a: bool) -> Option<u32> {
        if let Some(whole) = &self.whole {
            let [a, b] = &whole.now.sides;
            return if from_a { a.next_seq } else { b.next_seq };
        }
        let last = self.second.as_deref().and_then(|second| second.next_seq(from_a));
        last.or_else(|| self.first.next_seq(from_a))
    }

    /// Time of the latest packet.
    #[inline]
    #[must_use]
    pub fn last_ns(&self) -> i64 {
        match (&self.whole, &self.second) {
            (Some(whole), _) if whole.now.packets > 0 => whole.now.last_ns,
            (Some(whole), _) => whole.before.as_ref().map_or(i64::MIN, |before| before.last_ns),
            (None, Some(second)) => self.first.time_ns.max(second.time_ns),
            (None, None) => self.first.time_ns,
        }
    }

    /// What was seen of the conversation in all.
    #[must_use]
    pub fn state(&self) -> State {
        let Some(whole) = &self.whole else { return self.young_record().state };
        State(whole.before.as_ref().map_or(0, |before| before.state.0) | whole.now.state.0)
    }

    /// The sequence number of the first SYN.
    #[must_use]
    pub fn syn_seq(&self) -> Option<u32> {
        let Some(whole) = &self.whole else { return self.young_record().syn_seq };
        whole.before.as_ref().and_then(|before| before.syn_seq).or(whole.now.syn_seq)
    }

    /// All packets of a young flow.
    fn young_record(&self) -> Record {
        let mut record = self.empty_record();
        self.replay(0, 2, &mut record);
        record
    }

    /// Whether it has something to show for windows before this one. Most live flows are quiet for most windows,
    /// and must cost nothing then.
    #[inline]
    #[must_use]
    pub const fn is_due_before(&self, window_ns: i64) -> bool {
        self.fresh && self.window_ns < window_ns
    }

    /// The window of the current slice.
    #[inline]
    #[must_use]
    pub const fn window_ns(&self) -> i64 {
        self.window_ns
    }

    /// Hands out the current slice, if it holds anything, and begins the next one. The answer is how many bytes of
    /// memory that took.
    pub fn cut_slice(&mut self, next_window_ns: i64, samples: &Samples, slices: &mut Vec<Record>) -> usize {
        if self.whole.is_none() {
            self.show_slice(samples, slices);
            self.sliced = 1 + u8::from(self.second.is_some());
        }
        (self.window_ns, self.fresh) = (next_window_ns, false);
        let before = self.state_before();
        let Some(whole) = &mut self.whole else { return 0 };
        if whole.now.packets == 0 {
            whole.now.window_ns = next_window_ns;
            return 0;
        }
        let next = whole.now.carry_on(next_window_ns);
        let mut done = std::mem::replace(&mut whole.now, next);
        let taken = if let Some(all) = &mut whole.before {
            all.merge(&done);
            0
        } else {
            whole.before = Some(Box::new(done.clone()));
            BEFORE_BYTES
        };
        self.finish_slice(&mut done, before, samples);
        slices.push(done);
        taken
    }

    /// Shows the current slice, if it holds anything.
    fn show_slice(&self, samples: &Samples, slices: &mut Vec<Record>) {
        let mut slice = match &self.whole {
            Some(whole) if whole.now.packets > 0 => whole.now.clone(),
            None if self.sliced < 1 + u8::from(self.second.is_some()) => self.young_slice(),
            _ => return,
        };
        self.finish_slice(&mut slice, self.state_before(), samples);
        slices.push(slice);
    }

    /// Adds what only the whole flow knows.
    fn finish_slice(&self, slice: &mut Record, before: State, samples: &Samples) {
        self.show_entropy(slice, samples);
        self.show_known(slice);
        slice.orient_by(before.and_then(slice.state));
    }

    /// What earlier slices showed, who was first among it; empty for the first slice.
    fn state_before(&self) -> State {
        if let Some(whole) = &self.whole {
            return whole.before.as_ref().map_or(State(0), |before| before.state);
        }
        if self.sliced == 0 {
            return State(0);
        }
        let mut before = self.empty_record();
        self.replay(0, self.sliced, &mut before);
        before.state
    }

    /// The packets of a young flow that belong to no slice yet.
    fn young_slice(&self) -> Record {
        let mut before = self.empty_record();
        self.replay(0, self.sliced, &mut before);
        let mut now = before.carry_on(self.window_ns);
        self.replay(self.sliced, 2, &mut now);
        now
    }

    fn show_entropy(&self, record: &mut Record, samples: &Samples) {
        for (&sample, side) in self.samples.iter().zip(&mut record.sides) {
            samples.show(sample, side);
        }
    }

    fn show_known(&self, record: &mut Record) {
        if let Some(known) = self.ear.known() {
            (record.service, record.name) = (known.service, known.name.clone());
        }
    }

    /// Ends the flow: shows the last slice where slices are wanted, and the whole flow.
    pub fn end(
        mut self,
        ended: Ended,
        samples: &mut Samples,
        slices: Option<&mut Vec<Record>>,
        flows: &mut Vec<Record>,
    ) {
        if let Some(slices) = slices {
            let before = slices.len();
            self.show_slice(samples, slices);
            if let Some(last) = slices.get_mut(before) {
                last.ended = ended;
            }
        }
        flows.push(match self.whole.take() {
            None => self.young_record(),
            Some(whole) => whole.in_all(),
        });
        let Some(flow) = flows.last_mut() else { return };
        self.show_entropy(flow, samples);
        self.show_known(flow);
        for sample in &mut self.samples {
            samples.finish(sample);
        }
        (flow.window_ns, flow.ended) = (0, ended);
        flow.orient();
    }

    /// Bytes of memory it takes beside its place.
    #[must_use]
    pub fn extra_bytes(&self) -> usize {
        let whole = |whole: &Whole| WHOLE_BYTES + whole.before.as_ref().map_or(0, |_| BEFORE_BYTES);
        self.whole.as_deref().map_or(0, whole) + self.second.as_ref().map_or(0, |_| SECOND_BYTES)
    }
}

impl Whole {
    /// The slices handed out before and the current one, merged.
    fn in_all(self) -> Record {
        match self.before {
            None => self.now,
            Some(mut before) => {
                before.merge(&self.now);
                *before
            }
        }
    }
}
