//! Any dialogue, heard by the parser of SSH: no panic, bounded memory, cells that can be shown.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oddwire_core::proto::{drive::hammer, ssh::Ssh};

fuzz_target!(|input: &[u8]| hammer::<Ssh>(input, &[22, 4_444]));
