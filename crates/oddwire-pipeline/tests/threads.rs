//! One thread and many give the same rows in the same order, whatever the packets.

use oddwire_capture::write::PcapWriter;
use oddwire_core::flow::TrackerOptions;
use oddwire_core::frame::LinkType;
use oddwire_pipeline::{Request, Shape, Stats, Table, run};
use oddwire_table::{Format, Options, TableWriter};
use std::error::Error;
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

const SECOND: i64 = 1_000_000_000;

/// An Ethernet frame with a UDP datagram, or a TCP segment when there are flags.
fn frame_bytes(from: u8, to: u8, ports: (u16, u16), flags: Option<u8>, payload: usize) -> Vec<u8> {
    let head = if flags.is_some() { 20 } else { 8 };
    let total = u16::try_from(20 + head + payload).unwrap_or(u16::MAX);
    let mut bytes = vec![2, 0, 0, 0, 0, to, 2, 0, 0, 0, 0, from, 8, 0, 0x45, 0];
    bytes.extend(total.to_be_bytes());
    bytes.extend([0, 0, 0, 0, 64, if flags.is_some() { 6 } else { 17 }, 0, 0, 10, 0, 0, from, 10, 0, 0, to]);
    bytes.extend(ports.0.to_be_bytes());
    bytes.extend(ports.1.to_be_bytes());
    match flags {
        Some(flags) => bytes.extend([0, 0, 0, 1, 0, 0, 0, 1, 0x50, flags, 4, 0, 0, 0, 0, 0]),
        None => bytes.extend([(total - 20).to_be_bytes(), [0, 0]].concat()),
    }
    bytes.resize(bytes.len() + payload, from);
    bytes
}

/// Forty thousand packets over some minutes: more than a block, with ticks, windows and reused ports.
fn write_capture(path: &Path) -> std::io::Result<()> {
    let mut writer = PcapWriter::new(BufWriter::new(File::create(path)?), LinkType::ETHERNET)?;
    let mut dice = 12_345_u64;
    let mut roll = |most: u64| {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (dice >> 33) % most
    };
    let mut time_ns = 1_700_000_000 * SECOND;
    for _ in 0..40_000 {
        time_ns += i64::try_from(roll(20_000_000)).unwrap_or(0);
        let (from, to) = (roll(20) as u8, roll(20) as u8 + 20);
        let flags = [None, Some(2), Some(0x12), Some(0x10), Some(0x18), Some(0x11), Some(4)];
        let flags = flags.get(roll(7) as usize).copied().flatten();
        let data = frame_bytes(from, to, (40_000 + roll(300) as u16, 443), flags, roll(900) as usize);
        writer.write(time_ns, data.len() as u32, &data)?;
    }
    writer.finish()?;
    Ok(())
}

fn table(
    table: Table,
    input: &Path,
    output: &Path,
    threads: usize,
) -> Result<(Vec<u8>, Stats), Box<dyn Error>> {
    let tracker =
        TrackerOptions { window_ns: Some(10 * SECOND), seed: threads as u64, ..TrackerOptions::default() };
    let request = Request { inputs: vec![input.into()], threads, tracker, ..Request::default() };
    let shape = Shape { columns: vec!["all".into()], ..Shape::default() };
    let schema = oddwire_pipeline::schema(table, &shape)?;
    let mut writer = TableWriter::create(output, Format::Csv, &schema, Options::default())?;
    let mut sink = |batch| writer.write(&batch).map(|()| true).map_err(Into::into);
    let stats = run(&request, table, &shape, &mut sink, &mut |_| true)?;
    writer.finish()?;
    Ok((std::fs::read(output)?, stats))
}

#[test]
fn rows_do_not_depend_on_threads() {
    let folder = tempfile::tempdir().unwrap();
    let capture = folder.path().join("made.pcap");
    write_capture(&capture).unwrap();
    for which in [Table::Flows, Table::Slices, Table::Pairs] {
        let (one, stats) = table(which, &capture, &folder.path().join("one.csv"), 1).unwrap();
        assert!(stats.rows > 100, "{} rows of {}", stats.rows, which.name());
        for threads in [2, 3, 64] {
            let (many, told) = table(which, &capture, &folder.path().join("many.csv"), threads).unwrap();
            assert!(one == many, "{} with {threads} threads", which.name());
            assert_eq!((stats.rows, stats.packets), (told.rows, told.packets));
            assert_eq!((stats.most_live, stats.late), (told.most_live, told.late));
        }
    }
}

#[test]
fn a_limit_ends_the_run_early_with_any_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    let capture = folder.path().join("made.pcap");
    write_capture(&capture).unwrap();
    for threads in [1, 4] {
        let request = Request { inputs: vec![capture.clone()], threads, ..Request::default() };
        let shape = Shape { limit: Some(5), filter: Some("packets > 1".into()), ..Shape::default() };
        let mut rows = 0;
        let mut sink = |batch: arrow_array::RecordBatch| {
            rows += batch.num_rows();
            Ok(true)
        };
        let stats = run(&request, Table::Flows, &shape, &mut sink, &mut |_| true).unwrap();
        assert_eq!((rows, stats.rows), (5, 5));
    }
}
