//! One packet in few bytes: all that a record needs, so that young flows stay small.

use super::record::Record;
use super::stamp::Stamp;
use crate::packet::{Fragment, Mac, Packet, Tcp, tcp_flag};

const FROM_A: u8 = 1;
const CUT: u8 = 2;
const FRAGMENT: u8 = 4;
const HAS_TCP: u8 = 8;
const HAS_ICMP: u8 = 16;
const HAS_MAC: u8 = 32;

/// A packet, to be replayed into a record later.
#[derive(Debug, Clone, Default)]
pub struct Brief {
    /// Nanoseconds since the epoch.
    pub time_ns: i64,
    number: u64,
    layers: u64,
    input: u32,
    length: u32,
    payload_length: u32,
    seq: u32,
    ack: u32,
    header_length: u16,
    flags: u16,
    window: u16,
    icmp: (u8, u8),
    mac: Mac,
    ttl: u8,
    bits: u8,
}

impl Brief {
    /// What a record needs of a packet.
    #[must_use]
    pub fn new(stamp: &Stamp, packet: &Packet<'_>, from_a: bool) -> Self {
        let tcp = packet.tcp.unwrap_or_default();
        let bits = u8::from(from_a) * FROM_A
            | u8::from(stamp.cut) * CUT
            | u8::from(packet.fragment != Fragment::None) * FRAGMENT
            | u8::from(packet.tcp.is_some()) * HAS_TCP
            | u8::from(packet.icmp.is_some()) * HAS_ICMP
            | u8::from(packet.src_mac.is_some()) * HAS_MAC;
        Self {
            time_ns: stamp.time_ns,
            number: stamp.number,
            layers: packet.layers.as_set(),
            input: stamp.input,
            length: stamp.length,
            payload_length: packet.payload_length,
            seq: tcp.seq,
            ack: tcp.ack,
            header_length: packet.header_length,
            flags: tcp.flags,
            window: tcp.window,
            icmp: packet.icmp.unwrap_or_default(),
            mac: packet.src_mac.unwrap_or_default(),
            ttl: packet.ttl,
            bits,
        }
    }

    /// The sequence number that its sender goes on with, if it is of that end.
    #[must_use]
    pub const fn next_seq(&self, from_a: bool) -> Option<u32> {
        if self.has(FROM_A) != from_a || !self.has(HAS_TCP) {
            return None;
        }
        let control = (self.flags & (tcp_flag::SYN | tcp_flag::FIN)).count_ones();
        Some(self.seq.wrapping_add(self.payload_length).wrapping_add(control))
    }

    const fn has(&self, bit: u8) -> bool {
        self.bits & bit != 0
    }

    /// Adds the packet to a record, as if it came now.
    pub fn replay(&self, record: &mut Record) {
        let stamp = Stamp {
            time_ns: self.time_ns,
            number: self.number,
            input: self.input,
            length: self.length,
            cut: self.has(CUT),
        };
        let tcp = Tcp { seq: self.seq, ack: self.ack, flags: self.flags, window: self.window };
        let packet = Packet {
            src_mac: self.has(HAS_MAC).then_some(self.mac),
            ttl: self.ttl,
            tcp: self.has(HAS_TCP).then_some(tcp),
            icmp: self.has(HAS_ICMP).then_some(self.icmp),
            fragment: if self.has(FRAGMENT) { Fragment::Part } else { Fragment::None },
            payload_length: self.payload_length,
            header_length: self.header_length,
            ..Packet::default()
        };
        record.add(&stamp, &packet, self.has(FROM_A));
        record.layers |= self.layers;
    }
}
