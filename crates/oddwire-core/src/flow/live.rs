//! A live flow: a short list of packets while it is young, a whole record from the third packet on.

use super::brief::Brief;
use super::key::FlowKey;
use super::record::{Ended, Record};
use super::sample::{Sample, Samples};
use super::stamp::Stamp;
use super::state::State;
use crate::packet::Packet;

/// No neighbour in the list.
pub const NOBODY: u32 = u32::MAX;

/// One flow of the table.
#[derive(Debug)]
pub struct Live {
    /// Its key.
    pub key: FlowKey,
    /// Its older neighbour in the list.
    pub older: u32,
    /// Its younger neighbour in the list.
    pub younger: u32,
    /// Whether it stands in the list of closed conversations.
    pub closed: bool,
    window_ns: i64,
    samples: [Sample; 2],
    body: Body,
}

#[derive(Debug)]
enum Body {
    Young { first: Brief, second: Option<Box<Brief>>, sliced: u8 },
    Whole(Box<Whole>),
}

#[derive(Debug)]
struct Whole {
    now: Record,
    before: Option<Box<Record>>,
}

/// Bytes that a young flow takes: the place, its share of the index.
pub const YOUNG_BYTES: usize = size_of::<Live>() + 10;
/// Bytes that a second packet adds.
pub const SECOND_BYTES: usize = size_of::<Brief>() + 16;
/// Bytes that a whole record adds.
pub const WHOLE_BYTES: usize = size_of::<Whole>() + 16;
/// Bytes that the memory of earlier slices adds.
pub const BEFORE_BYTES: usize = size_of::<Record>() + 16;

impl Live {
    /// A flow that begins with this packet.
    pub fn new(key: FlowKey, window_ns: i64, stamp: &Stamp, packet: &Packet<'_>, from_a: bool) -> Self {
        let first = Brief::new(stamp, packet, from_a);
        let body = Body::Young { first, second: None, sliced: 0 };
        let samples = [Sample::default(); 2];
        Self { key, older: NOBODY, younger: NOBODY, closed: false, window_ns, samples, body }
    }

    /// A place that holds nothing.
    #[must_use]
    pub fn vacant() -> Self {
        Self::new(FlowKey::default(), 0, &Stamp::default(), &Packet::default(), false)
    }

    /// Counts one more packet; the answer is how many bytes of memory that took.
    #[inline]
    pub fn add(&mut self, stamp: &Stamp, packet: &Packet<'_>, from_a: bool) -> usize {
        match &mut self.body {
            Body::Whole(whole) => {
                whole.now.add(stamp, packet, from_a);
                0
            }
            Body::Young { second: second @ None, .. } => {
                *second = Some(Box::new(Brief::new(stamp, packet, from_a)));
                SECOND_BYTES
            }
            Body::Young { .. } => {
                let taken = self.grow_up();
                taken + self.add(stamp, packet, from_a)
            }
        }
    }

    /// Measures the payload of a packet.
    #[inline]
    pub fn sample(&mut self, samples: &mut Samples, payload: &[u8], from_a: bool) {
        let [a, b] = &mut self.samples;
        samples.add(if from_a { a } else { b }, payload);
    }

    /// Turns the list of packets into a record.
    fn grow_up(&mut self) -> usize {
        let (before, now) = self.young_records();
        let before = (before.packets() > 0).then(|| Box::new(before));
        let taken = WHOLE_BYTES + before.as_ref().map_or(0, |_| BEFORE_BYTES);
        self.body = Body::Whole(Box::new(Whole { now, before }));
        taken.saturating_sub(SECOND_BYTES)
    }

    /// The slices handed out already, merged, and the current one.
    fn young_records(&self) -> (Record, Record) {
        let mut before = self.empty_record();
        let Body::Young { first, second, sliced } = &self.body else { return (before.clone(), before) };
        let mut now = None;
        for (at, brief) in std::iter::once(first).chain(second.as_deref()).enumerate() {
            if at < usize::from(*sliced) {
                brief.replay(&mut before);
            } else {
                brief.replay(now.get_or_insert_with(|| before.carry_on(self.window_ns)));
            }
        }
        let now = now.unwrap_or_else(|| before.carry_on(self.window_ns));
        (before, now)
    }

    fn empty_record(&self) -> Record {
        let born_ns = match &self.body {
            Body::Young { first, .. } => first.time_ns,
            Body::Whole(whole) => whole.now.born_ns,
        };
        Record { key: self.key, window_ns: self.window_ns, born_ns, ..Record::default() }
    }

    /// Time of the latest packet.
    #[inline]
    #[must_use]
    pub fn last_ns(&self) -> i64 {
        match &self.body {
            Body::Young { first, second, .. } => {
                second.as_ref().map_or(first.time_ns, |second| first.time_ns.max(second.time_ns))
            }
            Body::Whole(whole) if whole.now.packets() == 0 => {
                whole.before.as_ref().map_or(i64::MIN, |before| before.last_ns)
            }
            Body::Whole(whole) => whole.now.last_ns,
        }
    }

    /// What was seen of the conversation in all, and the first SYN's sequence number.
    #[must_use]
    pub fn state(&self) -> (State, Option<u32>) {
        match &self.body {
            Body::Young { .. } => {
                let (mut before, now) = self.young_records();
                before.merge(&now);
                (before.state, before.syn_seq)
            }
            Body::Whole(whole) => {
                let before = whole.before.as_ref();
                let earlier = before.map_or(State::default(), |before| before.state);
                let syn_seq = before.and_then(|before| before.syn_seq).or(whole.now.syn_seq);
                (State(earlier.0 | whole.now.state.0), syn_seq)
            }
        }
    }

    /// The window of the current slice.
    #[must_use]
    pub const fn window_ns(&self) -> i64 {
        self.window_ns
    }

    /// Hands out the current slice, if it holds anything, and begins the next one. The second answer is how many
    /// bytes of memory that took.
    pub fn cut_slice(&mut self, next_window_ns: i64, samples: &Samples) -> (Option<Record>, usize) {
        let slice = self.current_slice(samples);
        self.window_ns = next_window_ns;
        let mut taken = 0;
        match &mut self.body {
            Body::Young { second, sliced, .. } => *sliced = 1 + u8::from(second.is_some()),
            Body::Whole(whole) => {
                let next = whole.now.carry_on(next_window_ns);
                let done = std::mem::replace(&mut whole.now, next);
                if let Some(before) = &mut whole.before {
                    before.merge(&done);
                } else {
                    whole.before = Some(Box::new(done));
                    taken = BEFORE_BYTES;
                }
            }
        }
        (slice, taken)
    }

    fn current_slice(&self, samples: &Samples) -> Option<Record> {
        let mut slice = match &self.body {
            Body::Young { .. } => self.young_records().1,
            Body::Whole(whole) => whole.now.clone(),
        };
        if slice.packets() == 0 {
            return None;
        }
        self.show_entropy(&mut slice, samples);
        Some(slice)
    }

    fn show_entropy(&self, record: &mut Record, samples: &Samples) {
        for (sample, side) in self.samples.iter().zip(&mut record.sides) {
            samples.show(sample, side);
        }
    }

    /// Ends the flow: the last slice, if slices are wanted and it holds anything, and the whole flow.
    pub fn end(mut self, ended: Ended, slices: bool, samples: &mut Samples) -> (Option<Record>, Record) {
        let slice = if slices { self.current_slice(samples) } else { None };
        let mut flow = match &mut self.body {
            Body::Young { .. } => {
                let (mut before, now) = self.young_records();
                before.merge(&now);
                before
            }
            Body::Whole(whole) => match whole.before.take() {
                None => std::mem::take(&mut whole.now),
                Some(mut before) => {
                    before.merge(&whole.now);
                    *before
                }
            },
        };
        self.show_entropy(&mut flow, samples);
        for sample in &mut self.samples {
            samples.finish(sample);
        }
        flow.window_ns = 0;
        flow.ended = ended;
        (slice.map(|slice| Record { ended, ..slice }), flow)
    }

    /// Bytes of memory it takes beside its place.
    #[must_use]
    pub fn extra_bytes(&self) -> usize {
        match &self.body {
            Body::Young { second, .. } => second.as_ref().map_or(0, |_| SECOND_BYTES),
            Body::Whole(whole) => WHOLE_BYTES + whole.before.as_ref().map_or(0, |_| BEFORE_BYTES),
        }
    }
}
