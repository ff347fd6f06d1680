use super::keys::Keys;
use super::*;
use crate::proto::drive;
use crate::proto::kit::{probed, rows, said};
use crate::proto::tls::kit::{EXAMPLE_CIPHERS, client_hello, example_extensions, message};
use crate::proto::{Budget, Known, Moment};
use proptest::prelude::*;

const UDP: u8 = 17;
const SERVER: &[u8] = b"\x83\x94\xc8\xf0\x3e\x51\x57\x08";
const FIRST: u32 = 1;
const SECOND: u32 = 0x6b33_43cf;
const DRAFT_29: u32 = 0xff00_001d;

fn varint(number: usize) -> Vec<u8> {
    (number as u16 | 0x4000).to_be_bytes().to_vec()
}

fn crypto(offset: usize, bytes: &[u8]) -> Vec<u8> {
    [&[6][..], &varint(offset), &varint(bytes.len()), bytes].concat()
}

fn head(first: u8, version: u32, to: &[u8], from: &[u8]) -> Vec<u8> {
    [&[first][..], &version.to_be_bytes(), &[to.len() as u8], to, &[from.len() as u8], from].concat()
}

/// A first packet, closed with the keys that follow from `secret`.
fn initial(version: u32, secret: &[u8], to: &[u8], token: &[u8], number: u8, frames: &[u8]) -> Vec<u8> {
    let kind = if version == SECOND { 0xd0 } else { 0xc0 };
    let content = [frames, &[0; 30]].concat();
    let mut open = head(kind, version, to, b"me");
    open.extend([varint(token.len()), token.to_vec(), varint(content.len() + 17), vec![number]].concat());
    let keys = Keys::new(Version(version), secret).unwrap();
    keys.close(&open, number, content)
}

fn hello() -> Vec<u8> {
    message(1, &client_hello(&[], &EXAMPLE_CIPHERS, &example_extensions(b"h3")))
}

fn padded(mut datagram: Vec<u8>) -> Vec<u8> {
    datagram.resize(1_200, 0);
    datagram
}

fn only_row(lines: &[(bool, Vec<u8>)]) -> (bool, String) {
    let lines: Vec<(bool, &[u8])> = lines.iter().map(|(from_a, bytes)| (*from_a, &bytes[..])).collect();
    let rows = rows::<Quic>(UDP, 443, &lines);
    assert_eq!(rows.len(), 1);
    (rows[0].client_is_a, format!(" {} ", said::<Quic>(&rows[0]).join(" ")))
}

fn assert_cells(said: &str, cells: &[&str]) {
    for cell in cells {
        assert!(said.contains(&format!(" {cell} ")), "{cell} in {said}");
    }
}

#[test]
fn keys_are_those_of_the_examples_in_the_standards() {
    let first = Keys::new(Version(FIRST), SERVER).unwrap().shown();
    let second = Keys::new(Version(SECOND), SERVER).unwrap().shown();
    assert_eq!(
        first,
        "1f369613dd76d5467730efcbe3b1a22d fa044b2f42a3fd3b46fb255c 9f50449e04a0e810283a1e9933adedd2"
    );
    assert_eq!(
        second,
        "8b1a0bc121284290a29e0971b5cd045d 91f73e2351d8fa91660e909f 45b95e15235d6f45a6b19cbcb0294ba9"
    );
}

#[test]
fn a_hello_in_parts_and_out_of_order_is_read() {
    let hello = hello();
    let (early, late) = hello.split_at(100);
    let behind = [crypto(150, &late[50..]), vec![1, 2, 0, 0, 1, 0, 0, 0], crypto(100, &late[..60])].concat();
    let lines = [
        (true, padded(initial(DRAFT_29, SERVER, SERVER, b"", 0, &behind))),
        (true, padded(initial(DRAFT_29, SERVER, SERVER, b"", 1, &crypto(0, early)))),
        (false, padded(initial(DRAFT_29, b"any other", b"me", b"", 0, &crypto(0, b"answer")))),
    ];
    let (client_is_a, said) = only_row(&lines);
    assert!(client_is_a);
    assert_cells(
        &said,
        &[
            "version=draft-29",
            "sni=www.example.org",
            "alpn=h3,http/1.1",
            "ciphers_offered=16",
            "dcid_bytes=8",
            "scid_bytes=2",
            "token_bytes=0",
            "retry=false",
            "server_version_negotiation=false",
            "zero_rtt=false",
            "ech=false",
            "server_seen=true",
            "latency_ns=2000000",
            "skipped=false",
            "ja4=q13d1516h3_8daaf6152771_e5627efa2ab1",
        ],
    );
    assert!(said.contains(&format!("client_hello_bytes={} ", hello.len())));
}

#[test]
fn behind_a_retry_other_keys_open_it() {
    let retry = [head(0xf0, FIRST, b"me", b"another"), b"the token".to_vec(), vec![0; 16]].concat();
    let lines = [
        (true, padded(initial(FIRST, SERVER, SERVER, b"", 0, &crypto(0, &hello()[..80])))),
        (false, retry),
        (true, padded(initial(FIRST, b"another", b"another", b"the token", 1, &crypto(0, &hello())))),
        (false, padded(initial(FIRST, b"any other", b"me", b"", 0, &[]))),
    ];
    let (_, said) = only_row(&lines);
    assert_cells(
        &said,
        &["version=1", "sni=www.example.org", "token_bytes=9", "retry=true", "latency_ns=1000000"],
    );
}

#[test]
fn version_2_with_data_right_behind_the_hello() {
    let early = [head(0xe0, SECOND, SERVER, b"me"), varint(40), vec![7; 40]].concat();
    let datagram = [initial(SECOND, SERVER, SERVER, b"", 0, &crypto(0, &hello())), early].concat();
    let (_, said) = only_row(&[(true, datagram)]);
    assert_cells(&said, &["version=2", "zero_rtt=true", "server_seen=false", "sni=www.example.org"]);
    assert!(!said.contains("latency_ns"));
}

#[test]
fn a_version_that_the_server_does_not_speak() {
    let refusal = [head(0x80, 0, b"me", SERVER), FIRST.to_be_bytes().to_vec()].concat();
    assert_eq!(probed::<Quic>(UDP, 9, &refusal), Probe::Yes);
    let strange =
        padded([head(0xc0, 0x1a2a_3a4a, SERVER, b"me"), varint(0), varint(1_100), vec![7; 1_100]].concat());
    assert_eq!(probed::<Quic>(UDP, 9, &strange), Probe::Yes);
    let lines = [
        (true, strange),
        (false, refusal),
        (true, padded(initial(FIRST, SERVER, SERVER, b"", 0, &crypto(0, &hello())))),
    ];
    let (_, said) = only_row(&lines);
    assert_cells(&said, &["version=1", "server_version_negotiation=true", "sni=www.example.org"]);
}

#[test]
fn of_the_server_alone_the_client_is_known() {
    let (client_is_a, said) = only_row(&[(false, padded(initial(FIRST, b"any other", b"me", b"", 0, &[])))]);
    assert!(client_is_a);
    assert_cells(&said, &["version=1", "server_seen=true"]);
}

#[test]
fn work_that_is_refused_is_left_out() {
    let datagram = padded(initial(FIRST, SERVER, SERVER, b"", 0, &crypto(0, &hello())));
    let flow = drive::flow(UDP, 40_000, 443);
    let (mut known, mut budget, mut rows) = (Known::default(), Budget::new(0), Vec::new());
    let mut parser = Quic::default();
    let piece = Piece {
        key: &flow.key,
        from_a: true,
        at: Moment::default(),
        bytes: &datagram,
        missing: 0,
        cut: 0,
        icmp: None,
    };
    parser.push(&piece, &mut Out::new(&flow, Some(&mut rows), &mut known, &mut budget));
    parser.drain(&mut Out::new(&flow, Some(&mut rows), &mut known, &mut budget));
    assert!(rows[0].skipped && rows[0].client_is_a && rows[0].hello.is_none());
    assert_eq!(budget.refused, 1);
}

#[test]
fn googles_own_tells_version_and_name() {
    let table = |name: &[u8]| {
        let ends = [4u32, 4 + name.len() as u32].map(u32::to_le_bytes);
        [&b"CHLO\x02\0\0\0PAD\0"[..], &ends[0], b"SNI\0", &ends[1], b"----", name].concat()
    };
    let old = [
        &b"\x0d\x01\x02\x03\x04\x05\x06\x07\x08Q043\x01"[..],
        &[0; 12],
        b"\xa0\x01",
        &table(b"www.example.org"),
    ];
    let old = padded(old.concat());
    let newer = padded(
        [&b"\xc3Q046\x50\x01\x02\x03\x04\x05\x06\x07\x08"[..], &[0; 18], &table(b"b.example")].concat(),
    );
    for (datagram, version, name) in [(old, "Q043", "www.example.org"), (newer, "Q046", "b.example")] {
        assert_eq!(probed::<Quic>(UDP, 9, &datagram), Probe::Yes);
        let (client_is_a, said) = only_row(&[(true, datagram), (false, vec![0x40; 30])]);
        assert!(client_is_a);
        assert_cells(&said, &[&format!("version={version}"), &format!("sni={name}"), "server_seen=true"]);
    }
}

#[test]
fn it_is_known_by_content_on_any_port() {
    let datagram = padded(initial(FIRST, SERVER, SERVER, b"", 0, &crypto(0, &hello())));
    assert_eq!(probed::<Quic>(UDP, 4_444, &datagram), Probe::Yes);
    assert_eq!(probed::<Quic>(6, 443, &datagram), Probe::No);
    let short = [&[0x45][..], &[7; 60]].concat();
    let unknown = padded([head(0xc0, 0x1234_5678, SERVER, b"me"), varint(0), varint(1_100)].concat());
    let too_long = [head(0xc0, FIRST, SERVER, b"me"), varint(0), varint(1_100), vec![7; 30]].concat();
    let media = [&[0x80, 0x60, 0, 1][..], &[7; 160]].concat();
    for other in [short, unknown, too_long, media, vec![0xff; 1_200], vec![0; 1_200]] {
        assert_eq!(probed::<Quic>(UDP, 443, &other), Probe::No, "{:?}", &other[..8]);
    }
}

#[test]
fn a_hello_without_end_costs_no_more_than_its_bound() {
    let flow = drive::flow(UDP, 1, 2);
    let start = message(1, &vec![3; 60_000]);
    let datagrams: Vec<Vec<u8>> = (0..200)
        .map(|number| {
            let part =
                crypto(number % 17 * 950, start.get(number * 950..(number + 1) * 950).unwrap_or(&[9; 950]));
            initial(FIRST, SERVER, SERVER, b"", number as u8, &part)
        })
        .collect();
    let mut parser = Quic::default();
    let (mut known, mut budget, mut rows) = (Known::default(), Budget::new(9_999), Vec::new());
    for bytes in &datagrams {
        let at = Moment::default();
        let piece = Piece { key: &flow.key, from_a: true, at, bytes, missing: 0, cut: 0, icmp: None };
        let next = parser.push(&piece, &mut Out::new(&flow, Some(&mut rows), &mut known, &mut budget));
        assert!(parser.held() <= 3 * MOST_HELLO + 4_096, "{}", parser.held());
        if next == Next::Done {
            return;
        }
    }
    panic!("it is followed for ever");
}

proptest! {
    #[test]
    fn any_bytes_are_heard(input in prop::collection::vec(any::<u8>(), 0..600)) {
        drive::hammer::<Quic>(&input, &[443, 9]);
    }

    #[test]
    fn damaged_packets_are_heard(damage in prop::collection::vec((any::<u16>(), any::<u8>(), 0u8..3), 1..6)) {
        let frames = [crypto(0, &hello()), vec![2, 0, 0, 1, 0, 0, 0]].concat();
        let mut open = frames;
        for (place, byte, what) in damage {
            let at = usize::from(place) % open.len().max(1);
            match what {
                0 if !open.is_empty() => open[at] = byte,
                1 => open.insert(at, byte),
                _ => open.truncate(at.max(1)),
            }
        }
        let mut sealed = initial(FIRST, SERVER, SERVER, b"", 0, &open);
        let lines = [(true, &sealed.clone()[..])];
        drive::show::<Quic>(&rows::<Quic>(UDP, 443, &lines));
        sealed.truncate(open.len());
        drive::show::<Quic>(&rows::<Quic>(UDP, 443, &[(true, &sealed[..]), (false, &open[..])]));
    }
}
