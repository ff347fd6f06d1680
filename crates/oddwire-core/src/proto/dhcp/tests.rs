use super::*;
use crate::proto::drive;
use crate::proto::kit::{probed, rows, said};
use proptest::prelude::*;

const UDP: u8 = 17;

/// A message of version 4: operation, what stands at some places of the header, and its options.
fn message(operation: u8, header: &[(usize, [u8; 4])], options: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0; 236];
    bytes[..8].copy_from_slice(&[operation, 1, 6, 0, 0x12, 0x34, 0x56, 0x78]);
    bytes[28..34].copy_from_slice(&[2, 0, 0, 0, 0, 7]);
    for (at, octets) in header {
        bytes[*at..at + 4].copy_from_slice(octets);
    }
    bytes.extend([99, 130, 83, 99]);
    bytes.extend(options);
    bytes
}

fn option(code: u8, value: &[u8]) -> Vec<u8> {
    [&[code, value.len() as u8], value].concat()
}

fn discover() -> Vec<u8> {
    let options = [
        option(53, &[1]),
        option(61, &[1, 2, 0, 0, 0, 0, 7]),
        option(50, &[10, 0, 0, 55]),
        option(12, b"laptop"),
        option(60, b"MSFT 5.0"),
        option(55, &[1, 3, 6, 15]),
        option(81, b"\0\0\0laptop.example"),
        vec![255, 0, 0],
    ];
    message(1, &[], &options.concat())
}

fn acknowledge() -> Vec<u8> {
    let options = [
        option(53, &[5]),
        option(54, &[10, 0, 0, 2]),
        option(51, &[0, 0, 14, 16]),
        vec![0, 0],
        option(1, &[255, 255, 255, 0]),
        option(3, &[10, 0, 0, 254, 10, 0, 0, 253]),
        option(6, &[10, 0, 0, 53]),
        option(6, &[10, 0, 0, 54]),
        option(15, b"example.org\0"),
        option(252, b"http://p/wpad.dat"),
        option(82, &[1, 1, 9]),
        vec![255],
    ];
    message(2, &[(16, [10, 0, 0, 55]), (24, [10, 0, 0, 1])], &options.concat())
}

fn only(lines: &[(bool, &[u8])]) -> (bool, String) {
    let rows = rows::<Dhcp>(UDP, 67, lines);
    assert_eq!(rows.len(), 1);
    (rows[0].client_is_a, said::<Dhcp>(&rows[0]).join(" "))
}

#[test]
fn a_discover_says_who_asks() {
    let bytes = discover();
    let (client_is_a, line) = only(&[(true, &bytes)]);
    assert!(client_is_a);
    assert_eq!(
        line,
        format!(
            "service=dhcp message=discover transaction=305419896 client_mac=02:00:00:00:00:07 \
             client_id=01020000000007 requested_ip=10.0.0.55 hostname=laptop fqdn=laptop.example \
             vendor_class=MSFT 5.0 parameters=1,3,6,15 relayed=false bytes={}",
            bytes.len()
        )
    );
}

#[test]
fn an_acknowledgement_says_what_is_lent_and_its_client_is_who_hears_it() {
    let (client_is_a, line) = only(&[(false, &acknowledge())]);
    assert!(client_is_a);
    for part in [
        "message=ack",
        "assigned_ip=10.0.0.55",
        "server_ip=10.0.0.2",
        "relay_ip=10.0.0.1",
        "lease_s=3600",
        "router=10.0.0.254",
        "dns_servers=10.0.0.53,10.0.0.54",
        "domain=example.org",
        "relayed=true",
        "subnet_mask=255.255.255.0",
        "wpad=http://p/wpad.dat",
    ] {
        assert!(line.contains(part), "{part} in {line}");
    }
}

#[test]
fn options_may_lie_in_the_places_of_the_names() {
    let mut bytes = message(1, &[], &option(52, &[3]));
    let kind = option(53, &[8]);
    bytes[108..111].copy_from_slice(&kind);
    bytes[44..52].copy_from_slice(&option(12, b"inside"));
    let (_, line) = only(&[(true, &bytes)]);
    assert!(line.contains("message=inform") && line.contains("hostname=inside"), "{line}");
}

#[test]
fn without_cookie_it_is_plain_bootp_on_its_ports_only() {
    let bytes = &message(2, &[(16, [10, 0, 0, 9])], &[])[..236];
    let (_, line) = only(&[(false, bytes)]);
    assert!(line.contains("message=bootp_reply") && line.contains("assigned_ip=10.0.0.9"), "{line}");
    assert_eq!(probed::<Dhcp>(UDP, 67, &message(1, &[], &[])[..236]), Probe::Yes);
    assert_eq!(probed::<Dhcp>(UDP, 9_999, &message(1, &[], &[])[..236]), Probe::No);
}

fn option_6(code: u16, value: &[u8]) -> Vec<u8> {
    [&code.to_be_bytes()[..], &(value.len() as u16).to_be_bytes(), value].concat()
}

fn address(last: u8) -> [u8; 16] {
    let mut address = [0; 16];
    (address[0], address[1], address[2], address[3], address[15]) = (0x20, 1, 0x0d, 0xb8, last);
    address
}

fn reply() -> Vec<u8> {
    let lease = [&address(9)[..], &60u32.to_be_bytes(), &120u32.to_be_bytes()].concat();
    let set = [&[0; 12][..], &option_6(5, &lease)].concat();
    let prefix = [&[0; 8][..], &[56], &address(0)].concat();
    let prefixes = [&[0; 12][..], &option_6(26, &prefix)].concat();
    [
        vec![7, 1, 2, 3],
        option_6(1, &[0, 3, 0, 1, 2, 0, 0, 0, 0, 7]),
        option_6(2, &[0, 3, 0, 1, 2, 0, 0, 0, 0, 8]),
        option_6(3, &set),
        option_6(25, &prefixes),
        option_6(23, &[address(1), address(2)].concat()),
        option_6(24, b"\x07example\x03org\0\x01b\0"),
        option_6(39, b"\0\x04host\x07example\0"),
        option_6(16, &[&[0, 0, 1, 55, 0, 4][..], b"MSFT"].concat()),
        option_6(6, &[0, 23, 0, 24]),
        option_6(13, b"\0\x02none left"),
    ]
    .concat()
}

#[test]
fn a_reply_of_version_6_says_what_is_lent() {
    let rows = rows::<Dhcp>(UDP, 547, &[(false, &reply())]);
    assert!(rows[0].client_is_a);
    let line = said::<Dhcp>(&rows[0]).join(" ");
    for part in [
        "service=dhcpv6",
        "message=reply",
        "transaction=66051",
        "client_mac=02:00:00:00:00:07",
        "client_id=00030001020000000007",
        "assigned_ip=2001:db8::9",
        "lease_s=120",
        "prefixes=2001:db8::/56",
        "dns_servers=2001:db8::1,2001:db8::2",
        "domain=example.org,b",
        "fqdn=host.example",
        "vendor_class=311,MSFT",
        "parameters=23,24",
        "status=no_addresses_available: none left",
        "server_id=00030001020000000008",
    ] {
        assert!(line.contains(part), "{part} in {line}");
    }
}

#[test]
fn envelopes_of_relays_are_opened_to_a_bound() {
    let wrap = |inner: &[u8]| [&[12, 0][..], &address(1), &address(2), &option_6(9, inner)].concat();
    let solicit = [vec![1, 0, 0, 5], option_6(1, &[0, 3, 0, 1, 2, 0, 0, 0, 0, 7])].concat();
    let deep = |count| (0..count).fold(solicit.clone(), |inner, _| wrap(&inner));
    let line = |bytes: &[u8]| said::<Dhcp>(&rows::<Dhcp>(UDP, 547, &[(true, bytes)])[0]).join(" ");
    let twice = line(&deep(2));
    for part in ["message=solicit", "transaction=5", "relay_ip=2001:db8::1", "relayed=true"] {
        assert!(twice.contains(part), "{part} in {twice}");
    }
    assert!(line(&deep(500)).contains("message=relay_forward"));
}

#[test]
fn it_is_known_by_content_on_any_port_and_ports_alone_prove_nothing() {
    assert_eq!(probed::<Dhcp>(UDP, 4_011, &discover()), Probe::Yes);
    assert_eq!(probed::<Dhcp>(UDP, 5_555, &reply()), Probe::Yes);
    assert_eq!(probed::<Dhcp>(6, 67, &discover()), Probe::No);
    for port in [67, 68, 546, 547, 9] {
        assert_eq!(probed::<Dhcp>(UDP, port, b"GET / HTTP/1.1\r\n\r\n"), Probe::No);
        assert_eq!(probed::<Dhcp>(UDP, port, &[0; 300]), Probe::No);
        assert_eq!(probed::<Dhcp>(UDP, port, &[255; 300]), Probe::No);
    }
    assert_eq!(probed::<Dhcp>(UDP, 9, b"\x01\x02\0\0\0\x01\0\0\0\0\0\0\x01a\0\0\x01\0\x01"), Probe::No);
}

#[test]
fn more_options_than_anyone_sends_are_left_out() {
    let many: Vec<u8> = (0..20_000).flat_map(|_| [6, 0]).chain(option(53, &[1])).collect();
    let bytes = message(1, &[], &many);
    assert!(only(&[(true, &bytes)]).1.contains("message=bootp_request"));
    let mut options = options::Options::default();
    options.read_4(&many);
    assert_eq!((options.count(), options.whole), (MOST_OPTIONS, false));
    let split: Vec<u8> = (0..200).flat_map(|_| option(12, &[b'a'; 255])).collect();
    let rows = rows::<Dhcp>(UDP, 67, &[(true, &message(1, &[], &split))]);
    assert_eq!(rows[0].hostname.as_ref().unwrap().len(), 258);
}

proptest! {
    #[test]
    fn any_bytes_are_heard(input in prop::collection::vec(any::<u8>(), 0..600)) {
        drive::hammer::<Dhcp>(&input, &[67, 68, 546, 547, 9]);
    }

    #[test]
    fn damaged_messages_are_heard(
        which in 0usize..3,
        flips in prop::collection::vec((0usize..400, any::<u8>()), 0..12),
        length in 0usize..400,
        inserted in (0usize..400, prop::collection::vec(any::<u8>(), 0..9)),
    ) {
        let mut bytes = [discover(), acknowledge(), reply()][which].clone();
        for (at, value) in flips {
            if let Some(byte) = bytes.get_mut(at) {
                *byte = value;
            }
        }
        let at = inserted.0.min(bytes.len());
        bytes.splice(at..at, inserted.1);
        bytes.truncate(length);
        for port in [67, 547, 9] {
            let _ = probed::<Dhcp>(UDP, port, &bytes);
            drive::show::<Dhcp>(&rows::<Dhcp>(UDP, port, &[(true, &bytes), (false, &bytes)]));
        }
    }
}
