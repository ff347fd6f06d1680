//! The flow table: 64 shards, one clock, rows handed out in an order that does not depend on threads.

use super::clock::{Clock, LAG_NS};
use super::key::{Directed, SHARDS};
use super::shard::{Output, Rules, Shard, shard_of};
use super::stamp::Stamp;
use crate::packet::Packet;
use crate::proto;

const SECOND: i64 = 1_000_000_000;
/// How often quiet flows are looked for: every 5 s of packet time.
pub const TICK_NS: i64 = 5 * SECOND;
/// Rows after which a shard's output is drained while flows end in masses.
const SOME: usize = 256;
/// Packets after which rows are handed out even if no time has passed: what waits in the shards stays bounded.
const PACKETS_A_TICK: u32 = 8_192;
/// Payload after which likewise: so much may be said in it.
const BYTES_A_TICK: usize = 1 << 20;

/// Memory for all that is being listened to, unless something else is said.
pub const SAID_BYTES: usize = 64 << 20;

/// How flows are told apart and how much memory they may take.
#[derive(Debug, Clone, PartialEq)]
pub struct TrackerOptions {
    /// Length of a window; `None` hands out no slices.
    pub window_ns: Option<i64>,
    /// A flow ends after this much quiet.
    pub idle_ns: i64,
    /// A closed conversation is kept this long for stragglers.
    pub linger_ns: i64,
    /// Whether payload entropy is measured.
    pub entropy: bool,
    /// Whether the first packets of each flow are remembered one by one.
    pub splt: bool,
    /// What is wanted of what is said in the flows.
    pub said: proto::Rules,
    /// Memory for all live flows together.
    pub max_bytes: usize,
    /// Keeps strangers from choosing hash collisions; no result depends on it.
    pub seed: u64,
}

impl Default for TrackerOptions {
    fn default() -> Self {
        Self {
            window_ns: None,
            idle_ns: 120 * SECOND,
            linger_ns: 5 * SECOND,
            entropy: true,
            splt: false,
            said: proto::Rules { max_bytes: SAID_BYTES, ..proto::Rules::DEAF },
            max_bytes: 768 << 20,
            seed: 0,
        }
    }
}

/// Time as the tracker sees it: what every shard must be told, and when.
#[derive(Debug, Clone)]
pub struct Ticker {
    clock: Clock,
    window_ns: Option<i64>,
    next_tick_ns: i64,
    open_window_ns: i64,
    packets: u32,
    bytes: usize,
}

/// What the shards have to do before the next packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tick {
    /// Everything before this has been seen.
    pub watermark_ns: i64,
    /// Windows before this one are over, if some are.
    pub close_before_ns: Option<i64>,
}

impl Ticker {
    /// A ticker for windows of that length.
    #[must_use]
    pub fn new(window_ns: Option<i64>) -> Self {
        let (next_tick_ns, open_window_ns) = (i64::MIN, i64::MIN);
        Self { clock: Clock::default(), window_ns, next_tick_ns, open_window_ns, packets: 0, bytes: 0 }
    }

    /// Notes a packet's time and the length of its payload; tells the window it belongs to and, now and then, that it is time to look round.
    #[inline]
    pub fn see(&mut self, time_ns: i64, payload: usize) -> (i64, Option<Tick>) {
        self.clock.see(time_ns);
        self.packets += 1;
        self.bytes += payload;
        let watermark_ns = self.clock.watermark();
        let many = self.packets >= PACKETS_A_TICK || self.bytes >= BYTES_A_TICK;
        let due = many || watermark_ns >= self.next_tick_ns;
        let tick = if due { Some(self.tick(watermark_ns)) } else { None };
        let window_ns = self.window_ns.map_or(0, |length| start_of(time_ns, length).max(self.open_window_ns));
        (window_ns, tick)
    }

    fn tick(&mut self, watermark_ns: i64) -> Tick {
        (self.packets, self.bytes) = (0, 0);
        self.next_tick_ns = start_of(watermark_ns, TICK_NS).saturating_add(TICK_NS);
        let open = self.window_ns.map(|length| start_of(watermark_ns, length));
        let close_before_ns = open.filter(|&open| open > self.open_window_ns);
        self.open_window_ns = close_before_ns.unwrap_or(self.open_window_ns);
        Tick { watermark_ns, close_before_ns }
    }

    /// The clock behind it.
    #[must_use]
    pub const fn clock(&self) -> &Clock {
        &self.clock
    }
}

/// What was left unheard, so that memory and time stayed bounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Unheard {
    /// Flows that were no longer listened to because memory was short.
    pub flows: u64,
    /// Handshakes that were not decrypted, or certificates not read, because too many came in a second.
    pub work: u64,
}

impl Unheard {
    /// The sum of two.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self { flows: self.flows + other.flows, work: self.work + other.work }
    }
}

/// The start of the interval of a length, counted from the epoch, that a time falls into.
#[must_use]
pub const fn start_of(time_ns: i64, length_ns: i64) -> i64 {
    time_ns.saturating_sub(time_ns.rem_euclid(length_ns))
}

/// Some shards of the flow table, in order; all 64 in one thread, a range of them in each of many.
#[derive(Debug)]
pub struct Shards {
    first: usize,
    parts: Vec<Shard>,
    /// Room for the rows of a burst, lent to one shard after the other, for there are 64 of them.
    room: Output,
}

impl Shards {
    /// The shards of a range.
    #[must_use]
    pub fn new(range: std::ops::Range<usize>, options: &TrackerOptions) -> Self {
        let rules = Rules {
            idle_ns: options.idle_ns,
            linger_ns: options.linger_ns,
            slices: options.window_ns.is_some(),
            entropy: options.entropy,
            splt: options.splt,
            said: proto::Rules { max_bytes: options.said.max_bytes / SHARDS, ..options.said },
            max_bytes: options.max_bytes / SHARDS,
        };
        let first = range.start;
        let parts = range.map(|_| Shard::new(rules, options.seed)).collect();
        Self { first, parts, room: Output::default() }
    }

    /// Counts a packet; one of another range is none of ours.
    #[inline]
    pub fn add(&mut self, shard: usize, at: &Directed, window_ns: i64, stamp: &Stamp, packet: &Packet<'_>) {
        if let Some(shard) = self.parts.get_mut(shard.wrapping_sub(self.first)) {
            shard.add(at, window_ns, stamp, packet);
        }
    }

    /// Ends quiet flows and closes windows; rows go to `sink` shard by shard.
    pub fn tick<E>(
        &mut self,
        tick: Tick,
        sink: &mut impl FnMut(&mut Output) -> Result<(), E>,
    ) -> Result<(), E> {
        let Self { parts, room, .. } = self;
        for shard in parts {
            room.exchange(&mut shard.output);
            while shard.expire(tick.watermark_ns, SOME) {
                sink(&mut shard.output)?;
            }
            if let Some(window_ns) = tick.close_before_ns {
                shard.close_windows(window_ns);
            }
            if !shard.output.is_empty() {
                sink(&mut shard.output)?;
            }
            room.exchange(&mut shard.output);
        }
        Ok(())
    }

    /// Ends everything.
    pub fn finish<E>(&mut self, sink: &mut impl FnMut(&mut Output) -> Result<(), E>) -> Result<(), E> {
        let Self { parts, room, .. } = self;
        for shard in parts {
            room.exchange(&mut shard.output);
            while shard.finish(SOME) {
                sink(&mut shard.output)?;
            }
            sink(&mut shard.output)?;
            room.exchange(&mut shard.output);
        }
        Ok(())
    }

    /// Live flows.
    #[must_use]
    pub fn live(&self) -> usize {
        self.parts.iter().map(Shard::live).sum()
    }

    /// What was left unheard: flows left alone early because memory was short, and costly work that was refused.
    #[must_use]
    pub fn unheard(&self) -> Unheard {
        let skipped = self.parts.iter().map(Shard::unheard);
        skipped.fold(Unheard::default(), |sum, (flows, work)| sum.plus(Unheard { flows, work }))
    }

    /// Bytes of memory that listening takes in all shards.
    #[must_use]
    pub fn heard_bytes(&self) -> usize {
        self.parts.iter().map(Shard::heard_bytes).sum()
    }

    /// Flows that ended early because the table was full.
    #[must_use]
    pub fn evicted(&self) -> u64 {
        self.parts.iter().map(Shard::evicted).sum()
    }
}

/// The whole flow table in one thread.
#[derive(Debug)]
pub struct Tracker {
    ticker: Ticker,
    shards: Shards,
    most_live: usize,
}

impl Tracker {
    /// An empty table.
    #[must_use]
    pub fn new(options: &TrackerOptions) -> Self {
        let shards = Shards::new(0..SHARDS, options);
        Self { ticker: Ticker::new(options.window_ns), shards, most_live: 0 }
    }

    /// Counts a packet. Rows that became ready go to `sink`.
    #[inline]
    pub fn add<E>(
        &mut self,
        stamp: &Stamp,
        packet: &Packet<'_>,
        sink: &mut impl FnMut(&mut Output) -> Result<(), E>,
    ) -> Result<(), E> {
        let (window_ns, tick) = self.ticker.see(stamp.time_ns, packet.payload.len());
        if let Some(tick) = tick {
            self.most_live = self.most_live.max(self.shards.live());
            self.shards.tick(tick, sink)?;
        }
        if let Some(at) = Directed::of(packet) {
            self.shards.add(shard_of(&at.key), &at, window_ns, stamp, packet);
        }
        Ok(())
    }

    /// Ends all flows.
    pub fn finish<E>(&mut self, sink: &mut impl FnMut(&mut Output) -> Result<(), E>) -> Result<(), E> {
        self.most_live = self.most_live.max(self.shards.live());
        self.shards.finish(sink)
    }

    /// The most flows that were live at a tick or at the end.
    #[must_use]
    pub const fn most_live(&self) -> usize {
        self.most_live
    }

    /// What was left unheard.
    #[must_use]
    pub fn unheard(&self) -> Unheard {
        self.shards.unheard()
    }

    /// Bytes of memory that listening takes.
    #[must_use]
    pub fn heard_bytes(&self) -> usize {
        self.shards.heard_bytes()
    }

    /// Flows that ended early because the table was full.
    #[must_use]
    pub fn evicted(&self) -> u64 {
        self.shards.evicted()
    }

    /// The clock behind it.
    #[must_use]
    pub const fn clock(&self) -> &Clock {
        self.ticker.clock()
    }

    /// Slices of windows before this one were all handed out.
    #[must_use]
    pub const fn open_window_ns(&self) -> i64 {
        self.ticker.open_window_ns
    }
}

const _: () = assert!(LAG_NS >= TICK_NS, "a tick must not outrun the watermark");
