//! The straight path: Ethernet, IPv4 without options or IPv6 without extensions, TCP or UDP, nothing odd.
//!
//! Nearly every frame is one of these; they are read several times faster here than by the walk. Whatever has
//! anything else about it is left to the walk, which is also the yardstick: both give the same packet.

use super::udp;
use crate::frame::Frame;
use crate::layer::{Layer, LayerStack};
use crate::packet::{Addr, Mac, Packet, Tcp};

const TCP: u8 = 6;
const UDP: u8 = 17;

/// What IP says, and the bytes behind it.
struct Ip<'a> {
    version: u8,
    header: u16,
    protocol: u8,
    ttl: u8,
    src: Addr,
    dst: Addr,
    /// What IP carries by its own length, all of which was on the wire.
    length: usize,
    /// The captured part of that.
    rest: &'a [u8],
}

/// What the transport says.
struct Transport {
    ports: [u8; 4],
    tcp: Option<Tcp>,
    header: usize,
}

/// Reads a frame that has nothing odd about it; `None` leaves it to the walk.
#[inline]
pub(super) fn read<'a>(frame: &Frame<'a>) -> Option<Packet<'a>> {
    let (head, rest) = frame.data.split_first_chunk::<14>()?;
    let &[d0, d1, d2, d3, d4, d5, s0, s1, s2, s3, s4, s5, t0, t1] = head;
    let wire = frame.data.len().max(frame.length as usize) - 14;
    let ip = match u16::from_be_bytes([t0, t1]) {
        0x0800 => ipv4(rest, wire)?,
        0x86dd => ipv6(rest, wire)?,
        _ => return None,
    };
    let transport = match ip.protocol {
        TCP => tcp(&ip)?,
        UDP => udp(&ip)?,
        _ => return None,
    };
    let [p0, p1, q0, q1] = transport.ports;
    Some(Packet {
        layers: layers(ip.version, ip.protocol),
        src_mac: Some(Mac([s0, s1, s2, s3, s4, s5])),
        dst_mac: Some(Mac([d0, d1, d2, d3, d4, d5])),
        ip_version: ip.version,
        src: Some(ip.src),
        dst: Some(ip.dst),
        protocol: Some(ip.protocol),
        ttl: ip.ttl,
        src_port: Some(u16::from_be_bytes([p0, p1])),
        dst_port: Some(u16::from_be_bytes([q0, q1])),
        tcp: transport.tcp,
        payload_length: (ip.length - transport.header) as u32,
        header_length: ip.header + transport.header as u16,
        payload: ip.rest.get(transport.header..).unwrap_or_default(),
        ..Packet::default()
    })
}

#[inline]
fn layers(version: u8, protocol: u8) -> LayerStack {
    const V4_TCP: LayerStack = LayerStack::of(&[Layer::Ethernet, Layer::Ipv4, Layer::Tcp]);
    const V4_UDP: LayerStack = LayerStack::of(&[Layer::Ethernet, Layer::Ipv4, Layer::Udp]);
    const V6_TCP: LayerStack = LayerStack::of(&[Layer::Ethernet, Layer::Ipv6, Layer::Tcp]);
    const V6_UDP: LayerStack = LayerStack::of(&[Layer::Ethernet, Layer::Ipv6, Layer::Udp]);
    match (version, protocol) {
        (4, TCP) => V4_TCP,
        (4, _) => V4_UDP,
        (_, TCP) => V6_TCP,
        _ => V6_UDP,
    }
}

#[inline]
fn ipv4(bytes: &[u8], wire: usize) -> Option<Ip<'_>> {
    let (head, rest) = bytes.split_first_chunk::<20>()?;
    let &[0x45, _, l0, l1, _, _, f0, f1, ttl, protocol, _, _, s0, s1, s2, s3, d0, d1, d2, d3] = head else {
        return None;
    };
    let total = usize::from(u16::from_be_bytes([l0, l1]));
    let fragment = u16::from_be_bytes([f0, f1]) & 0x3fff != 0;
    if fragment || total < 20 || total > wire {
        return None;
    }
    let length = total - 20;
    let (src, dst) = (Addr::v4([s0, s1, s2, s3]), Addr::v4([d0, d1, d2, d3]));
    let rest = rest.get(..length).unwrap_or(rest);
    Some(Ip { version: 4, header: 20, protocol, ttl, src, dst, length, rest })
}

#[inline]
fn ipv6(bytes: &[u8], wire: usize) -> Option<Ip<'_>> {
    let (head, rest) = bytes.split_first_chunk::<40>()?;
    let &[first, _, _, _, l0, l1, protocol, ttl, ..] = head;
    let length = usize::from(u16::from_be_bytes([l0, l1]));
    if first >> 4 != 6 || length == 0 || length + 40 > wire {
        return None;
    }
    let (src, dst) = (Addr(*head[8..].first_chunk()?), Addr(*head[24..].first_chunk()?));
    let rest = rest.get(..length).unwrap_or(rest);
    Some(Ip { version: 6, header: 40, protocol, ttl, src, dst, length, rest })
}

#[inline]
fn tcp(ip: &Ip) -> Option<Transport> {
    let head = ip.rest.first_chunk::<20>()?;
    let &[s0, s1, d0, d1, n0, n1, n2, n3, a0, a1, a2, a3, o, f, w0, w1, ..] = head;
    let header = usize::from(o >> 4) * 4;
    if header < 20 || header > ip.length {
        return None;
    }
    let tcp = Tcp {
        seq: u32::from_be_bytes([n0, n1, n2, n3]),
        ack: u32::from_be_bytes([a0, a1, a2, a3]),
        flags: u16::from_be_bytes([o & 1, f]),
        window: u16::from_be_bytes([w0, w1]),
    };
    Some(Transport { ports: [s0, s1, d0, d1], tcp: Some(tcp), header })
}

#[inline]
fn udp(ip: &Ip) -> Option<Transport> {
    let &[s0, s1, d0, d1, l0, l1, ..] = ip.rest.first_chunk::<8>()?;
    let plain = usize::from(u16::from_be_bytes([l0, l1])) == ip.length;
    let ports = [s0, s1, d0, d1];
    let tunnel = udp::may_tunnel(u16::from_be_bytes([s0, s1]), u16::from_be_bytes([d0, d1]));
    (plain && !tunnel).then_some(Transport { ports, tcp: None, header: 8 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::Decoder;
    use crate::frame::LinkType;
    use proptest::prelude::*;

    /// A plain frame, to be changed in a few places.
    fn plain(six: bool, stream: bool, payload: usize) -> Vec<u8> {
        let transport: &[u8] = if stream {
            &[4, 210, 0, 80, 0, 0, 0, 7, 0, 0, 0, 9, 0x60, 0x18, 2, 0, 0, 0, 0, 0, 1, 1, 1, 1]
        } else {
            &[4, 210, 0, 53, 0, 8 + payload as u8, 0, 0]
        };
        let length = (transport.len() + payload) as u8;
        let protocol = if stream { TCP } else { UDP };
        let ip = if six {
            [&[0x60, 0, 0, 0, 0, length, protocol, 64][..], &[9; 32]].concat()
        } else {
            [&[0x45, 0, 0, 20 + length, 0, 1, 0x40, 0, 64, protocol, 0, 0][..], &[9; 8]].concat()
        };
        let ethernet = [&[1; 12][..], if six { &[0x86, 0xdd] } else { &[8, 0] }].concat();
        [&ethernet[..], &ip, transport, &vec![7; payload]].concat()
    }

    proptest! {
        #[test]
        fn both_ways_give_the_same_packet(
            six in any::<bool>(), stream in any::<bool>(), payload in 0usize..60, padding in 0usize..8, cut in 0usize..90,
            changes in prop::collection::vec((12usize..90, any::<u8>()), 0..4),
        ) {
            let mut data = plain(six, stream, payload);
            data.resize(data.len() + padding, 0xee);
            for (at, value) in changes {
                if let Some(byte) = data.get_mut(at) {
                    *byte = value;
                }
            }
            let (length, link) = (data.len() as u32, LinkType::ETHERNET);
            let captured = data.len().saturating_sub(cut.saturating_sub(30));
            let frame = Frame { input: 0, number: 1, time_ns: 0, link, length, data: &data[..captured] };
            if let Some(packet) = read(&frame) {
                let mut decoder = Decoder::default();
                prop_assert_eq!(format!("{packet:?}"), format!("{:?}", decoder.walk(&frame)));
            } else {
                // Nothing that is whole and unchanged is left to the walk.
                prop_assert!(data != plain(six, stream, payload) || captured < data.len());
            }
        }
    }
}
