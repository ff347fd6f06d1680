//! Traffic with payload, said packet by packet, and what is heard of it.
#![allow(dead_code, missing_docs, unreachable_pub, clippy::indexing_slicing)]

use oddwire_core::column::Get;
use oddwire_core::flow::shard::Output;
use oddwire_core::flow::{Record, Stamp, Tracker, TrackerOptions};
use oddwire_core::packet::{Addr, Packet, Tcp};
use oddwire_core::proto::{Listed, Protocol, Row, Rules, SaidRows, said_columns};
use std::convert::Infallible;

pub const SYN: u16 = 2;
pub const PUSH: u16 = 24;
pub const SECOND: i64 = 1_000_000_000;
pub const CLIENT: [u8; 4] = [10, 0, 0, 9];
pub const SERVER: [u8; 4] = [10, 0, 0, 1];

/// Address and port of an end.
pub type End = ([u8; 4], u16);

/// All protocols, rows and names.
pub const ALL: Rules = Rules { rows: u64::MAX, names: true, max_bytes: 64 << 20 };

/// A packet that is still to be sent.
#[derive(Debug, Clone)]
pub struct Sent {
    pub time_ns: i64,
    pub from: End,
    pub to: End,
    pub tcp: Option<Tcp>,
    pub bytes: Vec<u8>,
}

/// A tracker that listens, and what it said.
pub struct Scene {
    pub tracker: Tracker,
    pub said: SaidRows,
    pub flows: Vec<Record>,
    /// The most bytes that listening took behind any packet.
    pub most_heard: usize,
    number: u64,
}

pub fn options(said: Rules) -> TrackerOptions {
    TrackerOptions { said, entropy: false, ..TrackerOptions::default() }
}

/// A packet, as the decoder would give it.
pub fn packet(sent: &Sent) -> Packet<'_> {
    Packet {
        ip_version: 4,
        src: Some(Addr::v4(sent.from.0)),
        dst: Some(Addr::v4(sent.to.0)),
        protocol: Some(if sent.tcp.is_some() { 6 } else { 17 }),
        ttl: 64,
        src_port: Some(sent.from.1),
        dst_port: Some(sent.to.1),
        tcp: sent.tcp,
        payload: &sent.bytes,
        payload_length: sent.bytes.len() as u32,
        header_length: 40,
        ..Packet::default()
    }
}

pub fn stamp(sent: &Sent, number: u64) -> Stamp {
    let length = 54 + sent.bytes.len() as u32;
    Stamp { time_ns: sent.time_ns, number, input: 0, length, cut: false }
}

pub fn datagram(time_ns: i64, from: End, to: End, bytes: &[u8]) -> Sent {
    Sent { time_ns, from, to, tcp: None, bytes: bytes.to_vec() }
}

pub fn segment(time_ns: i64, from: End, to: End, seq: u32, bytes: &[u8]) -> Sent {
    let tcp = Some(Tcp { seq, ack: 0, flags: PUSH, window: 1_024 });
    Sent { time_ns, from, to, tcp, bytes: bytes.to_vec() }
}

/// The SYN that makes the next byte number 1.
pub fn syn(time_ns: i64, from: End, to: End) -> Sent {
    let tcp = Some(Tcp { seq: 0, ack: 0, flags: SYN, window: 1_024 });
    Sent { time_ns, from, to, tcp, bytes: Vec::new() }
}

/// A dialogue over TCP without handshake, a millisecond a line; `true` is the client's line.
pub fn dialogue(time_ns: i64, client: End, server: End, lines: &[(bool, &[u8])]) -> Vec<Sent> {
    let (mut of_client, mut of_server) = (1u32, 1u32);
    let line = |(number, &(by_client, bytes)): (i64, &(bool, &[u8]))| {
        let (from, to) = if by_client { (client, server) } else { (server, client) };
        let (own, other) = if by_client { (&mut of_client, of_server) } else { (&mut of_server, of_client) };
        let mut sent = segment(time_ns + number * 1_000_000, from, to, *own, bytes);
        sent.tcp = sent.tcp.map(|tcp| Tcp { ack: other, ..tcp });
        *own += bytes.len() as u32;
        sent
    };
    (0..).zip(lines).map(line).collect()
}

impl Scene {
    pub fn new(said: Rules) -> Self {
        let tracker = Tracker::new(&options(said));
        Self { tracker, said: SaidRows::default(), flows: Vec::new(), most_heard: 0, number: 0 }
    }

    pub fn send(&mut self, sent: &Sent) {
        self.number += 1;
        let Self { tracker, said, flows, .. } = self;
        let mut sink = |output: &mut Output| -> Result<(), Infallible> {
            said.append(&mut output.said);
            flows.append(&mut output.flows);
            Ok(())
        };
        let Ok(()) = tracker.add(&stamp(sent, self.number), &packet(sent), &mut sink);
    }

    /// Sends packets, and looks now and then at the memory that listening takes.
    pub fn send_all(&mut self, all: impl IntoIterator<Item = Sent>) {
        for sent in all {
            self.send(&sent);
            if self.number.is_multiple_of(64) {
                self.look();
            }
        }
        self.look();
    }

    pub fn look(&mut self) {
        self.most_heard = self.most_heard.max(self.tracker.heard_bytes());
    }

    /// Ends all flows.
    pub fn finish(&mut self) {
        let Self { tracker, said, flows, .. } = self;
        let Ok(()) = tracker.finish(&mut |output: &mut Output| -> Result<(), Infallible> {
            said.append(&mut output.said);
            flows.append(&mut output.flows);
            Ok(())
        });
    }
}

/// All that is heard of these packets.
pub fn heard(rules: Rules, packets: impl IntoIterator<Item = Sent>) -> Scene {
    let mut scene = Scene::new(rules);
    scene.send_all(packets);
    scene.finish();
    scene
}

/// Whether a protocol of this name is listened to.
pub fn has(name: &str) -> bool {
    Protocol::ALL.iter().any(|protocol| protocol.name() == name)
}

/// A protocol's rows, every column as text.
pub fn texts<P: Listed>(said: &mut SaidRows) -> Vec<String> {
    let columns = said_columns::<P>();
    let rows = std::mem::take(P::rows(said));
    let text = |row| {
        let cells = columns.iter().map(|column| [column.name, &cell(&column.get, row)].join("="));
        cells.collect::<Vec<_>>().join(" ")
    };
    rows.iter().map(text).collect()
}

fn cell<S>(get: &Get<Row<S>>, row: &Row<S>) -> String {
    match get {
        Get::Bool(get) => get(row).to_string(),
        Get::U8(get) => get(row).to_string(),
        Get::U16(get) => get(row).to_string(),
        Get::U32(get) => get(row).to_string(),
        Get::U64(get) => get(row).to_string(),
        Get::F64(get) => get(row).to_string(),
        Get::OptBool(get) => format!("{:?}", get(row)),
        Get::OptU8(get) => format!("{:?}", get(row)),
        Get::OptU16(get) => format!("{:?}", get(row)),
        Get::OptU32(get) => format!("{:?}", get(row)),
        Get::OptU64(get) => format!("{:?}", get(row)),
        Get::OptF64(get) => format!("{:?}", get(row)),
        Get::Time(get) => get(row).to_string(),
        Get::Wide(get) => format!("{:?}", get(row)),
        Get::Word(get) => format!("{:?}", get(row)),
        Get::Addr(get) => format!("{:?}", get(row)),
        Get::Mac(get) => format!("{:?}", get(row)),
        Get::Text(get) => {
            let mut text = String::new();
            if get(row, &mut text) { text } else { "null".into() }
        }
        Get::ListI64(get) => {
            let mut list = Vec::new();
            get(row, &mut list);
            format!("{list:?}")
        }
    }
}
