//! Counts the frames of captures: how fast this machine reads at best.
//!
//! `cargo run --release -p oddwire-capture --example count -- FILE...`; `--hash` hashes as well, `--list` counts each.

use oddwire_capture::{Capture, CaptureError, OpenOptions};
use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let (switches, names): (Vec<_>, Vec<_>) =
        std::env::args().skip(1).partition(|word| word.starts_with("--"));
    let options =
        OpenOptions { hash: switches.iter().any(|word| word == "--hash"), ..OpenOptions::default() };
    let paths = names.iter().map(PathBuf::from).collect::<Vec<_>>();
    let each = if switches.iter().any(|word| word == "--list") { 1 } else { paths.len().max(1) };
    let failed = paths
        .chunks(each)
        .filter_map(|paths| count(paths, &options).err())
        .inspect(|error| eprintln!("{error}"));
    if failed.count() == 0 { ExitCode::SUCCESS } else { ExitCode::from(3) }
}

fn count(paths: &[PathBuf], options: &OpenOptions) -> Result<(), CaptureError> {
    let mut capture = Capture::open(paths, options)?;
    let (mut bytes, mut last_ns) = (0, 0);
    while let Some(frame) = capture.next_frame()? {
        bytes += frame.data.len();
        last_ns = frame.time_ns;
    }
    for input in capture.inputs() {
        println!("{}\t{}\t{}", input.name, input.packets, input.blake3_hex().unwrap_or_default());
        input.warning_lines().for_each(|line| eprintln!("{line}"));
    }
    eprintln!("{bytes} bytes captured, the last at {last_ns} ns");
    Ok(())
}
