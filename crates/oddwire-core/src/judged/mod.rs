//! The rows that judges read: what each flow did in a tick, conversations that ended, ARP, and what was said.
//!
//! They hold numbers only, so that a detector groups and joins them fast; a [`crate::book::Book`] names the hosts.

pub mod arp;
pub mod heard;
pub mod talk;

pub use arp::{ArpRow, ArpRows, arp_columns};
pub use heard::{Heard, heard_columns};
pub use talk::{Talk, talk_columns};
