//! Any bytes behind the magic of a packer, or none: no panic, bounded memory.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oddwire_capture::{Capture, Limits, OpenOptions};
use std::io::Cursor;

const MAGICS: [&[u8]; 6] = [
    &[],
    &[0x1f, 0x8b, 8],
    &[0x28, 0xb5, 0x2f, 0xfd],
    &[0xfd, b'7', b'z', b'X', b'Z', 0],
    &[0x04, 0x22, 0x4d, 0x18],
    &[0x02, 0x21, 0x4c, 0x18],
];
const MOST: u64 = 4 << 20;

fuzz_target!(|input: &[u8]| {
    let Some((choice, rest)) = input.split_first() else { return };
    let bytes = [MAGICS[usize::from(*choice) % MAGICS.len()], rest].concat();
    let limits = Limits { unpacked_bytes: Some(MOST), ..Limits::default() };
    let options = OpenOptions { limits, ..OpenOptions::default() };
    let Ok(mut capture) = Capture::from_reader("fuzz", Box::new(Cursor::new(bytes)), &options) else {
        return;
    };
    let mut held = 0;
    while let Some(frame) = capture.next_frame().expect("memory does not fail") {
        held += frame.data.len() as u64 + 16;
    }
    assert!(held <= MOST.max(rest.len() as u64 + 8), "{held} bytes of records");
});
