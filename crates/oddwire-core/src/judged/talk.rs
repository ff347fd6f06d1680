//! What one flow did in one tick, or in all, seen from its originator.

use crate::book::Book;
use crate::column::{Column, Get};
use crate::flow::record::{Ended, Record};
use crate::flow::side::Side;
use crate::packet::Mac;

/// What one end sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sent {
    packets: u64,
    bytes: u64,
    payload: u64,
    payload_packets: u64,
    length_squares: u64,
    flags: [u32; 6],
    length_min: u32,
    length_max: u32,
    ttl_min: u8,
    ttl_max: u8,
    entropy: u16,
    entropy_bytes: u16,
    mac: Option<Mac>,
    mac_also: Option<Mac>,
}

/// A slice or an ended flow with its originator first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Talk {
    tick_ns: i64,
    src: u32,
    dst: u32,
    src_port: u16,
    dst_port: u16,
    protocol: u8,
    ip_version: u8,
    icmp: Option<(u8, u8)>,
    vlans: u32,
    tunnel: u64,
    sure: bool,
    service: Option<&'static str>,
    state: u32,
    ended: u8,
    born_ns: i64,
    first_ns: i64,
    last_ns: i64,
    input: u32,
    first_packet: u64,
    last_packet: u64,
    out: Sent,
    back: Sent,
}

impl Talk {
    /// The row of a slice, or of a flow that ended.
    #[must_use]
    pub fn of(record: &Record, tick_ns: i64, book: &mut Book) -> Self {
        let (src, dst) = record.addresses();
        let (src_port, dst_port) = record.ports().unwrap_or_default();
        let from_a = record.orientation.from_a;
        let (src_mac, dst_mac) = record.macs();
        let (src_also, dst_also) = if from_a {
            (record.a_mac_also, record.b_mac_also)
        } else {
            (record.b_mac_also, record.a_mac_also)
        };
        let [outer, inner] = record.key.vlans;
        Self {
            tick_ns,
            src: book.number(src),
            dst: book.number(dst),
            src_port,
            dst_port,
            protocol: record.key.protocol,
            ip_version: record.key.ip_version,
            icmp: record.icmp,
            vlans: u32::from(outer) | u32::from(inner) << 16,
            tunnel: record.key.tunnel.as_number(),
            sure: record.orientation.sure,
            service: record.service,
            state: record.state_seen().0,
            ended: record.ended as u8,
            born_ns: record.born_ns,
            first_ns: record.first_ns,
            last_ns: record.last_ns,
            input: record.first_input,
            first_packet: record.first_number,
            last_packet: record.last_number,
            out: Sent::of(record.sent(), src_mac, src_also),
            back: Sent::of(record.received(), dst_mac, dst_also),
        }
    }

    /// Whether both ends said something, so that its shape is worth a look once it is over.
    #[must_use]
    pub fn is_conversation(record: &Record) -> bool {
        record.ended != Ended::Open && record.sides.iter().all(|side| side.payload > 0)
    }
}

impl Sent {
    fn of(side: &Side, mac: Option<Mac>, mac_also: Option<Mac>) -> Self {
        let [fin, syn, rst, psh, ack, urg, ..] = side.flags;
        Self {
            packets: side.packets,
            bytes: side.bytes,
            payload: side.payload,
            payload_packets: side.payload_packets,
            length_squares: side.length_squares,
            flags: [fin, syn, rst, psh, ack, urg],
            length_min: side.length_min,
            length_max: side.length_max,
            ttl_min: side.ttl_min,
            ttl_max: side.ttl_max,
            entropy: side.entropy,
            entropy_bytes: side.entropy_bytes,
            mac,
            mac_also,
        }
    }
}

fn number(mac: Option<Mac>) -> Option<u64> {
    mac.map(|Mac([a, b, c, d, e, f])| u64::from_be_bytes([0, 0, a, b, c, d, e, f]))
}

macro_rules! c {
    ($name:literal, $unit:literal, $kind:ident, $meaning:literal, $get:expr) => {
        Column::<Talk>::new($name, $unit, Get::$kind($get), $meaning)
    };
}

macro_rules! both {
    ($($name:literal, $unit:literal, $kind:ident, $meaning:literal, $get:expr;)*) => {
        &[$(
            Column::<Talk>::new(concat!($name, "_out"), $unit, Get::$kind(|r| $get(&r.out)), concat!($meaning, " from originator to responder.")),
            Column::<Talk>::new(concat!($name, "_in"), $unit, Get::$kind(|r| $get(&r.back)), concat!($meaning, " from responder to originator.")),
        )*]
    };
}

const WHO: &[Column<Talk>] = &[
    c!("tick", "ns", U64, "Start of the tick of 5 s, nanoseconds since the epoch.", |r| r
        .tick_ns
        .max(0)
        .cast_unsigned()),
    c!("src", "", U32, "Number of the originator.", |r| r.src),
    c!("dst", "", U32, "Number of the responder.", |r| r.dst),
    c!("src_port", "", U16, "Port of the originator; 0 where there are none.", |r| r.src_port),
    c!("dst_port", "", U16, "Port of the responder; 0 where there are none.", |r| r.dst_port),
    c!("protocol", "", U8, "IP protocol number.", |r| r.protocol),
    c!("ip_version", "", U8, "4 or 6.", |r| r.ip_version),
    c!("icmp_type", "", OptU8, "ICMP type of the first packet.", |r| r.icmp.map(|icmp| icmp.0)),
    c!("icmp_code", "", OptU8, "ICMP code of the first packet.", |r| r.icmp.map(|icmp| icmp.1)),
    c!("vlans", "", U32, "VLAN identifiers: the outer, plus 65,536 times the inner.", |r| r.vlans),
    c!("tunnel", "", U64, "What the packets are wrapped in, as a number; 0 for nothing.", |r| r.tunnel),
    c!("sure", "", Bool, "Whether a handshake, or the service's port, proves who began.", |r| r.sure),
    c!("service", "", Word, "What is spoken, by its content; null where that is not known.", |r| r.service),
    c!("state", "", U32, "What was seen, as a set of bits, A being the originator.", |r| r.state),
    c!(
        "ended",
        "",
        U8,
        "Why the flow ended: 0 goes on, 1 fin, 2 reset, 3 idle, 4 reused, 5 evicted, 6 input end.",
        |r| r.ended
    ),
    c!("born", "ns", U64, "Time of the flow's very first packet.", |r| r.born_ns.max(0).cast_unsigned()),
    c!("first", "ns", U64, "Time of the first packet.", |r| r.first_ns.max(0).cast_unsigned()),
    c!("last", "ns", U64, "Time of the last packet.", |r| r.last_ns.max(0).cast_unsigned()),
    c!("input", "", U32, "Index of the input that the first packet came from.", |r| r.input),
    c!("first_packet", "", U64, "Number of the first packet in its input.", |r| r.first_packet),
    c!("last_packet", "", U64, "Number of the last packet in its input.", |r| r.last_packet),
];

const SIDES: &[Column<Talk>] = both! {
    "packets", "packets", U64, "Packets", |s: &Sent| s.packets;
    "bytes", "bytes", U64, "Bytes on the wire", |s: &Sent| s.bytes;
    "payload", "bytes", U64, "Payload bytes", |s: &Sent| s.payload;
    "payload_packets", "packets", U64, "Packets with payload", |s: &Sent| s.payload_packets;
    "length_squares", "bytes^2", U64, "Sum of squared packet lengths", |s: &Sent| s.length_squares;
    "length_min", "bytes", U32, "Shortest packet", |s: &Sent| s.length_min;
    "length_max", "bytes", U32, "Longest packet", |s: &Sent| s.length_max;
    "fin", "packets", U32, "TCP packets with FIN", |s: &Sent| s.flags[0];
    "syn", "packets", U32, "TCP packets with SYN", |s: &Sent| s.flags[1];
    "rst", "packets", U32, "TCP packets with RST", |s: &Sent| s.flags[2];
    "psh", "packets", U32, "TCP packets with PSH", |s: &Sent| s.flags[3];
    "ack", "packets", U32, "TCP packets with ACK", |s: &Sent| s.flags[4];
    "urg", "packets", U32, "TCP packets with URG", |s: &Sent| s.flags[5];
    "ttl_min", "hops", U8, "Smallest time to live", |s: &Sent| s.ttl_min;
    "ttl_max", "hops", U8, "Largest time to live", |s: &Sent| s.ttl_max;
    "entropy", "bit/8192 per byte", U16, "Entropy of the flow's first payload bytes", |s: &Sent| s.entropy;
    "entropy_bytes", "bytes", U16, "Payload bytes that it was measured over, at most 512,", |s: &Sent| s.entropy_bytes;
    "mac", "", OptU64, "Hardware address as a number, of the first frame", |s: &Sent| number(s.mac);
    "mac_also", "", OptU64, "Another hardware address that frames came from, the latest,", |s: &Sent| number(s.mac_also);
};

/// The columns of what flows did in a tick, and of conversations that ended.
#[must_use]
pub fn talk_columns() -> Vec<Column<Talk>> {
    [WHO, SIDES].concat()
}
