//! Any bytes behind any pcap magic: no panic, and no frame from nowhere.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oddwire_capture::{Capture, OpenOptions};
use std::io::Cursor;

const MAGICS: [u32; 5] = [0xa1b2_c3d4, 0xa1b2_3c4d, 0xa1b2_cd34, 0x1c00_01ac, 0x1c00_01ab];

fuzz_target!(|input: &[u8]| {
    let Some((choice, rest)) = input.split_first() else { return };
    let magic = MAGICS[usize::from(choice >> 1) % MAGICS.len()];
    let first = if choice & 1 == 0 { magic.to_le_bytes() } else { magic.to_be_bytes() };
    let bytes = [&first, rest].concat();
    let size = bytes.len();
    let options = OpenOptions::default();
    let mut capture =
        Capture::from_reader("fuzz", Box::new(Cursor::new(bytes)), &options).expect("the magic is right");
    let (mut held, mut frames) = (0, 0);
    while let Some(frame) = capture.next_frame().expect("memory does not fail") {
        held += frame.data.len() + 16;
        frames += 1;
        assert_eq!(frame.number, frames);
    }
    assert!(held <= size, "{held} bytes of records from {size}");
});
