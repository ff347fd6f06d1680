//! Every kind of frame, cut at every length.

use crate::build::*;
use oddwire_core::frame::{Frame, LinkType};
use oddwire_core::packet::Packet;

/// One frame of each kind, with its link type.
pub(crate) fn samples() -> Vec<(LinkType, Vec<u8>)> {
    let arp = join(&[&[0, 1, 8, 0, 6, 4, 0, 1], &[1; 6], &[10, 0, 0, 1], &[0; 6], &[10, 0, 0, 2]]);
    let vxlan = udp(1, 4789, &join(&[&[8, 0, 0, 0, 0, 0, 3, 0], &eth(0x0800, &inner())]));
    let geneve = udp(1, 6081, &join(&[&[1, 0, 0x65, 0x58, 0, 1, 2, 0, 0, 0, 0, 0], &eth(0x0800, &inner())]));
    let gtpu = udp(1, 2152, &join(&[&[0x30, 255, 0, inner().len() as u8, 1, 2, 3, 4], &inner()]));
    let teredo = udp(3544, 9, &join(&[&[0, 0, 1, 2, 3, 4, 5, 6], &ipv6(6, &tcp(b"x"))]));
    let gre = join(&[&[0x30, 0, 8, 0, 0, 0, 0, 5, 0, 0, 0, 1], &inner()]);
    let snap = join(&[&[0xaa, 0xaa, 3, 0, 0, 0, 8, 0], &inner()]);
    let wifi = join(&[&[0x88, 1, 0, 0], &[1; 20], &[0, 0], &snap]);
    let ethernet = [
        eth(0x0800, &ipv4_options(6, &[1; 8], &tcp_options(&[1; 12], b"hello"))),
        eth(0x0800, &ipv4(17, &udp(53, 1234, b"hello"))),
        eth(0x86dd, &ipv6(0, &extension(60, 2, &extension(6, 1, &tcp(b"hello"))))),
        eth(0x8100, &vlan(5, 0x86dd, &ipv6(58, &[128, 0, 0, 0, 0, 1, 0, 1, 1, 2]))),
        eth(0x0800, &ipv4(132, &[1; 30])),
        eth(0x0800, &ipv4(33, &[5; 30])),
        eth(0x0800, &ipv4(51, &join(&[&[17, 4], &[0; 22], &udp(1, 2, b"x")]))),
        eth(0x0800, &ipv4_fragment(17, 3, 0x2000, &udp(1, 2, &[0; 8]))),
        eth(0x86dd, &ipv6_fragment(17, 3, 1, &udp(1, 2, &[0; 8]))),
        eth(0x0806, &arp),
        eth_length(&snap),
        eth(0x8847, &join(&[&[0, 1, 0, 64, 0, 2, 1, 64], &inner()])),
        eth(0x8864, &join(&[&[0x11, 0, 0, 1, 0, 35, 0x00, 0x21], &inner()])),
        eth(0x0800, &ipv4(17, &vxlan)),
        eth(0x0800, &ipv4(17, &geneve)),
        eth(0x0800, &ipv4(17, &gtpu)),
        eth(0x0800, &ipv4(17, &teredo)),
        eth(0x0800, &ipv4(47, &gre)),
        eth(0x0800, &ipv4(4, &inner())),
    ];
    let others = [
        (LinkType::LINUX_SLL, join(&[&[0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 8, 0], &inner()])),
        (LinkType::IEEE802_11, wifi.clone()),
        (LinkType::IEEE802_11_RADIOTAP, join(&[&[0, 0, 9, 0, 2, 0, 0, 0, 0], &wifi])),
        (LinkType::IEEE802_11_PRISM, join(&[&[0, 0, 0, 0x44, 144, 0, 0, 0], &[0; 136], &wifi])),
        (LinkType::PPI, join(&[&[0, 0, 8, 0, 105, 0, 0, 0], &wifi])),
        (LinkType::PPP_HDLC, join(&[&[0xff, 3, 0, 0x21], &inner()])),
        (LinkType::NULL, join(&[&[2, 0, 0, 0], &inner()])),
    ];
    ethernet.into_iter().map(|data| (LinkType::ETHERNET, data)).chain(others).collect()
}

/// What is known of the cut packet is what is known of the whole one.
fn assert_agrees<T: PartialEq + std::fmt::Debug>(name: &str, cut: Option<&T>, whole: Option<&T>) {
    assert!(cut.is_none() || cut == whole, "{name}: {cut:?} of {whole:?}");
}

fn assert_part_of(cut: &Packet, whole: &Packet) {
    let (some, all) = (layers(cut), layers(whole));
    assert!(all.starts_with(&some), "{some:?} of {all:?}");
    assert_agrees("src_mac", cut.src_mac.as_ref(), whole.src_mac.as_ref());
    assert_agrees("dst_mac", cut.dst_mac.as_ref(), whole.dst_mac.as_ref());
    // As long as the inner packet of a tunnel is out of reach, the outer one is described.
    if cut.tunnel == whole.tunnel {
        assert_agrees("src", cut.src.as_ref(), whole.src.as_ref());
        assert_agrees("dst", cut.dst.as_ref(), whole.dst.as_ref());
        assert_agrees("src_port", cut.src_port.as_ref(), whole.src_port.as_ref());
        assert_agrees("dst_port", cut.dst_port.as_ref(), whole.dst_port.as_ref());
        assert_agrees("tcp", cut.tcp.as_ref(), whole.tcp.as_ref());
        assert_agrees("icmp", cut.icmp.as_ref(), whole.icmp.as_ref());
        assert_agrees("arp", cut.arp.as_ref(), whole.arp.as_ref());
    }
    if some == all && cut.header_length == whole.header_length {
        assert!(whole.payload.starts_with(cut.payload));
        assert_eq!((cut.ttl, cut.protocol), (whole.ttl, whole.protocol));
    }
}

#[test]
fn a_snap_length_cut_loses_only_what_it_cut() {
    for (link, data) in samples() {
        let whole = decode(link, &data);
        assert_eq!(whole.damage, None, "{link} {data:02x?}");
        for length in 0..data.len() {
            let frame = Frame { data: &data[..length], ..frame(link, &data) };
            let cut = decode_frame(&frame);
            assert_eq!(cut.damage, None, "{link} cut to {length}: {data:02x?}");
            assert_part_of(&cut, &whole);
        }
    }
}

#[test]
fn a_frame_that_ends_early_is_damaged_where_it_ends() {
    for (link, data) in samples() {
        let whole = decode(link, &data);
        for length in 0..data.len() {
            let early = decode(link, &data[..length]);
            assert_part_of(&early, &whole);
            assert!(early.damage.is_none_or(|damage| damage.offset as usize <= length), "{link} {length}");
        }
    }
}
