//! What a run saw: counts of everything read, and of everything that was not as it should be.

use oddwire_capture::Input;
use oddwire_core::decode::FragmentCounts;
use oddwire_core::error::Damage;
use oddwire_core::flow::Stamp;
use oddwire_core::flow::tracker::Unheard;
use oddwire_core::layer::Layer;
use oddwire_core::packet::Packet;
use std::collections::BTreeMap;

/// How many damaged packets are described one by one.
pub const DESCRIBED: usize = 16;

/// How far a run has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Packets read.
    pub packets: u64,
    /// Bytes of input read.
    pub bytes: u64,
    /// Bytes of input in all, when that is known.
    pub total_bytes: Option<u64>,
}

/// A damaged packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DamagedPacket {
    /// Index of its input.
    pub input: u32,
    /// Its number there.
    pub number: u64,
    /// What is wrong.
    pub damage: Damage,
}

/// What a run saw.
#[derive(Debug, Default)]
pub struct Stats {
    /// Packets used.
    pub packets: u64,
    /// Their bytes on the wire.
    pub bytes: u64,
    /// Earliest packet time.
    pub first_ns: Option<i64>,
    /// Latest packet time.
    pub last_ns: Option<i64>,
    /// Packets without an IP header.
    pub not_ip: u64,
    /// Packets cut by the snap length.
    pub cut: u64,
    /// Packets whose headers are damaged.
    pub damaged: u64,
    /// How many by the header that could not be read.
    pub damage: BTreeMap<Layer, u64>,
    /// The first of them.
    pub described: Vec<DamagedPacket>,
    /// Packets left out because of a time range or packet filter.
    pub left_out: u64,
    /// Packets left out because they repeat others.
    pub repeated: u64,
    /// Packets that came late.
    pub late: u64,
    /// Packets whose time was too far ahead to be believed.
    pub clamped: u64,
    /// Rows written.
    pub rows: u64,
    /// The most flows live at once.
    pub most_live: u64,
    /// Flows that ended early because the table was full.
    pub evicted: u64,
    /// What was left unheard, so that memory and time stayed bounded.
    pub unheard: Unheard,
    /// Domains, fingerprints and names of hosts that were left out because there were too many.
    pub forgotten: u64,
    /// What became of fragments.
    pub fragments: FragmentCounts,
    /// The inputs, as they were read.
    pub inputs: Vec<Input>,
}

impl Stats {
    /// Counts one packet.
    #[inline]
    pub fn see(&mut self, stamp: &Stamp, packet: &Packet<'_>) {
        self.packets += 1;
        self.bytes += u64::from(stamp.length);
        self.cut += u64::from(stamp.cut);
        self.not_ip += u64::from(packet.ip_version == 0);
        self.first_ns = Some(self.first_ns.map_or(stamp.time_ns, |first| first.min(stamp.time_ns)));
        self.last_ns = Some(self.last_ns.map_or(stamp.time_ns, |last| last.max(stamp.time_ns)));
        if let Some(damage) = packet.damage {
            self.see_damage(stamp, damage);
        }
    }

    #[cold]
    fn see_damage(&mut self, stamp: &Stamp, damage: Damage) {
        self.damaged += 1;
        *self.damage.entry(damage.layer).or_default() += 1;
        if self.described.len() < DESCRIBED {
            self.described.push(DamagedPacket { input: stamp.input, number: stamp.number, damage });
        }
    }
}
