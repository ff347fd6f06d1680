//! Any dialogue, heard by the parser of RDP: no panic, bounded memory, cells that can be shown.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oddwire_core::proto::{drive::hammer, rdp::Rdp};

fuzz_target!(|input: &[u8]| hammer::<Rdp>(input, &[3_389, 4_444]));
