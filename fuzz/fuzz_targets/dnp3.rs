//! Any dialogue, heard by the parser of DNP3: no panic, bounded memory, cells that can be shown.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oddwire_core::proto::{dnp3::Dnp3, drive::hammer};

fuzz_target!(|input: &[u8]| hammer::<Dnp3>(input, &[20_000, 4_444]));
