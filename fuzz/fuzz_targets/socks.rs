//! Any dialogue, heard by the parser of SOCKS: no panic, bounded memory, cells that can be shown.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oddwire_core::proto::{drive::hammer, socks::Socks};

fuzz_target!(|input: &[u8]| hammer::<Socks>(input, &[1_080, 4_444]));
