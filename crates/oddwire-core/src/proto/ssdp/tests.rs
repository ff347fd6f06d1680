use super::*;
use crate::packet::Addr;
use crate::proto::kit::{probed, rows, said};
use crate::proto::{Moment, drive};
use proptest::prelude::*;

const UDP: u8 = 17;

const SEARCH: &[u8] =
    b"M-SEARCH * HTTP/1.1\r\nHost: 239.255.255.250:1900\r\nMan: \"ssdp:discover\"\r\nMX: 3\r\n\
    ST: urn:dial-multiscreen-org:service:dial:1\r\nUSER-AGENT: probe/1\r\n\r\n";
const NOTIFY: &[u8] = b"NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nCACHE-CONTROL: no-x, max-age = 1800\r\n\
    LOCATION: http://ann:pw1@Gate.Example:49152/desc.xml?token=pw1\r\nNT: upnp:rootdevice\r\nNTS: ssdp:alive\r\n\
    SERVER: Linux UPnP/1.0 box/2\r\nUSN: uuid:1::upnp:rootdevice\r\n\r\n";
const RESPONSE: &[u8] =
    b"HTTP/1.1 200 OK\r\nST: ssdp:all\r\nUSN: uuid:1\r\nLocation: http://[2001:db8::1]:80/\r\nEXT:\r\n\r\n";

#[track_caller]
fn has(row: &Row<Said>, parts: &[&str]) {
    let said = format!(" {} ", said::<Ssdp>(row).join(" "));
    for part in parts {
        assert!(said.contains(&format!(" {part} ")), "{part} in {said}");
    }
    assert!(!said.contains("pw1"), "{said}");
}

#[test]
fn each_message_is_a_row() {
    let rows =
        rows::<Ssdp>(UDP, 1_900, &[(true, SEARCH), (false, RESPONSE), (true, NOTIFY), (true, b"else")]);
    assert_eq!(rows.len(), 3);
    has(
        &rows[0],
        &[
            "method=m-search",
            "target=urn:dial-multiscreen-org:service:dial:1",
            "max_wait=3",
            "agent=probe/1",
            "multicast=false",
            "bytes=146",
        ],
    );
    has(&rows[1], &["method=response", "target=ssdp:all", "usn=uuid:1", "location_host=2001:db8::1"]);
    has(
        &rows[2],
        &[
            "method=notify",
            "announcement=alive",
            "max_age=1800",
            "target=upnp:rootdevice",
            "server=Linux UPnP/1.0 box/2",
            "location=http://Gate.Example:49152/desc.xml",
            "location_host=gate.example",
        ],
    );
    assert!(rows.iter().all(|row| row.client_is_a));
}

#[test]
fn a_group_is_told_and_a_cut_line_is_not_trusted() {
    let mut flow = drive::flow(UDP, 40_000, 1_900);
    flow.key.b = Addr::v4([239, 255, 255, 250]);
    let bytes = &SEARCH[..SEARCH.len() - 12];
    let piece =
        Piece { key: &flow.key, from_a: true, at: Moment::default(), bytes, missing: 0, cut: 12, icmp: None };
    let rows = drive::tell::<Ssdp>(&flow, [piece]);
    has(&rows[0], &["multicast=true", "bytes=146"]);
    assert_eq!(rows[0].agent, None);
}

#[test]
fn it_is_known_by_content_on_any_port_and_other_heads_are_not_it() {
    for bytes in [SEARCH, NOTIFY, RESPONSE] {
        assert_eq!(probed::<Ssdp>(UDP, 4_444, bytes), Probe::Yes);
        assert_eq!(probed::<Ssdp>(6, 1_900, bytes), Probe::No);
    }
    assert_eq!(probed::<Ssdp>(UDP, 1_900, b"HTTP/1.1 200 OK\r\n\r\n"), Probe::Yes);
    for bytes in [
        &b"HTTP/1.1 200 OK\r\n\r\n"[..],
        b"M-SEARCH * HTTP/1.1\r\n",
        b"NOTIFY sip:a@b SIP/2.0\r\n",
        b"SIP/2.0 200 OK\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"M-SEARCH",
        &[0; 40],
    ] {
        assert_eq!(probed::<Ssdp>(UDP, 4_444, bytes), Probe::No);
    }
}

#[test]
fn a_huge_datagram_is_read_in_part() {
    let huge =
        [SEARCH.strip_suffix(b"\r\n").unwrap(), &b"ST: x\r\n".repeat(9_000), b"USN: far\r\n\r\n"].concat();
    let rows = rows::<Ssdp>(UDP, 1_900, &[(true, &huge)]);
    assert_eq!((rows[0].usn.as_deref(), rows[0].bytes as usize), (None, huge.len()));
}

proptest! {
    #[test]
    fn any_bytes_are_heard(input in prop::collection::vec(any::<u8>(), 0..600)) {
        drive::hammer::<Ssdp>(&input, &[1900, 9]);
    }

    #[test]
    fn a_damaged_message_is_heard(
        which in 0usize..3,
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), any::<bool>()), 0..9),
    ) {
        let mut bytes = [SEARCH, NOTIFY, RESPONSE][which].to_vec();
        for (place, byte, insert) in damage {
            let place = place.index(bytes.len());
            if insert { bytes.insert(place, byte) } else { bytes[place] = byte }
        }
        let rows = rows::<Ssdp>(UDP, 1_900, &[(true, &bytes)]);
        drive::show::<Ssdp>(&rows);
    }
}
