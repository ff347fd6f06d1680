//! Any dialogue, heard by the parser of Telnet: no panic, bounded memory, cells that can be shown.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oddwire_core::proto::{drive::hammer, telnet::Telnet};

fuzz_target!(|input: &[u8]| hammer::<Telnet>(input, &[23, 4_444]));
