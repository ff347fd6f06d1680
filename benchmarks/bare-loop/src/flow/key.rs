//! Flow keys: both directions of a conversation have the same one.

use std::hash::{BuildHasher, Hasher};

use foldhash::fast::FixedState;

use crate::decode::Packet;

/// What the table needs of a key.
pub trait Key: Copy + PartialEq {
    /// A hash of 32 bits; the table spreads it.
    fn hash(&self) -> u32;
}

/// An IPv4 flow in 16 bytes, the lower end first.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct KeyV4 {
    addresses: u64,
    ports: u32,
    protocol_vlan: u32,
}

/// An IPv6 flow, the lower end first; halves keep the alignment at 8.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct KeyV6 {
    low: [u64; 2],
    high: [u64; 2],
    ports: u32,
    protocol_vlan: u32,
}

impl KeyV4 {
    /// The key, and whether the packet's source is its higher end.
    #[inline]
    #[must_use]
    pub fn of(packet: &Packet, src: u32, dst: u32) -> (Self, bool) {
        let (ports, flipped) = order(packet, src > dst, src == dst);
        let (low, high) = if flipped { (dst, src) } else { (src, dst) };
        let addresses = u64::from(low) << 32 | u64::from(high);
        (Self { addresses, ports, protocol_vlan: protocol_vlan(packet) }, flipped)
    }
}

impl KeyV6 {
    /// The key, and whether the packet's source is its higher end.
    #[inline]
    #[must_use]
    pub fn of(packet: &Packet, src: u128, dst: u128) -> (Self, bool) {
        let (ports, flipped) = order(packet, src > dst, src == dst);
        let (low, high) = if flipped { (dst, src) } else { (src, dst) };
        let halves = |address: u128| [(address >> 64) as u64, address as u64];
        (Self { low: halves(low), high: halves(high), ports, protocol_vlan: protocol_vlan(packet) }, flipped)
    }
}

/// Orders the ports with the addresses; ICMP type and code are no ports, so they are left out.
#[inline]
fn order(packet: &Packet, greater: bool, equal: bool) -> (u32, bool) {
    let (src, dst) = match packet.protocol {
        1 | 58 => (0, 0),
        _ => (packet.src_port, packet.dst_port),
    };
    let flipped = greater || (equal && src > dst);
    let (low, high) = if flipped { (dst, src) } else { (src, dst) };
    (u32::from(low) << 16 | u32::from(high), flipped)
}

#[inline]
fn protocol_vlan(packet: &Packet) -> u32 {
    u32::from(packet.protocol) << 16 | u32::from(packet.vlan)
}

impl Key for KeyV4 {
    #[inline]
    fn hash(&self) -> u32 {
        let mut hasher = FixedState::with_seed(1).build_hasher();
        hasher.write_u64(self.addresses);
        hasher.write_u64(u64::from(self.ports) << 32 | u64::from(self.protocol_vlan));
        hasher.finish() as u32
    }
}

impl Key for KeyV6 {
    #[inline]
    fn hash(&self) -> u32 {
        let mut hasher = FixedState::with_seed(1).build_hasher();
        for half in self.low.iter().chain(&self.high) {
            hasher.write_u64(*half);
        }
        hasher.write_u64(u64::from(self.ports) << 32 | u64::from(self.protocol_vlan));
        hasher.finish() as u32
    }
}
