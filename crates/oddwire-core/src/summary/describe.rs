//! Missing values and quartiles of the columns of the packet table, for whoever wants to know the data first.

use super::lengths::Lengths;
use crate::flow::stamp::Stamp;
use crate::packet::Packet;

/// The numeric columns that are described.
pub const NUMERIC: [&str; 8] =
    ["length", "captured", "payload_length", "ttl", "src_port", "dst_port", "tcp_flags", "tcp_window"];
/// The other columns, of which only missing values are counted.
pub const OTHERS: [&str; 10] = [
    "src_mac",
    "dst_mac",
    "vlan",
    "ip_version",
    "src_ip",
    "dst_ip",
    "protocol",
    "icmp_type",
    "tunnel",
    "damage",
];

/// What is known of every column.
#[derive(Debug, Default)]
pub struct Describe {
    numbers: [Lengths; NUMERIC.len()],
    missing: [u64; OTHERS.len()],
    packets: u64,
}

impl Describe {
    /// Counts a packet.
    pub fn add(&mut self, stamp: &Stamp, captured: u32, packet: &Packet<'_>) {
        self.packets += 1;
        let ttl = (packet.ip_version != 0).then_some(u32::from(packet.ttl));
        let values = [
            Some(stamp.length),
            Some(captured),
            Some(packet.payload_length),
            ttl,
            packet.src_port.map(u32::from),
            packet.dst_port.map(u32::from),
            packet.tcp.map(|tcp| u32::from(tcp.flags)),
            packet.tcp.map(|tcp| u32::from(tcp.window)),
        ];
        for (numbers, value) in self.numbers.iter_mut().zip(values) {
            if let Some(value) = value {
                numbers.add(value);
            }
        }
        let there = [
            packet.src_mac.is_some(),
            packet.dst_mac.is_some(),
            packet.vlans.count > 0,
            packet.ip_version != 0,
            packet.src.is_some(),
            packet.dst.is_some(),
            packet.protocol.is_some(),
            packet.icmp.is_some(),
            packet.tunnel.kinds[0] != crate::packet::TunnelKind::None,
            packet.damage.is_some(),
        ];
        for (missing, there) in self.missing.iter_mut().zip(there) {
            *missing += u64::from(!there);
        }
    }

    /// The numeric columns: name, missing values, the numbers.
    pub fn numbers(&self) -> impl Iterator<Item = (&'static str, u64, &Lengths)> {
        let columns = NUMERIC.iter().zip(&self.numbers);
        columns.map(|(name, numbers)| (*name, self.packets - numbers.count(), numbers))
    }

    /// The other columns: name, missing values.
    pub fn others(&self) -> impl Iterator<Item = (&'static str, u64)> {
        OTHERS.iter().zip(self.missing).map(|(name, missing)| (*name, missing))
    }
}
