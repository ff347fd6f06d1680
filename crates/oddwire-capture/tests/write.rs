//! What is written is what is read; and no bytes at all make a reader panic.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod made;

use made::{block, enhanced, interface, pcap, read, section, simple, try_read};
use oddwire_capture::write::{PcapWriter, PcapngWriter};
use oddwire_core::frame::{Frame, LinkType};
use proptest::prelude::*;

/// A packet: link type, time, what the wire had more, bytes.
type Packet = (u16, i64, u32, Vec<u8>);

fn packets() -> impl Strategy<Value = Vec<Packet>> {
    let packet = (
        0..300_u16,
        0..4_000_000_000_000_000_000_i64,
        0..100_000_u32,
        prop::collection::vec(any::<u8>(), 0..200),
    );
    prop::collection::vec(packet, 0..40)
}

fn length(packet: &Packet) -> u32 {
    packet.3.len() as u32 + packet.2
}

proptest! {
    #[test]
    fn pcap_reads_back(packets in packets(), link in 0..300_u16) {
        let mut writer = PcapWriter::new(Vec::new(), LinkType(link)).unwrap();
        for packet in &packets {
            writer.write(packet.1, length(packet), &packet.3).unwrap();
        }
        let (seen, input) = read(&writer.finish().unwrap());
        prop_assert_eq!((seen.len(), input.warnings.count()), (packets.len(), 0));
        for (frame, packet) in seen.iter().zip(&packets) {
            prop_assert_eq!((frame.link, frame.time_ns, frame.length), (link, packet.1, length(packet)));
            prop_assert_eq!(&frame.data, &packet.3);
        }
    }

    #[test]
    fn pcapng_reads_back(packets in packets()) {
        let mut writer = PcapngWriter::new(Vec::new()).unwrap();
        for packet in &packets {
            let (link, length) = (LinkType(packet.0), length(packet));
            let frame = Frame { input: 0, number: 1, time_ns: packet.1, link, length, data: &packet.3 };
            writer.write_frame(&frame).unwrap();
        }
        let (seen, input) = read(&writer.finish().unwrap());
        prop_assert_eq!((seen.len(), input.warnings.count()), (packets.len(), 0));
        for (frame, packet) in seen.iter().zip(&packets) {
            prop_assert_eq!((frame.link, frame.time_ns, frame.length), (packet.0, packet.1, length(packet)));
            prop_assert_eq!(&frame.data, &packet.3);
        }
    }

    #[test]
    fn any_change_of_any_bytes_is_survived(changes in prop::collection::vec((0..2_000_usize, any::<u8>()), 1..30)) {
        let order = made::Order::Little;
        let ng = [
            section(order), interface(order, 1, 0, &[]), enhanced(order, 0, 5, 60, &[1; 60]), block(order, 5, &[0; 12]),
            simple(order, 60, &[2; 60]), section(made::Order::Big), interface(made::Order::Big, 101, 96, &[]),
            enhanced(made::Order::Big, 0, 6, 60, &[3; 60]),
        ].concat();
        for mut bytes in [pcap(1_700_000_000, 20), ng] {
            for (place, value) in &changes {
                let size = bytes.len();
                bytes[4 + place % (size - 4)] = *value;
            }
            if let Ok((seen, _)) = try_read(&bytes) {
                let held = seen.iter().map(|frame| frame.data.len()).sum::<usize>();
                prop_assert!(held <= bytes.len());
            }
        }
    }
}

#[test]
fn what_a_format_cannot_hold_is_refused() {
    let mut pcap = PcapWriter::new(Vec::new(), LinkType::ETHERNET).unwrap();
    assert!(pcap.write(-1, 0, &[]).is_err());
    assert!(pcap.write(i64::MAX, 0, &[]).is_err());
    let frame = Frame { input: 0, number: 1, time_ns: 0, link: LinkType::RAW, length: 0, data: &[] };
    assert!(pcap.write_frame(&frame).is_err());
    assert!(PcapngWriter::new(Vec::new()).unwrap().write(LinkType::RAW, -1, 0, &[]).is_err());
}
