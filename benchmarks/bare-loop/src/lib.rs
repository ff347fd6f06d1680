//! The least work that turns a capture into packet columns or into flows.
//!
//! Oddwire is measured as a multiple of this program, so it must be honest: what a careful person would write by
//! hand who needs nothing else. It knows pcap, Ethernet, VLAN, IPv4, IPv6, TCP, UDP and ICMP; no tunnels, no
//! reassembly, no damage report, no output file.

#![forbid(unsafe_code)]

pub mod columns;
pub mod decode;
pub mod flow;
pub mod pcap;
