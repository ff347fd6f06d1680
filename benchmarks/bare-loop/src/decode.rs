//! Decodes Ethernet, VLAN, IPv4, IPv6, TCP, UDP and ICMP by hand.

use crate::pcap::Frame;

const IPV4: u16 = 0x0800;
const IPV6: u16 = 0x86dd;
const VLAN: u16 = 0x8100;
const QINQ: u16 = 0x88a8;

/// The protocol number of TCP.
pub const TCP: u8 = 6;
const UDP: u8 = 17;
const ICMP: u8 = 1;
const ICMPV6: u8 = 58;

/// Source and destination.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Addresses {
    /// No IP packet was found.
    None,
    /// IPv4, in host order.
    V4(u32, u32),
    /// IPv6, in host order.
    V6(u128, u128),
}

/// What the columns and the flow table need of a packet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Packet {
    /// Microseconds since the epoch.
    pub time_us: u64,
    /// Source and destination.
    pub addresses: Addresses,
    /// Length on the wire.
    pub length: u32,
    /// Bytes behind the transport header, by the IP header's length.
    pub payload: u16,
    /// Source port, or ICMP type.
    pub src_port: u16,
    /// Destination port, or ICMP code.
    pub dst_port: u16,
    /// TCP window.
    pub window: u16,
    /// Outermost VLAN identifier.
    pub vlan: u16,
    /// IP protocol number.
    pub protocol: u8,
    /// TCP flags.
    pub flags: u8,
    /// Time to live or hop limit.
    pub ttl: u8,
}

/// Decodes one frame; what cannot be read stays zero.
#[inline]
#[must_use]
pub fn decode(frame: Frame<'_>) -> Packet {
    let mut packet = Packet {
        time_us: frame.time_us,
        addresses: Addresses::None,
        length: frame.length,
        payload: 0,
        src_port: 0,
        dst_port: 0,
        window: 0,
        vlan: 0,
        protocol: 0,
        flags: 0,
        ttl: 0,
    };
    let Some((ethernet, mut rest)) = frame.bytes.split_first_chunk::<14>() else { return packet };
    let mut ether_type = u16::from_be_bytes([ethernet[12], ethernet[13]]);
    while ether_type == VLAN || ether_type == QINQ {
        let Some((tag, after)) = rest.split_first_chunk::<4>() else { return packet };
        if packet.vlan == 0 {
            packet.vlan = u16::from_be_bytes([tag[0], tag[1]]) & 0x0fff;
        }
        ether_type = u16::from_be_bytes([tag[2], tag[3]]);
        rest = after;
    }
    match ether_type {
        IPV4 => ipv4(&mut packet, rest),
        IPV6 => ipv6(&mut packet, rest),
        _ => {}
    }
    packet
}

#[inline]
fn ipv4(packet: &mut Packet, bytes: &[u8]) {
    let Some(header) = bytes.first_chunk::<20>() else { return };
    let length = usize::from(header[0] & 0x0f) * 4;
    let total = usize::from(u16::from_be_bytes([header[2], header[3]]));
    packet.protocol = header[9];
    packet.ttl = header[8];
    packet.addresses = Addresses::V4(
        u32::from_be_bytes([header[12], header[13], header[14], header[15]]),
        u32::from_be_bytes([header[16], header[17], header[18], header[19]]),
    );
    let fragment_offset = u16::from_be_bytes([header[6], header[7]]) & 0x1fff;
    if fragment_offset == 0
        && let Some(rest) = bytes.get(length..)
    {
        transport(packet, rest, total.saturating_sub(length));
    }
}

#[inline]
fn ipv6(packet: &mut Packet, bytes: &[u8]) {
    let Some((header, mut rest)) = bytes.split_first_chunk::<40>() else { return };
    let (_, addresses) = header.split_at(8);
    let (src, dst) = addresses.split_at(16);
    if let (Some(src), Some(dst)) = (src.first_chunk::<16>(), dst.first_chunk::<16>()) {
        packet.addresses = Addresses::V6(u128::from_be_bytes(*src), u128::from_be_bytes(*dst));
    }
    packet.ttl = header[7];
    let mut left = usize::from(u16::from_be_bytes([header[4], header[5]]));
    let mut next = header[6];
    while let 0 | 43 | 44 | 51 | 60 = next {
        let Some(extension) = rest.first_chunk::<8>() else { return };
        let length = match next {
            44 => 8,
            51 => (usize::from(extension[1]) + 2) * 4,
            _ => (usize::from(extension[1]) + 1) * 8,
        };
        let later_fragment = next == 44 && u16::from_be_bytes([extension[2], extension[3]]) & 0xfff8 != 0;
        next = extension[0];
        left = left.saturating_sub(length);
        let Some(after) = rest.get(length..) else { return };
        rest = after;
        if later_fragment {
            packet.protocol = next;
            return;
        }
    }
    packet.protocol = next;
    transport(packet, rest, left);
}

#[inline]
fn transport(packet: &mut Packet, bytes: &[u8], left: usize) {
    let header = match packet.protocol {
        TCP => {
            let Some(header) = bytes.first_chunk::<20>() else { return };
            packet.flags = header[13];
            packet.window = u16::from_be_bytes([header[14], header[15]]);
            usize::from(header[12] >> 4) * 4
        }
        UDP => 8,
        ICMP | ICMPV6 => {
            let Some(header) = bytes.first_chunk::<8>() else { return };
            packet.src_port = u16::from(header[0]);
            packet.dst_port = u16::from(header[1]);
            packet.payload = left.saturating_sub(8) as u16;
            return;
        }
        _ => return,
    };
    let Some(ports) = bytes.first_chunk::<4>() else { return };
    packet.src_port = u16::from_be_bytes([ports[0], ports[1]]);
    packet.dst_port = u16::from_be_bytes([ports[2], ports[3]]);
    packet.payload = left.saturating_sub(header) as u16;
}
