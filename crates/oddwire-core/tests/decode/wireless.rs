//! 802.11 and what stands before it.

use crate::build::*;
use oddwire_core::frame::LinkType;
use oddwire_core::layer::Layer::*;
use oddwire_core::packet::Mac;

const SNAP: [u8; 8] = [0xaa, 0xaa, 3, 0, 0, 0, 8, 0];

/// A data frame: addresses are six times 1, 2, 3 and, with both distribution bits, 4.
fn data_frame(control: u8, flags: u8, quality: &[u8], body: &[u8]) -> Vec<u8> {
    let fourth: &[u8] = if flags & 3 == 3 { &[4; 6] } else { &[] };
    join(&[&[control, flags, 0, 0], &[1; 6], &[2; 6], &[3; 6], &[0, 0], fourth, quality, body])
}

fn packet_behind_snap() -> Vec<u8> {
    join(&[&SNAP, &inner()])
}

#[test]
fn addresses_depend_on_the_distribution_bits() {
    for (flags, from, to) in [(0, 2, 1), (1, 2, 3), (2, 3, 1), (3, 4, 3)] {
        let data = data_frame(0x08, flags, &[], &packet_behind_snap());
        let packet = decode(LinkType::IEEE802_11, &data);
        assert_inner(&packet);
        assert_eq!((packet.src_mac, packet.dst_mac), (Some(Mac([from; 6])), Some(Mac([to; 6]))));
        assert_eq!(layers(&packet), [Ieee80211, Llc, Snap, Ipv4, Udp]);
    }
}

#[test]
fn optional_fields_and_subframes_are_passed_over() {
    let subframe = join(&[&[5; 12], &[0, 41], &packet_behind_snap(), &[0; 3]]);
    let cases = [
        (data_frame(0x88, 1, &[0, 0], &packet_behind_snap()), vec![Ieee80211, Llc, Snap]),
        (data_frame(0x88, 0x81, &[0, 0, 9, 9, 9, 9], &packet_behind_snap()), vec![Ieee80211, Llc, Snap]),
        (data_frame(0x88, 1, &[0x80, 0], &subframe), vec![Ieee80211, Ieee80211, Llc, Snap]),
    ];
    for (data, outer) in cases {
        let packet = decode(LinkType::IEEE802_11, &data);
        assert_inner(&packet);
        assert_eq!(layers(&packet), [&outer[..], &[Ipv4, Udp]].concat());
    }
}

#[test]
fn what_is_not_clear_data_ends_the_walk() {
    let body = packet_behind_snap();
    let cases = [
        data_frame(0x08, 0x41, &[], &body),
        data_frame(0x48, 1, &[], &[]),
        data_frame(0x80, 0, &[], &body),
        join(&[&[0xd4, 0, 0, 0], &[1; 6]]),
    ];
    for data in cases {
        let packet = decode(LinkType::IEEE802_11, &data);
        assert_eq!((layers(&packet), packet.damage), (vec![Ieee80211], None), "{data:02x?}");
        assert!(packet.dst_mac.is_some());
    }
}

#[test]
fn radio_headers_are_passed_over() {
    let plain = data_frame(0x08, 1, &[], &packet_behind_snap());
    let padded = data_frame(0x88, 1, &[0, 0], &join(&[&[0, 0], &packet_behind_snap()]));
    let fcs = join(&[&plain, &[0xfc; 4]]);
    // Time (eight bytes, aligned to eight) and flags.
    let radiotap = |flags: u8| join(&[&[0, 0, 17, 0, 3, 0, 0, 0], &[0; 8], &[flags]]);
    // The same behind a second word of present bits, which moves the time.
    let two_words = join(&[&[0, 0, 25, 0, 3, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0], &[0; 8], &[0x10]]);
    let prism = join(&[&[0, 0, 0, 0x44, 144, 0, 0, 0], &[0; 136]]);
    let avs = join(&[&[0x80, 0x21, 0x10, 1, 0, 0, 0, 64], &[0; 56]]);
    let cases = [
        (LinkType::IEEE802_11_RADIOTAP, vec![0, 0, 8, 0, 0, 0, 0, 0], &plain, vec![Radiotap]),
        (LinkType::IEEE802_11_RADIOTAP, radiotap(0x10), &fcs, vec![Radiotap]),
        (LinkType::IEEE802_11_RADIOTAP, radiotap(0x20), &padded, vec![Radiotap]),
        (LinkType::IEEE802_11_RADIOTAP, two_words, &fcs, vec![Radiotap]),
        (LinkType::IEEE802_11_PRISM, prism, &plain, vec![]),
        (LinkType::IEEE802_11_AVS, avs, &plain, vec![]),
        (LinkType::PPI, vec![0, 0, 8, 0, 105, 0, 0, 0], &plain, vec![Ppi]),
    ];
    for (link, head, body, outer) in cases {
        let data = join(&[&head, body]);
        let packet = decode(link, &data);
        assert_inner(&packet);
        assert_eq!(layers(&packet), [&outer[..], &[Ieee80211, Llc, Snap, Ipv4, Udp]].concat());
    }
}

#[test]
fn the_check_sequence_is_no_payload() {
    let data =
        join(&[&[0, 0, 9, 0, 2, 0, 0, 0, 0x10], &data_frame(0x08, 1, &[], &[0x42, 0x42, 3, 1, 2, 3, 4, 5])]);
    let packet = decode(LinkType::IEEE802_11_RADIOTAP, &data);
    assert_eq!((packet.payload, packet.payload_length), (&[1u8][..], 1));
}
