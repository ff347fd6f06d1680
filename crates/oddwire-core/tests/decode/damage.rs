//! What counts as damage, and where it is said to be.

use crate::build::*;
use oddwire_core::error::{Damage, DamageKind};
use oddwire_core::frame::{Frame, LinkType};
use oddwire_core::layer::Layer::{self, *};

fn damage(data: &[u8]) -> Option<Damage> {
    decode(LinkType::ETHERNET, data).damage
}

fn changed(mut data: Vec<u8>, at: usize, value: u8) -> Vec<u8> {
    data[at] = value;
    data
}

#[test]
fn headers_that_are_too_short_are_located() {
    let short = |layer: Layer, offset: u32, need: u32, have: u32| {
        Some(Damage { layer, offset, kind: DamageKind::Short { need, have } })
    };
    let cases = [
        (vec![0; 13], short(Ethernet, 0, 14, 13)),
        (eth(0x0800, &[0x45; 19]), short(Ipv4, 14, 20, 19)),
        (eth(0x86dd, &[0x60; 39]), short(Ipv6, 14, 40, 39)),
        (eth(0x8100, &[0; 3]), short(Vlan, 14, 4, 3)),
        (eth(0x0806, &[0; 7]), short(Arp, 14, 8, 7)),
        (eth(0x0800, &ipv4(6, &tcp(b"")[..12])), short(Tcp, 34, 20, 12)),
        (eth(0x0800, &ipv4(17, &[1, 2, 3])), short(Udp, 34, 8, 3)),
        (eth(0x86dd, &ipv6(0, &[6, 1, 0, 0])), short(Ipv6Extension, 54, 16, 4)),
        (eth(0x8847, &[0, 1, 0, 64, 0]), short(Mpls, 18, 4, 1)),
        (eth(0x8864, &[0x11, 0, 0]), short(Pppoe, 14, 6, 3)),
    ];
    for (data, expected) in cases {
        assert_eq!(damage(&data), expected, "{data:02x?}");
    }
}

#[test]
fn an_empty_frame_lacks_its_first_header() {
    for (link, layer, need) in
        [(LinkType::ETHERNET, Ethernet, 14), (LinkType::RAW, Ipv4, 20), (LinkType::LINUX_SLL, LinuxSll, 16)]
    {
        let kind = DamageKind::Short { need, have: 0 };
        assert_eq!(decode(link, &[]).damage, Some(Damage { layer, offset: 0, kind }));
    }
}

#[test]
fn lengths_and_versions_that_cannot_be_are_located() {
    let v4 = || eth(0x0800, &ipv4(6, &tcp(b"hello")));
    let v6 = || eth(0x86dd, &ipv6(17, &udp(1, 2, b"hello")));
    let u4 = || eth(0x0800, &ipv4(17, &udp(1, 2, b"hello")));
    let length = |value: u32| DamageKind::BadLength { value };
    let cases = [
        (changed(v4(), 14, 0x44), Ipv4, 14, length(16)),
        (changed(v4(), 14, 0x55), Ipv4, 14, DamageKind::BadVersion { value: 5 }),
        (changed(v4(), 17, 19), Ipv4, 14, length(19)),
        (changed(v4(), 17, 46), Ipv4, 14, length(46)),
        (changed(v4(), 46, 0x40), Tcp, 34, length(16)),
        (changed(v4(), 46, 0x70), Tcp, 34, length(28)),
        (changed(v6(), 14, 0x70), Ipv6, 14, DamageKind::BadVersion { value: 7 }),
        (changed(v6(), 19, 14), Ipv6, 14, length(14)),
        (changed(u4(), 39, 7), Udp, 34, length(7)),
        (changed(u4(), 39, 14), Udp, 34, length(14)),
    ];
    for (data, layer, offset, kind) in cases {
        assert_eq!(damage(&data), Some(Damage { layer, offset, kind }), "{data:02x?}");
    }
}

#[test]
fn damage_reads_as_a_sentence() {
    let cases = [
        (eth(0x0800, &ipv4(6, &tcp(b"")[..12])), "byte 34: tcp header needs 20 bytes, has 12"),
        (
            changed(eth(0x0800, &ipv4(6, &tcp(b""))), 14, 0x44),
            "byte 14: ipv4 header has an impossible length field, 16",
        ),
    ];
    for (data, text) in cases {
        assert_eq!(damage(&data).map(|damage| damage.to_string()).as_deref(), Some(text));
    }
}

#[test]
fn what_was_read_before_the_damage_stays() {
    let data = changed(eth(0x0800, &ipv4(6, &tcp(b"hello"))), 46, 0x40);
    let packet = decode(LinkType::ETHERNET, &data);
    assert_eq!((packet.src, packet.src_port, packet.ttl), (Some(SRC), Some(1234), 64));
    assert!(packet.tcp.is_some_and(|tcp| tcp.seq == 7));
    let data = changed(eth(0x0800, &ipv4(6, &tcp(b"hello"))), 17, 60);
    let packet = decode(LinkType::ETHERNET, &data);
    assert_eq!((packet.payload, packet.payload_length), (&b"hello"[..], 5));
}

#[test]
fn nesting_is_followed_only_so_far() {
    let mut body = ipv4(6, &tcp(b""));
    for _ in 0..20 {
        body = ipv4(4, &body);
    }
    let data = eth(0x0800, &body);
    let packet = decode(LinkType::ETHERNET, &data);
    assert_eq!(packet.damage, Some(Damage { layer: Ipv4, offset: 314, kind: DamageKind::TooDeep }));
    assert_eq!(layers(&packet).len(), 16);
}

#[test]
fn a_cut_is_no_damage_unless_the_wire_had_too_little() {
    let whole = eth(0x0800, &ipv4(6, &tcp(b"hello")));
    let cut = Frame { data: &whole[..40], ..frame(LinkType::ETHERNET, &whole) };
    let packet = decode_frame(&cut);
    assert_eq!((packet.damage, packet.src_port, packet.payload_length), (None, Some(1234), 25));
    let short = eth(0x0800, &ipv4(6, &tcp(b"")[..12]));
    let cut = Frame { data: &short[..40], ..frame(LinkType::ETHERNET, &short) };
    let kind = DamageKind::Short { need: 20, have: 12 };
    assert_eq!(decode_frame(&cut).damage, Some(Damage { layer: Tcp, offset: 34, kind }));
}
