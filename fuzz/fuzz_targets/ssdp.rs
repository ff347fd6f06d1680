//! Any dialogue, heard by the parser of SSDP: no panic, bounded memory, cells that can be shown.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oddwire_core::proto::{drive::hammer, ssdp::Ssdp};

fuzz_target!(|input: &[u8]| hammer::<Ssdp>(input, &[1_900, 4_444]));
