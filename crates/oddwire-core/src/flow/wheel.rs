//! When to look at a flow again: one list of flows for every tick, so that a packet need not move its flow in any
//! order. A flow that turns out to have been busy is put down for a later tick.

use std::collections::BTreeMap;

/// Nanoseconds a tick.
const TICK_NS: i64 = super::tracker::TICK_NS;

/// Flows by the tick at which they may have been quiet for long enough.
#[derive(Debug, Default)]
pub struct Wheel {
    ticks: BTreeMap<i64, Vec<u32>>,
}

/// The first tick that begins after a time.
#[inline]
#[must_use]
pub const fn tick_after(time_ns: i64) -> i64 {
    time_ns.div_euclid(TICK_NS).saturating_add(1)
}

/// A tick in few bytes, enough to tell it from others.
#[inline]
#[must_use]
pub const fn mark(tick: i64) -> u32 {
    tick.cast_unsigned() as u32
}

impl Wheel {
    /// Puts a flow down for a tick.
    #[inline]
    pub fn put(&mut self, tick: i64, id: u32) {
        self.ticks.entry(tick).or_default().push(id);
    }

    /// A flow whose tick has begun by then, with that tick; it is taken off.
    #[inline]
    pub fn take_due(&mut self, watermark_ns: i64) -> Option<(i64, u32)> {
        let mut first = self.ticks.first_entry()?;
        let tick = *first.key();
        if tick.saturating_mul(TICK_NS) > watermark_ns {
            return None;
        }
        let id = first.get_mut().pop();
        if first.get().is_empty() {
            first.remove();
        }
        Some((tick, id?))
    }
}
