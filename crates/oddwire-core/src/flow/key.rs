//! What tells one flow from another, the same in both directions.

use crate::packet::{Addr, Packet, Tunnel, Vlans};
use foldhash::fast::FixedState;
use std::hash::{BuildHasher, Hash, Hasher};

/// Logical shards: always this many, whatever the number of threads, so that results do not depend on it.
pub const SHARDS: usize = 64;

const ICMP: u8 = 1;
const ICMPV6: u8 = 58;

/// A flow's identity in canonical order: `a` is the end with the lower (address, port), but for one-way ICMP
/// messages, where it is the sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct FlowKey {
    /// The address of `a`.
    pub a: Addr,
    /// The address of `b`.
    pub b: Addr,
    /// The port of `a`; for ICMP what [`icmp_ports`] says; 0 where there are no ports.
    pub a_port: u16,
    /// The port of `b`, likewise.
    pub b_port: u16,
    /// The IP protocol number.
    pub protocol: u8,
    /// 4 or 6.
    pub ip_version: u8,
    /// VLAN identifiers; the count of tags is left out, as a mirror port may strip one direction's tags only.
    pub vlans: [u16; 2],
    /// What the packets are wrapped in.
    pub tunnel: Tunnel,
}

/// A packet's flow key, and whether it went from `a` to `b`.
#[derive(Debug, Clone, Copy)]
pub struct Directed {
    /// The canonical key.
    pub key: FlowKey,
    /// `true` when the sender is `a`.
    pub from_a: bool,
}

impl Directed {
    /// The key of a packet, or `None` for one without an IP header.
    #[inline]
    #[must_use]
    pub fn of(packet: &Packet<'_>) -> Option<Self> {
        if packet.ip_version == 0 {
            return None;
        }
        let (src, dst) = (packet.src?, packet.dst?);
        let protocol = packet.protocol.unwrap_or(0);
        let (src_port, dst_port) = match packet.icmp {
            Some((kind, code)) => icmp_ports(protocol, kind, code),
            None => (packet.src_port.unwrap_or(0), packet.dst_port.unwrap_or(0)),
        };
        // Community ID never turns one-way ICMP messages round; so they are flows of their own.
        let one_way = packet.icmp.is_some_and(|(kind, _)| icmp_answer(protocol, kind).is_none());
        let in_order = (u128::from_be_bytes(src.0), src_port) <= (u128::from_be_bytes(dst.0), dst_port);
        let from_a = one_way || in_order;
        let (a, b, a_port, b_port) =
            if from_a { (src, dst, src_port, dst_port) } else { (dst, src, dst_port, src_port) };
        let Vlans { ids: vlans, .. } = packet.vlans;
        let (ip_version, tunnel) = (packet.ip_version, packet.tunnel);
        Some(Self { key: FlowKey { a, b, a_port, b_port, protocol, ip_version, vlans, tunnel }, from_a })
    }
}

impl FlowKey {
    /// Whether the protocol number is that of ICMP or `ICMPv6`, whose "ports" are types and codes.
    #[must_use]
    pub const fn is_icmp(&self) -> bool {
        matches!(self.protocol, ICMP | ICMPV6)
    }

    /// The hash that chooses the shard; it is the same on every machine and in every run.
    #[inline]
    #[must_use]
    pub fn shard_hash(&self) -> u64 {
        FixedState::with_seed(0x0dd1).hash_one(self)
    }
}

impl Hash for FlowKey {
    /// Feeds whole words, as the derived one would feed bytes.
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u128(u128::from_ne_bytes(self.a.0));
        state.write_u128(u128::from_ne_bytes(self.b.0));
        let ports = u64::from(self.a_port) | u64::from(self.b_port) << 16;
        let [outer, inner] = self.vlans;
        state.write_u64(ports | u64::from(outer) << 32 | u64::from(inner) << 48);
        let [first, second, third] = self.tunnel.kinds.map(|kind| u64::from(kind as u8));
        let tunnel = u64::from(self.tunnel.id) << 32 | first << 24 | second << 16 | third << 8;
        state.write_u64(tunnel ^ u64::from(self.protocol));
    }
}

/// The pair of "ports" that community id gives ICMP: the type and the type that answers it; one-way messages get
/// type and code. So a request and its answer are one flow.
#[must_use]
pub const fn icmp_ports(protocol: u8, kind: u8, code: u8) -> (u16, u16) {
    match icmp_answer(protocol, kind) {
        Some(answer) => (kind as u16, answer as u16),
        None => (kind as u16, code as u16),
    }
}

/// The ICMP type that answers `kind`, or is answered by it; `None` for one-way messages.
#[must_use]
pub const fn icmp_answer(protocol: u8, kind: u8) -> Option<u8> {
    Some(match (protocol, kind) {
        (ICMP, 8) => 0,
        (ICMP, 0) => 8,
        (ICMP, 13) => 14,
        (ICMP, 14) => 13,
        (ICMP, 15) => 16,
        (ICMP, 16) => 15,
        (ICMP, 17) => 18,
        (ICMP, 18) => 17,
        (ICMP, 10) => 9,
        (ICMP, 9) => 10,
        (ICMPV6, 128) => 129,
        (ICMPV6, 129) => 128,
        (ICMPV6, 133) => 134,
        (ICMPV6, 134) => 133,
        (ICMPV6, 135) => 136,
        (ICMPV6, 136) => 135,
        (ICMPV6, 130) => 131,
        (ICMPV6, 131) => 130,
        (ICMPV6, 144) => 145,
        (ICMPV6, 145) => 144,
        (ICMPV6, 139) => 140,
        (ICMPV6, 140) => 139,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn udp(src: [u8; 4], src_port: u16, dst: [u8; 4], dst_port: u16) -> Packet<'static> {
        Packet {
            ip_version: 4,
            src: Some(Addr::v4(src)),
            dst: Some(Addr::v4(dst)),
            protocol: Some(17),
            src_port: Some(src_port),
            dst_port: Some(dst_port),
            ..Packet::default()
        }
    }

    #[test]
    fn both_directions_share_a_key() {
        let there = Directed::of(&udp([10, 0, 0, 1], 5000, [10, 0, 0, 2], 53)).unwrap();
        let back = Directed::of(&udp([10, 0, 0, 2], 53, [10, 0, 0, 1], 5000)).unwrap();
        assert_eq!(there.key, back.key);
        assert!(there.from_a && !back.from_a);
        assert_eq!(there.key.shard_hash(), back.key.shard_hash());
    }

    #[test]
    fn one_host_talking_to_itself_is_ordered_by_port() {
        let there = Directed::of(&udp([127, 0, 0, 1], 53, [127, 0, 0, 1], 5000)).unwrap();
        let back = Directed::of(&udp([127, 0, 0, 1], 5000, [127, 0, 0, 1], 53)).unwrap();
        assert_eq!(there.key, back.key);
        assert!(there.from_a && !back.from_a);
    }

    #[test]
    fn an_echo_and_its_reply_are_one_flow() {
        assert_eq!(icmp_ports(1, 8, 0), (8, 0));
        assert_eq!(icmp_ports(1, 0, 0), (0, 8));
        assert_eq!(icmp_ports(1, 3, 1), (3, 1), "unreachable is one-way: type and code");
    }

    #[test]
    fn a_packet_without_ip_has_no_flow() {
        assert!(Directed::of(&Packet::default()).is_none());
    }

    #[test]
    fn vlan_and_tunnel_are_part_of_the_key() {
        let plain = Directed::of(&udp([1; 4], 1, [2; 4], 2)).unwrap().key;
        let tagged = FlowKey { vlans: [7, 0], ..plain };
        assert_ne!(plain, tagged);
        assert_ne!(plain.shard_hash(), tagged.shard_hash());
    }
}
