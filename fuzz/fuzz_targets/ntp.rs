//! Any dialogue, heard by the parser of NTP: no panic, bounded memory, cells that can be shown.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oddwire_core::proto::{drive::hammer, ntp::Ntp};

fuzz_target!(|input: &[u8]| hammer::<Ntp>(input, &[123, 4_444]));
