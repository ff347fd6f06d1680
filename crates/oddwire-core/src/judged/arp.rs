//! Who said by ARP that which address has which hardware, tick by tick.

use crate::book::Book;
use crate::column::{Column, Get};
use crate::flow::stamp::Stamp;
use crate::packet::{Addr, Mac, Packet};
use std::collections::HashMap;

/// Rows that are gathered at most before they are handed out, however long the tick.
pub const MAX_ROWS: usize = 65_536;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
struct ArpKey {
    tick_ns: i64,
    vlans: [u16; 2],
    frame_src: Option<Mac>,
    frame_dst: Option<Mac>,
    operation: u16,
    sender_mac: Mac,
    target_mac: Mac,
    sender: Option<Addr>,
    target: Option<Addr>,
}

/// Equal ARP packets of one tick.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ArpRow {
    key: ArpKey,
    sender: u32,
    target: u32,
    packets: u64,
    bytes: u64,
    first_ns: i64,
    last_ns: i64,
    input: u32,
    first_packet: u64,
    last_packet: u64,
}

/// Gathers ARP packets into rows.
#[derive(Debug, Default)]
pub struct ArpRows {
    rows: Vec<ArpRow>,
    index: HashMap<ArpKey, usize>,
}

impl ArpRows {
    /// Counts a packet, when it is one of ARP.
    pub fn see(&mut self, tick_ns: i64, stamp: &Stamp, packet: &Packet<'_>, book: &mut Book) {
        let Some(arp) = packet.arp else { return };
        let key = ArpKey {
            tick_ns,
            vlans: packet.vlans.ids,
            frame_src: packet.src_mac,
            frame_dst: packet.dst_mac,
            operation: arp.operation,
            sender_mac: arp.sender_mac,
            target_mac: arp.target_mac,
            sender: packet.src,
            target: packet.dst,
        };
        let next = self.rows.len();
        let at = *self.index.entry(key).or_insert(next);
        if at == next {
            let number =
                |addr: Option<Addr>, book: &mut Book| addr.map_or(u32::MAX, |addr| book.number(addr));
            self.rows.push(ArpRow {
                key,
                sender: number(packet.src, book),
                target: number(packet.dst, book),
                first_ns: stamp.time_ns,
                last_ns: stamp.time_ns,
                input: stamp.input,
                first_packet: stamp.number,
                ..ArpRow::default()
            });
        }
        if let Some(row) = self.rows.get_mut(at) {
            row.packets += 1;
            row.bytes += u64::from(stamp.length);
            row.last_ns = row.last_ns.max(stamp.time_ns);
            row.last_packet = stamp.number;
        }
    }

    /// Rows gathered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Hands out all rows.
    pub fn take(&mut self) -> Vec<ArpRow> {
        self.index.clear();
        std::mem::take(&mut self.rows)
    }
}

const fn number(mac: Mac) -> u64 {
    let Mac([a, b, c, d, e, f]) = mac;
    u64::from_be_bytes([0, 0, a, b, c, d, e, f])
}

macro_rules! c {
    ($name:literal, $unit:literal, $kind:ident, $meaning:literal, $get:expr) => {
        Column::<ArpRow>::new($name, $unit, Get::$kind($get), $meaning)
    };
}

const COLUMNS: &[Column<ArpRow>] = &[
    c!("tick", "ns", U64, "Start of the tick of 5 s, nanoseconds since the epoch.", |r| r
        .key
        .tick_ns
        .max(0)
        .cast_unsigned()),
    c!("vlan", "", U16, "Outer VLAN identifier; 0 without a tag.", |r| r.key.vlans[0]),
    c!("frame_src", "", OptU64, "Hardware address that the frame came from, as a number.", |r| r
        .key
        .frame_src
        .map(number)),
    c!("frame_dst", "", OptU64, "Hardware address that the frame went to, as a number.", |r| r
        .key
        .frame_dst
        .map(number)),
    c!("operation", "", U16, "1 request, 2 reply.", |r| r.key.operation),
    c!("sender_mac", "", U64, "Hardware address that the sender claims, as a number.", |r| number(
        r.key.sender_mac
    )),
    c!("sender", "", U32, "Number of the address that the sender claims.", |r| r.sender),
    c!("target_mac", "", U64, "Hardware address of the target, as a number; 0 in most requests.", |r| {
        number(r.key.target_mac)
    }),
    c!("target", "", U32, "Number of the address that is asked for, or answered.", |r| r.target),
    c!("packets", "packets", U64, "Equal packets in the tick.", |r| r.packets),
    c!("bytes", "bytes", U64, "Bytes on the wire.", |r| r.bytes),
    c!("first", "ns", U64, "Time of the first one.", |r| r.first_ns.max(0).cast_unsigned()),
    c!("last", "ns", U64, "Time of the last one.", |r| r.last_ns.max(0).cast_unsigned()),
    c!("input", "", U32, "Index of the input of the first one.", |r| r.input),
    c!("first_packet", "", U64, "Number of the first one in its input.", |r| r.first_packet),
    c!("last_packet", "", U64, "Number of the last one in its input.", |r| r.last_packet),
];

/// The columns of ARP rows.
#[must_use]
pub fn arp_columns() -> Vec<Column<ArpRow>> {
    COLUMNS.to_vec()
}
