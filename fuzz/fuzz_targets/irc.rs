//! Any dialogue, heard by the parser of IRC: no panic, bounded memory, cells that can be shown.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oddwire_core::proto::{drive::hammer, irc::Irc};

fuzz_target!(|input: &[u8]| hammer::<Irc>(input, &[6_667, 80, 9]));
