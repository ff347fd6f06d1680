//! Spans: what judges read is whole, in order, the same however it is cut; and findings' packets are exact.

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::{UInt32Type, UInt64Type};
use oddwire_capture::write::PcapWriter;
use oddwire_core::frame::LinkType;
use oddwire_core::packet::{Addr, Mac};
use oddwire_pipeline::Request;
use oddwire_pipeline::selection::{self, Counted, End, Kind, Selector};
use oddwire_pipeline::spans::{Ask, Shared, Span, locked, spans};
use std::error::Error;
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

const SECOND: i64 = 1_000_000_000;
const BEGIN: i64 = 1_700_000_000 * SECOND;

/// A UDP datagram between two hosts of 10.0.0.0/24.
fn datagram(from: u8, to: u8, ports: (u16, u16), payload: u16) -> Vec<u8> {
    let mut bytes = vec![2, 0, 0, 0, 0, to, 2, 0, 0, 0, 0, from, 8, 0, 0x45, 0];
    bytes.extend((28 + payload).to_be_bytes());
    bytes.extend([0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, from, 10, 0, 0, to]);
    bytes.extend(ports.0.to_be_bytes());
    bytes.extend(ports.1.to_be_bytes());
    bytes.extend((8 + payload).to_be_bytes());
    bytes.extend([0, 0]);
    bytes.resize(bytes.len() + usize::from(payload), from);
    bytes
}

/// An ARP request.
fn question(from: u8, to: u8) -> Vec<u8> {
    let mut bytes = vec![255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, from, 8, 6, 0, 1, 8, 0, 6, 4, 0, 1];
    bytes.extend([2, 0, 0, 0, 0, from, 10, 0, 0, from, 0, 0, 0, 0, 0, 0, 10, 0, 0, to]);
    bytes
}

/// A minute: one host talks with six others by UDP; and it asks for ten by ARP.
fn write_capture(path: &Path) -> std::io::Result<()> {
    let mut writer = PcapWriter::new(BufWriter::new(File::create(path)?), LinkType::ETHERNET)?;
    for step in 0..600_u32 {
        let other = (step % 9) as u8 + 2;
        let time_ns = BEGIN + i64::from(step) * SECOND / 10;
        let data = match step % 3 {
            0 => datagram(1, other, (40_000, 53), 20),
            1 => datagram(other, 1, (53, 40_000), 60),
            _ => question(1, (step % 10) as u8 + 100),
        };
        writer.write(time_ns, data.len() as u32, &data)?;
    }
    writer.finish()?;
    Ok(())
}

fn made() -> Result<(tempfile::TempDir, Request), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("made.pcap");
    write_capture(&path)?;
    Ok((folder, Request { inputs: vec![path], ..Request::default() }))
}

fn told(request: &Request, span_rows: usize) -> Result<(Vec<Span>, Shared), Box<dyn Error>> {
    let book = Shared::new(7);
    let mut all = Vec::new();
    let mut sink = |span| {
        all.push(span);
        Ok(true)
    };
    spans(request, &Ask { span_rows, ..Ask::default() }, &book, &mut sink, &mut |_| true)?;
    Ok((all, book))
}

fn sum(batches: &[RecordBatch], name: &str) -> u64 {
    let columns = batches.iter().filter_map(|batch| batch.column_by_name(name));
    columns.map(|column| column.as_primitive::<UInt64Type>().values().iter().sum::<u64>()).sum()
}

#[test]
fn every_packet_is_in_some_row_and_no_row_comes_after_its_time() -> Result<(), Box<dyn Error>> {
    let (_folder, request) = made()?;
    for span_rows in [1, 40, 100_000] {
        let (all, _) = told(&request, span_rows)?;
        let counted: u64 =
            all.iter().map(|span| sum(&span.talks, "packets_out") + sum(&span.talks, "packets_in")).sum();
        let asked: u64 = all.iter().map(|span| sum(&span.arp, "packets")).sum();
        assert_eq!((counted, asked), (400, 200));
        assert_eq!(all.last().and_then(|span| span.complete_before_ns), None);
        let mut complete = 0;
        for span in &all {
            for batch in &span.talks {
                let ticks = batch.column_by_name("tick").ok_or("no ticks")?;
                let early = ticks.as_primitive::<UInt64Type>().values().iter().min().copied();
                assert!(
                    early.is_none_or(|tick| tick >= complete),
                    "a row of a tick that was said to be complete"
                );
            }
            complete = span.complete_before_ns.map_or(complete, |ns| u64::try_from(ns).unwrap_or(0));
        }
    }
    Ok(())
}

#[test]
fn hosts_have_numbers_and_names() -> Result<(), Box<dyn Error>> {
    let (_folder, request) = made()?;
    let (all, book) = told(&request, 100_000)?;
    let book = locked(&book.book);
    let asker = book.find(Addr::v4([10, 0, 0, 1])).ok_or("the asker has no number")?;
    for batch in all.iter().flat_map(|span| &span.talks) {
        let sources = batch.column_by_name("src").ok_or("no sources")?.as_primitive::<UInt32Type>();
        assert!(sources.values().iter().all(|number| *number == asker), "an answer is no question");
    }
    assert_eq!(book.len(), 1 + 6 + 10);
    Ok(())
}

fn selector(a: Option<End>, b: Option<End>) -> Selector {
    Selector { a, b, both: true, kind: Kind::Any, port: None, from_ns: BEGIN, until_ns: BEGIN + 60 * SECOND }
}

#[test]
fn packets_of_findings_are_counted_each_once() -> Result<(), Box<dyn Error>> {
    let (_folder, request) = made()?;
    let host = |last| Some(End::Ip(Addr::v4([10, 0, 0, last])));
    let asker = Some(End::Mac(Mac([2, 0, 0, 0, 0, 1])));
    let groups = vec![
        vec![selector(host(1), host(2)), selector(host(2), host(1))],
        vec![Selector { kind: Kind::Arp, ..selector(asker, None) }],
        vec![Selector { kind: Kind::Ip(17), both: false, port: Some(53), ..selector(host(1), None) }],
        vec![Selector { until_ns: BEGIN, ..selector(None, None) }],
        vec![selector(host(99), None)],
    ];
    let (counted, seen) = selection::count(&request, &groups)?;
    assert_eq!(seen.packets + seen.left_out, 600, "what lies outside the interval is passed over");
    let counts: Vec<u64> = counted.iter().map(|inputs| inputs.iter().map(|one| one.count).sum()).collect();
    let pair = (0..600_u32).filter(|step| step % 9 == 0).count() as u64;
    assert_eq!(counts, [pair, 200, 200, 1, 0]);
    assert_eq!(counted.get(3), Some(&vec![Counted { input: 0, count: 1, first: 1, last: 1 }]));
    Ok(())
}

#[test]
fn what_is_copied_and_what_is_left_make_the_whole() -> Result<(), Box<dyn Error>> {
    let (folder, request) = made()?;
    let wanted = [selector(Some(End::Ip(Addr::v4([10, 0, 0, 1]))), Some(End::Ip(Addr::v4([10, 0, 0, 5]))))];
    for ending in ["pcap", "pcapng"] {
        let (these, others) =
            (folder.path().join(format!("these.{ending}")), folder.path().join("others.pcap"));
        let written = selection::copy(&request, &wanted, false, &these)?;
        let left = selection::copy(&request, &wanted, true, &others)?;
        assert_eq!(written + left, 600);
        let again = Request { inputs: vec![these], ..Request::default() };
        let (counted, _) = selection::count(&again, &[wanted.to_vec()])?;
        assert_eq!(counted.first().and_then(|inputs| inputs.first()).map(|one| one.count), Some(written));
    }
    Ok(())
}
