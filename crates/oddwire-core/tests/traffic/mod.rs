//! Packets built in few words, and the table they make.
#![allow(dead_code, missing_docs, unreachable_pub)]

use oddwire_core::flow::shard::Output;
use oddwire_core::flow::{Record, Stamp, Tracker, TrackerOptions};
use oddwire_core::packet::{Addr, Packet, Tcp};
use std::convert::Infallible;

pub const FIN: u16 = 1;
pub const SYN: u16 = 2;
pub const RST: u16 = 4;
pub const PSH: u16 = 8;
pub const ACK: u16 = 16;
pub const SECOND: i64 = 1_000_000_000;

pub const CLIENT: ([u8; 4], u16) = ([10, 0, 0, 9], 51_234);
pub const SERVER: ([u8; 4], u16) = ([10, 0, 0, 1], 80);

/// A packet that is still to be numbered.
#[derive(Debug, Clone)]
pub struct Sent {
    pub time_ns: i64,
    pub length: u32,
    pub packet: Packet<'static>,
}

pub fn udp(time_ns: i64, from: ([u8; 4], u16), to: ([u8; 4], u16), payload: u32) -> Sent {
    Sent { time_ns, length: 42 + payload, packet: headers(17, from, to, payload) }
}

pub fn tcp(
    time_ns: i64,
    from: ([u8; 4], u16),
    to: ([u8; 4], u16),
    flags: u16,
    seq: u32,
    payload: u32,
) -> Sent {
    let mut packet = headers(6, from, to, payload);
    packet.tcp = Some(Tcp { seq, ack: 0, flags, window: 1024 });
    Sent { time_ns, length: 54 + payload, packet }
}

fn headers(protocol: u8, from: ([u8; 4], u16), to: ([u8; 4], u16), payload: u32) -> Packet<'static> {
    Packet {
        ip_version: 4,
        src: Some(Addr::v4(from.0)),
        dst: Some(Addr::v4(to.0)),
        protocol: Some(protocol),
        ttl: 64,
        src_port: Some(from.1),
        dst_port: Some(to.1),
        payload_length: payload,
        header_length: if protocol == 6 { 40 } else { 28 },
        ..Packet::default()
    }
}

/// A whole conversation over TCP, opened and closed by both ends, a tenth of a second a packet.
pub fn conversation(start_ns: i64, seq: u32) -> Vec<Sent> {
    let step = SECOND / 10;
    let at = |n: i64| start_ns + n * step;
    vec![
        tcp(at(0), CLIENT, SERVER, SYN, seq, 0),
        tcp(at(1), SERVER, CLIENT, SYN | ACK, 900, 0),
        tcp(at(2), CLIENT, SERVER, ACK, seq + 1, 0),
        tcp(at(3), CLIENT, SERVER, PSH | ACK, seq + 1, 100),
        tcp(at(4), SERVER, CLIENT, PSH | ACK, 901, 500),
        tcp(at(5), CLIENT, SERVER, FIN | ACK, seq + 101, 0),
        tcp(at(6), SERVER, CLIENT, PSH | ACK, 1401, 50),
        tcp(at(7), SERVER, CLIENT, FIN | ACK, 1451, 0),
        tcp(at(8), CLIENT, SERVER, ACK, seq + 102, 0),
    ]
}

/// All slices and flows of these packets.
pub fn track(options: &TrackerOptions, packets: &[Sent]) -> (Vec<Record>, Vec<Record>) {
    let mut tracker = Tracker::new(options);
    let (mut slices, mut flows) = (Vec::new(), Vec::new());
    let mut sink = |output: &mut Output| -> Result<(), Infallible> {
        slices.append(&mut output.slices);
        flows.append(&mut output.flows);
        Ok(())
    };
    for (index, sent) in packets.iter().enumerate() {
        let (number, length) = (index as u64 + 1, sent.length);
        let stamp = Stamp { time_ns: sent.time_ns, number, input: 0, length, cut: false };
        let Ok(()) = tracker.add(&stamp, &sent.packet, &mut sink);
    }
    let Ok(()) = tracker.finish(&mut sink);
    (slices, flows)
}

/// The flows of these packets, in the order in which they began.
pub fn flows(packets: &[Sent]) -> Vec<Record> {
    let (_, mut flows) = track(&TrackerOptions::default(), packets);
    flows.sort_by_key(|flow| (flow.born_ns, flow.key));
    flows
}
