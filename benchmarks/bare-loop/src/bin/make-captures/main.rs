//! `make-captures real|flood|made`: the captures the benchmark reads, written as one pcap stream.

#![forbid(unsafe_code)]

mod flood;
mod made;
mod pack;
mod random;
mod rewrite;
mod tile;
mod wire;
mod write;

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use write::{Pcap, Written};

const USAGE: &str =
    "usage: make-captures real OUT TILES FOLDER...   captures of the folders, tiled (TILES 0: up to 800 MB)
       make-captures made OUT TILES             made sessions, tiled
       make-captures flood OUT [PACKETS]        a scan, spoofed SYNs and UDP: 2.5 M packets in 44 s
       make-captures empty OUT                  no packet at all
OUT is a file, or - for standard output.";

/// What the tiled captures are filled to when no number of tiles is given.
const REAL_BYTES: u64 = 800_000_000;
/// Packets of the flood when no number is given.
const FLOOD_PACKETS: u64 = 2_500_000;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(Some(written)) => {
            eprintln!("packets={} bytes={} tiles={}", written.packets, written.bytes, written.tiles);
            ExitCode::SUCCESS
        }
        Ok(None) => {
            eprintln!("{USAGE}");
            ExitCode::from(2)
        }
        Err(error) => {
            eprintln!("make-captures: {error}");
            ExitCode::from(1)
        }
    }
}

fn run(arguments: &[String]) -> io::Result<Option<Written>> {
    let [what, out, rest @ ..] = arguments else { return Ok(None) };
    let number = rest.first().map(|text| text.parse::<u64>());
    match (what.as_str(), number) {
        ("real", Some(Ok(tiles))) => {
            let folders: Vec<PathBuf> = rest.iter().skip(1).map(PathBuf::from).collect();
            let frames = pack::load(&folders)?;
            tile::tile(frames, tiles, REAL_BYTES, Pcap::new(open(out)?)?).map(Some)
        }
        ("made", Some(Ok(tiles))) => {
            tile::tile(made::sessions(), tiles, REAL_BYTES, Pcap::new(open(out)?)?).map(Some)
        }
        ("flood", None) => flood::flood(FLOOD_PACKETS, Pcap::new(open(out)?)?).map(Some),
        ("flood", Some(Ok(packets))) => flood::flood(packets, Pcap::new(open(out)?)?).map(Some),
        ("empty", None) => Pcap::new(open(out)?)?.finish().map(Some),
        _ => Ok(None),
    }
}

fn open(out: &str) -> io::Result<Box<dyn Write>> {
    let inner: Box<dyn Write> =
        if out == "-" { Box::new(io::stdout().lock()) } else { Box::new(File::create(out)?) };
    Ok(Box::new(BufWriter::with_capacity(1 << 20, inner)))
}
