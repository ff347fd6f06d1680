//! What a capture holds, counted in one pass and bounded memory: no judgement, only figures.

pub mod describe;
pub mod hosts;
pub mod lengths;
pub mod spoken;
pub mod volume;

use crate::decode::ports::app_by_port;
use crate::flow::record::OFFLOAD_LENGTH;
use crate::flow::stamp::Stamp;
use crate::frame::LinkType;
use crate::layer::Layer;
use crate::names::protocol_name;
use crate::packet::Packet;
use describe::Describe;
use hosts::Hosts;
use lengths::Lengths;
use spoken::Spoken;
use std::collections::BTreeMap;
use volume::Volume;

/// Packets and bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    /// Packets.
    pub packets: u64,
    /// Bytes on the wire.
    pub bytes: u64,
}

impl Count {
    /// Counts one packet of a length.
    #[inline]
    pub fn add(&mut self, length: u32) {
        self.packets += 1;
        self.bytes += u64::from(length);
    }

    /// Adds another count.
    pub fn merge(&mut self, other: Self) {
        self.packets += other.packets;
        self.bytes += other.bytes;
    }
}

/// The figures of a capture.
#[derive(Debug)]
pub struct Summary {
    /// All packets.
    pub total: Count,
    /// By IP protocol number.
    protocols: Vec<Count>,
    /// What is no IP, by its innermost header.
    others: BTreeMap<Layer, Count>,
    /// By the service that the ports suggest.
    pub services: BTreeMap<&'static str, Count>,
    /// By link type.
    pub links: BTreeMap<LinkType, Count>,
    /// Packets that carry each header, in the order of [`Layer::ALL`].
    layers: Vec<u64>,
    /// By host.
    pub hosts: Hosts,
    /// Over time.
    pub volume: Volume,
    /// Packet lengths.
    pub lengths: Lengths,
    /// Packets longer than a link carries.
    pub offload: u64,
    /// Packets that are fragments.
    pub fragments: u64,
    /// What was said; nothing where payload was not looked at.
    pub spoken: Spoken,
    /// Quartiles and missing values of every column, when they were asked for.
    pub describe: Option<Box<Describe>>,
}

impl Summary {
    /// Nothing counted yet.
    #[must_use]
    pub fn new(describe: bool) -> Self {
        Self {
            total: Count::default(),
            protocols: vec![Count::default(); 256],
            others: BTreeMap::new(),
            services: BTreeMap::new(),
            links: BTreeMap::new(),
            layers: vec![0; Layer::ALL.len()],
            hosts: Hosts::default(),
            volume: Volume::default(),
            lengths: Lengths::default(),
            offload: 0,
            fragments: 0,
            spoken: Spoken::default(),
            describe: describe.then(Box::default),
        }
    }

    /// Counts one packet.
    pub fn add(&mut self, stamp: &Stamp, link: LinkType, captured: u32, packet: &Packet<'_>) {
        let length = stamp.length;
        self.total.add(length);
        self.links.entry(link).or_default().add(length);
        self.count_protocol(packet, length);
        for &layer in packet.layers.as_slice() {
            if let Some(count) = self.layers.get_mut(layer as usize) {
                *count += 1;
            }
        }
        if packet.ip_version != 0 {
            self.hosts.add(packet, length);
        }
        self.volume.add(stamp.time_ns, length);
        self.lengths.add(length);
        self.offload += u64::from(length > OFFLOAD_LENGTH);
        self.fragments += u64::from(packet.fragment != crate::packet::Fragment::None);
        if let Some(describe) = &mut self.describe {
            describe.add(stamp, captured, packet);
        }
    }

    fn count_protocol(&mut self, packet: &Packet<'_>, length: u32) {
        match packet.protocol {
            Some(number) => {
                if let Some(count) = self.protocols.get_mut(usize::from(number)) {
                    count.add(length);
                }
                if let (Some(src), Some(dst)) = (packet.src_port, packet.dst_port)
                    && let Some(service) = app_by_port(number, src, dst)
                {
                    self.services.entry(service).or_default().add(length);
                }
            }
            None => self.others.entry(packet.layers.last().unwrap_or_default()).or_default().add(length),
        }
    }

    /// The distribution of protocols, the most packets first: transports of IP, and what is no IP by its header.
    #[must_use]
    pub fn protocols(&self) -> Vec<(&'static str, Count)> {
        let mut named: BTreeMap<&'static str, Count> = BTreeMap::new();
        for (number, count) in self.protocols.iter().enumerate().filter(|(_, count)| count.packets > 0) {
            named.entry(protocol_name(number as u8)).or_default().merge(*count);
        }
        for (layer, count) in &self.others {
            named.entry(layer.name()).or_default().merge(*count);
        }
        sorted(named)
    }

    /// The services, the most packets first.
    #[must_use]
    pub fn services(&self) -> Vec<(&'static str, Count)> {
        sorted(self.services.clone())
    }

    /// Packets that carry each header, in the order of the list of layers.
    pub fn layers(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let counts = Layer::ALL.iter().zip(&self.layers);
        counts.filter(|(_, count)| **count > 0).map(|(layer, &count)| (layer.name(), count))
    }

    /// Packets of TCP, of UDP, and all others.
    #[must_use]
    pub fn tcp_udp_other(&self) -> (Count, Count, Count) {
        let of = |number: usize| self.protocols.get(number).copied().unwrap_or_default();
        let (tcp, udp) = (of(6), of(17));
        let other = Count {
            packets: self.total.packets - tcp.packets - udp.packets,
            bytes: self.total.bytes - tcp.bytes - udp.bytes,
        };
        (tcp, udp, other)
    }
}

fn sorted(named: BTreeMap<&'static str, Count>) -> Vec<(&'static str, Count)> {
    let mut list: Vec<_> = named.into_iter().collect();
    list.sort_by(|a, b| b.1.packets.cmp(&a.1.packets).then(a.0.cmp(b.0)));
    list
}
