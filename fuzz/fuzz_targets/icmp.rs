//! Any dialogue, heard by the parser of ICMP: no panic, bounded memory, cells that can be shown.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oddwire_core::proto::{drive::hammer, icmp::Icmp};

fuzz_target!(|input: &[u8]| hammer::<Icmp>(input, &[0]));
