//! ARP: who says which address is whose hardware. It has no flow; one row is one packet, and nothing is remembered.

use crate::column::{Column, Get};
use crate::flow::stamp::Stamp;
use crate::names::push_vlan;
use crate::packet::{Addr, Arp, Mac, Packet, Tunnel};
use std::fmt::Write;

/// What one row of the table is.
pub const ROW: &str = "an ARP packet";

const REQUEST: u16 = 1;
const REPLY: u16 = 2;
const NO_MAC: Mac = Mac([0; 6]);
const ALL_HOSTS: Mac = Mac([0xff; 6]);
const NO_ADDRESS: Addr = Addr::v4([0; 4]);

/// What one ARP packet says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArpSaid {
    time_ns: i64,
    number: u64,
    input: u32,
    sender: Option<Addr>,
    target: Option<Addr>,
    arp: Arp,
    frame_src: Option<Mac>,
    frame_dst: Option<Mac>,
    vlans: [u16; 2],
    /// Whether the frame's addresses are those of a tunnel around the sender's own frame.
    tunnelled: bool,
}

/// The row of a packet, when it is one of ARP.
#[must_use]
pub fn row_of(stamp: &Stamp, packet: &Packet<'_>) -> Option<ArpSaid> {
    Some(ArpSaid {
        time_ns: stamp.time_ns,
        number: stamp.number,
        input: stamp.input,
        sender: packet.src,
        target: packet.dst,
        arp: packet.arp?,
        frame_src: packet.src_mac,
        frame_dst: packet.dst_mac,
        vlans: packet.vlans.ids,
        tunnelled: packet.tunnel != Tunnel::default(),
    })
}

impl ArpSaid {
    /// An address of the frame, if that is the sender's own and not one around it.
    fn own(&self, frame: Option<Mac>) -> Option<Mac> {
        frame.filter(|_| !self.tunnelled)
    }

    fn push_operation(&self, text: &mut String) -> bool {
        match self.arp.operation {
            REQUEST => text.push_str("request"),
            REPLY => text.push_str("reply"),
            number => drop(write!(text, "{number}")),
        }
        true
    }
}

macro_rules! c {
    ($name:literal, $unit:literal, $kind:ident, $meaning:literal, $get:expr) => {
        Column::<ArpSaid>::new($name, $unit, Get::$kind($get), $meaning)
    };
}

const COLUMNS: &[Column<ArpSaid>] = &[
    c!("time", "", Time, "When it was captured.", |r| r.time_ns),
    c!("src_ip", "", Addr, "Address that the sender claims.", |r| r.sender),
    c!("dst_ip", "", Addr, "Address that is asked for, or answered.", |r| r.target),
    c!(
        "operation",
        "",
        Text,
        "What it is: request, reply, or the number of another operation.",
        |r, text| { r.push_operation(text) }
    ),
    c!("sender_mac", "", Mac, "Hardware address that the sender claims.", |r| Some(r.arp.sender_mac)),
    c!(
        "target_mac",
        "",
        Mac,
        "Hardware address of the target; null when it is zero, as in most requests.",
        |r| { Some(r.arp.target_mac).filter(|&mac| mac != NO_MAC) }
    ),
    c!(
        "frame_src",
        "",
        Mac,
        "Hardware address that the frame came from; in a tunnel that of the outer frame.",
        |r| r.frame_src
    ),
    c!("frame_dst", "", Mac, "Hardware address that the frame went to, likewise.", |r| r.frame_dst),
    c!("vlan", "", Text, "VLAN identifiers, the outer first, joined by dots.", |r, text| push_vlan(
        r.vlans, text
    )),
    c!("gratuitous", "", Bool, "Whether the sender asks for, or answers, its own address.", |r| {
        r.sender.is_some() && r.sender == r.target
    }),
    c!("probe", "", Bool, "Whether the sender has no address yet and asks whether one is free.", |r| {
        r.sender == Some(NO_ADDRESS)
    }),
    c!("broadcast", "", OptBool, "Whether the frame went to all hosts; null in a tunnel.", |r| {
        Some(r.own(r.frame_dst)? == ALL_HOSTS)
    }),
    c!(
        "mac_mismatch",
        "",
        OptBool,
        "Whether the frame came from another hardware address than the sender claims; null in a tunnel.",
        |r| Some(r.own(r.frame_src)? != r.arp.sender_mac)
    ),
    c!("input", "", U32, "Index of the input it came from.", |r| r.input).on_request(),
    c!("packet", "", U64, "Number of the packet in its input.", |r| r.number),
];

/// The columns of ARP rows.
#[must_use]
pub fn arp_columns() -> Vec<Column<ArpSaid>> {
    COLUMNS.to_vec()
}

#[cfg(test)]
mod tests;
