//! ARP, IPv4, IPv6 and extension headers.

use crate::build::*;
use oddwire_core::frame::LinkType;
use oddwire_core::layer::Layer::{self, *};
use oddwire_core::packet::{Addr, Arp, Fragment, Mac};

fn arp(head: [u8; 6], operation: u8) -> Vec<u8> {
    join(&[&head, &[0, operation], &[1; 6], &[10, 0, 0, 1], &[2; 6], &[10, 0, 0, 2]])
}

#[test]
fn arp_gives_operation_and_addresses_and_no_payload() {
    for operation in [1, 2] {
        let mut data = eth(0x0806, &arp([0, 1, 8, 0, 6, 4], operation));
        data.resize(60, 0);
        let packet = decode(LinkType::ETHERNET, &data);
        let expected =
            Arp { operation: u16::from(operation), sender_mac: Mac([1; 6]), target_mac: Mac([2; 6]) };
        assert_eq!(packet.arp, Some(expected));
        assert_eq!((packet.src, packet.dst, packet.ip_version), (Some(SRC), Some(DST), 0));
        assert_eq!((packet.payload_length, layers(&packet)), (0, vec![Ethernet, Layer::Arp]));
    }
}

#[test]
fn arp_for_other_addresses_is_passed_over() {
    let data = eth(0x0806, &join(&[&[0, 1, 8, 0, 8, 4, 0, 1], &[0; 24]]));
    let packet = decode(LinkType::ETHERNET, &data);
    assert_eq!((packet.arp, packet.src, packet.damage), (None, None, None));
    assert_eq!(layers(&packet), [Ethernet, Layer::Arp]);
}

#[test]
fn ipv4_options_are_header_and_padding_is_no_payload() {
    let mut data = eth(0x0800, &ipv4_options(6, &[1; 8], &tcp(b"abc")));
    data.extend([0xee; 9]);
    let packet = decode(LinkType::ETHERNET, &data);
    assert_eq!((packet.header_length, packet.ttl), (48, 64));
    assert_eq!((packet.payload, packet.payload_length), (&b"abc"[..], 3));
    assert_eq!((packet.src, packet.dst, packet.damage), (Some(SRC), Some(DST), None));
}

#[test]
fn total_length_zero_means_the_length_of_the_frame() {
    let mut v4 = eth(0x0800, &ipv4(6, &tcp(&[7; 3000])));
    v4[16..18].fill(0);
    let mut v6 = eth(0x86dd, &ipv6(6, &tcp(&[7; 3000])));
    v6[18..20].fill(0);
    for data in [v4, v6] {
        let packet = decode(LinkType::ETHERNET, &data);
        assert_eq!((packet.payload.len(), packet.damage), (3000, None));
    }
}

#[test]
fn ipv6_without_content_has_no_payload_but_padding() {
    let mut data = eth(0x86dd, &ipv6(59, &[]));
    data.resize(60, 0);
    let packet = decode(LinkType::ETHERNET, &data);
    assert_eq!((packet.protocol, packet.payload_length, packet.damage), (Some(59), 0, None));
}

#[test]
fn extension_headers_lead_to_the_last_protocol() {
    let ah = join(&[&[6, 4], &[0; 22], &tcp(b"x")]);
    let fragment = join(&[&[6, 0, 0, 0, 0, 0, 0, 9], &tcp(b"x")]);
    let chain = extension(43, 1, &extension(60, 1, &extension(135, 1, &extension(6, 1, &tcp(b"x")))));
    let cases: &[(u8, &[u8], &[Layer], u16)] = &[
        (0, &extension(6, 1, &tcp(b"x")), &[Ipv6Extension], 8),
        (0, &chain, &[Ipv6Extension; 4], 32),
        (139, &extension(6, 3, &tcp(b"x")), &[Ipv6Extension], 24),
        (140, &extension(6, 1, &tcp(b"x")), &[Ipv6Extension], 8),
        (51, &ah, &[Ah], 24),
        (44, &fragment, &[Ipv6Extension], 8),
    ];
    for (next, body, between, size) in cases {
        let data = eth(0x86dd, &ipv6(*next, body));
        let packet = decode(LinkType::ETHERNET, &data);
        assert_eq!(layers(&packet), [&[Ethernet, Ipv6], *between, &[Tcp]].concat(), "{next}");
        assert_eq!((packet.protocol, packet.ttl, packet.header_length), (Some(6), 63, 60 + size), "{next}");
        assert_eq!((packet.src, packet.dst, packet.payload), (Some(SRC6), Some(DST6), &b"x"[..]));
        assert_eq!((packet.fragment, packet.damage), (Fragment::None, None));
    }
}

#[test]
fn jumbograms_have_their_length_in_an_option() {
    let body = udp(1, 2, &[]);
    let mut data =
        eth(0x86dd, &ipv6(0, &join(&[&[17, 0, 0xc2, 4, 0, 1, 0x11, 0x78], &body, &vec![5; 70000]])));
    data[18..20].fill(0);
    data[66..68].fill(0);
    data.extend([0; 6]);
    let packet = decode(LinkType::ETHERNET, &data);
    assert_eq!((packet.payload.len(), packet.damage), (70008 - 16, None));
}

#[test]
fn esp_and_unknown_protocols_end_the_walk() {
    let esp = eth(0x0800, &ipv4(50, &[1; 40]));
    let packet = decode(LinkType::ETHERNET, &esp);
    assert_eq!((layers(&packet), packet.payload_length), (vec![Ethernet, Ipv4, Esp], 32));
    let unknown = eth(0x0800, &ipv4(253, &[1; 40]));
    let packet = decode(LinkType::ETHERNET, &unknown);
    assert_eq!((packet.protocol, packet.payload_length, packet.damage), (Some(253), 40, None));
    for (protocol, layer) in [(89, Ospf), (103, Pim), (112, Vrrp), (88, Eigrp), (46, Rsvp), (115, L2tp)] {
        let data = eth(0x0800, &ipv4(protocol, b"named"));
        let packet = decode(LinkType::ETHERNET, &data);
        assert_eq!((layers(&packet), packet.payload), (vec![Ethernet, Ipv4, layer], &b"named"[..]));
    }
}

#[test]
fn the_version_is_believed_before_the_type() {
    let data = eth(0x0800, &ipv6(6, &tcp(b"x")));
    assert_eq!(layers(&decode(LinkType::ETHERNET, &data)), [Ethernet, Ipv6, Tcp]);
    let data = ipv6(6, &tcp(b"x"));
    assert_eq!(decode(LinkType::IPV6, &data).src, Some(Addr(SRC6.0)));
}
