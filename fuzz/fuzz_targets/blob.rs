//! Any dialogue, heard by the parser of executable content: no panic, bounded memory, cells that can be shown.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oddwire_core::proto::{drive::hammer, blob::Blob};

fuzz_target!(|input: &[u8]| hammer::<Blob>(input, &[443, 80, 9]));
