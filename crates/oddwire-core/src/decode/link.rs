//! The first header, by the link type of the frame.

use super::walk::{Next, Walk};
use super::{ethernet, hdlc, loopback, ppp, pppoe, pseudo, radio, raw, sll, wifi};
use crate::frame::LinkType;
use crate::layer::Layer;

/// Reads the header that the link type names; an unknown type is data.
#[inline]
pub(super) fn read(walk: &mut Walk, link: LinkType) -> Next {
    if link == LinkType::ETHERNET { ethernet::read(walk) } else { other(walk, link) }
}

fn other(walk: &mut Walk, link: LinkType) -> Next {
    match link {
        LinkType::RAW | LinkType::RAW_BSD | LinkType::RAW_OPENBSD | LinkType::IPV4 | LinkType::IPV6 => {
            raw::read(walk)
        }
        LinkType::LINUX_SLL => sll::read(walk),
        LinkType::NULL | LinkType::LOOP => loopback::read(walk),
        LinkType::PPP | LinkType::PPP_HDLC => ppp::link(walk),
        LinkType::PPP_ETHER => pppoe::session(walk),
        LinkType::C_HDLC => hdlc::read(walk),
        LinkType::IEEE802_11 => wifi::read(walk, false),
        LinkType::IEEE802_11_RADIOTAP => radio::radiotap(walk),
        LinkType::IEEE802_11_PRISM => radio::prism(walk),
        LinkType::IEEE802_11_AVS => radio::avs(walk),
        LinkType::NFLOG => pseudo::nflog(walk),
        LinkType::PKTAP => pseudo::pktap(walk),
        LinkType::PPI => radio::ppi(walk),
        LinkType::LINUX_SLL2 => sll::read_v2(walk),
        _ => walk.name(Layer::Data),
    }
}
