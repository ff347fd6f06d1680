//! Any dialogue, heard by the parser of DCE RPC: no panic, bounded memory, cells that can be shown.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oddwire_core::proto::{dcerpc::DceRpc, drive::hammer};

fuzz_target!(|input: &[u8]| hammer::<DceRpc>(input, &[135, 49_152]));
