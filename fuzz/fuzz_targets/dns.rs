//! Any dialogue, heard by the parser of DNS: no panic, bounded memory, cells that can be shown.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oddwire_core::proto::{dns::Dns, drive::hammer};

fuzz_target!(|input: &[u8]| hammer::<Dns>(input, &[53, 5_353, 5_355, 137, 4_444]));
