//! Fragmented datagrams: any order, overlaps, contradictions, bounds.

use crate::build::*;
use oddwire_core::decode::{Decoder, DecoderLimits};
use oddwire_core::frame::{Frame, LinkType};
use oddwire_core::packet::Fragment;
use proptest::prelude::*;

const MORE: u16 = 0x2000;

fn at_time(data: &[u8], time_ns: i64) -> Frame<'_> {
    Frame { time_ns, ..frame(LinkType::ETHERNET, data) }
}

/// Frames that carry `body` in pieces of `size` bytes.
fn split(body: &[u8], size: usize, id: u16, six: bool) -> Vec<Vec<u8>> {
    let count = body.chunks(size).count();
    let piece = |(n, chunk): (usize, &[u8])| {
        let (offset, more) = ((n * size) as u16, n + 1 < count);
        if six {
            eth(0x86dd, &ipv6_fragment(17, u32::from(id), offset | u16::from(more), chunk))
        } else {
            let bits = (offset / 8) | if more { MORE } else { 0 };
            eth(0x0800, &ipv4_fragment(17, id, bits, chunk))
        }
    };
    body.chunks(size).enumerate().map(piece).collect()
}

proptest! {
    #[test]
    fn any_order_gives_the_whole(
        payload in prop::collection::vec(any::<u8>(), 17..2000),
        units in 1usize..40,
        six in any::<bool>(),
        order in any::<prop::sample::Index>(),
        repeat in any::<bool>(),
    ) {
        let body = udp(1000, 2000, &payload);
        let mut frames = split(&body, units * 8, 77, six);
        prop_assume!(frames.len() > 1);
        let turn = order.index(frames.len());
        frames.rotate_left(turn);
        if repeat {
            let again = frames[0].clone();
            frames.insert(1, again);
        }
        let mut decoder = Decoder::default();
        let last = frames.len() - 1;
        for (n, data) in frames.iter().enumerate() {
            let packet = decoder.decode(&at_time(data, 0));
            let expected = if n == last { Fragment::Completed } else { Fragment::Part };
            prop_assert_eq!(packet.fragment, expected);
            prop_assert_eq!(packet.protocol, Some(17));
            if n == last {
                prop_assert_eq!(packet.payload, &payload[..]);
                prop_assert_eq!((packet.src_port, packet.dst_port), (Some(1000), Some(2000)));
                prop_assert_eq!(packet.damage, None);
            }
        }
        let counts = decoder.fragment_counts();
        prop_assert_eq!((counts.completed, counts.overlaps, counts.bad), (1, u64::from(repeat), 0));
        prop_assert_eq!(decoder.fragment_bytes(), 0);
    }

    #[test]
    fn any_fragments_are_harmless_and_bounded(
        pieces in prop::collection::vec((0u16..4, 0u16..8200, any::<bool>(), 0usize..64), 0..200),
    ) {
        let limits = DecoderLimits { fragment_datagrams: 3, fragment_bytes: 2000, ..DecoderLimits::default() };
        let mut decoder = Decoder::with_limits(limits);
        for (id, offset, more, size) in pieces {
            let bits = offset.min(0x1fff) | if more { MORE } else { 0 };
            let data = eth(0x0800, &ipv4_fragment(17, id, bits, &vec![0x5a; size]));
            prop_assert!(decoder.decode(&at_time(&data, 0)).payload.len() <= 65_535);
            prop_assert!(decoder.fragment_bytes() <= 2000);
        }
    }
}

#[test]
fn the_first_fragment_gives_its_own_headers() {
    let frames = split(&udp(1000, 2000, &[1; 40]), 24, 1, false);
    let mut decoder = Decoder::default();
    let packet = decoder.decode(&at_time(&frames[0], 0));
    assert_eq!((packet.src_port, packet.fragment, packet.payload_length), (Some(1000), Fragment::Part, 16));
    assert_eq!(packet.damage, None);
    let mut decoder = Decoder::default();
    let packet = decoder.decode(&at_time(&frames[1], 0));
    assert_eq!((packet.src_port, packet.payload_length, packet.damage), (None, 24, None));
}

#[test]
fn a_tiny_first_fragment_is_no_damage() {
    let data = eth(0x0800, &ipv4_fragment(6, 1, MORE, &tcp(b"")[..8]));
    let packet = decode(LinkType::ETHERNET, &data);
    assert_eq!((packet.src_port, packet.tcp, packet.damage), (Some(1234), None, None));
}

#[test]
fn where_fragments_overlap_the_first_data_wins() {
    let head = udp(1, 2, &[b'a'; 16]);
    let frames = [
        eth(0x0800, &ipv4_fragment(17, 9, MORE, &head[..16])),
        eth(0x0800, &ipv4_fragment(17, 9, 1, &[b'b'; 16])),
    ];
    let mut decoder = Decoder::default();
    decoder.decode(&at_time(&frames[0], 0));
    let packet = decoder.decode(&at_time(&frames[1], 0));
    assert_eq!((packet.fragment, packet.payload), (Fragment::Completed, &b"aaaaaaaabbbbbbbb"[..]));
    assert_eq!(decoder.fragment_counts().overlaps, 1);
}

#[test]
fn contradictions_are_dropped_and_counted() {
    let cases: [&[(u16, usize)]; 5] = [
        &[(0x1fff, 64)],
        &[(MORE, 7)],
        &[(2, 8), (4, 8)],
        &[(MORE | 4, 16), (1, 8)],
        &[(1, 8), (MORE | 5, 8)],
    ];
    for case in cases {
        let mut decoder = Decoder::default();
        for &(bits, size) in case {
            let data = eth(0x0800, &ipv4_fragment(17, 9, bits, &vec![0; size]));
            assert_eq!(decoder.decode(&at_time(&data, 0)).fragment, Fragment::Part);
        }
        assert_eq!(decoder.fragment_counts().bad, 1, "{case:?}");
    }
}

#[test]
fn datagrams_expire_by_packet_time() {
    let frames = split(&udp(1, 2, &[0; 40]), 24, 1, false);
    for (later_ns, completed, expired) in [(30_000_000_000, 1, 0), (30_000_000_001, 0, 1)] {
        let mut decoder = Decoder::default();
        decoder.decode(&at_time(&frames[0], 0));
        decoder.decode(&at_time(&frames[1], later_ns));
        let counts = decoder.fragment_counts();
        assert_eq!((counts.completed, counts.expired), (completed, expired));
    }
}

#[test]
fn the_oldest_makes_room() {
    let limits = DecoderLimits { fragment_datagrams: 2, ..DecoderLimits::default() };
    let mut decoder = Decoder::with_limits(limits);
    let body = udp(1, 2, &[0; 40]);
    for id in 1..=3 {
        decoder.decode(&at_time(&split(&body, 24, id, false)[0], i64::from(id)));
    }
    for (id, fragment) in [(1, Fragment::Part), (3, Fragment::Completed)] {
        let data = split(&body, 24, id, false);
        let packet = decoder.decode(&at_time(data.last().unwrap(), 4));
        assert_eq!((id, packet.fragment), (id, fragment));
    }
    assert_eq!(decoder.fragment_counts().evicted, 2);
}

#[test]
fn fragments_of_other_networks_and_cut_ones_do_not_mix() {
    let body = udp(1, 2, &[0; 40]);
    let first = eth(0x8100, &vlan(5, 0x0800, &ipv4_fragment(17, 1, MORE, &body[..24])));
    let second = eth(0x8100, &vlan(6, 0x0800, &ipv4_fragment(17, 1, 3, &body[24..])));
    let mut decoder = Decoder::default();
    decoder.decode(&at_time(&first, 0));
    assert_eq!(decoder.decode(&at_time(&second, 0)).fragment, Fragment::Part);
    let cut = Frame { data: &first[..50], ..at_time(&first, 0) };
    assert_eq!(decoder.decode(&cut).damage, None);
    assert_eq!(decoder.fragment_counts().cut, 1);
}

#[test]
fn a_fragment_that_claims_more_than_is_there_is_not_used() {
    let frames = split(&udp(1, 2, &[0; 40]), 24, 1, false);
    let mut decoder = Decoder::default();
    decoder.decode(&at_time(&frames[0], 0));
    let short = &frames[1][..frames[1].len() - 8];
    let packet = decoder.decode(&at_time(short, 0));
    assert_eq!((packet.fragment, packet.damage.is_some()), (Fragment::Part, true));
    assert_eq!(decoder.fragment_counts().cut, 1);
}

#[test]
fn a_tunnel_is_followed_in_the_whole_datagram_only() {
    let outer = ipv4(17, &udp(7, 9, &[3; 60]));
    let frames = [
        eth(0x0800, &ipv4_fragment(4, 1, MORE, &outer[..40])),
        eth(0x0800, &ipv4_fragment(4, 1, 5, &outer[40..])),
    ];
    let mut decoder = Decoder::default();
    let packet = decoder.decode(&at_time(&frames[0], 0));
    assert_eq!((packet.protocol, packet.src_port), (Some(4), None));
    let packet = decoder.decode(&at_time(&frames[1], 0));
    assert_eq!((packet.protocol, packet.src_port, packet.payload), (Some(17), Some(7), &[3; 60][..]));
}
