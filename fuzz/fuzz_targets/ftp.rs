//! Any dialogue, heard by the parser of FTP: no panic, bounded memory, cells that can be shown.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oddwire_core::proto::{drive::hammer, ftp::Ftp};

fuzz_target!(|input: &[u8]| hammer::<Ftp>(input, &[21, 4_444]));
