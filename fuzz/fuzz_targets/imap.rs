//! Any dialogue, heard by the parser of IMAP: no panic, bounded memory, cells that can be shown.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oddwire_core::proto::{drive::hammer, imap::Imap};

fuzz_target!(|input: &[u8]| hammer::<Imap>(input, &[143, 9]));
