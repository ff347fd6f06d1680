//! The pcapng format: every block, both byte orders, and every manner of damage.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod made;

use made::{ORDERS, Order, block, enhanced, interface, lines, option, read, section, simple};
use oddwire_capture::{Drops, Format};

const SECOND_NS: i64 = 1_000_000_000;

/// A section with one Ethernet interface and `count` packets a microsecond apart, the last byte of each its number.
fn usual(order: Order, count: u8) -> Vec<u8> {
    let mut bytes = [section(order), interface(order, 1, 0, &[])].concat();
    for number in 0..count {
        bytes.extend(enhanced(order, 0, 1_700_000_000_000_000 + u64::from(number), 60, &[0, 0, number]));
    }
    bytes
}

#[test]
fn sections_may_change_the_byte_order_and_forget_interfaces() {
    let mut bytes = usual(Order::Little, 2);
    bytes.extend(usual(Order::Big, 2));
    bytes.extend(section(Order::Little));
    bytes.extend(enhanced(Order::Little, 0, 1, 60, &[9]));
    let (seen, input) = read(&bytes);
    assert_eq!(seen.iter().map(|frame| frame.number).collect::<Vec<_>>(), [1, 2, 3, 4]);
    assert_eq!(input.format, Some(Format::Pcapng));
    let place = bytes.len() - 36;
    let line = format!("made: byte {place}: packet of interface 0, but 0 are described; it was left out");
    assert_eq!(lines(&input), [line]);
}

#[test]
fn every_interface_has_its_own_clock_and_link_type() {
    for order in ORDERS {
        let resolution = |value| option(order, 9, &[value]);
        let bytes = [
            section(order),
            interface(order, 1, 0, &[option(order, 2, b"eth0"), option(order, 13, &[4])]),
            interface(order, 101, 96, &[resolution(9)]),
            interface(order, 113, 0, &[resolution(0x94), option(order, 14, &order.u64(1_000))]),
            interface(
                order,
                276,
                0,
                &[resolution(0), option(order, 14, &order.u64((-5_i64).cast_unsigned()))],
            ),
            enhanced(order, 0, 7, 3, &[1, 2, 3]),
            enhanced(order, 1, 7, 3, &[1, 2, 3]),
            enhanced(order, 2, 1 << 19, 3, &[1, 2, 3]),
            enhanced(order, 3, 7, 3, &[1, 2, 3]),
        ]
        .concat();
        let (seen, input) = read(&bytes);
        let clocks = seen.iter().map(|frame| (frame.link, frame.time_ns)).collect::<Vec<_>>();
        let expected = [(1, 7_000), (101, 7), (113, 1_000 * SECOND_NS + SECOND_NS / 2), (276, 2 * SECOND_NS)];
        assert_eq!(clocks, expected);
        assert_eq!(
            (input.interfaces[0].name.as_deref(), input.interfaces[0].fcs_bytes),
            (Some("eth0"), Some(4))
        );
        assert_eq!(input.interfaces[1].snap_length, 96);
    }
}

#[test]
fn simple_packets_take_the_time_before_and_the_snap_length() {
    for order in ORDERS {
        let bytes = [
            section(order),
            interface(order, 1, 5, &[]),
            simple(order, 3, &[1, 2, 3]),
            enhanced(order, 0, 4, 60, &[0; 5]),
            simple(order, 99, &[1, 2, 3, 4, 5]),
        ]
        .concat();
        let (seen, input) = read(&bytes);
        let facts =
            seen.iter().map(|frame| (frame.time_ns, frame.length, frame.data.len())).collect::<Vec<_>>();
        assert_eq!(facts, [(0, 3, 3), (4_000, 60, 5), (4_000, 99, 5)]);
        assert_eq!((input.untimed, input.warnings.count()), (2, 0));
    }
}

#[test]
fn the_obsolete_packet_block_is_read() {
    for order in ORDERS {
        let mut body = [order.u16(1), order.u16(0xffff)].concat();
        body.extend([0, 42, 3, 60].map(|field| order.u32(field)).concat());
        body.extend([1, 2, 3]);
        let interfaces = [interface(order, 1, 0, &[]), interface(order, 101, 0, &[])].concat();
        let (seen, _) = read(&[section(order), interfaces, block(order, 2, &body)].concat());
        assert_eq!((seen[0].link, seen[0].time_ns, seen[0].length), (101, 42_000, 60));
        assert_eq!(seen[0].data, [1, 2, 3]);
    }
}

#[test]
fn other_blocks_are_passed_over_and_numbered_as_wireshark_does() {
    let order = Order::Big;
    let packet = enhanced(order, 0, 1, 1, &[1]);
    let passed = |kind| block(order, kind, &[7; 37]);
    let mut bytes = usual(order, 0);
    // Name resolution, secrets and an unknown type take no number; custom and journal blocks do.
    for kind in [4, 10, 0x1234_5678, 0x0bad, 0x4000_0bad, 9] {
        bytes.extend([passed(kind), packet.clone()].concat());
    }
    let (seen, input) = read(&bytes);
    assert_eq!(seen.iter().map(|frame| frame.number).collect::<Vec<_>>(), [1, 2, 3, 5, 7, 9]);
    assert_eq!((input.packets, input.warnings.count()), (6, 0));
}

#[test]
fn statistics_count_drops_and_the_last_word_holds() {
    for order in ORDERS {
        let statistics = |number: u32, options: &[(u16, u64)]| {
            let mut body = [order.u32(number), [0; 4], [0; 4]].concat();
            for (code, value) in options {
                body.extend(option(order, *code, &order.u64(*value)));
            }
            block(order, 5, &body)
        };
        let bytes = [
            usual(order, 1),
            interface(order, 1, 0, &[]),
            statistics(0, &[(4, 50), (5, 1)]),
            statistics(0, &[(4, 100), (5, 3)]),
            statistics(1, &[(4, 10)]),
            statistics(77, &[(4, 10_000)]),
        ]
        .concat();
        let (_, input) = read(&bytes);
        assert_eq!(input.drops, Drops { received: Some(110), interface: Some(3), system: None });
    }
}

#[test]
fn cut_at_every_length_gives_the_whole_packets_and_one_warning() {
    let whole = usual(Order::Little, 3);
    for length in 12..whole.len() {
        let (seen, input) = read(&whole[..length]);
        let packets = length.saturating_sub(48) / 36;
        let clean = length == 28 || (length >= 48 && (length - 48) % 36 == 0);
        assert_eq!((seen.len(), input.warnings.count()), (packets, u64::from(!clean)), "cut at {length}");
    }
}

#[test]
fn two_lengths_that_disagree_are_noted() {
    let mut bytes = usual(Order::Little, 3);
    let place = 48 + 2 * 36;
    bytes[place - 4] = 99;
    let (seen, input) = read(&bytes);
    assert_eq!(
        (seen.len(), lines(&input)),
        (3, vec!["made: byte 84: block length is 36 at its start, 99 at its end".to_owned()])
    );
}

#[test]
fn reading_goes_on_behind_an_impossible_block_length() {
    for (length, warnings) in [(u32::MAX, 2), (0, 2), (17 << 20, 2)] {
        let mut bytes = usual(Order::Little, 4);
        bytes[48 + 4..48 + 8].copy_from_slice(&length.to_le_bytes());
        let (seen, input) = read(&bytes);
        let numbers = seen.iter().map(|frame| frame.data[2]).collect::<Vec<_>>();
        assert_eq!((numbers, input.warnings.count(), input.skipped_bytes), (vec![1, 2, 3], warnings, 36));
    }
}

#[test]
fn a_packet_that_claims_more_than_its_block_keeps_what_is_there() {
    let mut bytes = usual(Order::Little, 2);
    bytes[48 + 20] = 200;
    let (seen, input) = read(&bytes);
    assert_eq!((seen.len(), seen[0].data.len(), input.warnings.count()), (2, 4, 1));
}

#[test]
fn a_short_block_is_noted_and_passed_over() {
    let order = Order::Little;
    let bytes =
        [usual(order, 1), block(order, 6, &[0; 4]), block(order, 1, &[]), enhanced(order, 0, 9, 1, &[1])]
            .concat();
    let (seen, input) = read(&bytes);
    assert_eq!((seen.len(), input.warnings.count()), (2, 2));
}

#[test]
fn interfaces_without_end_stay_bounded() {
    let order = Order::Little;
    let mut bytes = section(order);
    bytes.extend(interface(order, 1, 0, &[]).repeat(65_600));
    bytes.extend(enhanced(order, 65_535, 9, 1, &[1]));
    bytes.extend(enhanced(order, 65_536, 9, 1, &[1]));
    let (seen, input) = read(&bytes);
    assert_eq!((seen.len(), input.warnings.count()), (1, 65));
    assert_eq!(input.interfaces.len(), oddwire_capture::INTERFACES_KEPT);
}
