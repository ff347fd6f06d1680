//! Tunnels: the inner packet is the one described, and what merely sits on a tunnel's port is left alone.

use crate::build::*;
use oddwire_core::frame::LinkType;
use oddwire_core::layer::Layer::{self, *};
use oddwire_core::packet::{Tunnel, TunnelKind, Vlans};

fn ethernet_inside() -> Vec<u8> {
    eth(0x8100, &vlan(99, 0x0800, &inner()))
}

fn inside(data: &[u8], between: &[Layer], kind: TunnelKind, id: u32) {
    let packet = decode(LinkType::ETHERNET, data);
    assert_inner(&packet);
    assert_eq!(layers(&packet), [&[Ethernet], between, &[Ipv4, Udp]].concat());
    assert_eq!(packet.tunnel, Tunnel { kinds: [kind, TunnelKind::None, TunnelKind::None], id });
    assert_eq!(packet.vlans, Vlans::default());
    assert_eq!((packet.src_mac, packet.dst_mac), (Some(SRC_MAC), Some(DST_MAC)));
}

#[test]
fn tunnels_over_ip_are_followed() {
    let over = |protocol: u8, head: &[u8], body: &[u8]| eth(0x0800, &ipv4(protocol, &join(&[head, body])));
    inside(&over(4, &[], &inner()), &[Ipv4], TunnelKind::IpInIp, 0);
    inside(&eth(0x86dd, &ipv6(4, &inner())), &[Ipv6], TunnelKind::IpInIp, 0);
    inside(&over(47, &[0, 0, 8, 0], &inner()), &[Ipv4, Gre], TunnelKind::Gre, 0);
    let key = [0xb0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 0, 9];
    inside(&over(47, &key, &inner()), &[Ipv4, Gre], TunnelKind::Gre, 0x102);
    let bridged = [0x20, 0, 0x65, 0x58, 0, 1, 2, 3];
    inside(&over(47, &bridged, &ethernet_inside()), &[Ipv4, Gre, Ethernet, Vlan], TunnelKind::Gre, 0x1_0203);
    let pptp = [0x30, 0x81, 0x88, 0x0b, 0, 33, 0, 5, 0, 0, 0, 1, 0, 0, 0, 2, 0xff, 3, 0, 0x21];
    inside(&over(47, &pptp, &inner()), &[Ipv4, Gre, Ppp], TunnelKind::Gre, 0);
    let erspan = [0x10, 0, 0x88, 0xbe, 0, 0, 0, 1, 0x10, 1, 0, 0, 0, 0, 0, 0];
    inside(&over(47, &erspan, &ethernet_inside()), &[Ipv4, Gre, Ethernet, Vlan], TunnelKind::Gre, 0);
    let erspan3 = join(&[&[0x10, 0, 0x22, 0xeb, 0, 0, 0, 1, 0x20, 1], &[0; 10]]);
    inside(&over(47, &erspan3, &ethernet_inside()), &[Ipv4, Gre, Ethernet, Vlan], TunnelKind::Gre, 0);
}

#[test]
fn tunnels_over_udp_are_followed() {
    let over =
        |port: u16, head: &[u8], body: &[u8]| eth(0x0800, &ipv4(17, &udp(40000, port, &join(&[head, body]))));
    let vxlan = [8, 0, 0, 0, 0, 1, 2, 0];
    for port in [4789, 8472] {
        let outer = [Ipv4, Udp, Vxlan, Ethernet, Vlan];
        inside(&over(port, &vxlan, &ethernet_inside()), &outer, TunnelKind::Vxlan, 0x102);
    }
    let generic = [0x0c, 0, 0, 1, 0, 1, 2, 0];
    inside(&over(4790, &generic, &inner()), &[Ipv4, Udp, Vxlan], TunnelKind::Vxlan, 0x102);
    let geneve = [1, 0, 0x65, 0x58, 0, 1, 2, 0, 0, 0, 0, 0];
    let outer = [Ipv4, Udp, Geneve, Ethernet, Vlan];
    inside(&over(6081, &geneve, &ethernet_inside()), &outer, TunnelKind::Geneve, 0x102);
    inside(&over(6081, &[0, 0, 8, 0, 0, 1, 2, 0], &inner()), &[Ipv4, Udp, Geneve], TunnelKind::Geneve, 0x102);
    let length = inner().len() as u8;
    inside(
        &over(2152, &[0x30, 255, 0, length, 1, 2, 3, 4], &inner()),
        &[Ipv4, Udp, Gtpu],
        TunnelKind::Gtpu,
        0,
    );
    let extended = [0x34, 255, 0, length + 8, 1, 2, 3, 4, 0, 0, 0, 0x85, 1, 0, 0, 0];
    inside(&over(2152, &extended, &inner()), &[Ipv4, Udp, Gtpu], TunnelKind::Gtpu, 0);
}

#[test]
fn ipv6_in_ipv4_and_teredo_are_followed() {
    let v6 = ipv6(17, &udp(7, 9, b"six"));
    let auth = join(&[&[0, 1, 0, 0], &[0; 9]]);
    let origin = [0, 0, 1, 2, 3, 4, 5, 6];
    let teredo = |head: &[u8]| eth(0x0800, &ipv4(17, &udp(3544, 3000, &join(&[head, &v6]))));
    let cases = [
        (eth(0x0800, &ipv4(41, &v6)), TunnelKind::SixInFour),
        (teredo(&[]), TunnelKind::Teredo),
        (teredo(&origin), TunnelKind::Teredo),
        (teredo(&join(&[&auth, &origin])), TunnelKind::Teredo),
        (eth(0x86dd, &ipv6(41, &v6)), TunnelKind::IpInIp),
    ];
    for (data, kind) in cases {
        let packet = decode(LinkType::ETHERNET, &data);
        assert_eq!((packet.src, packet.dst_port, packet.payload), (Some(SRC6), Some(9), &b"six"[..]));
        assert_eq!((packet.tunnel.kinds[0], packet.ip_version), (kind, 6));
    }
}

#[test]
fn something_else_on_a_tunnel_port_stays_what_it_is() {
    let payloads: &[&[u8]] = &[
        b"",
        b"short",
        b"some text that is long enough to be a header of any tunnel",
        &[0; 64],
        &[0xff; 64],
        &[8, 0, 0, 0, 0, 1, 2, 0, 1, 2, 3],
    ];
    for port in [2152, 3544, 4789, 4790, 6081, 8472] {
        for payload in payloads {
            let data = eth(0x0800, &ipv4(17, &udp(40000, port, payload)));
            let packet = decode(LinkType::ETHERNET, &data);
            assert_eq!(layers(&packet), [Ethernet, Ipv4, Udp], "{port} {payload:02x?}");
            assert_eq!((packet.payload, packet.dst_port), (*payload, Some(port)));
            assert_eq!((packet.tunnel, packet.damage), (Tunnel::default(), None));
        }
    }
}

#[test]
fn nested_tunnels_are_listed_outermost_first() {
    let gre = ipv4(47, &join(&[&[0x20, 0, 8, 0, 0, 0, 0, 5], &ipv4(4, &inner())]));
    let data = eth(0x0800, &ipv4(17, &udp(1, 4789, &join(&[&[8, 0, 0, 0, 0, 0, 3, 0], &eth(0x0800, &gre)]))));
    let packet = decode(LinkType::ETHERNET, &data);
    assert_inner(&packet);
    let kinds = [TunnelKind::Vxlan, TunnelKind::Gre, TunnelKind::IpInIp];
    assert_eq!(packet.tunnel, Tunnel { kinds, id: 5 });
}

#[test]
fn arp_in_a_tunnel_is_the_packet_described() {
    let arp = join(&[&[0, 1, 8, 0, 6, 4, 0, 1], &[1; 6], &[192, 168, 0, 1], &[0; 6], &[192, 168, 0, 2]]);
    let data = eth(0x0800, &ipv4(17, &udp(1, 4789, &join(&[&[8, 0, 0, 0, 0, 0, 3, 0], &eth(0x0806, &arp)]))));
    let packet = decode(LinkType::ETHERNET, &data);
    assert_eq!((packet.ip_version, packet.protocol, packet.src_port), (0, None, None));
    assert!(packet.arp.is_some_and(|arp| arp.operation == 1));
    assert_eq!(packet.tunnel.kinds[0], TunnelKind::Vxlan);
}
