//! Interface descriptions and statistics: what a packet's time stamp counts, and what was lost.

use super::options::options;
use crate::endian::Endian;
use crate::notes::{Drops, Interface};
use oddwire_core::frame::LinkType;

const NANOS_PER_SECOND: u64 = 1_000_000_000;
/// How much of an interface's name is kept.
const NAME_BYTES: usize = 256;

const IF_NAME: u16 = 2;
const IF_TSRESOL: u16 = 9;
const IF_FCSLEN: u16 = 13;
const IF_TSOFFSET: u16 = 14;
const ISB_IFRECV: u16 = 4;
const ISB_IFDROP: u16 = 5;
const ISB_OSDROP: u16 = 7;

/// What is needed to read the packets of one interface.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source {
    pub(super) link: LinkType,
    pub(super) snap_length: u32,
    pub(super) drops: Drops,
    ticks: Ticks,
    offset_ns: i64,
}

/// How a count of ticks becomes nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ticks {
    /// Nanoseconds a tick.
    Long(u64),
    /// Ticks a nanosecond.
    Short(u64),
    /// A tick is 2 to the minus this many seconds.
    Binary(u32),
}

impl Source {
    /// Nanoseconds since the epoch; beyond what 64 bits hold, the nearest that they do.
    #[inline]
    pub(super) fn time_ns(&self, ticks: u64) -> i64 {
        let nanos = match self.ticks {
            Ticks::Long(nanos_per_tick) => ticks.saturating_mul(nanos_per_tick),
            Ticks::Short(ticks_per_nano) => ticks / ticks_per_nano,
            Ticks::Binary(power) => {
                let nanos = (u128::from(ticks) * u128::from(NANOS_PER_SECOND)) >> power;
                u64::try_from(nanos).unwrap_or(u64::MAX)
            }
        };
        i64::try_from(nanos).unwrap_or(i64::MAX).saturating_add(self.offset_ns)
    }
}

impl Ticks {
    /// From the option's byte: a power of ten, or of two where the highest bit is set.
    const fn from_resolution(resolution: u8) -> Self {
        let power = (resolution & 0x7f) as u32;
        if resolution & 0x80 != 0 {
            return Self::Binary(power);
        }
        match power {
            0..=9 => Self::Long(10_u64.pow(9 - power)),
            10..=28 => Self::Short(10_u64.pow(power - 9)),
            // Finer than any 64-bit count of ticks can show.
            _ => Self::Short(u64::MAX),
        }
    }
}

/// Reads an interface description block.
pub(super) fn read(block: &[u8], endian: Endian) -> (Source, Interface) {
    let (link, snap_length) = (LinkType(endian.u16(block, 8)), endian.u32(block, 12));
    let mut source =
        Source { link, snap_length, drops: Drops::default(), ticks: Ticks::from_resolution(6), offset_ns: 0 };
    let mut described = Interface { name: None, link, snap_length, fcs_bytes: None };
    for (code, value) in options(block.get(16..block.len() - 4).unwrap_or_default(), endian) {
        match (code, value) {
            (IF_NAME, name) => described.name = Some(text(name)),
            (IF_TSRESOL, [resolution, ..]) => source.ticks = Ticks::from_resolution(*resolution),
            (IF_FCSLEN, [bytes, ..]) => described.fcs_bytes = Some(*bytes),
            (IF_TSOFFSET, seconds) if seconds.len() == 8 => {
                let seconds = endian.u64(seconds, 0).cast_signed();
                source.offset_ns = seconds.saturating_mul(NANOS_PER_SECOND.cast_signed());
            }
            _ => {}
        }
    }
    (source, described)
}

/// Reads an interface statistics block over what was known before.
pub(super) fn statistics(block: &[u8], endian: Endian, mut drops: Drops) -> Drops {
    for (code, value) in options(block.get(20..block.len() - 4).unwrap_or_default(), endian) {
        let count = (value.len() == 8).then(|| endian.u64(value, 0));
        match code {
            ISB_IFRECV => drops.received = count,
            ISB_IFDROP => drops.interface = count,
            ISB_OSDROP => drops.system = count,
            _ => {}
        }
    }
    drops
}

fn text(bytes: &[u8]) -> String {
    let bytes = bytes.get(..NAME_BYTES).unwrap_or(bytes);
    String::from_utf8_lossy(bytes).trim_end_matches('\0').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(resolution: u8, offset_ns: i64) -> Source {
        let ticks = Ticks::from_resolution(resolution);
        Source { link: LinkType::ETHERNET, snap_length: 0, drops: Drops::default(), ticks, offset_ns }
    }

    #[test]
    fn every_resolution_gives_nanoseconds() {
        let cases = [
            (0, 1_700_000_000, 1_700_000_000_000_000_000),
            (3, 1_700_000_000_123, 1_700_000_000_123_000_000),
            (6, 1_700_000_000_123_456, 1_700_000_000_123_456_000),
            (9, 1_700_000_000_123_456_789, 1_700_000_000_123_456_789),
            (12, 1_700_000_000_123_456_789, 1_700_000_000_123_456),
            (0x80, 17, 17_000_000_000),
            (0x8a, 1024 + 512, 1_500_000_000),
            (0xa0, 3 << 31, 1_500_000_000),
            (127, u64::MAX, 1),
            (0xff, u64::MAX, 0),
            (0, u64::MAX, i64::MAX),
        ];
        for (resolution, ticks, nanos) in cases {
            assert_eq!(source(resolution, 0).time_ns(ticks), nanos, "resolution {resolution:#x}");
        }
    }

    #[test]
    fn an_offset_is_added_and_never_overflows() {
        assert_eq!(source(6, 5_000_000_000).time_ns(1), 5_000_001_000);
        assert_eq!(source(6, -5_000_000_000).time_ns(1), -4_999_999_000);
        assert_eq!(source(0, i64::MAX).time_ns(u64::MAX), i64::MAX);
    }
}
