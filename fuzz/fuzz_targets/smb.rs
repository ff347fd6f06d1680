//! Any dialogue, heard by the parser of SMB: no panic, bounded memory, cells that can be shown.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oddwire_core::proto::{drive::hammer, smb::Smb};

fuzz_target!(|input: &[u8]| hammer::<Smb>(input, &[445, 139, 4_444]));
