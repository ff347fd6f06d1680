//! The table of slices: canonical order, whole numbers only, every column mergeable.

use super::community::{push_community_id, push_flow_id};
use super::record::Record;
use super::side::Side;
use super::state::State;
use crate::column::{Column, Get};
use crate::decode::ports::app_by_port;
use crate::names::{protocol_name, push_tunnel, push_vlan};

macro_rules! c {
    ($name:literal, $unit:literal, $kind:ident, $meaning:literal, $get:expr) => {
        Column::<Record>::new($name, $unit, Get::$kind($get), $meaning)
    };
}

macro_rules! sides {
    ($($name:literal, $unit:literal, $kind:ident, $meaning:literal, $merge:literal, $get:expr;)*) => {
        &[$(
            Column::<Record>::new(concat!($name, "_ab"), $unit, Get::$kind(|r| $get(&r.sides[0])), concat!($meaning, " from A to B.")).by(concat!("merges by ", $merge)),
            Column::<Record>::new(concat!($name, "_ba"), $unit, Get::$kind(|r| $get(&r.sides[1])), concat!($meaning, " from B to A.")).by(concat!("merges by ", $merge)),
        )*]
    };
}

/// Which end a pair of bits names; both or neither is null.
fn end_of(state: State, a: u32, b: u32) -> Option<&'static str> {
    match (state.any(a), state.any(b)) {
        (true, false) => Some("a"),
        (false, true) => Some("b"),
        _ => None,
    }
}

fn has_ports(record: &Record) -> bool {
    matches!(record.key.protocol, 6 | 17 | 33 | 132 | 136)
}

const WHO: &[Column<Record>] = &[
    c!("window", "", Time, "Start of the window.", |r| r.window_ns),
    c!("flow_id", "", Text, "Name of the flow that the slice is part of.", |r, text| {
        push_flow_id(r, text);
        true
    }),
    c!("community_id", "", Text, "Community ID version 1 of the flow.", |r, text| {
        push_community_id(&r.key, text);
        true
    }),
    c!("start", "", Time, "Time of the first packet.", |r| r.first_ns).by("merges by minimum"),
    c!("end", "", Time, "Time of the last packet.", |r| r.last_ns).by("merges by maximum"),
    c!("a_ip", "", Addr, "Address of A, the end with the lower address and port.", |r| Some(r.key.a)),
    c!("a_port", "", OptU16, "Port of A; null where the protocol has no ports.", |r| {
        has_ports(r).then_some(r.key.a_port)
    }),
    c!("b_ip", "", Addr, "Address of B, the other end.", |r| Some(r.key.b)),
    c!("b_port", "", OptU16, "Port of B; null where the protocol has no ports.", |r| {
        has_ports(r).then_some(r.key.b_port)
    }),
    c!("ip_version", "", U8, "4 or 6.", |r| r.key.ip_version),
    c!("protocol", "", U8, "IP protocol number of the transport.", |r| r.key.protocol),
    c!("transport", "", Word, "Name of the transport.", |r| Some(protocol_name(r.key.protocol))),
    c!("service", "", Word, "Service that the ports suggest.", |r| {
        has_ports(r).then(|| app_by_port(r.key.protocol, r.key.a_port, r.key.b_port)).flatten()
    }),
    c!("vlan", "", Text, "VLAN identifiers, the outer first, joined by dots.", |r, text| {
        push_vlan(r.key.vlans, text)
    }),
    c!("tunnel", "", Text, "What the packets are wrapped in.", |r, text| push_tunnel(&r.key.tunnel, text)),
    c!("a_mac", "", Mac, "Hardware address of A as a sender.", |r| r.a_mac).by("merges by first"),
    c!("b_mac", "", Mac, "Hardware address of B as a sender.", |r| r.b_mac).by("merges by first"),
    c!("icmp_type", "", OptU8, "ICMP type of the first packet.", |r| r.icmp.map(|icmp| icmp.0))
        .by("merges by first"),
    c!("icmp_code", "", OptU8, "ICMP code of the first packet.", |r| r.icmp.map(|icmp| icmp.1))
        .by("merges by first"),
    c!("first_sender", "", Word, "Which end sent the first packet: a or b.", |r| {
        end_of(r.state, State::FIRST_A, State::FIRST_B)
    })
    .by("merges by first"),
    c!("syn_from", "", Word, "Which end sent a SYN; null for none or both.", |r| {
        end_of(r.state, State::SYN_A, State::SYN_B)
    })
    .by("follows from the merged state bits"),
    c!("synack_from", "", Word, "Which end sent a SYN-ACK; null for none or both.", |r| {
        end_of(r.state, State::SYNACK_A, State::SYNACK_B)
    })
    .by("follows from the merged state bits"),
    c!("state_bits", "", U32, "What was seen of the conversation, as a set of bits.", |r| r.state.0)
        .by("merges by or"),
    c!("layer_bits", "", U64, "The headers seen, as a set of bits in the order of the layer list.", |r| r
        .layers)
    .by("merges by or"),
    c!("ended", "", Word, "Why the flow ended, on its last slice; null when it goes on, or ended where nothing of it came.", |r| r.ended.name())
        .by("merges by last"),
];

const SIDES: &[Column<Record>] = sides! {
    "packets", "packets", U64, "Packets", "sum", |s: &Side| s.packets;
    "bytes", "bytes", U64, "Bytes on the wire", "sum", |s: &Side| s.bytes;
    "payload", "bytes", U64, "Payload bytes of the transport", "sum", |s: &Side| s.payload;
    "payload_packets", "packets", U64, "Packets with payload", "sum", |s: &Side| s.payload_packets;
    "header_bytes", "bytes", U64, "Bytes of network and transport headers", "sum", |s: &Side| s.headers;
    "length_squares", "bytes^2", U64, "Sum of squared packet lengths", "sum", |s: &Side| s.length_squares;
    "length_min", "bytes", OptU32, "Shortest packet", "minimum", |s: &Side| (s.packets > 0).then_some(s.length_min);
    "length_max", "bytes", OptU32, "Longest packet", "maximum", |s: &Side| (s.packets > 0).then_some(s.length_max);
    "gaps", "", U64, "Gaps between packets", "sum, and one more between slices", |s: &Side| s.gaps.count;
    "gap_sum", "ns", U64, "Sum of gaps between packets", "sum, and the gap between slices", |s: &Side| s.gaps.sum;
    "gap_squares", "ns^2", Wide, "Sum of squared gaps", "sum, and the gap between slices", |s: &Side| s.gaps.squares;
    "gap_min", "ns", OptU64, "Shortest gap", "minimum", |s: &Side| (s.gaps.count > 0).then_some(s.gaps.min);
    "gap_max", "ns", OptU64, "Longest gap", "maximum", |s: &Side| (s.gaps.count > 0).then_some(s.gaps.max);
    "fin", "packets", U32, "TCP packets with FIN", "sum", |s: &Side| s.flags[0];
    "syn", "packets", U32, "TCP packets with SYN", "sum", |s: &Side| s.flags[1];
    "rst", "packets", U32, "TCP packets with RST", "sum", |s: &Side| s.flags[2];
    "psh", "packets", U32, "TCP packets with PSH", "sum", |s: &Side| s.flags[3];
    "ack", "packets", U32, "TCP packets with ACK", "sum", |s: &Side| s.flags[4];
    "urg", "packets", U32, "TCP packets with URG", "sum", |s: &Side| s.flags[5];
    "ece", "packets", U32, "TCP packets with ECE", "sum", |s: &Side| s.flags[6];
    "cwr", "packets", U32, "TCP packets with CWR", "sum", |s: &Side| s.flags[7];
    "ttl_sum", "hops", U64, "Sum of times to live", "sum", |s: &Side| s.ttl_sum;
    "ttl_min", "hops", OptU8, "Smallest time to live", "minimum", |s: &Side| (s.packets > 0).then_some(s.ttl_min);
    "ttl_max", "hops", OptU8, "Largest time to live", "maximum", |s: &Side| (s.packets > 0).then_some(s.ttl_max);
    "window_first", "bytes", OptU16, "TCP window field of the first packet", "first", |s: &Side| (s.packets > 0 && s.next_seq.is_some()).then_some(s.window_first);
    "retransmits", "packets", U64, "TCP data packets that repeat bytes", "sum", |s: &Side| s.retransmits;
    "missed_bytes", "bytes", U64, "TCP bytes that sequence numbers skip", "sum", |s: &Side| s.missed;
    "entropy", "bit/8192 per byte", U16, "Entropy of the flow's first payload bytes, as known by then,", "last", |s: &Side| s.entropy;
    "entropy_bytes", "bytes", U16, "Payload bytes that it was measured over, at most 512,", "last", |s: &Side| s.entropy_bytes;
};

const TOGETHER: &[Column<Record>] = &[
    c!("gaps", "", U64, "Gaps between packets of either direction.", |r| r.gaps.count)
        .by("merges by sum, and one more between slices"),
    c!("gap_sum", "ns", U64, "Sum of gaps between packets of either direction.", |r| r.gaps.sum)
        .by("merges by sum, and the gap between slices"),
    c!("gap_squares", "ns^2", Wide, "Sum of squared gaps between packets of either direction.", |r| r
        .gaps
        .squares)
    .by("merges by sum, and the gap between slices"),
    c!("gap_min", "ns", OptU64, "Shortest gap between packets of either direction.", |r| {
        (r.gaps.count > 0).then_some(r.gaps.min)
    })
    .by("merges by minimum"),
    c!("gap_max", "ns", OptU64, "Longest gap between packets of either direction.", |r| {
        (r.gaps.count > 0).then_some(r.gaps.max)
    })
    .by("merges by maximum"),
    c!("pauses", "", U32, "Gaps of more than 1 s.", |r| r.pauses)
        .by("merges by sum, and the gap between slices"),
    c!("idle_periods", "", U32, "Gaps of more than 5 s.", |r| r.idles)
        .by("merges by sum, and the gap between slices"),
    c!("idle_ns", "ns", U64, "Sum of the gaps of more than 5 s.", |r| r.idle_ns)
        .by("merges by sum, and the gap between slices"),
    c!("input", "", U32, "Index of the input that the first packet came from.", |r| r.first_input)
        .by("merges by first"),
    c!("first_packet", "", U64, "Number of the first packet in its input.", |r| r.first_number)
        .by("merges by first"),
    c!("last_packet", "", U64, "Number of the last packet in its input.", |r| r.last_number)
        .by("merges by last"),
    c!(
        "splt_length",
        "bytes",
        ListI64,
        "Lengths of the first 20 packets, negative from B to A.",
        |r, list| {
            list.extend(r.splt.lengths().iter().map(|&length| i64::from(length)));
        }
    )
    .by("merges by appending, up to 20")
    .on_request(),
    c!("splt_ns", "ns", ListI64, "Times of the first 20 packets after the slice's first.", |r, list| {
        list.extend(r.splt.times().iter().map(|&time| time.saturating_sub(r.first_ns)));
    })
    .by("merges by appending, up to 20")
    .on_request(),
];

/// The columns of the table of slices.
#[must_use]
pub fn slice_columns() -> Vec<Column<Record>> {
    [WHO, SIDES, TOGETHER].concat()
}
