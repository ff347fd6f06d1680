//! Any dialogue, heard by the parser of QUIC: no panic, bounded memory, cells that can be shown.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oddwire_core::proto::{drive::hammer, quic::Quic};

fuzz_target!(|input: &[u8]| hammer::<Quic>(input, &[443, 4_444]));
