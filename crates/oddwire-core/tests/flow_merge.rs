//! Slices merge into flows, whatever the packets: the promise that windows, shards and clusters stand on.

mod traffic;

use oddwire_core::flow::{Record, TrackerOptions};
use proptest::prelude::*;
use std::collections::BTreeMap;
use traffic::{ACK, FIN, PSH, RST, SECOND, SYN, Sent, tcp, track, udp};

fn packet() -> impl Strategy<Value = (u64, u8, u8, u16, u8, u32, u32)> {
    let flags = prop::sample::select(vec![SYN, SYN | ACK, ACK, PSH | ACK, FIN | ACK, RST, 0]);
    (0..40_000_000_000u64, 0..3u8, 0..3u8, flags, 0..2u8, 0..1_500u32, 0..5_000u32)
}

fn sent(specs: Vec<(u64, u8, u8, u16, u8, u32, u32)>) -> Vec<Sent> {
    let mut time_ns = 1_700_000_000 * SECOND;
    let mut packets = Vec::new();
    for (gap, from, to, flags, kind, payload, seq) in specs {
        // Mostly forward, now and then a little back.
        let gap = gap.cast_signed();
        time_ns += if gap % 11 == 0 { -(gap % SECOND) } else { gap };
        let (from, to) = (([10, 0, 0, from], 1_000), ([10, 0, 1, to], 80));
        let (from, to) = if payload % 3 == 0 { (to, from) } else { (from, to) };
        packets.push(match kind {
            0 => tcp(time_ns, from, to, flags, seq, payload),
            _ => udp(time_ns, from, to, payload),
        });
    }
    packets
}

fn by_flow(records: Vec<Record>) -> BTreeMap<(oddwire_core::flow::FlowKey, i64), Vec<Record>> {
    let mut groups: BTreeMap<_, Vec<Record>> = BTreeMap::new();
    for record in records {
        groups.entry((record.key, record.born_ns)).or_default().push(record);
    }
    groups
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn slices_merge_into_what_one_window_would_have_been(specs in prop::collection::vec(packet(), 1..80)) {
        let packets = sent(specs);
        let plain = TrackerOptions { splt: true, ..TrackerOptions::default() };
        let sliced = TrackerOptions { window_ns: Some(60 * SECOND), ..plain.clone() };
        let (none, whole) = track(&plain, &packets);
        prop_assert!(none.is_empty());
        let (slices, flows) = track(&sliced, &packets);
        let (slices, flows, whole) = (by_flow(slices), by_flow(flows), by_flow(whole));
        prop_assert_eq!(&flows, &whole, "cutting slices changes no flow");
        prop_assert_eq!(slices.len(), whole.len());
        for (name, parts) in slices {
            let mut merged = Record::default();
            for part in &parts {
                prop_assert!(part.window_ns % (60 * SECOND) == 0);
                merged.merge(part);
            }
            merged.window_ns = 0;
            merged.orient();
            let expected = &whole[&name];
            prop_assert_eq!(expected.len(), 1);
            // A flow that ends in a window without packets of it has no slice there to say so.
            if merged.ended == oddwire_core::flow::Ended::Open {
                merged.ended = expected[0].ended;
            }
            prop_assert_eq!(&merged, &expected[0]);
        }
    }

    #[test]
    fn nothing_is_lost_however_little_memory_there_is(specs in prop::collection::vec(packet(), 1..80)) {
        let packets = sent(specs);
        let small = TrackerOptions { max_bytes: 64 * 700, ..TrackerOptions::default() };
        let (_, flows) = track(&small, &packets);
        let counted: u64 = flows.iter().map(|flow| flow.packets).sum();
        prop_assert_eq!(counted, packets.len() as u64);
        let bytes: u64 = flows.iter().map(Record::bytes).sum();
        prop_assert_eq!(bytes, packets.iter().map(|sent| u64::from(sent.length)).sum::<u64>());
    }
}

#[test]
fn a_full_table_ends_the_quietest_flow_first() {
    let many: Vec<Sent> =
        (0..200_000u32).map(|n| udp(i64::from(n) * 1_000, (n.to_be_bytes(), 1), ([9; 4], 53), 20)).collect();
    let options = TrackerOptions { max_bytes: 4 << 20, ..TrackerOptions::default() };
    let (_, flows) = track(&options, &many);
    assert_eq!(flows.len(), many.len());
    let evicted = flows.iter().filter(|flow| flow.ended == oddwire_core::flow::Ended::Evicted).count();
    assert!(evicted > 150_000, "{evicted} evicted");
}
