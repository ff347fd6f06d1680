//! Numbers in the words that analysts use.

use crate::packet::{Tunnel, TunnelKind};
use std::fmt::Write;

/// The name of an IP protocol number, in lower case; `other` when it has none here.
#[must_use]
pub const fn protocol_name(number: u8) -> &'static str {
    match number {
        0 => "hopopt",
        1 => "icmp",
        2 => "igmp",
        4 | 94 => "ipip",
        6 => "tcp",
        8 => "egp",
        9 => "igp",
        17 => "udp",
        27 => "rdp",
        33 => "dccp",
        41 => "ipv6",
        43 => "ipv6_route",
        44 => "ipv6_frag",
        46 => "rsvp",
        47 => "gre",
        50 => "esp",
        51 => "ah",
        58 => "icmpv6",
        59 => "ipv6_nonxt",
        60 => "ipv6_opts",
        88 => "eigrp",
        89 => "ospf",
        97 => "etherip",
        103 => "pim",
        108 => "ipcomp",
        112 => "vrrp",
        115 => "l2tp",
        132 => "sctp",
        133 => "fc",
        135 => "mobility",
        136 => "udplite",
        137 => "mpls_in_ip",
        139 => "hip",
        140 => "shim6",
        _ => "other",
    }
}

/// The name of one kind of wrapping.
#[must_use]
pub const fn tunnel_name(kind: TunnelKind) -> &'static str {
    match kind {
        TunnelKind::None => "",
        TunnelKind::Gre => "gre",
        TunnelKind::Vxlan => "vxlan",
        TunnelKind::Geneve => "geneve",
        TunnelKind::IpInIp => "ipip",
        TunnelKind::SixInFour => "6in4",
        TunnelKind::Teredo => "teredo",
        TunnelKind::Gtpu => "gtpu",
    }
}

/// Appends a tunnel as `gre/vxlan:100`; `false` when there is none.
pub fn push_tunnel(tunnel: &Tunnel, text: &mut String) -> bool {
    let kinds = tunnel.kinds.iter().filter(|&&kind| kind != TunnelKind::None);
    for (place, &kind) in kinds.enumerate() {
        if place > 0 {
            text.push('/');
        }
        text.push_str(tunnel_name(kind));
    }
    if tunnel.id != 0 {
        let _ = write!(text, ":{}", tunnel.id);
    }
    tunnel.kinds[0] != TunnelKind::None
}

/// Appends VLAN identifiers as `100` or `100.7`; `false` when there is none.
pub fn push_vlan(ids: [u16; 2], text: &mut String) -> bool {
    let [outer, inner] = ids;
    if outer == 0 && inner == 0 {
        return false;
    }
    let _ = write!(text, "{outer}");
    if inner != 0 {
        let _ = write!(text, ".{inner}");
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tunnels_read_from_the_outside_in() {
        let tunnel = Tunnel { kinds: [TunnelKind::Gre, TunnelKind::Vxlan, TunnelKind::None], id: 100 };
        let mut text = String::new();
        assert!(push_tunnel(&tunnel, &mut text));
        assert_eq!(text, "gre/vxlan:100");
        text.clear();
        assert!(!push_tunnel(&Tunnel::default(), &mut text));
        assert!(push_vlan([100, 7], &mut text) && text == "100.7");
    }
}
