//! The pcap format: every variant, and every manner of damage.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod made;

use made::{ORDERS, Order, lines, pcap, pcap_header, pcap_record, read, try_read};
use oddwire_capture::Format;

const MICROS: u32 = 0xa1b2_c3d4;

#[test]
fn every_magic_in_both_orders_gives_the_same_packet() {
    // The magic, what the header and each record have more than usual, and nanoseconds a tick.
    let variants = [
        (MICROS, 0, 0, 1000),
        (0xa1b2_3c4d, 0, 0, 1),
        (0xa1b2_cd34, 0, 8, 1000),
        (0x1c00_01ac, 4, 0, 1),
        (0x1c00_01ab, 4, 0, 1),
    ];
    for order in ORDERS {
        for (magic, header_extra, record_extra, nanos) in variants {
            let mut bytes = pcap_header(order, magic, (2, 4), 65_535, 101);
            bytes.resize(bytes.len() + header_extra, 0xee);
            for second in [1_700_000_000, 1_700_000_001] {
                let mut record = pcap_record(order, second, 123_456, &[1, 2, 3]);
                record.splice(16..16, vec![0xee; record_extra]);
                bytes.extend(record);
            }
            let (seen, input) = read(&bytes);
            let times = seen.iter().map(|frame| frame.time_ns).collect::<Vec<_>>();
            let first = 1_700_000_000_000_000_000 + 123_456 * nanos;
            assert_eq!(times, [first, first + 1_000_000_000], "{magic:x} {order:?}");
            assert_eq!((&seen[1].data[..], seen[1].link, seen[1].number), (&[1, 2, 3][..], 101, 2));
            assert_eq!((input.format, input.warnings.count()), (Some(Format::Pcap), 0));
        }
    }
}

#[test]
fn old_versions_put_the_lengths_the_other_way_round() {
    for (version, fields) in
        [((2, 4), [3, 9]), ((2, 3), [3, 9]), ((2, 3), [9, 3]), ((2, 2), [9, 3]), ((543, 0), [9, 3])]
    {
        let order = Order::Big;
        let mut bytes = pcap_header(order, MICROS, version, 65_535, 1);
        bytes.extend([5, 0, fields[0], fields[1]].map(|field| order.u32(field)).concat());
        bytes.extend([7; 3]);
        let (seen, input) = read(&bytes);
        assert_eq!((seen[0].length, seen[0].data.len(), input.warnings.count()), (9, 3, 0), "{version:?}");
    }
}

#[test]
fn odd_header_fields_are_tolerated() {
    let cases = [
        (0, 1, 1, None),
        (u32::MAX, 1, 1, None),
        (65_535, 0x5400_0001, 1, Some(10)),
        (65_535, 0x2400_0001, 1, Some(4)),
        (65_535, 0x0030_0093, 0x93, None),
    ];
    for (snap_length, network, link, fcs) in cases {
        let mut bytes = pcap_header(Order::Little, MICROS, (2, 4), snap_length, network);
        bytes.extend(pcap_record(Order::Little, 1, 2, &[0; 60]));
        let (seen, input) = read(&bytes);
        assert_eq!((seen.len(), seen[0].link, input.interfaces[0].fcs_bytes), (1, link, fcs), "{network:x}");
    }
}

#[test]
fn an_unknown_version_is_read_with_a_warning() {
    let mut bytes = pcap_header(Order::Little, MICROS, (7, 1), 65_535, 1);
    bytes.extend(pcap_record(Order::Little, 1, 2, &[0; 60]));
    let (seen, input) = read(&bytes);
    assert_eq!(
        (seen.len(), lines(&input)),
        (1, vec!["made: byte 4: format version 7.1 is not known".to_owned()])
    );
}

#[test]
fn cut_at_every_length_gives_the_whole_records_and_one_located_warning() {
    let whole = pcap(1_700_000_000, 3);
    for length in 4..whole.len() {
        let (seen, input) = read(&whole[..length]);
        let records = length.saturating_sub(24) / 26;
        let clean = length >= 24 && (length - 24) % 26 == 0;
        assert_eq!((seen.len(), input.warnings.count()), (records, u64::from(!clean)), "cut at {length}");
        if let Some(warning) = input.warnings.kept().first() {
            let at = if length < 24 { 0 } else { 24 + 26 * records };
            assert_eq!(warning.offset, at as u64, "cut at {length}");
        }
    }
    let (_, input) = read(&whole[..53]);
    assert_eq!(lines(&input), ["made: byte 50: record header needs 16 bytes, has 3"]);
}

#[test]
fn no_prefix_of_a_magic_is_a_capture() {
    let whole = pcap(0, 1);
    assert_eq!(try_read(&[]).unwrap_err().kind(), "empty");
    for length in 1..4 {
        assert_eq!(try_read(&whole[..length]).unwrap_err().kind(), "not_a_capture");
    }
}

#[test]
fn reading_goes_on_behind_an_impossible_length() {
    let mut bytes = pcap(1_700_000_000, 20);
    bytes[24 + 2 * 26 + 8..][..4].copy_from_slice(&[0xff; 4]);
    let (seen, input) = read(&bytes);
    let numbers = seen.iter().map(|frame| frame.data[0]).collect::<Vec<_>>();
    assert_eq!(numbers, [0, 1].into_iter().chain(3..20).collect::<Vec<u8>>());
    assert_eq!(input.skipped_bytes, 26);
    assert_eq!(
        lines(&input),
        [
            "made: byte 76: record has an impossible length, 4294967295 (at most 262144)",
            "made: byte 102: reading went on after 26 damaged bytes"
        ]
    );
}

#[test]
fn reading_ends_where_no_way_back_is_found() {
    let mut bytes = pcap(1_700_000_000, 2);
    bytes.resize(bytes.len() + 200_000, 0xff);
    let (seen, input) = read(&bytes);
    assert_eq!((seen.len(), input.warnings.count(), input.skipped_bytes), (2, 1, 0));
}

#[test]
fn a_way_back_must_fit_in_time() {
    let mut bytes = pcap(1_700_000_000, 2);
    bytes.extend([0xff; 40]);
    // A capture of long ago that lies inside the damaged stretch is none of ours.
    bytes.extend(&pcap(1_000_000_000, 5)[24..]);
    assert_eq!(read(&bytes).0.len(), 2);
}

#[test]
fn a_record_larger_than_the_buffer_is_whole() {
    let mut bytes = pcap_header(Order::Little, MICROS, (2, 4), 8 << 20, 249);
    let data = (0..5_000_000_u32).map(|place| place as u8).collect::<Vec<_>>();
    for second in 1..4 {
        bytes.extend(pcap_record(Order::Little, second, 0, &data));
    }
    let (seen, input) = read(&bytes);
    assert_eq!((seen.len(), input.warnings.count()), (3, 0));
    assert!(seen.iter().all(|frame| frame.data == data));
}
