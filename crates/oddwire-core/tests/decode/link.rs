//! Link layers: each leads to the same packet inside.

use crate::build::*;
use oddwire_core::frame::LinkType;
use oddwire_core::layer::Layer::{self, *};
use oddwire_core::packet::{Mac, Vlans};

fn inside(link: LinkType, before: &[u8], outer: &[Layer]) {
    let data = join(&[before, &inner()]);
    let packet = decode(link, &data);
    assert_inner(&packet);
    assert_eq!(layers(&packet), [outer, &[Ipv4, Udp]].concat(), "{link} {before:02x?}");
}

#[test]
fn every_link_type_leads_to_the_packet_inside() {
    let sll = [0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 8, 0];
    let sll2 = [8, 0, 0, 0, 0, 0, 0, 3, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0];
    let length = inner().len() as u8 + 2;
    inside(LinkType::RAW, &[], &[]);
    inside(LinkType::RAW_BSD, &[], &[]);
    inside(LinkType::RAW_OPENBSD, &[], &[]);
    inside(LinkType::IPV4, &[], &[]);
    inside(LinkType::ETHERNET, &eth(0x0800, &[]), &[Ethernet]);
    inside(LinkType::LINUX_SLL, &sll, &[LinuxSll]);
    inside(LinkType::LINUX_SLL2, &sll2, &[LinuxSll2]);
    inside(LinkType::NULL, &[2, 0, 0, 0], &[BsdLoopback]);
    inside(LinkType::NULL, &[0, 0, 0, 2], &[BsdLoopback]);
    inside(LinkType::LOOP, &[0, 0, 0, 2], &[BsdLoopback]);
    inside(LinkType::PPP, &[0x00, 0x21], &[Ppp]);
    inside(LinkType::PPP, &[0x21], &[Ppp]);
    inside(LinkType::PPP, &[0xff, 0x03, 0x00, 0x21], &[Ppp]);
    inside(LinkType::PPP_HDLC, &[0xff, 0x03, 0x21], &[Ppp]);
    inside(LinkType::PPP_HDLC, &[0x0f, 0x00, 0x08, 0x00], &[Hdlc]);
    inside(LinkType::C_HDLC, &[0x8f, 0x00, 0x08, 0x00], &[Hdlc]);
    inside(LinkType::PPP_ETHER, &[0x11, 0, 0, 7, 0, length, 0x00, 0x21], &[Pppoe, Ppp]);
}

#[test]
fn ethernet_types_and_lengths_lead_to_the_packet_inside() {
    let cases: &[(u16, &[u8], &[Layer])] = &[
        (0x8864, &[0x11, 0, 0, 1, 0, 35, 0x00, 0x21], &[Pppoe, Ppp]),
        (0x8847, &[0, 1, 0, 64, 0, 2, 1, 64], &[Mpls]),
        (0x8848, &[0, 1, 1, 64], &[Mpls]),
        (0x8100, &[0, 5, 8, 0], &[Vlan]),
        (0x6558, &eth(0x0800, &[]), &[Ethernet]),
        (0x8847, &join(&[&[0, 1, 1, 64], &eth(0x0800, &[])]), &[Mpls, Ethernet]),
        (0x8847, &join(&[&[0, 1, 1, 64, 0, 0, 0, 0], &eth(0x0800, &[])]), &[Mpls, Ethernet]),
    ];
    for (number, before, between) in cases {
        inside(LinkType::ETHERNET, &eth(*number, before), &[&[Ethernet], *between].concat());
    }
    let snap = [0xaa, 0xaa, 3, 0, 0, 0, 8, 0];
    let data = eth_length(&join(&[&snap, &inner()]));
    let packet = decode(LinkType::ETHERNET, &data);
    assert_inner(&packet);
    assert_eq!(layers(&packet), [Ethernet, Llc, Snap, Ipv4, Udp]);
}

#[test]
fn tags_and_process_information_are_passed_over() {
    let cases: &[(u16, &[u8], &[Layer])] = &[
        (0x8926, &[0, 0, 0, 0, 8, 0], &[Tag]),
        (0x893f, &[0, 0, 0, 0, 0, 0, 8, 0], &[Tag]),
        (0x88e7, &join(&[&[0, 0, 0, 9], &eth(0x0800, &[])]), &[Tag, Ethernet]),
        (0x894f, &[0, 2, 1, 1, 0, 0, 0, 9], &[Nsh]),
        (0x894f, &join(&[&[0, 6, 1, 3], &[0; 20], &eth(0x0800, &[])]), &[Nsh, Ethernet]),
        (0x88e5, &[0, 0, 0, 0, 0, 1, 8, 0], &[Macsec]),
        (0x88e5, &join(&[&[0x20, 0, 0, 0, 0, 1], &[0; 8], &[8, 0]]), &[Macsec]),
    ];
    for (number, before, between) in cases {
        inside(LinkType::ETHERNET, &eth(*number, before), &[&[Ethernet], *between].concat());
    }
    let payload = [inner().len() as u8 + 4, 0, 9, 0];
    inside(LinkType::NFLOG, &join(&[&[2, 0, 0, 0, 5, 0, 1, 0, 7, 0, 0, 0], &payload]), &[Nflog]);
    let pktap = join(&[&[16, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0], &eth(0x0800, &[])]);
    inside(LinkType::PKTAP, &pktap, &[Pktap, Ethernet]);
    let hidden = eth(0x88e5, &[0x0c; 40]);
    assert_eq!(layers(&decode(LinkType::ETHERNET, &hidden)), [Ethernet, Macsec]);
}

#[test]
fn addresses_are_those_of_the_outermost_header() {
    let data = eth(0x6558, &join(&[&[9; 12], &[8, 0], &inner()]));
    let packet = decode(LinkType::ETHERNET, &data);
    assert_eq!((packet.src_mac, packet.dst_mac), (Some(SRC_MAC), Some(DST_MAC)));
    let sll = join(&[&[0, 0, 0, 1, 0, 6, 1, 2, 3, 4, 5, 6, 0, 0, 8, 0], &inner()]);
    let packet = decode(LinkType::LINUX_SLL, &sll);
    assert_eq!((packet.src_mac, packet.dst_mac), (Some(Mac([1, 2, 3, 4, 5, 6])), None));
}

#[test]
fn vlan_tags_are_kept_outer_first_and_counted() {
    let three = vlan(7, 0x8100, &vlan(8, 0x8100, &vlan(9, 0x0800, &inner())));
    let cases = [
        (eth(0x8100, &vlan(5, 0x0800, &inner())), [5, 0], 1),
        (eth(0x88a8, &vlan(5, 0x8100, &vlan(4095, 0x0800, &inner()))), [5, 4095], 2),
        (eth(0x9100, &three), [7, 8], 3),
    ];
    for (data, ids, count) in cases {
        let packet = decode(LinkType::ETHERNET, &data);
        assert_inner(&packet);
        assert_eq!(packet.vlans, Vlans { ids, count });
    }
}

#[test]
fn content_that_is_only_named_is_payload() {
    let cases = [
        (0x88cc, Lldp),
        (0x888e, Eapol),
        (0x8809, Lacp),
        (0x8892, Profinet),
        (0x88b8, Goose),
        (0x9000, Loopback),
    ];
    for (number, layer) in cases {
        let data = eth(number, b"named");
        let packet = decode(LinkType::ETHERNET, &data);
        assert_eq!(layers(&packet), [Ethernet, layer]);
        assert_eq!((packet.payload, packet.payload_length, packet.damage), (&b"named"[..], 5, None));
    }
}

#[test]
fn service_access_points_are_named_without_padding() {
    let cases: &[(&[u8], &[Layer], usize)] = &[
        (&[0x42, 0x42, 3, 9], &[Llc, Stp], 1),
        (&[0xfe, 0xfe, 3, 9, 9], &[Llc, Isis], 2),
        (&[0xe0, 0xe0, 3], &[Llc, Ipx], 0),
        (&[0xff, 0xff, 0, 30], &[Ipx], 4),
        (&[0xaa, 0xaa, 3, 0, 0, 0x0c, 0x20, 0, 1], &[Llc, Snap, Cdp], 1),
        (&[0xf0, 0xf0, 1, 1, 5], &[Llc], 1),
    ];
    for (body, named, payload) in cases {
        let data = eth_length(body);
        let packet = decode(LinkType::ETHERNET, &data);
        assert_eq!(layers(&packet), [&[Ethernet], *named].concat(), "{body:02x?}");
        assert_eq!((packet.payload.len(), packet.damage), (*payload, None), "{body:02x?}");
    }
}

#[test]
fn loopback_knows_the_families_of_all_systems() {
    for family in [10u32, 23, 24, 28, 30] {
        for bytes in [family.to_be_bytes(), family.to_le_bytes()] {
            let data = join(&[&bytes, &ipv6(6, &tcp(b"x"))]);
            assert_eq!(layers(&decode(LinkType::NULL, &data)), [BsdLoopback, Ipv6, Tcp]);
        }
    }
    assert_eq!(layers(&decode(LinkType::NULL, &[7, 0, 0, 0, 1, 2])), [BsdLoopback]);
}

#[test]
fn unknown_link_types_are_data() {
    let packet = decode(LinkType(147), b"anything");
    assert_eq!(layers(&packet), [Data]);
    assert_eq!((packet.payload, packet.damage), (&b"anything"[..], None));
}
