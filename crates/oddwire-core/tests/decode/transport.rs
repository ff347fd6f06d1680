//! TCP, UDP and the other transports.

use crate::build::*;
use oddwire_core::frame::LinkType;
use oddwire_core::layer::Layer::*;
use oddwire_core::packet::{Packet, Tcp as TcpFields, tcp_flag};

fn over_both(protocol: u8, body: &[u8], check: impl Fn(&Packet, u16)) {
    check(&decode(LinkType::ETHERNET, &eth(0x0800, &ipv4(protocol, body))), 20);
    check(&decode(LinkType::ETHERNET, &eth(0x86dd, &ipv6(protocol, body))), 40);
}

#[test]
fn tcp_fields_are_read_and_options_passed_over() {
    for size in [0, 4, 12, 40] {
        over_both(6, &tcp_options(&vec![1; size], b"hello"), |packet, ip| {
            let flags = tcp_flag::PSH | tcp_flag::ACK | tcp_flag::AE;
            assert_eq!(packet.tcp, Some(TcpFields { seq: 7, ack: 9, flags, window: 512 }));
            assert_eq!((packet.src_port, packet.dst_port, packet.protocol), (Some(1234), Some(80), Some(6)));
            assert_eq!(packet.header_length, ip + 20 + size as u16);
            assert_eq!((packet.payload, packet.payload_length, packet.damage), (&b"hello"[..], 5, None));
        });
    }
}

#[test]
fn udp_length_bounds_the_payload() {
    for (length, payload) in [(13, 5), (8, 0), (10, 2), (0, 5)] {
        let mut body = udp(53, 1234, b"hello");
        body[5] = length;
        over_both(17, &body, |packet, ip| {
            assert_eq!((packet.src_port, packet.dst_port), (Some(53), Some(1234)));
            assert_eq!((packet.payload_length, packet.payload), (payload, &b"hello"[..payload as usize]));
            assert_eq!((packet.header_length, packet.damage), (ip + 8, None));
        });
    }
}

#[test]
fn other_transports_give_their_ports() {
    let sctp = join(&[&[4, 210, 0, 80], &[0; 8], b"chunk"]);
    let dccp = join(&[&[4, 210, 0, 80, 4], &[0; 11], b"chunk"]);
    let lite = join(&[&[4, 210, 0, 80], &[0; 4], b"chunk"]);
    for (protocol, body, layer, header) in
        [(132, sctp, Sctp, 12), (33, dccp, Dccp, 16), (136, lite, UdpLite, 8)]
    {
        over_both(protocol, &body, |packet, ip| {
            assert_eq!(packet.layers.last(), Some(layer));
            assert_eq!((packet.src_port, packet.dst_port), (Some(1234), Some(80)));
            assert_eq!((packet.header_length, packet.payload), (ip + header, &b"chunk"[..]));
            assert_eq!((packet.protocol, packet.damage), (Some(protocol), None));
        });
    }
}

#[test]
fn icmp_gives_type_and_code_and_not_the_packet_inside() {
    let error = join(&[&[3, 1, 0, 0, 0, 0, 0, 0], &inner()]);
    let data = eth(0x0800, &ipv4(1, &error));
    let packet = decode(LinkType::ETHERNET, &data);
    assert_eq!((packet.icmp, packet.src, packet.src_port), (Some((3, 1)), Some(SRC), None));
    assert_eq!((layers(&packet), packet.payload_length), (vec![Ethernet, Ipv4, Icmp], 33));
    let data = eth(0x86dd, &ipv6(58, &[135, 0, 0, 0, 0, 0, 0, 0, 1, 2]));
    let packet = decode(LinkType::ETHERNET, &data);
    assert_eq!((packet.icmp, packet.payload_length, packet.header_length), (Some((135, 0)), 2, 48));
    let data = eth(0x0800, &ipv4(2, &[0x16, 0, 0, 0, 224, 0, 0, 251]));
    assert_eq!(layers(&decode(LinkType::ETHERNET, &data)), [Ethernet, Ipv4, Igmp]);
}
