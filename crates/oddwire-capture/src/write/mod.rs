//! Writing captures: what is carved out of others, and what tests and demonstrations make.

mod pcap;
mod pcapng;

pub use pcap::PcapWriter;
pub use pcapng::PcapngWriter;

use std::io;

/// A packet that the format cannot hold.
fn unfit(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, what)
}
