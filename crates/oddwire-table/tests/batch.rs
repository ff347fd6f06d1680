//! Rows to batches: every kind of column, against what the rows say.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail loudly")]

use arrow_array::cast::AsArray;
use arrow_array::types::{Decimal128Type, Int64Type, TimestampNanosecondType, UInt16Type};
use arrow_array::{Array, RecordBatch};
use oddwire_core::column::{Column, Get};
use oddwire_core::packet::{Addr, Mac};
use oddwire_table::TableBuilder;
use proptest::prelude::*;

#[derive(Debug, Clone)]
struct Row {
    time: i64,
    port: Option<u16>,
    wide: u128,
    word: Option<&'static str>,
    addr: Option<Addr>,
    mac: Option<Mac>,
    text: Option<String>,
    list: Vec<i64>,
}

const COLUMNS: &[Column<Row>] = &[
    Column::new("time", "ns", Get::Time(|row: &Row| row.time), "When."),
    Column::new("port", "", Get::OptU16(|row: &Row| row.port), "Port."),
    Column::new("wide", "", Get::Wide(|row: &Row| row.wide), "Sum of squares."),
    Column::new("word", "", Get::Word(|row: &Row| row.word), "Word."),
    Column::new("src", "", Get::Addr(|row: &Row| row.addr), "Source."),
    Column::new("again", "", Get::Addr(|row: &Row| row.addr), "The same."),
    Column::new("mac", "", Get::Mac(|row: &Row| row.mac), "Hardware."),
    Column::new("text", "", Get::Text(say), "Text."),
    Column::new("list", "", Get::ListI64(|row: &Row, out| out.extend(&row.list)), "List."),
];

/// Text that is appended even where it is null, as the contract allows.
fn say(row: &Row, out: &mut String) -> bool {
    out.push_str(row.text.as_deref().unwrap_or("dropped"));
    row.text.is_some()
}

fn row() -> impl Strategy<Value = Row> {
    let addr = prop_oneof![
        (0_u8..3).prop_map(|n| Addr::v4([10, 0, 0, n])),
        any::<[u8; 16]>().prop_map(Addr),
        any::<[u8; 4]>().prop_map(Addr::v4),
    ];
    let word = prop_oneof![Just("tcp"), Just("udp"), Just("a word beyond twelve bytes")];
    (
        any::<i64>(),
        any::<Option<u16>>(),
        prop_oneof![
            any::<u64>().prop_map(u128::from),
            Just(10_u128.pow(38) - 1),
            Just(10_u128.pow(38)),
            any::<u128>()
        ],
        prop::option::of(word),
        prop::option::of(addr),
        prop::option::of(any::<[u8; 6]>().prop_map(Mac)),
        prop::option::of("\\PC{0,20}"),
        prop::collection::vec(any::<i64>(), 0..3),
    )
        .prop_map(|(time, port, wide, word, addr, mac, text, list)| Row {
            time,
            port,
            wide,
            word,
            addr,
            mac,
            text,
            list,
        })
}

fn text(batch: &RecordBatch, column: usize, row: usize) -> Option<&str> {
    let array = batch.column(column).as_string_view();
    array.is_valid(row).then(|| array.value(row))
}

fn agrees(batch: &RecordBatch, rows: &[Row]) {
    assert_eq!(batch.num_rows(), rows.len());
    for (n, row) in rows.iter().enumerate() {
        assert_eq!(batch.column(0).as_primitive::<TimestampNanosecondType>().value(n), row.time);
        let ports = batch.column(1).as_primitive::<UInt16Type>();
        assert_eq!(ports.is_valid(n).then(|| ports.value(n)), row.port);
        let wides = batch.column(2).as_primitive::<Decimal128Type>();
        let wide = wides.is_valid(n).then(|| wides.value(n).unsigned_abs());
        assert_eq!(wide, Some(row.wide).filter(|wide| *wide < 10_u128.pow(38)));
        assert_eq!(text(batch, 3, n), row.word);
        assert_eq!(text(batch, 4, n), row.addr.map(|addr| addr.to_string()).as_deref());
        assert_eq!(text(batch, 5, n), text(batch, 4, n));
        assert_eq!(text(batch, 6, n), row.mac.map(|mac| mac.to_string()).as_deref());
        assert_eq!(text(batch, 7, n), row.text.as_deref());
        assert_eq!(
            batch.column(8).as_list::<i32>().value(n).as_primitive::<Int64Type>().values(),
            row.list.as_slice()
        );
    }
}

proptest! {
    #[test]
    fn batches_say_what_the_rows_say(
        first in prop::collection::vec(row(), 0..60),
        second in prop::collection::vec(row(), 0..60),
        cut in 0_usize..60,
    ) {
        let mut builder = TableBuilder::new(COLUMNS, 32);
        agrees(&builder.fill(&first).unwrap(), &first);
        let cut = cut.min(second.len());
        builder.append(&second[..cut]);
        prop_assert_eq!(builder.len(), cut);
        builder.append(&second[cut..]);
        agrees(&builder.finish().unwrap(), &second);
        prop_assert!(builder.is_empty());
    }
}

#[test]
fn more_addresses_than_the_cache_holds() {
    let rows: Vec<Row> = (0..40_000_u32)
        .map(|n| Row {
            time: 0,
            port: None,
            wide: 0,
            word: None,
            addr: Some(Addr::v4((n % 20_000).to_be_bytes())),
            mac: None,
            text: None,
            list: Vec::new(),
        })
        .collect();
    agrees(&TableBuilder::new(COLUMNS, rows.len()).fill(&rows).unwrap(), &rows);
}
