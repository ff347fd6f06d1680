//! What every row of what was said begins with, for judges: numbers of hosts instead of addresses, and the tick.

use crate::book::Book;
use crate::column::{Column, Get};
use crate::proto::Row;

/// Who said something to whom, and when.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Heard {
    tick_ns: i64,
    src: u32,
    dst: u32,
    src_port: u16,
    dst_port: u16,
    protocol: u8,
    ip_version: u8,
    vlans: u32,
    tunnel: u64,
    born_ns: i64,
    first_ns: i64,
    input: u32,
    first_packet: u64,
}

impl Heard {
    /// The head of a row, which belongs to that tick.
    #[must_use]
    pub fn of<S>(row: &Row<S>, tick_ns: i64, book: &mut Book) -> Self {
        let ((src, src_port), (dst, dst_port)) = (row.client(), row.server());
        let key = &row.flow.key;
        let [outer, inner] = key.vlans;
        Self {
            tick_ns,
            src: book.number(src),
            dst: book.number(dst),
            src_port,
            dst_port,
            protocol: key.protocol,
            ip_version: key.ip_version,
            vlans: u32::from(outer) | u32::from(inner) << 16,
            tunnel: key.tunnel.as_number(),
            born_ns: row.flow.born_ns,
            first_ns: row.at.time_ns,
            input: row.at.input,
            first_packet: row.at.number,
        }
    }
}

macro_rules! c {
    ($name:literal, $unit:literal, $kind:ident, $meaning:literal, $get:expr) => {
        Column::<Heard>::new($name, $unit, Get::$kind($get), $meaning)
    };
}

const COLUMNS: &[Column<Heard>] = &[
    c!("tick", "ns", U64, "Start of the tick of 5 s in which it became known, since the epoch.", |r| r
        .tick_ns
        .max(0)
        .cast_unsigned()),
    c!("src", "", U32, "Number of the client: who asked.", |r| r.src),
    c!("dst", "", U32, "Number of the server: who was asked.", |r| r.dst),
    c!("src_port", "", U16, "Port of the client; 0 where there are none.", |r| r.src_port),
    c!("dst_port", "", U16, "Port of the server; 0 where there are none.", |r| r.dst_port),
    c!("protocol", "", U8, "IP protocol number.", |r| r.protocol),
    c!("ip_version", "", U8, "4 or 6.", |r| r.ip_version),
    c!("vlans", "", U32, "VLAN identifiers: the outer, plus 65,536 times the inner.", |r| r.vlans),
    c!("tunnel", "", U64, "What the packets are wrapped in, as a number; 0 for nothing.", |r| r.tunnel),
    c!("born", "ns", U64, "Time of the flow's very first packet.", |r| r.born_ns.max(0).cast_unsigned()),
    c!("first", "ns", U64, "Time of the packet that began it.", |r| r.first_ns.max(0).cast_unsigned()),
    c!("input", "", U32, "Index of the input that packet came from.", |r| r.input),
    c!("first_packet", "", U64, "Number of that packet in its input.", |r| r.first_packet),
];

/// The columns that every table of what was said begins with, for judges.
#[must_use]
pub fn heard_columns() -> Vec<Column<Heard>> {
    COLUMNS.to_vec()
}
