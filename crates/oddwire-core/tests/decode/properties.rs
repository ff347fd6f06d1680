//! Made by a builder, then decoded: equal. And no bytes at all do harm.

use crate::build::*;
use oddwire_core::decode::Decoder;
use oddwire_core::frame::{Frame, LinkType};
use oddwire_core::packet::Addr;
use proptest::prelude::*;

const LINKS: [u16; 22] =
    [0, 1, 9, 12, 14, 50, 51, 101, 104, 105, 108, 113, 119, 127, 163, 192, 228, 229, 276, 147, 239, 258];

proptest! {
    #[test]
    fn addresses_ports_and_payload_come_back(
        src in any::<[u8; 4]>(), dst in any::<[u8; 4]>(), ttl in any::<u8>(),
        source in any::<u16>(), destination in 9000u16.., options in 0usize..11,
        payload in prop::collection::vec(any::<u8>(), 0..100), padding in 0usize..20, tag in any::<Option<u16>>(),
        stream in any::<bool>(),
    ) {
        let mut body = if stream { tcp_options(&vec![1; options * 4], &payload) } else { udp(1, 2, &payload) };
        body[..2].copy_from_slice(&source.to_be_bytes());
        body[2..4].copy_from_slice(&destination.to_be_bytes());
        let mut packet = ipv4(if stream { 6 } else { 17 }, &body);
        packet[8] = ttl;
        packet[12..16].copy_from_slice(&src);
        packet[16..20].copy_from_slice(&dst);
        let mut data = match tag {
            Some(id) => eth(0x8100, &vlan(id & 0xfff, 0x0800, &packet)),
            None => eth(0x0800, &packet),
        };
        data.resize(data.len() + padding, 0xee);
        // Teredo and GTP-U answer from their port, and their content may by chance look right.
        prop_assume!(source != 3544 && source != 2152);
        let seen = decode(LinkType::ETHERNET, &data);
        prop_assert_eq!((seen.src, seen.dst), (Some(Addr::v4(src)), Some(Addr::v4(dst))));
        prop_assert_eq!((seen.src_port, seen.dst_port, seen.ttl), (Some(source), Some(destination), ttl));
        prop_assert_eq!((seen.payload, seen.damage), (&payload[..], None));
        prop_assert_eq!(seen.vlans.ids[0], tag.unwrap_or_default() & 0xfff);
        prop_assert_eq!(usize::from(seen.header_length), packet.len() - payload.len());
    }

    #[test]
    fn any_bytes_are_harmless(
        link in prop::sample::select(&LINKS[..]), data in prop::collection::vec(any::<u8>(), 0..200),
        more in 0u32..100,
    ) {
        let mut decoder = Decoder::default();
        let length = data.len() as u32 + more;
        let frame = Frame { length, ..frame(LinkType(link), &data) };
        let packet = decoder.decode(&frame);
        prop_assert!(packet.payload.len() <= packet.payload_length as usize);
    }

    #[test]
    fn changed_frames_are_harmless(
        sample in any::<prop::sample::Index>(), changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let samples = crate::cut::samples();
        let (link, mut data) = samples[sample.index(samples.len())].clone();
        for (at, value) in changes {
            let at = at.index(data.len());
            data[at] = value;
        }
        let packet = decode(link, &data);
        prop_assert!(packet.payload.len() <= packet.payload_length as usize);
        prop_assert!(packet.payload.len() <= data.len());
    }
}
