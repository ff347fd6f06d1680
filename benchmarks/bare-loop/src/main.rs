//! `bare-loop decode|flows FILE`: the limit, as a program.

#![forbid(unsafe_code)]

use std::fs::File;
use std::io::{self, Read};
use std::process::ExitCode;

use bare_loop::columns::Columns;
use bare_loop::decode::{Addresses, decode};
use bare_loop::flow::{Export, KeyV4, KeyV6, Stats, Table};
use bare_loop::pcap::Reader;

const USAGE: &str =
    "usage: bare-loop decode|flows FILE   (FILE: little-endian pcap of Ethernet, or - for standard input)";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (mode, path) = match arguments.as_slice() {
        [mode, path] => (mode.as_str(), path.as_str()),
        _ => ("", ""),
    };
    match (mode, open(path)) {
        ("decode" | "flows", Err(error)) => fail(&format!("{path}: {error}")),
        ("decode", Ok(input)) => report(path, packets(input)),
        ("flows", Ok(input)) => report(path, flows(input)),
        _ => fail(USAGE),
    }
}

fn open(path: &str) -> io::Result<Box<dyn Read>> {
    Ok(if path == "-" { Box::new(io::stdin().lock()) } else { Box::new(File::open(path)?) })
}

fn fail(message: &str) -> ExitCode {
    eprintln!("{message}");
    ExitCode::from(2)
}

fn report(path: &str, result: io::Result<String>) -> ExitCode {
    match result {
        Ok(line) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Err(error) => fail(&format!("{path}: {error}")),
    }
}

fn packets(input: Box<dyn Read>) -> io::Result<String> {
    let mut columns = Columns::default();
    let (mut count, mut bytes) = (0_u64, 0_u64);
    Reader::new(input).visit(|frame| {
        count += 1;
        bytes += u64::from(frame.length);
        columns.push(&decode(frame));
    })?;
    Ok(format!("packets={count} bytes={bytes} checksum={:016x}", columns.finish()))
}

fn flows(input: Box<dyn Read>) -> io::Result<String> {
    let mut export = Export::default();
    let mut v4 = Table::<KeyV4>::default();
    let mut v6 = Table::<KeyV6>::default();
    let (mut count, mut bytes) = (0_u64, 0_u64);
    Reader::new(input).visit(|frame| {
        count += 1;
        bytes += u64::from(frame.length);
        let packet = decode(frame);
        match packet.addresses {
            Addresses::None => {}
            Addresses::V4(src, dst) => {
                let (key, flipped) = KeyV4::of(&packet, src, dst);
                v4.add(key, flipped, &packet, &mut export);
            }
            Addresses::V6(src, dst) => {
                let (key, flipped) = KeyV6::of(&packet, src, dst);
                v6.add(key, flipped, &packet, &mut export);
            }
        }
    })?;
    let most_live = v4.finish(&mut export) + v6.finish(&mut export);
    let Stats { flows, most_live } = Stats { flows: export.rows(), most_live };
    Ok(format!(
        "packets={count} bytes={bytes} flows={flows} most_live={most_live} checksum={:016x}",
        export.finish()
    ))
}
