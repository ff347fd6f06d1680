//! The table of flows: one list of columns, from which schema, files and reference page are made.

use super::community::{push_community_id, push_flow_id};
use super::record::Record;
use super::side::{Gaps, Side};
use super::state::State;
use crate::column::{Column, Get};
use crate::decode::ports::app_by_port;
use crate::names::{protocol_name, push_tunnel, push_vlan};
use crate::proto::put;

const NS_A_SECOND: f64 = 1e9;

/// The mean, or `None` when there is nothing to take it of.
fn mean(sum: f64, count: u64) -> Option<f64> {
    (count > 0).then(|| sum / count as f64)
}

/// The standard deviation over the whole population, from sums.
#[must_use]
pub fn std_dev(sum: u128, squares: u128, count: u64) -> Option<f64> {
    if count == 0 {
        return None;
    }
    let count_wide = u128::from(count);
    let spread = count_wide.saturating_mul(squares).saturating_sub(sum.saturating_mul(sum));
    Some((spread as f64).sqrt() / count as f64)
}

fn length_std(side: &Side) -> Option<f64> {
    std_dev(u128::from(side.bytes), u128::from(side.length_squares), side.packets)
}

fn gap_mean(gaps: &Gaps) -> Option<f64> {
    mean(gaps.sum as f64, gaps.count)
}

fn gap_std(gaps: &Gaps) -> Option<f64> {
    std_dev(u128::from(gaps.sum), gaps.squares, gaps.count)
}

fn when<T>(there: bool, value: T) -> Option<T> {
    there.then_some(value)
}

fn per_second(amount: u64, duration_ns: u64) -> Option<f64> {
    (duration_ns > 0).then(|| amount as f64 * NS_A_SECOND / duration_ns as f64)
}

fn both_squares(flow: &Record) -> u128 {
    u128::from(flow.sent().length_squares) + u128::from(flow.received().length_squares)
}

macro_rules! c {
    ($name:literal, $unit:literal, $kind:ident, $meaning:literal, $get:expr) => {
        Column::<Record>::new($name, $unit, Get::$kind($get), $meaning)
    };
}

macro_rules! sides {
    ($($name:literal, $unit:literal, $kind:ident, $meaning:literal, $get:expr;)*) => {
        &[$(
            Column::<Record>::new(concat!($name, "_out"), $unit, Get::$kind(|f| $get(f.sent())), concat!($meaning, " from originator to responder.")),
            Column::<Record>::new(concat!($name, "_in"), $unit, Get::$kind(|f| $get(f.received())), concat!($meaning, " from responder to originator.")),
        )*]
    };
}

const WHO: &[Column<Record>] = &[
    c!("flow_id", "", Text, "Name of the flow, the same in every run.", |f, text| {
        push_flow_id(f, text);
        true
    })
    .by("first 64 bits of SHA-1(Community ID digest, VLANs, tunnel, first packet time)"),
    c!(
        "community_id",
        "",
        Text,
        "Community ID version 1, the name that other tools give the same flow.",
        |f, text| {
            push_community_id(&f.key, text);
            true
        }
    ),
    c!("start", "", Time, "Time of the first packet.", |f| f.first_ns),
    c!("end", "", Time, "Time of the last packet.", |f| f.last_ns),
    c!("duration_ns", "ns", U64, "Time from the first packet to the last.", Record::duration_ns),
    c!("src_ip", "", Addr, "Address of the originator.", |f| Some(f.addresses().0)),
    c!("src_port", "", OptU16, "Port of the originator; null where the protocol has no ports.", |f| {
        f.ports().map(|ports| ports.0)
    }),
    c!("dst_ip", "", Addr, "Address of the responder.", |f| Some(f.addresses().1)),
    c!("dst_port", "", OptU16, "Port of the responder; null where the protocol has no ports.", |f| {
        f.ports().map(|ports| ports.1)
    }),
    c!("ip_version", "", U8, "4 or 6.", |f| f.key.ip_version),
    c!("protocol", "", U8, "IP protocol number of the transport.", |f| f.key.protocol),
    c!("transport", "", Word, "Name of the transport.", |f| Some(protocol_name(f.key.protocol))),
    c!("service", "", Word, "Service: by what was said, else the one that the ports suggest.", |f| {
        f.service.or_else(|| f.ports().and_then(|(src, dst)| app_by_port(f.key.protocol, src, dst)))
    }),
    c!("service_sure", "", Bool, "Whether the service is known by what was said, not by ports alone.", |f| {
        f.service.is_some()
    }),
    c!(
        "sni",
        "",
        Text,
        "Name that the client asked the server for: the server name of TLS or QUIC, the host of HTTP.",
        |f, text| put(text, f.name.as_deref())
    ),
    c!("state", "", Word, "How the conversation went, in the words of Zeek's conn_state.", |f| {
        Some(conn_state(f))
    }),
    c!("ended", "", Word, "Why the flow ended: fin, reset, idle, reused, evicted or input_end.", |f| {
        f.ended.name()
    }),
    c!("direction_sure", "", Bool, "Whether a handshake, or the service's port, proves who began.", |f| f
        .orientation
        .sure),
    c!(
        "vlan",
        "",
        Text,
        "VLAN identifiers, the outer first, joined by dots; null without a tag.",
        |f, text| { push_vlan(f.key.vlans, text) }
    ),
    c!(
        "tunnel",
        "",
        Text,
        "What the packets are wrapped in, such as vxlan:100; null when in nothing.",
        |f, text| { push_tunnel(&f.key.tunnel, text) }
    ),
    c!("src_mac", "", Mac, "Hardware address that the originator's first packet came from.", |f| f.macs().0),
    c!("dst_mac", "", Mac, "Hardware address that the responder's first packet came from.", |f| f.macs().1),
    c!("icmp_type", "", OptU8, "ICMP type of the first packet.", |f| f.icmp.map(|icmp| icmp.0)),
    c!("icmp_code", "", OptU8, "ICMP code of the first packet.", |f| f.icmp.map(|icmp| icmp.1)),
    c!("packets", "packets", U64, "Packets of both directions.", |f| f.packets),
    c!("bytes", "bytes", U64, "Bytes of both directions, link headers included.", Record::bytes),
];

const VOLUME: &[Column<Record>] = sides! {
    "packets", "packets", U64, "Packets", |s: &Side| s.packets;
    "bytes", "bytes", U64, "Bytes on the wire, link headers included,", |s: &Side| s.bytes;
    "payload", "bytes", U64, "Payload bytes of the transport", |s: &Side| s.payload;
    "payload_packets", "packets", U64, "Packets with payload", |s: &Side| s.payload_packets;
    "header_bytes", "bytes", U64, "Bytes of network and transport headers", |s: &Side| s.headers;
    "length_min", "bytes", OptU32, "Shortest packet", |s: &Side| when(s.packets > 0, s.length_min);
    "length_mean", "bytes", OptF64, "Mean packet length", |s: &Side| mean(s.bytes as f64, s.packets);
    "length_std", "bytes", OptF64, "Standard deviation of packet lengths", length_std;
    "length_max", "bytes", OptU32, "Longest packet", |s: &Side| when(s.packets > 0, s.length_max);
    "gap_min", "ns", OptU64, "Shortest gap between packets", |s: &Side| when(s.gaps.count > 0, s.gaps.min);
    "gap_mean", "ns", OptF64, "Mean gap between packets", |s: &Side| gap_mean(&s.gaps);
    "gap_std", "ns", OptF64, "Standard deviation of gaps between packets", |s: &Side| gap_std(&s.gaps);
    "gap_max", "ns", OptU64, "Longest gap between packets", |s: &Side| when(s.gaps.count > 0, s.gaps.max);
    "fin", "packets", U32, "TCP packets with FIN", |s: &Side| s.flags[0];
    "syn", "packets", U32, "TCP packets with SYN", |s: &Side| s.flags[1];
    "rst", "packets", U32, "TCP packets with RST", |s: &Side| s.flags[2];
    "psh", "packets", U32, "TCP packets with PSH", |s: &Side| s.flags[3];
    "ack", "packets", U32, "TCP packets with ACK", |s: &Side| s.flags[4];
    "urg", "packets", U32, "TCP packets with URG", |s: &Side| s.flags[5];
    "ece", "packets", U32, "TCP packets with ECE", |s: &Side| s.flags[6];
    "cwr", "packets", U32, "TCP packets with CWR", |s: &Side| s.flags[7];
    "ttl_min", "hops", OptU8, "Smallest time to live", |s: &Side| when(s.packets > 0, s.ttl_min);
    "ttl_mean", "hops", OptF64, "Mean time to live", |s: &Side| mean(s.ttl_sum as f64, s.packets);
    "ttl_max", "hops", OptU8, "Largest time to live", |s: &Side| when(s.packets > 0, s.ttl_max);
    "window_first", "bytes", OptU16, "TCP window field of the first packet, not scaled,", |s: &Side| when(s.next_seq.is_some(), s.window_first);
    "retransmits", "packets", U64, "TCP data packets that repeat bytes", |s: &Side| s.retransmits;
    "missed_bytes", "bytes", U64, "TCP bytes that sequence numbers skip", |s: &Side| s.missed;
    "entropy", "bits per byte", OptF64, "Shannon entropy of the first payload bytes", |s: &Side| when(s.entropy_bytes > 0, f64::from(s.entropy) / f64::from(super::entropy::PER_BIT));
    "entropy_bytes", "bytes", U16, "Payload bytes that the entropy was measured over, at most 512,", |s: &Side| s.entropy_bytes;
};

const TOGETHER: &[Column<Record>] = &[
    c!("length_min", "bytes", U32, "Shortest packet of both directions.", |f| {
        f.sides.iter().filter(|side| side.packets > 0).map(|side| side.length_min).min().unwrap_or(0)
    }),
    c!("length_mean", "bytes", OptF64, "Mean packet length of both directions.", |f| {
        mean(f.bytes() as f64, f.packets)
    }),
    c!("length_std", "bytes", OptF64, "Standard deviation of packet lengths of both directions.", |f| {
        std_dev(u128::from(f.bytes()), both_squares(f), f.packets)
    })
    .by("sqrt(n * sum(x^2) - sum(x)^2) / n: over the whole population"),
    c!("length_max", "bytes", U32, "Longest packet of both directions.", |f| {
        f.sent().length_max.max(f.received().length_max)
    }),
    c!("gap_min", "ns", OptU64, "Shortest gap between packets of either direction.", |f| {
        when(f.gaps.count > 0, f.gaps.min)
    }),
    c!("gap_mean", "ns", OptF64, "Mean gap between packets of either direction.", |f| gap_mean(&f.gaps)),
    c!("gap_std", "ns", OptF64, "Standard deviation of gaps between packets of either direction.", |f| {
        gap_std(&f.gaps)
    }),
    c!("gap_max", "ns", OptU64, "Longest gap between packets of either direction.", |f| {
        when(f.gaps.count > 0, f.gaps.max)
    }),
    c!(
        "bytes_per_second",
        "bytes/s",
        OptF64,
        "Bytes of both directions by duration; null for a single instant.",
        |f| { per_second(f.bytes(), f.duration_ns()) }
    ),
    c!(
        "packets_per_second",
        "packets/s",
        OptF64,
        "Packets of both directions by duration; null for a single instant.",
        |f| { per_second(f.packets, f.duration_ns()) }
    ),
    c!("in_out_ratio", "", OptF64, "Bytes in by bytes out.", |f| mean(
        f.received().bytes as f64,
        f.sent().bytes
    )),
    c!("subflows", "", U32, "Parts that gaps of more than 1 s divide the flow into.", |f| f.pauses + 1),
    c!("idle_periods", "", U32, "Gaps of more than 5 s.", |f| f.idles),
    c!("idle_ns", "ns", U64, "Sum of the gaps of more than 5 s.", |f| f.idle_ns),
    c!("active_ns", "ns", U64, "Duration without the gaps of more than 5 s.", |f| {
        f.duration_ns().saturating_sub(f.idle_ns)
    }),
    c!("unseen_acks", "", Bool, "Whether data was acknowledged that the capture lacks.", |f| {
        f.state.any(State::UNSEEN_A | State::UNSEEN_B)
    }),
    c!("snap_cut", "", Bool, "Whether some packet was cut by the snap length.", |f| f.state.any(State::CUT)),
    c!("fragmented", "", Bool, "Whether some packet was an IP fragment.", |f| f.state.any(State::FRAGMENT)),
    c!("input", "", U32, "Index of the input that the first packet came from.", |f| f.first_input),
    c!("first_packet", "", U64, "Number of the first packet in its input.", |f| f.first_number),
    c!("last_packet", "", U64, "Number of the last packet in its input.", |f| f.last_number),
    c!(
        "splt_length",
        "bytes",
        ListI64,
        "Lengths of the first 20 packets, negative from responder to originator.",
        |f, list| {
            let sign = if f.orientation.from_a { 1 } else { -1 };
            list.extend(
                f.splt.iter().flat_map(|splt| splt.lengths()).map(|&length| sign * i64::from(length)),
            );
        }
    )
    .on_request(),
    c!("splt_ns", "ns", ListI64, "Times of the first 20 packets after the first.", |f, list| {
        list.extend(f.splt.iter().flat_map(|splt| splt.times()).map(|&time| time.saturating_sub(f.first_ns)));
    })
    .on_request(),
];

/// The state word: Zeek's for TCP; for the others whether one end spoke or both.
fn conn_state(flow: &Record) -> &'static str {
    if flow.key.protocol == 6 {
        return flow.state_seen().conn_state();
    }
    match (flow.sent().packets > 0, flow.received().packets > 0) {
        (true, true) => "SF",
        (true, false) => "S0",
        (false, _) => "SHR",
    }
}

/// The columns of the table of flows.
#[must_use]
pub fn flow_columns() -> Vec<Column<Record>> {
    [WHO, VOLUME, TOGETHER].concat()
}
