//! Any dialogue, heard by the parser of SNMP: no panic, bounded memory, cells that can be shown.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oddwire_core::proto::{drive::hammer, snmp::Snmp};

fuzz_target!(|input: &[u8]| hammer::<Snmp>(input, &[161, 162, 4_444]));
