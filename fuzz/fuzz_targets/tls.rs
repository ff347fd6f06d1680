//! Any dialogue, heard by the parser of TLS: no panic, bounded memory, cells that can be shown.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oddwire_core::proto::{drive::hammer, tls::Tls};

fuzz_target!(|input: &[u8]| hammer::<Tls>(input, &[443, 4_444]));
