//! Any dialogue, heard by the parser of Kerberos: no panic, bounded memory, cells that can be shown.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oddwire_core::proto::{drive::hammer, kerberos::Kerberos};

fuzz_target!(|input: &[u8]| hammer::<Kerberos>(input, &[88, 464, 4_444]));
