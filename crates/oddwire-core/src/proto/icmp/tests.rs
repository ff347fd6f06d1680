use super::*;
use crate::flow::FlowKey;
use crate::proto::drive;
use crate::proto::kit::{probed, said};
use crate::proto::{FlowOf, Moment};
use proptest::prelude::*;

fn rows(protocol: u8, messages: &[(bool, [u8; 6], &[u8])]) -> Vec<Row<Said>> {
    let flow = drive::flow(protocol, 8, 0);
    drive::tell::<Icmp>(
        &flow,
        (1..).zip(messages).map(|(number, &(from_a, head, bytes))| piece(&flow, number, from_a, head, bytes)),
    )
}

fn piece<'a>(flow: &'a FlowOf, number: u64, from_a: bool, head: [u8; 6], bytes: &'a [u8]) -> Piece<'a> {
    let [kind, code, word @ ..] = head;
    let key: &FlowKey = &flow.key;
    let at = Moment { time_ns: number.cast_signed() * 1_000_000, number, input: 0 };
    Piece { key, from_a, at, bytes, missing: 0, cut: 0, icmp: Some((kind, code, word)) }
}

fn line(protocol: u8, head: [u8; 6], bytes: &[u8]) -> String {
    let rows = rows(protocol, &[(true, head, bytes)]);
    assert_eq!(rows.len(), 1);
    said::<Icmp>(&rows[0]).join(" ")
}

fn address(last: u8) -> [u8; 16] {
    let mut address = [0; 16];
    (address[0], address[1], address[15]) = (0xfe, 0x80, last);
    address
}

/// A quoted IPv4 packet of UDP from 10.0.0.9 port 40000 to 192.0.2.7 port 53.
fn quoted_4() -> Vec<u8> {
    let mut packet = vec![0x45, 0, 0, 40, 0, 1, 0, 0, 64, 17, 0, 0, 10, 0, 0, 9, 192, 0, 2, 7];
    packet.extend([0x9c, 0x40, 0, 53, 0, 20, 0, 0]);
    packet
}

#[test]
fn an_echo_and_its_reply_are_two_rows_from_their_senders() {
    let rows = rows(1, &[(true, [8, 0, 0, 7, 0, 1], b"abababab"), (false, [0, 0, 0, 7, 0, 1], b"abababab")]);
    assert_eq!(rows.iter().map(|row| row.client_is_a).collect::<Vec<_>>(), [true, false]);
    let line = said::<Icmp>(&rows[0]).join(" ");
    assert_eq!(line, "kind=echo type=8 code=0 identifier=7 sequence=1 data_bytes=8 data_entropy=1.000");
    assert!(rows[0].detail.is_none());
}

#[test]
fn an_error_says_what_it_is_about() {
    let line = line(1, [3, 3, 0, 0, 0, 0], &quoted_4());
    assert_eq!(
        line,
        "kind=unreachable type=3 code=3 code_name=port_unreachable data_bytes=28 quoted_protocol=udp \
         quoted_src_ip=10.0.0.9 quoted_src_port=40000 quoted_dst_ip=192.0.2.7 quoted_dst_port=53"
    );
}

#[test]
fn a_later_fragment_has_no_ports() {
    let mut packet = quoted_4();
    packet[7] = 5;
    assert!(!line(1, [11, 1, 0, 0, 0, 0], &packet).contains("port"));
}

#[test]
fn an_error_of_version_6_passes_over_extension_headers() {
    let mut packet = vec![0x60, 0, 0, 0, 0, 20, 0, 64];
    packet.extend(address(1));
    packet.extend(address(2));
    packet.extend([6, 0, 1, 4, 0, 0, 0, 0]);
    packet.extend([0, 80, 1, 187, 0, 0, 0, 0]);
    let line = line(58, [2, 0, 0, 0, 5, 0], &packet);
    for part in [
        "kind=packet_too_big",
        "mtu=1280",
        "quoted_protocol=tcp",
        "quoted_src_port=80",
        "quoted_dst_port=443",
    ] {
        assert!(line.contains(part), "{part} in {line}");
    }
}

#[test]
fn redirects_name_the_router() {
    assert!(line(1, [5, 1, 10, 0, 0, 254], &quoted_4()).contains("gateway=10.0.0.254"));
    let mut body = [address(3), address(4)].concat();
    body.extend([2, 1, 2, 0, 0, 0, 0, 9]);
    let line = line(58, [137, 0, 0, 0, 0, 0], &body);
    for part in ["target_ip=fe80::3", "redirected_ip=fe80::4", "target_mac=02:00:00:00:00:09"] {
        assert!(line.contains(part), "{part} in {line}");
    }
}

#[test]
fn a_router_announces_prefixes_and_name_servers() {
    let mut body = vec![0; 8];
    body.extend([1, 1, 2, 0, 0, 0, 0, 1, 5, 1, 0, 0, 0, 0, 5, 220]);
    body.extend([3, 4, 64, 0xc0, 0, 0, 0, 9, 0, 0, 0, 9, 0, 0, 0, 0]);
    body.extend(address(0));
    body.extend([25, 3, 0, 0, 0, 0, 0, 60]);
    body.extend(address(53));
    let line = line(58, [134, 0, 64, 0xc0, 7, 8], &body);
    for part in [
        "kind=router_advertisement",
        "mtu=1500",
        "source_mac=02:00:00:00:00:01",
        "router_lifetime_s=1800",
        "prefixes=fe80::/64",
        "dns_servers=fe80::35",
        "managed=true",
        "other_config=true",
    ] {
        assert!(line.contains(part), "{part} in {line}");
    }
}

#[test]
fn a_neighbour_answers_for_an_address() {
    let mut body = address(5).to_vec();
    body.extend([2, 1, 2, 0, 0, 0, 0, 5]);
    let line = line(58, [136, 0, 0x60, 0, 0, 0], &body);
    for part in [
        "target_ip=fe80::5",
        "target_mac=02:00:00:00:00:05",
        "solicited=true",
        "override=true",
        "from_router=false",
    ] {
        assert!(line.contains(part), "{part} in {line}");
    }
}

#[test]
fn listeners_name_groups() {
    let mut body = vec![4, 0, 0, 1];
    body.extend(address(1));
    body.extend(address(9));
    body.extend([4, 0, 0, 0]);
    body.extend(address(2));
    assert!(line(58, [143, 0, 0, 0, 0, 2], &body).contains("groups=fe80::1,fe80::2"));
    assert!(line(58, [131, 0, 0, 0, 0, 0], &address(7)).contains("groups=fe80::7"));
}

#[test]
fn many_options_and_options_without_length_end() {
    let mut body = address(5).to_vec();
    body.extend([3, 0, 0, 0]);
    assert!(line(58, [135, 0, 0, 0, 0, 0], &body).contains("target_ip"));
    let servers: Vec<u8> = (0..4_000).flat_map(|_| [25u8, 3].into_iter().chain([0; 22])).collect();
    let rows = rows(58, &[(true, [133, 0, 0, 0, 0, 0], &servers)]);
    assert_eq!(rows[0].detail.as_ref().unwrap().name_servers.as_ref().unwrap().split(',').count(), 16);
}

#[test]
fn every_flow_of_icmp_is_its_own_and_no_other() {
    assert_eq!(probed::<Icmp>(1, 0, b""), Probe::Yes);
    assert_eq!(probed::<Icmp>(58, 129, b"x"), Probe::Yes);
    assert_eq!(probed::<Icmp>(17, 53, b"x"), Probe::No);
}

proptest! {
    #[test]
    fn any_bytes_are_heard(input in prop::collection::vec(any::<u8>(), 0..600)) {
        drive::hammer::<Icmp>(&input, &[8, 3]);
    }

    #[test]
    fn any_message_is_heard(
        version_6 in any::<bool>(),
        kind in prop_oneof![any::<u8>(), 0u8..14, 128u8..144],
        code in 0u8..16,
        word in any::<[u8; 4]>(),
        bytes in prop::collection::vec(prop_oneof![any::<u8>(), 0u8..8], 0..200),
    ) {
        let [a, b, c, d] = word;
        drive::show::<Icmp>(&rows(if version_6 { 58 } else { 1 }, &[(true, [kind, code, a, b, c, d], &bytes)]));
    }
}
