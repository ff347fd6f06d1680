//! Time as the packets tell it: the watermark, and distrust of sudden jumps.

const SECOND: i64 = 1_000_000_000;
/// How far behind the latest packet the watermark stays.
pub const LAG_NS: i64 = 5 * SECOND;
/// A step ahead of more than this is believed only after [`AGREEING`] packets.
pub const JUMP_NS: i64 = 3_600 * SECOND;
/// How many packets in a row must lie beyond a jump before it is believed.
pub const AGREEING: u32 = 100;

/// The latest believed packet time.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    now_ns: Option<i64>,
    beyond: u32,
    clamped: u64,
    late: u64,
}

impl Clock {
    /// Notes a packet's time.
    #[inline]
    pub fn see(&mut self, time_ns: i64) {
        let Some(now) = self.now_ns else {
            self.now_ns = Some(time_ns);
            return;
        };
        if time_ns <= now.saturating_add(JUMP_NS) {
            self.late += u64::from(time_ns < now.saturating_sub(LAG_NS));
            self.now_ns = Some(now.max(time_ns));
            self.beyond = 0;
            return;
        }
        self.beyond += 1;
        if self.beyond >= AGREEING {
            self.now_ns = Some(time_ns);
            self.beyond = 0;
        } else {
            self.clamped += 1;
        }
    }

    /// Everything before this has been seen: the latest believed time less [`LAG_NS`].
    #[inline]
    #[must_use]
    pub fn watermark(&self) -> i64 {
        self.now_ns.map_or(i64::MIN, |now| now.saturating_sub(LAG_NS))
    }

    /// Packets that came more than [`LAG_NS`] behind; they are used all the same.
    #[must_use]
    pub const fn late(&self) -> u64 {
        self.late
    }

    /// Packets whose time was too far ahead to be believed yet.
    #[must_use]
    pub const fn clamped(&self) -> u64 {
        self.clamped
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_wild_packet_moves_nothing() {
        let mut clock = Clock::default();
        clock.see(1_000 * SECOND);
        clock.see(1_000_000_000 * SECOND);
        clock.see(1_001 * SECOND);
        assert_eq!(clock.watermark(), 996 * SECOND);
        assert_eq!((clock.clamped(), clock.late()), (1, 0));
    }

    #[test]
    fn a_hundred_agreeing_packets_are_believed() {
        let mut clock = Clock::default();
        clock.see(0);
        for _ in 0..AGREEING - 1 {
            clock.see(2 * JUMP_NS);
        }
        assert_eq!(clock.watermark(), -LAG_NS);
        clock.see(2 * JUMP_NS);
        assert_eq!(clock.watermark(), 2 * JUMP_NS - LAG_NS);
    }

    #[test]
    fn late_packets_are_counted() {
        let mut clock = Clock::default();
        clock.see(100 * SECOND);
        clock.see(94 * SECOND);
        clock.see(95 * SECOND);
        assert_eq!(clock.late(), 1);
    }
}
