//! The straight path: Ethernet, at most one VLAN tag, IPv4 without options or IPv6 without extensions, TCP or UDP, nothing odd.
//!
//! Nearly every frame is one of these; they are read three times faster here than by the walk. Whatever has
//! anything else about it is left to the walk, which is also the yardstick: both give the same packet.

use super::udp;
use crate::frame::Frame;
use crate::layer::{Layer, LayerStack};
use crate::packet::{Addr, Mac, Packet, Tcp, Vlans};

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
    layer: Layer,
    src_port: u16,
    dst_port: u16,
    tcp: Option<Tcp>,
    header: usize,
}

/// Reads a frame that has nothing odd about it; `None` leaves it to the walk.
#[inline]
pub(super) fn read<'a, const TAGGED: bool>(frame: &Frame<'a>) -> Option<Packet<'a>> {
    let (head, behind) = frame.data.split_first_chunk::<14>()?;
    let (vlans, number, rest) = tag::<TAGGED>([head[12], head[13]], behind)?;
    let wire = frame.data.len().max(frame.length as usize) - (frame.data.len() - rest.len());
    let ip = match number {
        [0x08, 0x00] => ipv4(rest, wire)?,
        [0x86, 0xdd] => ipv6(rest, wire)?,
        _ => return None,
    };
    let transport = match ip.protocol {
        TCP => tcp(&ip)?,
        UDP => udp(&ip)?,
        _ => return None,
    };
    Some(Packet {
        layers: layers::<TAGGED>(ip.version, transport.layer),
        vlans,
        src_mac: head[6..].first_chunk().copied().map(Mac),
        dst_mac: head.first_chunk().copied().map(Mac),
        ip_version: ip.version,
        src: Some(ip.src),
        dst: Some(ip.dst),
        protocol: Some(ip.protocol),
        ttl: ip.ttl,
        src_port: Some(transport.src_port),
        dst_port: Some(transport.dst_port),
        tcp: transport.tcp,
        payload_length: (ip.length - transport.header) as u32,
        header_length: ip.header + transport.header as u16,
        payload: ip.rest.get(transport.header..).unwrap_or_default(),
        ..Packet::default()
    })
}

#[inline]
fn layers<const TAGGED: bool>(version: u8, transport: Layer) -> LayerStack {
    const fn of(ip: Layer, transport: Layer, tagged: bool) -> LayerStack {
        if tagged {
            LayerStack::of(&[Layer::Ethernet, Layer::Vlan, ip, transport])
        } else {
            LayerStack::of(&[Layer::Ethernet, ip, transport])
        }
    }
    match (version, transport) {
        (4, Layer::Tcp) => const { of(Layer::Ipv4, Layer::Tcp, TAGGED) },
        (4, _) => const { of(Layer::Ipv4, Layer::Udp, TAGGED) },
        (_, Layer::Tcp) => const { of(Layer::Ipv6, Layer::Tcp, TAGGED) },
        _ => const { of(Layer::Ipv6, Layer::Udp, TAGGED) },
    }
}

/// Takes the tag, if there has to be one.
#[inline]
fn tag<const TAGGED: bool>(number: [u8; 2], rest: &[u8]) -> Option<(Vlans, [u8; 2], &[u8])> {
    if !TAGGED {
        return Some((Vlans::default(), number, rest));
    }
    let (&[c0, c1, t0, t1], rest) = rest.split_first_chunk::<4>().filter(|_| number == [0x81, 0x00])?;
    let id = u16::from_be_bytes([c0, c1]) & 0x0fff;
    Some((Vlans { ids: [id, 0], count: 1 }, [t0, t1], rest))
}

#[inline]
fn ipv4(bytes: &[u8], wire: usize) -> Option<Ip<'_>> {
    let (head, rest) = bytes.split_first_chunk::<20>()?;
    let total = usize::from(u16::from_be_bytes([head[2], head[3]]));
    let fragment = u16::from_be_bytes([head[6], head[7]]) & 0x3fff != 0;
    if head[0] != 0x45 || fragment || total < 20 || total > wire {
        return None;
    }
    let length = total - 20;
    Some(Ip {
        version: 4,
        header: 20,
        protocol: head[9],
        ttl: head[8],
        src: Addr::v4(*head[12..].first_chunk()?),
        dst: Addr::v4(*head[16..].first_chunk()?),
        length,
        rest: rest.get(..length).unwrap_or(rest),
    })
}

#[inline]
fn ipv6(bytes: &[u8], wire: usize) -> Option<Ip<'_>> {
    let (head, rest) = bytes.split_first_chunk::<40>()?;
    let length = usize::from(u16::from_be_bytes([head[4], head[5]]));
    if head[0] >> 4 != 6 || length == 0 || length + 40 > wire {
        return None;
    }
    Some(Ip {
        version: 6,
        header: 40,
        protocol: head[6],
        ttl: head[7],
        src: Addr(*head[8..].first_chunk()?),
        dst: Addr(*head[24..].first_chunk()?),
        length,
        rest: rest.get(..length).unwrap_or(rest),
    })
}

#[inline]
fn tcp(ip: &Ip) -> Option<Transport> {
    let head = ip.rest.first_chunk::<20>()?;
    let header = usize::from(head[12] >> 4) * 4;
    if header < 20 || header > ip.length {
        return None;
    }
    let tcp = Tcp {
        seq: u32::from_be_bytes(*head[4..].first_chunk()?),
        ack: u32::from_be_bytes(*head[8..].first_chunk()?),
        flags: u16::from_be_bytes([head[12] & 1, head[13]]),
        window: u16::from_be_bytes([head[14], head[15]]),
    };
    let (src_port, dst_port) = ports(*head.first_chunk()?);
    Some(Transport { layer: Layer::Tcp, src_port, dst_port, tcp: Some(tcp), header })
}

#[inline]
fn udp(ip: &Ip) -> Option<Transport> {
    let head = ip.rest.first_chunk::<8>()?;
    let plain = usize::from(u16::from_be_bytes([head[4], head[5]])) == ip.length;
    let (src_port, dst_port) = ports(*head.first_chunk()?);
    let transport = Transport { layer: Layer::Udp, src_port, dst_port, tcp: None, header: 8 };
    (plain && !udp::may_tunnel(src_port, dst_port)).then_some(transport)
}

#[inline]
fn ports([s0, s1, d0, d1]: [u8; 4]) -> (u16, u16) {
    (u16::from_be_bytes([s0, s1]), u16::from_be_bytes([d0, d1]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::Decoder;
    use crate::frame::LinkType;
    use proptest::prelude::*;

    /// A plain frame, to be changed in a few places.
    fn plain(tagged: bool, six: bool, stream: bool, payload: usize) -> Vec<u8> {
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
        let tag: &[u8] = if tagged { &[0x81, 0, 0xa0, 7] } else { &[] };
        let number = if six { [0x86, 0xdd] } else { [8, 0] };
        [&[1; 12][..], tag, &number, &ip, transport, &vec![7; payload]].concat()
    }

    proptest! {
        #[test]
        fn both_ways_give_the_same_packet(
            tagged in any::<bool>(), six in any::<bool>(), stream in any::<bool>(), payload in 0usize..60, padding in 0usize..8, cut in 0usize..90,
            changes in prop::collection::vec((12usize..90, any::<u8>()), 0..4),
        ) {
            let mut data = plain(tagged, six, stream, payload);
            data.resize(data.len() + padding, 0xee);
            for (at, value) in changes {
                if let Some(byte) = data.get_mut(at) {
                    *byte = value;
                }
            }
            let (length, link) = (data.len() as u32, LinkType::ETHERNET);
            let captured = data.len().saturating_sub(cut.saturating_sub(30));
            let frame = Frame { input: 0, number: 1, time_ns: 0, link, length, data: &data[..captured] };
            if let Some(packet) = read::<false>(&frame).or_else(|| read::<true>(&frame)) {
                let mut decoder = Decoder::default();
                prop_assert_eq!(format!("{packet:?}"), format!("{:?}", decoder.walk(&frame)));
            } else {
                // Nothing that is whole and unchanged is left to the walk.
                prop_assert!(data != plain(tagged, six, stream, payload) || captured < data.len());
            }
        }
    }
}
