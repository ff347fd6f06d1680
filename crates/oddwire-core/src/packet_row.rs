//! The table of packets: one row a frame, whatever it holds.

use crate::column::{Column, Get};
use crate::decode::ports::app_by_port;
use crate::flow::stamp::Stamp;
use crate::frame::LinkType;
use crate::layer::Layer;
use crate::names::{protocol_name, push_tunnel, push_vlan};
use crate::packet::{Addr, Packet};
use std::fmt::Write;

const NS_A_SECOND: i64 = 1_000_000_000;
const SECONDS_A_DAY: i64 = 86_400;

/// A frame's headers without its bytes, and what is known of the pair of hosts it passed between.
#[derive(Debug, Clone)]
pub struct PacketRow {
    /// Where and when.
    pub stamp: Stamp,
    /// Captured bytes.
    pub captured: u32,
    /// What the first byte belonged to.
    pub link: LinkType,
    /// What the headers say; its payload is empty here.
    pub packet: Packet<'static>,
    /// Packets between the two hosts in all the input, and their bytes, when they were counted before.
    pub pair: Option<PairTotal>,
}

/// What passed between two hosts, both directions together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PairTotal {
    /// Packets.
    pub packets: u64,
    /// Bytes on the wire.
    pub bytes: u64,
}

impl PacketRow {
    /// Seconds since midnight, UTC.
    fn second_of_day(&self) -> i64 {
        self.stamp.time_ns.div_euclid(NS_A_SECOND).rem_euclid(SECONDS_A_DAY)
    }

    /// 1 is Monday, 7 is Sunday; the epoch began on a Thursday.
    fn weekday(&self) -> u8 {
        let days = self.stamp.time_ns.div_euclid(NS_A_SECOND * SECONDS_A_DAY);
        u8::try_from((days + 3).rem_euclid(7) + 1).unwrap_or(1)
    }

    /// The part of the day by its hour: Night 0-5, Morning 6-11, Afternoon 12-17, Evening 18-23.
    fn part_of_day(&self) -> &'static str {
        match self.second_of_day() / 21_600 {
            0 => "Night",
            1 => "Morning",
            2 => "Afternoon",
            _ => "Evening",
        }
    }

    /// The innermost thing that is known by name: the service, else the last header.
    fn app(&self) -> &'static str {
        let packet = &self.packet;
        let service = match (packet.protocol, packet.src_port, packet.dst_port) {
            (Some(protocol), Some(src), Some(dst)) if packet.payload_length > 0 => {
                app_by_port(protocol, src, dst)
            }
            _ => None,
        };
        service.unwrap_or_else(|| packet.layers.last().map_or("data", Layer::name))
    }

    /// The name of the transport; for what is no IP, of the innermost header.
    fn transport(&self) -> &'static str {
        match self.packet.protocol {
            Some(number) => protocol_name(number),
            None => self.packet.layers.last().map_or("data", Layer::name),
        }
    }

    /// The two addresses in canonical order, so that both directions have the same name.
    fn push_pair(&self, text: &mut String) -> bool {
        let (Some(src), Some(dst)) = (self.packet.src, self.packet.dst) else { return false };
        let (low, high) = if src <= dst { (src, dst) } else { (dst, src) };
        write!(text, "{low}-{high}").is_ok()
    }
}

const FLAGS: [(u16, char); 9] = [
    (0x100, 'E'),
    (0x080, 'W'),
    (0x040, 'C'),
    (0x020, 'U'),
    (0x010, 'A'),
    (0x008, 'P'),
    (0x004, 'R'),
    (0x002, 'S'),
    (0x001, 'F'),
];

macro_rules! c {
    ($name:literal, $unit:literal, $kind:ident, $meaning:literal, $get:expr) => {
        Column::<PacketRow>::new($name, $unit, Get::$kind($get), $meaning)
    };
}

const COLUMNS: &[Column<PacketRow>] = &[
    c!("number", "", U64, "Number in its input, from 1, as Wireshark counts.", |r| r.stamp.number),
    c!("time", "", Time, "When it was captured.", |r| r.stamp.time_ns),
    c!("length", "bytes", U32, "Bytes on the wire.", |r| r.stamp.length),
    c!("captured", "bytes", U32, "Bytes in the capture; fewer when cut at the snap length.", |r| r.captured),
    c!("link", "", Word, "Link type of the capture.", |r| r.link.name()),
    c!("vlan", "", Text, "VLAN identifiers, the outer first, joined by dots.", |r, text| {
        push_vlan(r.packet.vlans.ids, text)
    }),
    c!("src_mac", "", Mac, "Sender's hardware address.", |r| r.packet.src_mac),
    c!("dst_mac", "", Mac, "Receiver's hardware address.", |r| r.packet.dst_mac),
    c!("ip_version", "", OptU8, "4 or 6; null when there is no IP header.", |r| {
        (r.packet.ip_version != 0).then_some(r.packet.ip_version)
    }),
    c!("src_ip", "", Addr, "Source address; of ARP the sender's. Of nested packets the innermost.", |r| r
        .packet
        .src),
    c!("dst_ip", "", Addr, "Destination address; of ARP the target's.", |r| r.packet.dst),
    c!("protocol", "", OptU8, "IP protocol number of the transport; null when there is no IP header.", |r| {
        r.packet.protocol
    }),
    c!("transport", "", Word, "Name of the transport; of what is no IP, of the innermost header.", |r| {
        Some(r.transport())
    }),
    c!("src_port", "", OptU16, "Source port; null where the protocol has none.", |r| r.packet.src_port),
    c!("dst_port", "", OptU16, "Destination port; null where the protocol has none.", |r| r.packet.dst_port),
    c!("ttl", "hops", OptU8, "Time to live, or hop limit.", |r| {
        (r.packet.ip_version != 0).then_some(r.packet.ttl)
    }),
    c!(
        "tcp_flags",
        "",
        OptU16,
        "TCP flags as the number in the header: FIN 1, SYN 2, RST 4, PSH 8, ACK 16 ...",
        |r| { r.packet.tcp.map(|tcp| tcp.flags) }
    ),
    c!("tcp_window", "bytes", OptU16, "TCP window field, not scaled.", |r| r
        .packet
        .tcp
        .map(|tcp| tcp.window)),
    c!("icmp_type", "", OptU8, "ICMP or ICMPv6 type.", |r| r.packet.icmp.map(|icmp| icmp.0)),
    c!("icmp_code", "", OptU8, "ICMP or ICMPv6 code.", |r| r.packet.icmp.map(|icmp| icmp.1)),
    c!("payload_length", "bytes", U32, "Payload bytes of the transport, by the headers' own lengths.", |r| {
        r.packet.payload_length
    }),
    c!(
        "app",
        "",
        Word,
        "Highest layer: the service that the ports suggest, else the innermost header.",
        |r| { Some(r.app()) }
    ),
    c!("src_private", "", OptBool, "Whether the source is of a private, local or loopback range.", |r| {
        r.packet.src.as_ref().map(Addr::is_private)
    }),
    c!(
        "dst_private",
        "",
        OptBool,
        "Whether the destination is of a private, local or loopback range.",
        |r| { r.packet.dst.as_ref().map(Addr::is_private) }
    ),
    c!("tunnel", "", Text, "What the packet is wrapped in, outermost first.", |r, text| {
        push_tunnel(&r.packet.tunnel, text)
    }),
    c!("damage", "", Text, "Why decoding stopped early; null when it did not.", |r, text| {
        r.packet.damage.is_some_and(|damage| write!(text, "{damage}").is_ok())
    }),
    c!("input", "", U32, "Index of the input, in the order in which they were read.", |r| r.stamp.input)
        .on_request(),
    c!("layers", "", Text, "All headers, outermost first, joined by colons.", |r, text| {
        for (place, layer) in r.packet.layers.as_slice().iter().enumerate() {
            text.push_str(if place > 0 { ":" } else { "" });
            text.push_str(layer.name());
        }
        true
    })
    .on_request(),
    c!("flags", "", Text, "TCP flags as letters: E W C U A P R S F.", |r, text| {
        let Some(tcp) = r.packet.tcp else { return false };
        text.extend(FLAGS.iter().filter(|(bit, _)| tcp.flags & bit != 0).map(|(_, letter)| letter));
        true
    })
    .on_request(),
    c!("tcp_seq", "", OptU32, "TCP sequence number.", |r| r.packet.tcp.map(|tcp| tcp.seq)).on_request(),
    c!("tcp_ack", "", OptU32, "TCP acknowledgement number.", |r| r.packet.tcp.map(|tcp| tcp.ack))
        .on_request(),
    c!("arp_operation", "", OptU16, "ARP operation: 1 request, 2 reply.", |r| r
        .packet
        .arp
        .map(|arp| arp.operation))
    .on_request(),
    c!("minute", "", U8, "Minute of the hour, UTC.", |r| (r.second_of_day() / 60 % 60).cast_unsigned() as u8)
        .on_request(),
    c!("hour", "", U8, "Hour of the day, UTC.", |r| (r.second_of_day() / 3600).cast_unsigned() as u8)
        .on_request(),
    c!("weekday", "", U8, "Day of the week, UTC: 1 is Monday, 7 is Sunday.", PacketRow::weekday).on_request(),
    c!(
        "part_of_day",
        "",
        Word,
        "Night from 0, Morning from 6, Afternoon from 12, Evening from 18 o'clock UTC.",
        |r| { Some(r.part_of_day()) }
    )
    .on_request(),
    c!(
        "pair_id",
        "",
        Text,
        "The two addresses in canonical order: the same for both directions.",
        PacketRow::push_pair
    )
    .on_request(),
    c!("pair_packets", "packets", OptU64, "Packets between these two hosts in the whole input.", |r| {
        r.pair.map(|pair| pair.packets)
    })
    .by("counted in a pass before, so not for standard input")
    .on_request(),
    c!(
        "pair_length_mean",
        "bytes",
        OptF64,
        "Mean length of packets between these two hosts in the whole input.",
        |r| { r.pair.map(|pair| pair.bytes as f64 / pair.packets.max(1) as f64) }
    )
    .by("counted in a pass before, so not for standard input")
    .on_request(),
];

/// The columns of the table of packets.
#[must_use]
pub fn packet_columns() -> Vec<Column<PacketRow>> {
    COLUMNS.to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(time_ns: i64) -> PacketRow {
        let stamp = Stamp { time_ns, ..Stamp::default() };
        PacketRow { stamp, captured: 0, link: LinkType::ETHERNET, packet: Packet::default(), pair: None }
    }

    #[test]
    fn parts_of_time() {
        // 2024-03-10 was a Sunday.
        let row = at(1_710_062_999 * NS_A_SECOND + 5);
        assert_eq!(
            (row.weekday(), row.second_of_day(), row.part_of_day()),
            (7, 9 * 3600 + 29 * 60 + 59, "Morning")
        );
        assert_eq!((at(0).weekday(), at(0).part_of_day()), (4, "Night"));
        assert_eq!((at(-1).weekday(), at(-1).part_of_day()), (3, "Evening"));
    }

    #[test]
    fn a_pair_has_one_name_in_both_directions() {
        let pair = |src, dst| {
            let mut row = at(0);
            (row.packet.src, row.packet.dst) = (Some(Addr::v4(src)), Some(Addr::v4(dst)));
            let mut text = String::new();
            assert!(row.push_pair(&mut text));
            text
        };
        assert_eq!(pair([10, 0, 0, 9], [10, 0, 0, 1]), "10.0.0.1-10.0.0.9");
        assert_eq!(pair([10, 0, 0, 1], [10, 0, 0, 9]), "10.0.0.1-10.0.0.9");
    }
}
