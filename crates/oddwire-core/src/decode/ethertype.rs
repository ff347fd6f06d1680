//! What an Ethernet type number names; shared by Ethernet, VLAN tags, SNAP, Linux cooked capture and GRE.

use super::walk::{Next, Walk};
use super::{arp, ipv4, ipv6, llc, mpls, pppoe, tag, vlan};
use crate::layer::Layer;

/// The largest value that is a length and not a type.
pub(super) const MAX_LENGTH: u16 = 1500;

/// Reads what the number names; content that is only named is left as payload.
#[inline]
pub(super) fn read(walk: &mut Walk, number: u16) -> Next {
    match number {
        0x0800 => ipv4::read(walk),
        0x86dd => ipv6::read(walk),
        _ => other(walk, number),
    }
}

fn other(walk: &mut Walk, number: u16) -> Next {
    match number {
        // Only behind addresses a small number is a length; elsewhere it is no Ethernet type.
        0..=MAX_LENGTH => match walk.packet.layers.last() {
            Some(Layer::Ethernet | Layer::Vlan) => llc::bounded(walk, number),
            _ => Next::Done,
        },
        0x0806 | 0x8035 => arp::read(walk),
        0x8100 | 0x88a8 | 0x9100 | 0x9200 => vlan::read(walk),
        0x8847 | 0x8848 => mpls::read(walk),
        0x8863 => pppoe::discovery(walk),
        0x8864 => pppoe::session(walk),
        0x8926 => tag::read(walk, 6),
        0x893f => tag::read(walk, 8),
        0x88e7 => tag::backbone(walk),
        0x894f => tag::service(walk),
        0x88e5 => tag::security(walk),
        0x8870 => llc::read(walk),
        0x6558 => Next::Ethernet,
        _ => match named(number) {
            Some(layer) => walk.name(layer),
            None => Next::Done,
        },
    }
}

/// Whether a number is one that is read or named here.
pub(super) fn is_known(number: u16) -> bool {
    let read =
        matches!(number, 0x0800 | 0x0806 | 0x8035 | 0x8100 | 0x86dd | 0x8847 | 0x8848 | 0x8863 | 0x8864);
    read || matches!(number, 0x88a8 | 0x9100 | 0x9200 | 0x8870 | 0x6558 | 0x88e5 | 0x88e7)
        || named(number).is_some()
}

/// Content that is named and not read.
fn named(number: u16) -> Option<Layer> {
    Some(match number {
        0x0842 => Layer::Wol,
        0x2000 => Layer::Cdp,
        0x22f4 => Layer::Isis,
        0x8137 | 0x8138 => Layer::Ipx,
        0x8808 => Layer::MacControl,
        0x8809 => Layer::Lacp,
        0x888e => Layer::Eapol,
        0x8892 => Layer::Profinet,
        0x88a4 => Layer::EtherCat,
        0x88b8 => Layer::Goose,
        0x88ba => Layer::SampledValues,
        0x88cc => Layer::Lldp,
        0x88f7 => Layer::PtpEthernet,
        0x9000 => Layer::Loopback,
        _ => return None,
    })
}
