//! From a frame to the packet that its headers describe: one file a header, lax, bounded.
//!
//! Each header's file has a `read` that takes its bytes off the walk, writes down what it says and names
//! what comes next; the loop in [`Decoder::decode`] follows until there is no next one.

mod arp;
mod ethernet;
mod ethertype;
mod fragment;
mod geneve;
mod gre;
mod gtpu;
mod hdlc;
mod icmp;
mod ipsec;
mod ipv4;
mod ipv6;
mod ipv6_ext;
mod link;
mod llc;
mod loopback;
mod mpls;
pub mod ports;
mod ppp;
mod pppoe;
mod protocol;
mod pseudo;
mod radio;
mod raw;
mod sctp;
mod services;
mod sll;
mod straight;
mod tag;
mod tcp;
mod teredo;
mod udp;
mod vlan;
mod vxlan;
mod walk;
mod wifi;

pub use fragment::FragmentCounts;

use crate::frame::{Frame, LinkType};
use crate::packet::Packet;
use fragment::Fragments;
use walk::{Next, Walk};

/// How many fragmented datagrams may be nested in one another.
const NESTED: usize = 3;

/// What a [`Decoder`] may hold between frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DecoderLimits {
    /// Fragmented datagrams waiting for more fragments; beyond it the oldest is dropped.
    pub fragment_datagrams: usize,
    /// Bytes that waiting datagrams may hold together; beyond it the oldest is dropped.
    pub fragment_bytes: usize,
    /// How long a datagram waits for its fragments, in packet time.
    pub fragment_timeout_ns: i64,
}

impl Default for DecoderLimits {
    fn default() -> Self {
        Self { fragment_datagrams: 4096, fragment_bytes: 16 << 20, fragment_timeout_ns: 30_000_000_000 }
    }
}

/// Walks headers and holds what must be remembered between frames (fragments).
#[derive(Debug, Default)]
pub struct Decoder {
    fragments: Fragments,
    whole: [Vec<u8>; NESTED],
}

impl Decoder {
    /// A decoder that holds no more than `limits` say.
    #[must_use]
    pub fn with_limits(limits: DecoderLimits) -> Self {
        Self { fragments: Fragments::new(limits), whole: Default::default() }
    }

    /// What became of the fragments seen so far.
    #[must_use]
    pub fn fragment_counts(&self) -> FragmentCounts {
        self.fragments.counts
    }

    /// Bytes held for datagrams that wait for fragments.
    #[must_use]
    pub fn fragment_bytes(&self) -> usize {
        self.fragments.held()
    }

    /// Reads the headers of one frame. Never fails: what could be read stands, `damage` says where it stopped.
    ///
    /// The payload borrows from the frame, or from the decoder when the frame completed a fragmented datagram.
    #[inline]
    pub fn decode<'a>(&'a mut self, frame: &Frame<'a>) -> Packet<'a> {
        if frame.link == LinkType::ETHERNET
            && let Some(packet) = straight::read::<false>(frame)
        {
            return packet;
        }
        self.decode_other(frame)
    }

    #[inline(never)]
    fn decode_other<'a>(&'a mut self, frame: &Frame<'a>) -> Packet<'a> {
        if frame.link == LinkType::ETHERNET
            && let Some(packet) = straight::read::<true>(frame)
        {
            return packet;
        }
        self.walk(frame)
    }

    /// Reads the headers one by one.
    fn walk<'a>(&'a mut self, frame: &Frame<'a>) -> Packet<'a> {
        let mut packet = Packet::default();
        let mut walk = Walk::new(&mut packet, frame, &mut self.fragments, &mut self.whole);
        let mut next = link::read(&mut walk, frame.link);
        loop {
            next = match next {
                Next::Done => break,
                Next::EtherType(number) => ethertype::read(&mut walk, number),
                Next::Protocol(number) => protocol::read(&mut walk, number),
                Next::Ethernet => ethernet::read(&mut walk),
            };
        }
        walk.finish();
        packet
    }
}
