//! Any dialogue, heard by the parser of MQTT: no panic, bounded memory, cells that can be shown.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oddwire_core::proto::{drive::hammer, mqtt::Mqtt};

fuzz_target!(|input: &[u8]| hammer::<Mqtt>(input, &[1_883, 4_444]));
