//! What one flow did inside one window, or in all its life: the row behind the tables of slices and flows.

use super::key::FlowKey;
use super::orient::Orientation;
use super::side::{Gaps, IDLE_GAP_NS, SUBFLOW_GAP_NS, Side, gap_ns};
use super::stamp::Stamp;
use super::state::State;
use crate::packet::{Fragment, Mac, Packet};
use std::sync::Arc;

/// How many first packets a record remembers one by one.
pub const SPLT: usize = 20;
/// A packet longer than this was put together by the capturing host's network card.
pub const OFFLOAD_LENGTH: u32 = 9_216;

/// Length, direction and time of the first packets: positive lengths went from `a` to `b`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Splt {
    len: u64,
    lengths: [i32; SPLT],
    times: [i64; SPLT],
}

impl Splt {
    /// Adds a packet while there is room.
    #[inline]
    fn push(&mut self, length: i32, time_ns: i64) {
        let at = self.len as usize;
        if let (Some(length_at), Some(time_at)) = (self.lengths.get_mut(at), self.times.get_mut(at)) {
            (*length_at, *time_at) = (length, time_ns);
            self.len += 1;
        }
    }

    /// The signed lengths.
    #[must_use]
    pub fn lengths(&self) -> &[i32] {
        self.lengths.get(..self.len as usize).unwrap_or(&[])
    }

    /// The times, nanoseconds since the epoch.
    #[must_use]
    pub fn times(&self) -> &[i64] {
        self.times.get(..self.len as usize).unwrap_or(&[])
    }

    fn merge(&mut self, later: &Self) {
        for (&length, &time) in later.lengths().iter().zip(later.times()) {
            self.push(length, time);
        }
    }
}

/// Why a flow ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Ended {
    /// It has not: this is a slice of a flow that goes on.
    #[default]
    Open,
    /// Both ends sent a FIN.
    Fin,
    /// One end reset it.
    Reset,
    /// Nothing came for the idle time.
    Idle,
    /// A new conversation began between the same ends and ports.
    Reused,
    /// The flow table was full and this was the flow that had been quiet longest.
    Evicted,
    /// The input ended.
    InputEnd,
}

impl Ended {
    /// The word that the tables show; `None` while it is open.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        match self {
            Self::Open => None,
            Self::Fin => Some("fin"),
            Self::Reset => Some("reset"),
            Self::Idle => Some("idle"),
            Self::Reused => Some("reused"),
            Self::Evicted => Some("evicted"),
            Self::InputEnd => Some("input_end"),
        }
    }
}

/// A slice or a flow. Every field merges: sums, extremes, unions, firsts and lasts.
///
/// What every packet changes stands first, so that it lies in few cache lines.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[repr(C)]
pub struct Record {
    /// Gaps between packets of both directions together.
    pub gaps: Gaps,
    /// Packets of both directions.
    pub packets: u64,
    /// Last time.
    pub last_ns: i64,
    /// Number of the last packet in its input.
    pub last_number: u64,
    /// The headers seen, as a set of layer bits.
    pub layers: u64,
    /// Index of the input that the last packet came from.
    pub last_input: u32,
    /// What was seen of the conversation.
    pub state: State,
    /// Gaps of more than a second.
    pub pauses: u32,
    /// Gaps of more than five seconds.
    pub idles: u32,
    /// Sum of those.
    pub idle_ns: u64,
    /// Packets from `a` to `b`, and from `b` to `a`.
    pub sides: [Side; 2],
    /// The first packets, when they are wanted.
    pub splt: Option<Box<Splt>>,
    /// Who talks with whom.
    pub key: FlowKey,
    /// Start of the window, nanoseconds since the epoch; 0 for a whole flow.
    pub window_ns: i64,
    /// Time of the flow's very first packet, in whatever slice; with the key it names the flow.
    pub born_ns: i64,
    /// First time.
    pub first_ns: i64,
    /// Number of the first packet in its input.
    pub first_number: u64,
    /// Index of the input that the first packet came from.
    pub first_input: u32,
    /// Hardware address of `a`, as first seen as a sender.
    pub a_mac: Option<Mac>,
    /// Hardware address of `b`, as first seen as a sender.
    pub b_mac: Option<Mac>,
    /// Another hardware address that frames of `a` came from, the latest; relayed and forged frames show so.
    pub a_mac_also: Option<Mac>,
    /// Another hardware address that frames of `b` came from.
    pub b_mac_also: Option<Mac>,
    /// ICMP type and code of the first packet.
    pub icmp: Option<(u8, u8)>,
    /// Sequence number of the first SYN.
    pub syn_seq: Option<u32>,
    /// The service, by what was said; set when the record is handed out.
    pub service: Option<&'static str>,
    /// The name that the client asked the server for, likewise.
    pub name: Option<Arc<str>>,
    /// Why it ended.
    pub ended: Ended,
    /// Who began, once the flow has ended; see [`super::orient`].
    pub orientation: Orientation,
}

impl Record {
    /// Bytes of both directions.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        let [there, back] = &self.sides;
        there.bytes + back.bytes
    }

    /// Counts one packet.
    #[inline]
    pub fn add(&mut self, stamp: &Stamp, packet: &Packet<'_>, from_a: bool) {
        if self.packets == 0 {
            self.begin(stamp, packet, from_a);
        } else {
            self.add_gap(gap_ns(self.last_ns, stamp.time_ns));
            self.state.0 |= u32::from(stamp.time_ns < self.last_ns) * State::DISORDER;
            self.last_ns = self.last_ns.max(stamp.time_ns);
        }
        self.packets += 1;
        (self.last_input, self.last_number) = (stamp.input, stamp.number);
        self.layers |= packet.layers.as_set();
        self.mark(stamp, packet);
        let [a, b] = &mut self.sides;
        let (side, other, mac, also, sign) = if from_a {
            (a, b, &mut self.a_mac, &mut self.a_mac_also, 1)
        } else {
            (b, a, &mut self.b_mac, &mut self.b_mac_also, -1)
        };
        if side.packets == 0 {
            *mac = mac.or(packet.src_mac);
        }
        if packet.src_mac != *mac {
            *also = packet.src_mac;
        }
        side.add(stamp, packet);
        if let Some(splt) = &mut self.splt {
            splt.push(sign * i32::try_from(stamp.length).unwrap_or(i32::MAX), stamp.time_ns);
        }
        if let Some(tcp) = &packet.tcp {
            self.state.add_tcp(tcp, from_a, packet.payload_length > 0);
            let acks_unseen = tcp.flags & crate::packet::tcp_flag::ACK != 0
                && other.next_seq.is_some_and(|next| tcp.ack.wrapping_sub(next).cast_signed() > 0);
            self.state.0 |= u32::from(acks_unseen) * if from_a { State::UNSEEN_A } else { State::UNSEEN_B };
        } else if packet.payload_length > 0 {
            self.state.0 |= if from_a { State::DATA_A } else { State::DATA_B };
        }
    }

    fn begin(&mut self, stamp: &Stamp, packet: &Packet<'_>, from_a: bool) {
        (self.first_ns, self.last_ns) = (stamp.time_ns, stamp.time_ns);
        (self.first_input, self.first_number) = (stamp.input, stamp.number);
        self.icmp = self.icmp.or(packet.icmp);
        self.state.0 |= if from_a { State::FIRST_A } else { State::FIRST_B };
        if let Some(tcp) = packet.tcp.filter(|tcp| tcp.flags & 0x12 == 0x02) {
            self.syn_seq = self.syn_seq.or(Some(tcp.seq));
        }
    }

    #[inline]
    fn mark(&mut self, stamp: &Stamp, packet: &Packet<'_>) {
        self.state.0 |= u32::from(stamp.cut) * State::CUT
            | u32::from(packet.fragment != Fragment::None) * State::FRAGMENT
            | u32::from(stamp.length > OFFLOAD_LENGTH) * State::OFFLOAD;
    }

    #[inline]
    fn add_gap(&mut self, gap: u64) {
        self.gaps.add(gap);
        self.pauses += u32::from(gap > SUBFLOW_GAP_NS);
        if gap > IDLE_GAP_NS {
            self.idles += 1;
            self.idle_ns = self.idle_ns.saturating_add(gap);
        }
    }

    /// Appends a later slice of the same flow. Merging all slices in order gives what one slice over the whole
    /// time would have been.
    pub fn merge(&mut self, later: &Self) {
        if later.packets == 0 {
            return;
        }
        if self.packets == 0 {
            *self = later.clone();
            return;
        }
        self.packets += later.packets;
        self.add_gap(gap_ns(self.last_ns, later.first_ns));
        self.gaps.merge(&later.gaps);
        let first_bits = State::FIRST_A | State::FIRST_B;
        let disorder = u32::from(later.first_ns < self.last_ns) * State::DISORDER;
        self.state.0 |= later.state.0 & !first_bits | disorder;
        for (mine, theirs) in self.sides.iter_mut().zip(&later.sides) {
            mine.merge(theirs);
        }
        self.last_ns = self.last_ns.max(later.last_ns);
        (self.last_input, self.last_number) = (later.last_input, later.last_number);
        self.pauses += later.pauses;
        self.idles += later.idles;
        self.idle_ns = self.idle_ns.saturating_add(later.idle_ns);
        (self.a_mac, self.a_mac_also) = joined(self.a_mac, self.a_mac_also, later.a_mac, later.a_mac_also);
        (self.b_mac, self.b_mac_also) = joined(self.b_mac, self.b_mac_also, later.b_mac, later.b_mac_also);
        self.icmp = self.icmp.or(later.icmp);
        self.layers |= later.layers;
        if let (Some(mine), Some(theirs)) = (&mut self.splt, &later.splt) {
            mine.merge(theirs);
        }
        self.syn_seq = self.syn_seq.or(later.syn_seq);
        self.service = later.service.or(self.service);
        self.name = later.name.clone().or_else(|| self.name.take());
        self.ended = self.ended.max(later.ended);
    }

    /// The empty record that the next slice of this flow starts from.
    #[must_use]
    pub fn carry_on(&self, window_ns: i64) -> Self {
        Self {
            key: self.key,
            window_ns,
            born_ns: self.born_ns,
            sides: self.sides.each_ref().map(Side::carry_on),
            splt: self.splt.as_ref().map(|_| Box::default()),
            ..Self::default()
        }
    }
}

/// The first hardware address of two parts, and the latest that differs from it.
fn joined(
    first: Option<Mac>,
    also: Option<Mac>,
    later: Option<Mac>,
    later_also: Option<Mac>,
) -> (Option<Mac>, Option<Mac>) {
    let kept = first.or(later);
    let differs = |mac: &Mac| Some(*mac) != kept;
    (kept, later_also.filter(differs).or(later.filter(differs)).or(also))
}
