//! Any dialogue, heard by the parser of command shells: no panic, bounded memory, cells that can be shown.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oddwire_core::proto::{drive::hammer, shell::Shell};

fuzz_target!(|input: &[u8]| hammer::<Shell>(input, &[4_444, 80, 23]));
