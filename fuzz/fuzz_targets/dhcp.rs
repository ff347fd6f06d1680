//! Any dialogue, heard by the parser of DHCP: no panic, bounded memory, cells that can be shown.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oddwire_core::proto::{dhcp::Dhcp, drive::hammer};

fuzz_target!(|input: &[u8]| hammer::<Dhcp>(input, &[67, 68, 547, 4_444]));
