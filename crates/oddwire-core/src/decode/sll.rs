//! Linux cooked capture, versions 1 and 2.

use super::ethertype::MAX_LENGTH;
use super::walk::{Next, Walk};
use super::{llc, radio, wifi};
use crate::layer::Layer;
use crate::packet::Mac;

/// Reads version 1: kind, hardware type, sender's address, protocol.
pub(super) fn read(walk: &mut Walk) -> Next {
    let Some(head) = walk.header::<16>(Layer::LinuxSll) else { return Next::Done };
    let &[_, _, h0, h1, l0, l1, a0, a1, a2, a3, a4, a5, _, _, p0, p1] = head;
    sender(walk, u16::from_be_bytes([l0, l1]), [a0, a1, a2, a3, a4, a5]);
    follow(walk, u16::from_be_bytes([h0, h1]), u16::from_be_bytes([p0, p1]))
}

/// Reads version 2: protocol, interface, hardware type, kind, sender's address.
pub(super) fn read_v2(walk: &mut Walk) -> Next {
    let Some(head) = walk.header::<20>(Layer::LinuxSll2) else { return Next::Done };
    let &[p0, p1, _, _, _, _, _, _, h0, h1, _, length, a0, a1, a2, a3, a4, a5, _, _] = head;
    sender(walk, u16::from(length), [a0, a1, a2, a3, a4, a5]);
    follow(walk, u16::from_be_bytes([h0, h1]), u16::from_be_bytes([p0, p1]))
}

fn sender(walk: &mut Walk, length: u16, address: [u8; 6]) {
    if length == 6 {
        walk.packet.src_mac = Some(Mac(address));
    }
}

/// The protocol is an Ethernet type unless the hardware type gives it another meaning.
fn follow(walk: &mut Walk, hardware: u16, protocol: u16) -> Next {
    const NETLINK: u16 = 824;
    const WIFI: u16 = 801;
    const WIFI_RADIOTAP: u16 = 803;
    match (hardware, protocol) {
        (NETLINK, _) => Next::Done,
        (WIFI, _) => wifi::read(walk, false),
        (WIFI_RADIOTAP, _) => radio::radiotap(walk),
        (_, 0x0001) => walk.name(Layer::Ipx),
        (_, 0x0004) => llc::read(walk),
        (_, ..=MAX_LENGTH) => Next::Done,
        _ => Next::EtherType(protocol),
    }
}
