//! Frames made header by header, each function wrapping what it is given.

use oddwire_core::decode::Decoder;
use oddwire_core::frame::{Frame, LinkType};
use oddwire_core::layer::Layer;
use oddwire_core::packet::{Addr, Mac, Packet};

pub(crate) const SRC_MAC: Mac = Mac([2, 0, 0, 0, 0, 1]);
pub(crate) const DST_MAC: Mac = Mac([2, 0, 0, 0, 0, 2]);
pub(crate) const SRC: Addr = Addr::v4([10, 0, 0, 1]);
pub(crate) const DST: Addr = Addr::v4([10, 0, 0, 2]);
pub(crate) const SRC6: Addr = Addr([0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
pub(crate) const DST6: Addr = Addr([0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2]);

/// A frame as it was on the wire, captured whole.
pub(crate) fn frame(link: LinkType, data: &[u8]) -> Frame<'_> {
    Frame { input: 0, number: 1, time_ns: 0, link, length: data.len() as u32, data }
}

/// Decodes one whole frame with a decoder that knows nothing of others.
pub(crate) fn decode(link: LinkType, data: &[u8]) -> Packet<'_> {
    decode_frame(&frame(link, data))
}

pub(crate) fn decode_frame<'a>(frame: &Frame<'a>) -> Packet<'a> {
    Box::leak(Box::<Decoder>::default()).decode(frame)
}

pub(crate) fn layers(packet: &Packet) -> Vec<Layer> {
    packet.layers.as_slice().to_vec()
}

pub(crate) fn join(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

pub(crate) fn eth(number: u16, body: &[u8]) -> Vec<u8> {
    join(&[&DST_MAC.0, &SRC_MAC.0, &number.to_be_bytes(), body])
}

/// 802.3: the length in the place of the type, padded to the least frame.
pub(crate) fn eth_length(body: &[u8]) -> Vec<u8> {
    let mut frame = eth(body.len() as u16, body);
    frame.resize(frame.len().max(60), 0);
    frame
}

pub(crate) fn vlan(id: u16, number: u16, body: &[u8]) -> Vec<u8> {
    join(&[&(0xa000 | id).to_be_bytes(), &number.to_be_bytes(), body])
}

pub(crate) fn ipv4(protocol: u8, body: &[u8]) -> Vec<u8> {
    ipv4_fragment(protocol, 0, 0, body)
}

/// An IPv4 packet with an identification and the flags-and-offset field.
pub(crate) fn ipv4_fragment(protocol: u8, id: u16, bits: u16, body: &[u8]) -> Vec<u8> {
    let (total, id, bits) = ((20 + body.len() as u16).to_be_bytes(), id.to_be_bytes(), bits.to_be_bytes());
    join(&[&[0x45, 0], &total, &id, &bits, &[64, protocol, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2], body])
}

pub(crate) fn ipv4_options(protocol: u8, options: &[u8], body: &[u8]) -> Vec<u8> {
    let mut packet = ipv4(protocol, &join(&[options, body]));
    packet[0] = 0x45 + (options.len() / 4) as u8;
    packet
}

pub(crate) fn ipv6(next: u8, body: &[u8]) -> Vec<u8> {
    join(&[&[0x60, 0, 0, 0], &(body.len() as u16).to_be_bytes(), &[next, 63], &SRC6.0, &DST6.0, body])
}

/// An IPv6 extension header of `units` times eight bytes, filled with padding options.
pub(crate) fn extension(next: u8, units: u8, body: &[u8]) -> Vec<u8> {
    let fill = usize::from(units) * 8 - 4;
    join(&[&[next, units - 1, 1, fill as u8], &vec![0; fill], body])
}

pub(crate) fn ipv6_fragment(next: u8, id: u32, bits: u16, body: &[u8]) -> Vec<u8> {
    ipv6(44, &join(&[&[next, 0], &bits.to_be_bytes(), &id.to_be_bytes(), body]))
}

pub(crate) fn tcp(payload: &[u8]) -> Vec<u8> {
    tcp_options(&[], payload)
}

/// Ports 1234 to 80, sequence 7, acknowledgement 9, PSH and ACK and AE, window 512.
pub(crate) fn tcp_options(options: &[u8], payload: &[u8]) -> Vec<u8> {
    let offset = (5 + options.len() as u8 / 4) << 4 | 1;
    join(&[&[4, 210, 0, 80, 0, 0, 0, 7, 0, 0, 0, 9, offset, 0x18, 2, 0, 0, 0, 0, 0], options, payload])
}

pub(crate) fn udp(source: u16, destination: u16, payload: &[u8]) -> Vec<u8> {
    let length = (8 + payload.len() as u16).to_be_bytes();
    join(&[&source.to_be_bytes(), &destination.to_be_bytes(), &length, &[0, 0], payload])
}

/// An inner packet that is easily told from an outer one.
pub(crate) fn inner() -> Vec<u8> {
    let mut packet = ipv4(17, &udp(5000, 5001, b"inner"));
    packet[12..20].copy_from_slice(&[192, 168, 0, 1, 192, 168, 0, 2]);
    packet
}

/// Says that the packet made by [`inner`] is the one described.
pub(crate) fn assert_inner(packet: &Packet) {
    assert_eq!(packet.src, Some(Addr::v4([192, 168, 0, 1])));
    assert_eq!(packet.dst, Some(Addr::v4([192, 168, 0, 2])));
    assert_eq!((packet.src_port, packet.dst_port), (Some(5000), Some(5001)));
    assert_eq!((packet.ip_version, packet.protocol, packet.header_length), (4, Some(17), 28));
    assert_eq!((packet.payload, packet.payload_length), (&b"inner"[..], 5));
    assert_eq!(packet.damage, None);
    assert!(packet.tcp.is_none() && packet.icmp.is_none());
}
