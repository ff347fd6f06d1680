//! Any dialogue, heard by the parser of POP3: no panic, bounded memory, cells that can be shown.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oddwire_core::proto::{drive::hammer, pop3::Pop3};

fuzz_target!(|input: &[u8]| hammer::<Pop3>(input, &[110, 9]));
