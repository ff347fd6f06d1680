//! Captures made by small functions, and the shortest way to read them back.
#![allow(dead_code, unreachable_pub, missing_docs, reason = "each test file uses its part")]

use oddwire_capture::{Capture, CaptureError, Input, OpenOptions};
use std::io::Cursor;

/// Writes integers in one byte order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    Little,
    Big,
}

pub const ORDERS: [Order; 2] = [Order::Little, Order::Big];

impl Order {
    pub fn u16(self, value: u16) -> [u8; 2] {
        if self == Self::Little { value.to_le_bytes() } else { value.to_be_bytes() }
    }

    pub fn u32(self, value: u32) -> [u8; 4] {
        if self == Self::Little { value.to_le_bytes() } else { value.to_be_bytes() }
    }

    pub fn u64(self, value: u64) -> [u8; 8] {
        if self == Self::Little { value.to_le_bytes() } else { value.to_be_bytes() }
    }
}

/// What a test looks at of a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    pub input: u32,
    pub number: u64,
    pub time_ns: i64,
    pub link: u16,
    pub length: u32,
    pub data: Vec<u8>,
}

/// Everything a capture gives.
pub fn drain(capture: &mut Capture) -> Vec<Seen> {
    let mut seen = Vec::new();
    while let Some(frame) = capture.next_frame().unwrap() {
        seen.push(Seen {
            input: frame.input,
            number: frame.number,
            time_ns: frame.time_ns,
            link: frame.link.0,
            length: frame.length,
            data: frame.data.to_vec(),
        });
    }
    seen
}

pub fn try_read(bytes: &[u8]) -> Result<(Vec<Seen>, Input), CaptureError> {
    let options = OpenOptions::default();
    let mut capture = Capture::from_reader("made", Box::new(Cursor::new(bytes.to_vec())), &options)?;
    let seen = drain(&mut capture);
    Ok((seen, capture.inputs().remove(0)))
}

pub fn read(bytes: &[u8]) -> (Vec<Seen>, Input) {
    try_read(bytes).unwrap()
}

/// The warnings of an input as a person sees them.
pub fn lines(input: &Input) -> Vec<String> {
    input.warning_lines().collect()
}

/// A pcap file header.
pub fn pcap_header(order: Order, magic: u32, version: (u16, u16), snap_length: u32, network: u32) -> Vec<u8> {
    let mut bytes = order.u32(magic).to_vec();
    bytes.extend(order.u16(version.0));
    bytes.extend(order.u16(version.1));
    bytes.extend([0; 8]);
    bytes.extend(order.u32(snap_length));
    bytes.extend(order.u32(network));
    bytes
}

/// A pcap record: time, then the data as captured and as long on the wire.
pub fn pcap_record(order: Order, second: u32, fraction: u32, data: &[u8]) -> Vec<u8> {
    let size = data.len() as u32;
    let mut bytes = [second, fraction, size, size].map(|field| order.u32(field)).concat();
    bytes.extend_from_slice(data);
    bytes
}

/// A usual pcap file: microseconds, Ethernet, a packet a second from `first` on, each ten bytes of its number.
pub fn pcap(first: u32, count: u32) -> Vec<u8> {
    let order = Order::Little;
    let mut bytes = pcap_header(order, 0xa1b2_c3d4, (2, 4), 65_535, 1);
    for number in 0..count {
        bytes.extend(pcap_record(order, first + number, 0, &[number as u8; 10]));
    }
    bytes
}

/// A pcapng block of any type: its body is padded here.
pub fn block(order: Order, kind: u32, body: &[u8]) -> Vec<u8> {
    let padded = body.len().next_multiple_of(4);
    let size = order.u32(padded as u32 + 12);
    let mut bytes = [order.u32(kind), size].concat();
    bytes.extend_from_slice(body);
    bytes.resize(8 + padded, 0);
    bytes.extend(size);
    bytes
}

pub fn section(order: Order) -> Vec<u8> {
    let mut body = order.u32(0x1a2b_3c4d).to_vec();
    body.extend(order.u16(1));
    body.extend(order.u16(0));
    body.extend([0xff; 8]);
    block(order, 0x0a0d_0d0a, &body)
}

/// An option of a block, padded.
pub fn option(order: Order, code: u16, value: &[u8]) -> Vec<u8> {
    let mut bytes = [order.u16(code), order.u16(value.len() as u16)].concat();
    bytes.extend_from_slice(value);
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

pub fn interface(order: Order, link: u16, snap_length: u32, options: &[Vec<u8>]) -> Vec<u8> {
    let mut body = order.u16(link).to_vec();
    body.extend([0; 2]);
    body.extend(order.u32(snap_length));
    body.extend(options.concat());
    block(order, 1, &body)
}

pub fn enhanced(order: Order, interface: u32, ticks: u64, length: u32, data: &[u8]) -> Vec<u8> {
    let fields = [interface, (ticks >> 32) as u32, ticks as u32, data.len() as u32, length];
    let mut body = fields.map(|field| order.u32(field)).concat();
    body.extend_from_slice(data);
    block(order, 6, &body)
}

pub fn simple(order: Order, length: u32, data: &[u8]) -> Vec<u8> {
    block(order, 3, &[&order.u32(length)[..], data].concat())
}
