//! Measures building, filtering and writing of tables like the ones captures give.
//!
//! `cargo run --release -p oddwire-table --example write_speed [-- FOLDER [FORMAT...]]` prints CPU seconds of this thread
//! and file sizes.

#![allow(
    clippy::indexing_slicing,
    clippy::cast_possible_wrap,
    clippy::unnecessary_wraps,
    reason = "a measurement of made rows"
)]

use oddwire_core::column::{Column, Get};
use oddwire_core::packet::{Addr, Mac};
use oddwire_table::{Filter, Format, Options, TableBuilder, TableWriter};
use std::path::Path;

const BATCH: usize = 16 * 1024;

type Failure = Box<dyn std::error::Error>;

/// CPU seconds of this thread.
fn cpu() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|first| first.parse::<f64>().ok()).unwrap_or_default() / 1e9
}

fn peak_mib() -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().split(' ').next()?.parse::<u64>().ok()).unwrap_or_default() / 1024
}

/// A small generator, so that every run sees the same rows.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % limit.max(1)
    }
}

#[derive(Clone)]
struct Packet {
    number: u64,
    time: i64,
    length: u32,
    vlan: Option<u16>,
    macs: [Mac; 2],
    addrs: [Addr; 2],
    protocol: u8,
    ports: [u16; 2],
    ttl: u8,
    flags: u16,
    window: u16,
    seq: u32,
    ack: u32,
    app: Option<&'static str>,
}

fn host(of: u64) -> Addr {
    Addr::v4([10, (of >> 6) as u8, (of & 63) as u8, (of * 7) as u8])
}

fn packets(count: u64) -> Vec<Packet> {
    let mut dice = Dice(88_172_645_463_325_252);
    let mut time = 1_710_063_020_741_000_000;
    let apps = [None, Some("tls"), Some("dns"), Some("http"), Some("quic")];
    (0..count)
        .map(|number| {
            time += dice.below(400_000) as i64 * 1_000;
            let (a, b) = (dice.below(20) * dice.below(20), 400 + dice.below(30));
            let length = [60, 66, 1514, 1514, 90 + dice.below(1400) as u32][dice.below(5) as usize];
            let back = dice.below(2) as usize;
            let pair = [host(a), host(b)];
            let ports = [32_768 + (a * 131 % 28_000) as u16, [443, 53, 80, 8080][(b % 4) as usize]];
            let mac = |n: u64| Mac([0, 12, 41, 1, (n >> 8) as u8, n as u8]);
            Packet {
                number: number + 1,
                time,
                length,
                vlan: None,
                macs: [mac(a), mac(b)],
                addrs: [pair[back], pair[1 - back]],
                protocol: if b % 4 == 1 { 17 } else { 6 },
                ports: [ports[back], ports[1 - back]],
                ttl: [64, 128, 57, 255][(a % 4) as usize],
                flags: [16, 24, 16, 2, 18][dice.below(5) as usize],
                window: dice.below(512) as u16 * 64,
                seq: dice.below(1 << 32) as u32,
                ack: dice.below(1 << 32) as u32,
                app: apps[(b % 5) as usize],
            }
        })
        .collect()
}

const PACKETS: &[Column<Packet>] = &[
    Column::new("number", "", Get::U64(|r| r.number), "Number of the frame."),
    Column::new("time", "ns", Get::Time(|r| r.time), "When."),
    Column::new("length", "bytes", Get::U32(|r| r.length), "Length on the wire."),
    Column::new("captured", "bytes", Get::U32(|r| r.length), "Bytes captured."),
    Column::new("link", "", Get::Word(|_| Some("ethernet")), "Link layer."),
    Column::new("vlan", "", Get::OptU16(|r| r.vlan), "VLAN."),
    Column::new("src_mac", "", Get::Mac(|r| Some(r.macs[0])), "Sender."),
    Column::new("dst_mac", "", Get::Mac(|r| Some(r.macs[1])), "Receiver."),
    Column::new("ip_version", "", Get::OptU8(|_| Some(4)), "IP version."),
    Column::new("src_ip", "", Get::Addr(|r| Some(r.addrs[0])), "Source."),
    Column::new("dst_ip", "", Get::Addr(|r| Some(r.addrs[1])), "Destination."),
    Column::new("protocol", "", Get::OptU8(|r| Some(r.protocol)), "Protocol number."),
    Column::new(
        "transport",
        "",
        Get::Word(|r| Some(if r.protocol == 6 { "tcp" } else { "udp" })),
        "Transport.",
    ),
    Column::new("src_port", "", Get::OptU16(|r| Some(r.ports[0])), "Source port."),
    Column::new("dst_port", "", Get::OptU16(|r| Some(r.ports[1])), "Destination port."),
    Column::new("ttl", "", Get::OptU8(|r| Some(r.ttl)), "Time to live."),
    Column::new("tcp_flags", "", Get::OptU16(|r| (r.protocol == 6).then_some(r.flags)), "Flags."),
    Column::new("tcp_window", "", Get::OptU16(|r| (r.protocol == 6).then_some(r.window)), "Window."),
    Column::new("payload_length", "bytes", Get::U32(|r| r.length.saturating_sub(54)), "Payload."),
    Column::new("app", "", Get::Word(|r| r.app), "Application."),
    Column::new("src_private", "", Get::OptBool(|r| Some(r.addrs[0].is_private())), "Private source."),
    Column::new("dst_private", "", Get::OptBool(|r| Some(r.addrs[1].is_private())), "Private destination."),
    Column::new("tunnel", "", Get::Text(|_, _| false), "Tunnels."),
    Column::new("damage", "", Get::Text(|_, _| false), "Damage."),
    Column::new("tcp_seq", "", Get::OptU32(|r| (r.protocol == 6).then_some(r.seq)), "Sequence number."),
    Column::new("tcp_ack", "", Get::OptU32(|r| (r.protocol == 6).then_some(r.ack)), "Acknowledgement."),
];

#[derive(Clone)]
struct Flow {
    id: u64,
    start: i64,
    end: i64,
    addrs: [Addr; 2],
    ports: [u16; 2],
    counts: [u32; 56],
    sums: [u128; 8],
    means: Option<[f64; 32]>,
}

/// Flows of a flood (one or two packets, nearly everything zero) or of ordinary traffic.
fn flows(count: u64, flood: bool) -> Vec<Flow> {
    let mut dice = Dice(2_463_534_242);
    let mut start = 1_710_063_020_741_000_000;
    (0..count)
        .map(|_| {
            start += dice.below(60_000) as i64;
            let busy = !flood && dice.below(3) > 0;
            let packets = if busy { 2 + dice.below(200) as u32 } else { 1 };
            let mut counts = [0; 56];
            for (place, cell) in counts.iter_mut().enumerate() {
                *cell = match place {
                    0..4 => packets,
                    4..8 => packets * if flood { 60 } else { 60 + dice.below(1400) as u32 },
                    8..30 if busy => dice.below(40) as u32,
                    _ => 0,
                };
            }
            let mut means = [0.0; 32];
            for cell in &mut means {
                *cell = dice.below(1 << 40) as f64 / f64::from(packets);
            }
            let wide = if flood { dice.below(1 << 32) as u32 } else { dice.below(400) as u32 };
            Flow {
                id: dice.below(u64::MAX),
                start,
                end: start + if busy { dice.below(1 << 36) as i64 } else { 0 },
                addrs: [Addr::v4(wide.to_be_bytes()), host(dice.below(20))],
                ports: [dice.below(65_536) as u16, if flood { 80 } else { dice.below(1000) as u16 }],
                counts,
                sums: [u128::from(packets) * 3600; 8],
                means: busy.then_some(means),
            }
        })
        .collect()
}

fn count<const N: usize>(row: &Flow) -> u64 {
    u64::from(row.counts.get(N).copied().unwrap_or_default())
}

fn small<const N: usize>(row: &Flow) -> u32 {
    row.counts.get(N).copied().unwrap_or_default()
}

fn sum<const N: usize>(row: &Flow) -> u128 {
    row.sums.get(N).copied().unwrap_or_default()
}

fn mean<const N: usize>(row: &Flow) -> Option<f64> {
    row.means.and_then(|means| means.get(N).copied())
}

macro_rules! columns {
    ($list:ident, $get:path, $of:ident, $name:literal: $($n:literal)*) => {
        $($list.push(Column::new(concat!($name, $n), "bytes", $get($of::<$n>), "A measured column."));)*
    };
}

fn hex(row: &Flow, out: &mut String, digits: u32) -> bool {
    for place in 0..digits {
        out.push(char::from_digit((row.id.rotate_left(place * 4) & 15) as u32, 16).unwrap_or('0'));
    }
    true
}

fn flow_columns() -> Vec<Column<Flow>> {
    let mut list: Vec<Column<Flow>> = vec![
        Column::new("flow_id", "", Get::Text(|r, out| hex(r, out, 16)), "Identity."),
        Column::new("community_id", "", Get::Text(|r, out| hex(r, out, 30)), "Community id."),
        Column::new("start", "ns", Get::Time(|r| r.start), "First packet."),
        Column::new("end", "ns", Get::Time(|r| r.end), "Last packet."),
        Column::new("src_ip", "", Get::Addr(|r| Some(r.addrs[0])), "Originator."),
        Column::new("dst_ip", "", Get::Addr(|r| Some(r.addrs[1])), "Responder."),
        Column::new("src_port", "", Get::OptU16(|r| Some(r.ports[0])), "Port."),
        Column::new("dst_port", "", Get::OptU16(|r| Some(r.ports[1])), "Port."),
        Column::new("transport", "", Get::Word(|_| Some("tcp")), "Transport."),
        Column::new("service", "", Get::Word(|_| None), "Service."),
        Column::new(
            "state",
            "",
            Get::Word(|r| Some(if r.means.is_some() { "closed" } else { "attempt" })),
            "State.",
        ),
        Column::new("direction_sure", "", Get::Bool(|r| r.counts[0] > 1), "Direction."),
        Column::new("answered", "", Get::Bool(|r| r.means.is_some()), "Answered."),
        Column::new("vlan", "", Get::OptU16(|_| None), "VLAN."),
    ];
    columns!(list, Get::U64, count, "total_": 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23);
    columns!(list, Get::U32, small, "count_": 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39 40 41 42 43 44 45 46
        47 48 49 50 51 52 53 54 55);
    columns!(list, Get::Wide, sum, "sum_": 0 1 2 3 4 5 6 7);
    columns!(list, Get::OptF64, mean, "mean_": 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25
        26 27 28 29 30 31);
    list
}

/// Builds and drops every batch once, then builds and writes them once a format; only the step named is counted.
fn measure<R: 'static>(
    name: &str,
    columns: &[Column<R>],
    rows: &[R],
    folder: &Path,
    formats: &[Format],
) -> Result<(), Failure> {
    let mut builder = TableBuilder::new(columns, BATCH);
    let before = cpu();
    for run in rows.chunks(BATCH) {
        builder.fill(run)?;
    }
    println!("{name}: {} rows x {} columns, built in {:.3} s", rows.len(), columns.len(), cpu() - before);
    for format in formats {
        let path = folder.join(format!("{name}.{}", format.name()));
        let mut writer = TableWriter::create(&path, *format, &builder.schema(), Options::default())?;
        let mut seconds = 0.0;
        for run in rows.chunks(BATCH) {
            let batch = builder.fill(run)?;
            let before = cpu();
            writer.write(&batch)?;
            seconds += cpu() - before;
        }
        let before = cpu();
        writer.finish()?;
        seconds += cpu() - before;
        let size = std::fs::metadata(path)?.len() as f64 / 1e6;
        println!("  {:8} {seconds:.3} s, {size:.1} MB, {:.0} MB/s", format.name(), size / seconds);
    }
    println!("  peak with the rows: {} MiB", peak_mib());
    Ok(())
}

/// Counts the rows some filters keep.
fn sift(rows: &[Packet]) -> Result<(), Failure> {
    let mut builder = TableBuilder::new(PACKETS, BATCH);
    for text in [
        "length > 1000",
        "dst_port in (53, 443)",
        "src_ip in 10.0.0.0/16",
        "app contains 'ht' or vlan is not null",
    ] {
        let filter = Filter::parse(text)?.bind(&builder.schema())?;
        let (mut seconds, mut kept) = (0.0, 0);
        for run in rows.chunks(BATCH) {
            let batch = builder.fill(run)?;
            let before = cpu();
            kept += filter.mask(&batch)?.true_count();
            seconds += cpu() - before;
        }
        println!("  {text}: {kept} of {} in {seconds:.3} s", rows.len());
    }
    Ok(())
}

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().map_or_else(std::env::temp_dir, Into::into);
    let mut formats = arguments.map(|name| name.parse()).collect::<Result<Vec<Format>, _>>()?;
    if formats.is_empty() {
        formats = vec![Format::Parquet, Format::Csv, Format::JsonLines, Format::Arrow];
    }
    let rows = packets(1_770_000);
    sift(&rows)?;
    measure("packets", PACKETS, &rows, &folder, &formats)?;
    drop(rows);
    measure("flows", &flow_columns(), &flows(121_000, false), &folder, &formats)?;
    measure("flood", &flow_columns(), &flows(1_410_000, true), &folder, &[Format::Parquet])
}
