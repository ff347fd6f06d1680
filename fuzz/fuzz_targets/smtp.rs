//! Any dialogue, heard by the parser of SMTP: no panic, bounded memory, cells that can be shown.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oddwire_core::proto::{drive::hammer, smtp::Smtp};

fuzz_target!(|input: &[u8]| hammer::<Smtp>(input, &[25, 587, 4_444]));
