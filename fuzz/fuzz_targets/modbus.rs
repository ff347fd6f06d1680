//! Any dialogue, heard by the parser of Modbus: no panic, bounded memory, cells that can be shown.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oddwire_core::proto::{drive::hammer, modbus::Modbus};

fuzz_target!(|input: &[u8]| hammer::<Modbus>(input, &[502, 4_444]));
