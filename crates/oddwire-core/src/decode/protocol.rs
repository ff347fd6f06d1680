//! What an IP protocol number names.

use super::walk::{Next, Walk};
use super::{gre, icmp, ipsec, ipv6_ext, sctp, tcp, udp};
use crate::layer::Layer;
use crate::packet::TunnelKind;

/// Reads what the number names; an unknown protocol is payload.
#[inline]
pub(super) fn read(walk: &mut Walk, number: u8) -> Next {
    match number {
        6 => tcp::read(walk),
        17 => udp::read(walk),
        _ => other(walk, number),
    }
}

fn other(walk: &mut Walk, number: u8) -> Next {
    match number {
        0 | 43 | 44 | 60 | 135 | 139 | 140 if walk.packet.ip_version == 6 => extension(walk, number),
        4 | 41 | 47 if walk.partial => Next::Done,
        4 => inner(walk, 0x0800, TunnelKind::IpInIp),
        41 if walk.packet.ip_version == 4 => inner(walk, 0x86dd, TunnelKind::SixInFour),
        41 => inner(walk, 0x86dd, TunnelKind::IpInIp),
        47 => gre::read(walk),
        1 => icmp::read(walk, Layer::Icmp),
        58 => icmp::read(walk, Layer::Icmpv6),
        2 => icmp::igmp(walk),
        33 => sctp::dccp(walk),
        50 => ipsec::esp(walk),
        51 => ipsec::ah(walk),
        132 => sctp::read(walk),
        136 => udp::lite(walk),
        _ => match named(number) {
            Some(layer) => walk.name(layer),
            None => Next::Done,
        },
    }
}

fn inner(walk: &mut Walk, number: u16, kind: TunnelKind) -> Next {
    walk.enter(kind, 0);
    Next::EtherType(number)
}

fn extension(walk: &mut Walk, number: u8) -> Next {
    match number {
        0 => ipv6_ext::hop_by_hop(walk),
        44 => ipv6_ext::fragment(walk),
        _ => ipv6_ext::read(walk),
    }
}

/// Content that is named and not read.
fn named(number: u8) -> Option<Layer> {
    Some(match number {
        46 => Layer::Rsvp,
        88 => Layer::Eigrp,
        89 => Layer::Ospf,
        103 => Layer::Pim,
        112 => Layer::Vrrp,
        115 => Layer::L2tp,
        124 => Layer::Isis,
        _ => return None,
    })
}
