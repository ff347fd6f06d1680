//! What one end of a flow sent: sums, extremes, firsts and lasts only, so that any two of them merge exactly.

use super::stamp::Stamp;
use crate::packet::{Packet, Tcp, tcp_flag};

/// A gap of more than this parts two subflows.
pub const SUBFLOW_GAP_NS: u64 = 1_000_000_000;
/// A gap of more than this counts as idle time.
pub const IDLE_GAP_NS: u64 = 5_000_000_000;

/// Gaps between packets in time order: count, sum, sum of squares and extremes, in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Gaps {
    /// Sum of their squares.
    pub squares: u128,
    /// Sum of the gaps.
    pub sum: u64,
    /// The smallest; meaningless while there are none.
    pub min: u64,
    /// The largest.
    pub max: u64,
    /// How many.
    pub count: u64,
}

impl Gaps {
    /// Adds one gap.
    #[inline]
    pub fn add(&mut self, gap: u64) {
        self.min = if self.count == 0 { gap } else { self.min.min(gap) };
        self.max = self.max.max(gap);
        self.sum = self.sum.saturating_add(gap);
        self.squares = self.squares.saturating_add(u128::from(gap) * u128::from(gap));
        self.count += 1;
    }

    /// Adds all gaps of another.
    pub fn merge(&mut self, other: &Self) {
        if other.count == 0 {
            return;
        }
        self.min = if self.count == 0 { other.min } else { self.min.min(other.min) };
        self.max = self.max.max(other.max);
        self.sum = self.sum.saturating_add(other.sum);
        self.squares = self.squares.saturating_add(other.squares);
        self.count += other.count;
    }
}

/// The packets of one direction inside one slice or flow. All counts are of packets and bytes on the wire.
///
/// What every packet changes stands first, so that it lies in few cache lines.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[repr(C)]
pub struct Side {
    /// Gaps between packets.
    pub gaps: Gaps,
    /// Packets.
    pub packets: u64,
    /// Bytes, link header included.
    pub bytes: u64,
    /// Payload bytes of the transport.
    pub payload: u64,
    /// Header bytes of network and transport.
    pub headers: u64,
    /// Sum of the squares of packet lengths.
    pub length_squares: u64,
    /// Packets with payload.
    pub payload_packets: u64,
    /// Latest time of a packet.
    pub last_ns: i64,
    /// Sum of the times to live.
    pub ttl_sum: u64,
    /// Packets that carry each of FIN, SYN, RST, PSH, ACK, URG, ECE and CWR.
    pub flags: [u32; 8],
    /// The shortest packet.
    pub length_min: u32,
    /// The longest packet.
    pub length_max: u32,
    /// The smallest time to live.
    pub ttl_min: u8,
    /// The largest time to live.
    pub ttl_max: u8,
    /// TCP window of the first packet.
    pub window_first: u16,
    /// The sequence number after the last byte seen, when there is one.
    pub next_seq: Option<u32>,
    /// Data packets whose bytes had all been sent before.
    pub retransmits: u64,
    /// Bytes that the sequence numbers skip and that were never seen.
    pub missed: u64,
    /// Time of the first packet.
    pub first_ns: i64,
    /// Entropy of the first payload bytes, in 1/8192 bit a byte.
    pub entropy: u16,
    /// How many payload bytes that was measured over, at most 512.
    pub entropy_bytes: u16,
}

impl Side {
    /// Counts one packet of this direction.
    #[inline]
    pub fn add(&mut self, stamp: &Stamp, packet: &Packet<'_>) {
        let length = stamp.length;
        if self.packets == 0 {
            self.length_min = length;
            self.first_ns = stamp.time_ns;
            self.last_ns = stamp.time_ns;
            self.ttl_min = packet.ttl;
            self.window_first = packet.tcp.map_or(0, |tcp| tcp.window);
        } else {
            self.gaps.add(gap_ns(self.last_ns, stamp.time_ns));
            self.length_min = self.length_min.min(length);
            self.ttl_min = self.ttl_min.min(packet.ttl);
            self.last_ns = self.last_ns.max(stamp.time_ns);
        }
        self.packets += 1;
        self.bytes += u64::from(length);
        self.payload += u64::from(packet.payload_length);
        self.headers += u64::from(packet.header_length);
        self.length_squares = self.length_squares.saturating_add(u64::from(length) * u64::from(length));
        self.length_max = self.length_max.max(length);
        self.payload_packets += u64::from(packet.payload_length > 0);
        self.ttl_sum += u64::from(packet.ttl);
        self.ttl_max = self.ttl_max.max(packet.ttl);
        if let Some(tcp) = &packet.tcp {
            for (bit, count) in self.flags.iter_mut().enumerate() {
                *count += u32::from(tcp.flags >> bit & 1);
            }
            self.follow_sequence(tcp, packet.payload_length);
        }
    }

    /// Tells new data from repeated data, and both from data that was never seen.
    #[inline]
    fn follow_sequence(&mut self, tcp: &Tcp, payload: u32) {
        let taken = payload + u32::from(tcp.flags & (tcp_flag::SYN | tcp_flag::FIN) != 0);
        let end = tcp.seq.wrapping_add(taken);
        let Some(next) = self.next_seq else {
            self.next_seq = Some(end);
            return;
        };
        let ahead = tcp.seq.wrapping_sub(next).cast_signed();
        if ahead > 0 && taken > 0 {
            self.missed += u64::from(ahead.unsigned_abs());
        }
        if end.wrapping_sub(next).cast_signed() > 0 {
            self.next_seq = Some(end);
        } else if payload > 0 && ahead < 0 {
            self.retransmits += 1;
        }
    }

    /// Appends a later part of the same direction.
    pub fn merge(&mut self, later: &Self) {
        if later.packets == 0 {
            return;
        }
        if self.packets == 0 {
            *self = later.clone();
            return;
        }
        self.gaps.add(gap_ns(self.last_ns, later.first_ns));
        self.gaps.merge(&later.gaps);
        self.packets += later.packets;
        self.bytes += later.bytes;
        self.payload += later.payload;
        self.headers += later.headers;
        self.length_squares = self.length_squares.saturating_add(later.length_squares);
        self.length_min = self.length_min.min(later.length_min);
        self.length_max = self.length_max.max(later.length_max);
        self.payload_packets += later.payload_packets;
        self.last_ns = self.last_ns.max(later.last_ns);
        for (mine, theirs) in self.flags.iter_mut().zip(later.flags) {
            *mine += theirs;
        }
        self.ttl_sum += later.ttl_sum;
        self.ttl_min = self.ttl_min.min(later.ttl_min);
        self.ttl_max = self.ttl_max.max(later.ttl_max);
        self.retransmits += later.retransmits;
        self.missed += later.missed;
        self.next_seq = later.next_seq.or(self.next_seq);
        (self.entropy, self.entropy_bytes) = (later.entropy, later.entropy_bytes);
    }

    /// An empty side that goes on where this one stands: what the next slice of the same flow starts from.
    #[must_use]
    pub fn carry_on(&self) -> Self {
        Self {
            next_seq: self.next_seq,
            entropy: self.entropy,
            entropy_bytes: self.entropy_bytes,
            ..Self::default()
        }
    }
}

/// The gap between two packets; 0 when the later one bears the earlier time.
#[inline]
#[must_use]
pub fn gap_ns(earlier: i64, later: i64) -> u64 {
    u64::try_from(later.saturating_sub(earlier)).unwrap_or(0)
}

/// Nanoseconds from the first time to the last.
#[must_use]
pub const fn span_ns(first: i64, last: i64) -> u64 {
    last.saturating_sub(first).cast_unsigned()
}
