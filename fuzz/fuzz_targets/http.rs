//! Any dialogue, heard by the parser of HTTP: no panic, bounded memory, cells that can be shown.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oddwire_core::proto::{drive::hammer, http::Http};

fuzz_target!(|input: &[u8]| hammer::<Http>(input, &[80, 8_080, 4_444]));
