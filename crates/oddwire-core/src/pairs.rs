//! Who contacts whom, how often and when, over hours: the table of pairs.
//!
//! A pair is kept from its third contact; before that only a small sketch counts it, so that a scan of a million
//! hosts does not push out what comes back again and again.

use crate::column::{Column, Get};
use crate::decode::ports::app_by_port;
use crate::flow::record::Record;
use crate::names::protocol_name;
use crate::packet::Addr;
use foldhash::fast::FixedState;
use hashbrown::HashMap;
use std::hash::BuildHasher;

/// Pairs that are kept at most; the one with the fewest contacts goes first.
pub const MAX_PAIRS: usize = 200_000;
/// Contact times that a pair keeps; later ones are only counted.
pub const MAX_STARTS: usize = 256;
/// Contacts from which on a pair is kept.
pub const KEPT_FROM: u8 = 3;
/// Places of the sketch: 4 rows of a power of two.
const ROW: usize = 1 << 18;
const ROWS: usize = 4;
const SEED: u64 = 0x0dd2;
/// Contacts that the sketch remembers in full for its most recent newcomers.
const NEWCOMERS: usize = 65_536;

/// What tells one pair from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct PairKey {
    /// The originator.
    pub src: Addr,
    /// The responder.
    pub dst: Addr,
    /// The responder's port; 0 where the protocol has none.
    pub port: u16,
    /// IP protocol number.
    pub protocol: u8,
}

/// One row of the table of pairs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PairRow {
    /// Who, whom and for what.
    pub key: PairKey,
    /// Flows between them.
    pub contacts: u64,
    /// Contacts seen before the pair was kept, whose times and bytes are not known.
    pub unkept: u64,
    /// Bytes that the originator sent.
    pub bytes_out: u64,
    /// Bytes that the responder sent.
    pub bytes_in: u64,
    /// Contacts that the responder did not answer.
    pub unanswered: u64,
    /// Start of the first contact.
    pub first_ns: i64,
    /// End of the last contact.
    pub last_ns: i64,
    /// Starts of contacts in time order, at most [`MAX_STARTS`].
    pub starts: Vec<i64>,
}

impl PairRow {
    fn add(&mut self, flow: &Record) {
        if self.contacts == self.unkept {
            self.first_ns = flow.first_ns;
            self.last_ns = flow.last_ns;
        }
        self.contacts += 1;
        self.bytes_out += flow.sent().bytes;
        self.bytes_in += flow.received().bytes;
        self.unanswered += u64::from(flow.received().packets == 0);
        self.first_ns = self.first_ns.min(flow.first_ns);
        self.last_ns = self.last_ns.max(flow.last_ns);
        self.keep_start(flow.first_ns);
    }

    /// Flows end in another order than they begin; the earliest starts are kept in order.
    fn keep_start(&mut self, start_ns: i64) {
        let place = self.starts.partition_point(|&other| other <= start_ns);
        if place < MAX_STARTS {
            self.starts.insert(place, start_ns);
            self.starts.truncate(MAX_STARTS);
        }
    }

    fn merge(&mut self, other: &Self) {
        self.contacts += other.contacts;
        self.unkept += other.unkept;
        self.bytes_out += other.bytes_out;
        self.bytes_in += other.bytes_in;
        self.unanswered += other.unanswered;
        self.first_ns = self.first_ns.min(other.first_ns);
        self.last_ns = self.last_ns.max(other.last_ns);
        for &start in &other.starts {
            self.keep_start(start);
        }
    }

    fn intervals(&self) -> impl Iterator<Item = i64> {
        self.starts.windows(2).filter_map(|pair| match pair {
            [earlier, later] => Some(later - earlier),
            _ => None,
        })
    }

    fn interval_mean(&self) -> Option<f64> {
        let count = self.starts.len().checked_sub(1).filter(|&count| count > 0)?;
        Some((self.starts.last()? - self.starts.first()?) as f64 / count as f64)
    }

    fn interval_std(&self) -> Option<f64> {
        let mean = self.interval_mean()?;
        let squares: f64 = self.intervals().map(|gap| (gap as f64 - mean).powi(2)).sum();
        Some((squares / (self.starts.len() - 1) as f64).sqrt())
    }

    fn interval_median(&self) -> Option<f64> {
        let mut gaps: Vec<i64> = self.intervals().collect();
        gaps.sort_unstable();
        let upper = *gaps.get(gaps.len() / 2)?;
        let lower = *gaps.get((gaps.len() - 1) / 2)?;
        Some(i64::midpoint(lower, upper) as f64)
    }
}

/// The pairs of a run, bounded.
#[derive(Debug, Default)]
pub struct Pairs {
    kept: HashMap<PairKey, PairRow, FixedState>,
    newcomers: HashMap<PairKey, PairRow, FixedState>,
    sketch: Vec<u8>,
    evicted: u64,
}

impl Pairs {
    /// Counts an ended flow as a contact. Broadcast-like one-way ICMP is a contact like any other.
    pub fn add(&mut self, flow: &Record) {
        let (src, dst) = flow.addresses();
        let port = flow.ports().map_or(0, |ports| ports.1);
        let key = PairKey { src, dst, port, protocol: flow.key.protocol };
        if let Some(row) = self.kept.get_mut(&key) {
            row.add(flow);
        } else {
            self.add_newcomer(key, flow);
        }
    }

    /// A newcomer's first contacts are held in full while there is room, else only counted.
    fn add_newcomer(&mut self, key: PairKey, flow: &Record) {
        let known = self.newcomers.len() < NEWCOMERS || self.newcomers.contains_key(&key);
        if !known {
            self.newcomers.clear();
        }
        let before = self.count_in_sketch(&key);
        let row = self.newcomers.entry(key).or_insert_with(|| PairRow {
            key,
            contacts: u64::from(before),
            unkept: u64::from(before),
            ..PairRow::default()
        });
        row.add(flow);
        if row.contacts >= u64::from(KEPT_FROM)
            && let Some(row) = self.newcomers.remove(&key)
        {
            self.kept.insert(key, row);
            self.make_room();
        }
    }

    /// How often the sketch has seen a key before, at most; and counts it once more.
    fn count_in_sketch(&mut self, key: &PairKey) -> u8 {
        if self.sketch.is_empty() {
            self.sketch = vec![0; ROW * ROWS];
        }
        let hash = FixedState::with_seed(SEED).hash_one(key);
        let place = |row: usize| row * ROW + (hash >> (16 * row)) as usize % ROW;
        let seen = (0..ROWS).filter_map(|row| self.sketch.get(place(row)).copied()).min().unwrap_or(0);
        for row in 0..ROWS {
            if let Some(count) = self.sketch.get_mut(place(row)) {
                *count = count.saturating_add(u8::from(*count == seen));
            }
        }
        seen.min(KEPT_FROM - 1)
    }

    /// Beyond the bound the tenth with the fewest contacts goes, the oldest of equals first.
    fn make_room(&mut self) {
        if self.kept.len() <= MAX_PAIRS {
            return;
        }
        let mut ranks: Vec<(u64, i64, PairKey)> =
            self.kept.values().map(|row| (row.contacts, row.last_ns, row.key)).collect();
        let tenth = ranks.len() / 10;
        ranks.select_nth_unstable(tenth);
        for (_, _, key) in ranks.iter().take(tenth) {
            self.kept.remove(key);
        }
        self.evicted += tenth as u64;
    }

    /// Adds the pairs of another part of the same traffic.
    pub fn merge(&mut self, other: Self) {
        for (key, row) in other.kept.into_iter().chain(other.newcomers) {
            if let Some(mine) = self.kept.get_mut(&key) {
                mine.merge(&row);
                continue;
            }
            match self.newcomers.remove(&key) {
                Some(mut mine) => {
                    mine.merge(&row);
                    self.place(mine);
                }
                None => self.place(row),
            }
        }
        self.make_room();
        self.evicted += other.evicted;
    }

    fn place(&mut self, row: PairRow) {
        let kept = row.contacts >= u64::from(KEPT_FROM);
        if kept { &mut self.kept } else { &mut self.newcomers }.insert(row.key, row);
    }

    /// Pairs that were dropped because there were too many.
    #[must_use]
    pub const fn evicted(&self) -> u64 {
        self.evicted
    }

    /// The kept pairs, those with the most contacts first.
    #[must_use]
    pub fn into_rows(self) -> Vec<PairRow> {
        let mut rows: Vec<PairRow> = self.kept.into_values().collect();
        rows.sort_unstable_by(|a, b| b.contacts.cmp(&a.contacts).then(a.key.cmp(&b.key)));
        rows
    }
}

macro_rules! c {
    ($name:literal, $unit:literal, $kind:ident, $meaning:literal, $get:expr) => {
        Column::<PairRow>::new($name, $unit, Get::$kind($get), $meaning)
    };
}

const COLUMNS: &[Column<PairRow>] = &[
    c!("src_ip", "", Addr, "Address of the originator.", |r| Some(r.key.src)),
    c!("dst_ip", "", Addr, "Address of the responder.", |r| Some(r.key.dst)),
    c!("dst_port", "", OptU16, "Port of the responder; null where the protocol has none.", |r| {
        matches!(r.key.protocol, 6 | 17 | 33 | 132 | 136).then_some(r.key.port)
    }),
    c!("protocol", "", U8, "IP protocol number.", |r| r.key.protocol),
    c!("transport", "", Word, "Name of the transport.", |r| Some(protocol_name(r.key.protocol))),
    c!("service", "", Word, "Service that the port suggests.", |r| app_by_port(
        r.key.protocol,
        0,
        r.key.port
    )),
    c!("contacts", "flows", U64, "Flows between the two, for pairs of at least three.", |r| r.contacts),
    c!("unanswered", "flows", U64, "Contacts that the responder did not answer.", |r| r.unanswered),
    c!("bytes_out", "bytes", U64, "Bytes that the originator sent.", |r| r.bytes_out),
    c!("bytes_in", "bytes", U64, "Bytes that the responder sent.", |r| r.bytes_in),
    c!("start", "", Time, "Start of the first contact.", |r| r.first_ns),
    c!("end", "", Time, "End of the last contact.", |r| r.last_ns),
    c!("interval_mean", "ns", OptF64, "Mean time between starts of contacts.", PairRow::interval_mean)
        .by("over the first 256 starts"),
    c!("interval_median", "ns", OptF64, "Median time between starts of contacts.", PairRow::interval_median)
        .by("over the first 256 starts"),
    c!("interval_std", "ns", OptF64, "Standard deviation of times between starts.", PairRow::interval_std)
        .by("over the first 256 starts, the whole population"),
    c!(
        "starts",
        "ns",
        ListI64,
        "Starts of contacts, nanoseconds since the epoch, at most 256.",
        |r, list| {
            list.extend_from_slice(&r.starts);
        }
    )
    .on_request(),
];

/// The columns of the table of pairs.
#[must_use]
pub fn pair_columns() -> Vec<Column<PairRow>> {
    COLUMNS.to_vec()
}
