//! Any blocks behind a pcapng section header: no panic, and no frame from nowhere.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oddwire_capture::{Capture, OpenOptions};
use std::io::Cursor;

fn section(big: bool) -> Vec<u8> {
    let fields =
        [0x0a0d_0d0a_u32, 28, 0x1a2b_3c4d, if big { 0x0001_0000 } else { 1 }, u32::MAX, u32::MAX, 28];
    fields.iter().flat_map(|field| if big { field.to_be_bytes() } else { field.to_le_bytes() }).collect()
}

fuzz_target!(|input: &[u8]| {
    let Some((choice, rest)) = input.split_first() else { return };
    let mut bytes = section(choice & 1 == 1);
    bytes.extend_from_slice(rest);
    let size = bytes.len();
    let options = OpenOptions::default();
    let mut capture =
        Capture::from_reader("fuzz", Box::new(Cursor::new(bytes)), &options).expect("the header is right");
    let (mut held, mut last) = (0, 0);
    while let Some(frame) = capture.next_frame().expect("memory does not fail") {
        held += frame.data.len() + 16;
        assert!(frame.number > last);
        last = frame.number;
    }
    assert!(held <= size, "{held} bytes of blocks from {size}");
});
