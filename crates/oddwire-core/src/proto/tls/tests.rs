use super::kit::{
    EXAMPLE_CIPHERS, certificate, client_hello, example_extensions, extension, long, message, record,
    server_hello, short, words,
};
use super::*;
use crate::proto::drive;
use crate::proto::kit::{probed, rows, rows_cut, said};
use proptest::prelude::*;

const TCP: u8 = 6;
const UDP: u8 = 17;

fn lines(parts: &[(bool, Vec<u8>)]) -> Vec<(bool, &[u8])> {
    parts.iter().map(|(from_a, bytes)| (*from_a, &bytes[..])).collect()
}

fn only_row(protocol: u8, parts: &[(bool, Vec<u8>)]) -> String {
    let rows = rows::<Tls>(protocol, 4_433, &lines(parts));
    assert_eq!(rows.len(), 1);
    assert!(rows[0].client_is_a);
    format!(" {} ", said::<Tls>(&rows[0]).join(" "))
}

fn assert_cells(said: &str, cells: &[&str]) {
    for cell in cells {
        assert!(said.contains(&format!(" {cell} ")), "{cell} in {said}");
    }
}

fn chain(certificates: &[&[u8]]) -> Vec<u8> {
    let sized = |bytes: &[u8]| [&(bytes.len() as u32).to_be_bytes()[1..], bytes].concat();
    message(11, &sized(&certificates.iter().flat_map(|one| sized(one)).collect::<Vec<u8>>()))
}

/// A full handshake of TLS 1.2 with certificates of both sides.
fn full() -> Vec<(bool, Vec<u8>)> {
    let hello = message(1, &client_hello(&[], &EXAMPLE_CIPHERS, &example_extensions(b"h2")));
    let answer = message(2, &server_hello(&[1; 32], 0xc02b, &extension(16, &long(&short(b"h2")))));
    let mine = certificate("www.example.org", "Issuing CA", "*.example.org");
    let keys = message(12, &[3, 0, 29, 1, 9]);
    let flight = [answer, chain(&[&mine, b"another"]), keys, message(13, &[0]), message(14, &[])].concat();
    let halves = flight.split_at(flight.len() / 2);
    vec![
        (true, record(22, &hello)),
        (false, [record(22, halves.0), record(22, halves.1)].concat()),
        (
            true,
            [record(22, &chain(&[b"client"])), record(22, &message(16, &[0; 33])), record(20, &[1])].concat(),
        ),
        (true, record(22, &[0xaa; 40])),
        (false, [record(20, &[1]), record(22, &[0xbb; 40])].concat()),
        (true, record(23, &[0xcc; 300])),
        (false, record(23, &[0xdd; 3_000])),
        (false, record(21, &[0xee; 26])),
    ]
}

/// A handshake of TLS 1.3 behind a request to try again, to which the client shows the cookie it was given.
fn modern() -> Vec<(bool, Vec<u8>)> {
    let hello = message(1, &client_hello(&[4; 32], &EXAMPLE_CIPHERS, &example_extensions(b"h2")));
    let with_cookie = [example_extensions(b"h2"), extension(44, &long(b"cookie"))].concat();
    let again = message(1, &client_hello(&[4; 32], &EXAMPLE_CIPHERS, &with_cookie));
    let chosen = [extension(43, &[3, 4]), extension(51, &[0, 23])].concat();
    let mut retry = message(2, &server_hello(&[4; 32], 0x1301, &chosen));
    retry.splice(6..38, super::hello::RETRY);
    let share = [extension(43, &[3, 4]), extension(51, &[0, 23, 0, 1, 9]), extension(41, &[0, 0])].concat();
    let answer = message(2, &server_hello(&[4; 32], 0x1302, &share));
    vec![
        (true, record(22, &hello)),
        (false, [record(22, &retry), record(20, &[1])].concat()),
        (true, [record(20, &[1]), record(22, &again)].concat()),
        (false, [record(22, &answer), record(23, &[0; 900])].concat()),
        (true, [record(23, &[0; 53]), record(23, &[0; 100])].concat()),
        (false, record(23, &[0; 500])),
    ]
}

#[test]
fn a_full_handshake_of_tls_1_2_is_one_row() {
    let said = only_row(TCP, &full());
    assert_cells(
        &said,
        &[
            "service=tls",
            "version=TLSv1.2",
            "client_version=TLSv1.3",
            "sni=www.example.org",
            "alpn=h2",
            "client_alpn=h2,http/1.1",
            "cipher=TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            "ciphers_offered=16",
            "group=x25519",
            "resumed=false",
            "established=true",
            "ech=false",
            "certificates=2",
            "subject=CN=www.example.org,O=Org\\, Inc,C=XX",
            "issuer=CN=Issuing CA,O=Org\\, Inc,C=XX",
            "san=*.example.org,192.0.2.1",
            "not_before=2024-01-01T00:00:00Z",
            "not_after=2024-12-31T23:59:59Z",
            "certificate_expired=false",
            "self_signed=false",
            "key_type=ec",
            "key_bits=256",
            "signature_algorithm=ecdsaWithSha256",
            "client_certificate=true",
            "latency_ns=1000000",
            "skipped=false",
            "ja4=t13d1516h2_8daaf6152771_e5627efa2ab1",
        ],
    );
    assert!(said.contains(", 300, -3000, -26] "), "{said}");
    assert!(said.contains("ja3_text=771,4865-4866-4867-49195-49199-49196-49200-52393-52392-49171-49172-156-157-47-53,27-0-51-16-17513-23-45-13-5-35-18-43-65281-11-10-21,29-23-24,0 "), "{said}");
}

#[test]
fn a_handshake_of_tls_1_3_that_was_tried_again_is_one_row() {
    let said = only_row(TCP, &modern());
    assert_cells(
        &said,
        &[
            "version=TLSv1.3",
            "cipher=TLS_AES_256_GCM_SHA384",
            "group=secp256r1",
            "resumed=true",
            "established=true",
            "hello_retry=true",
            "ja4=t13d1516h2_8daaf6152771_e5627efa2ab1",
            "ja4_retry=t13d1517h2_8daaf6152771_4a4a419064b9",
        ],
    );
    assert!(!said.contains("client_certificate") && !said.contains("alpn= "));
}

#[test]
fn a_second_hello_is_known_where_the_server_was_not_heard() {
    let client: Vec<(bool, Vec<u8>)> = modern().into_iter().filter(|part| part.0).collect();
    let said = only_row(TCP, &client);
    assert_cells(
        &said,
        &["ja4=t13d1516h2_8daaf6152771_e5627efa2ab1", "ja4_retry=t13d1517h2_8daaf6152771_4a4a419064b9"],
    );
    let mut other = client.clone();
    other[1].1[6 + 5 + 4 + 2] ^= 1;
    assert!(!only_row(TCP, &other).contains("ja4_retry"), "another random number is another session's");
    let hidden = [&[11, 0, 0, 196][..], &[0xaa; 196]].concat();
    let ended = [client[0].clone(), (true, [record(20, &[1]), record(22, &hidden)].concat())];
    let said = only_row(TCP, &ended);
    assert!(!said.contains("ja4_retry") && !said.contains("client_certificate=true"), "{said}");
}

#[test]
fn a_second_hello_that_nobody_asked_for_has_no_fingerprint() {
    let mut dialogue = modern();
    dialogue[1].1 = dialogue[3].1.clone();
    assert!(!only_row(TCP, &dialogue).contains("ja4_retry"));
    assert!(!only_row(TCP, &full()).contains("ja4_retry"));
}

#[test]
fn a_session_that_is_resumed_shows_no_certificate() {
    let hello = message(1, &client_hello(&[4; 32], &[0xc02f], &[]));
    let answer = message(2, &server_hello(&[4; 32], 0xc02f, &[]));
    let done = [record(20, &[1]), record(22, &[0; 40])].concat();
    let parts =
        vec![(true, record(22, &hello)), (false, [record(22, &answer), done.clone()].concat()), (true, done)];
    let said = only_row(TCP, &parts);
    assert_cells(&said, &["resumed=true", "established=true", "client_certificate=false"]);
    assert!(!said.contains("subject="));
}

#[test]
fn an_alert_ends_it() {
    let hello = record(22, &message(1, &client_hello(&[], &[0x0005], &[])));
    let parts = vec![(true, hello), (false, record(21, &[2, 40])), (true, record(23, &[0; 90]))];
    let said = only_row(TCP, &parts);
    assert_cells(&said, &["alert=handshake_failure", "established=false", "records=[45, -2]"]);
}

#[test]
fn it_is_the_same_however_it_is_cut() {
    for dialogue in [full(), modern()] {
        let dialogue = lines(&dialogue);
        let whole: Vec<Said> =
            rows::<Tls>(TCP, 443, &dialogue).into_iter().map(|row| row.said.without_time()).collect();
        for most in [1, 2, 3, 7, 40, 1_000] {
            let cut: Vec<Said> = rows_cut::<Tls>(443, &dialogue, most)
                .into_iter()
                .map(|row| row.said.without_time())
                .collect();
            assert_eq!(cut, whole, "{most}");
        }
    }
}

impl Said {
    fn without_time(mut self) -> Self {
        if let Some(server) = &mut self.server {
            server.latency_ns = None;
        }
        self.seen_s = 0;
        self
    }
}

/// A record of DTLS 1.2 with a part of a handshake message.
fn part(kind: u8, number: u16, body: &[u8], from: usize, to: usize) -> Vec<u8> {
    let three = |number: usize| (number as u32).to_be_bytes()[1..].to_vec();
    let head =
        [&[kind][..], &three(body.len()), &number.to_be_bytes(), &three(from), &three(to - from)].concat();
    [&[22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0][..], &long(&[&head, &body[from..to]].concat())].concat()
}

#[test]
fn dtls_is_put_together_from_its_parts() {
    let mut hello = client_hello(&[], &[0xc02b], &extension(13, &long(&words(&[0x0403]))));
    hello.splice(0..2, [0xfe, 0xfd]);
    hello.insert(35, 0);
    let mut answer = server_hello(&[], 0xc02b, &[]);
    answer.splice(0..2, [0xfe, 0xfd]);
    let chain = chain(&[&certificate("peer", "peer", "peer.example")])[4..].to_vec();
    let change = [20, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1].to_vec();
    let parts = vec![
        (true, part(1, 0, &hello, 0, hello.len())),
        (false, part(3, 0, &[0xfe, 0xff, 0], 0, 3)),
        (true, part(1, 1, &hello, 0, hello.len())),
        (false, [part(2, 1, &answer, 0, answer.len()), part(11, 2, &chain, 200, chain.len())].concat()),
        (false, part(11, 2, &chain, 0, 220)),
        (true, change.clone()),
        (false, change),
    ];
    let said = only_row(UDP, &parts);
    assert_cells(
        &said,
        &[
            "service=dtls",
            "version=DTLSv1.2",
            "client_version=DTLSv1.2",
            "self_signed=true",
            "established=true",
            "certificates=1",
            "resumed=false",
        ],
    );
    assert!(said.contains("ja4=dd2i010100_"), "{said}");
    assert_eq!(probed::<Tls>(UDP, 9, &part(1, 0, &hello, 0, hello.len())), Probe::Yes);
    assert_eq!(probed::<Tls>(UDP, 9, &part(1, 0, &hello, 0, 30)), Probe::Yes);
}

#[test]
fn a_protocol_that_is_no_text_is_shown_by_its_digits() {
    let ja4 = |first: &[u8]| {
        let hello =
            ClientHello::read(&client_hello(&[], &EXAMPLE_CIPHERS, &example_extensions(first)), false)
                .unwrap();
        fingerprint::ja4(&hello, Carrier::Quic)[8..10].to_string()
    };
    let shown = [&b"\xab"[..], b"\xab\xcd", b"0\xab", b"01\xab\xcd", b"0\xab\xcd1", b"h"].map(ja4);
    assert_eq!(shown, ["ab", "ad", "3b", "3d", "01", "hh"]);
}

#[test]
fn what_is_lost_does_not_stop_it() {
    let flow = drive::flow(TCP, 40_000, 443);
    let dialogue = full();
    let (flow, dialogue) = (&flow, &dialogue);
    let pieces = |gap: usize| {
        dialogue.iter().enumerate().map(move |(number, (from_a, bytes))| Piece {
            key: &flow.key,
            from_a: *from_a,
            at: crate::proto::Moment { time_ns: 0, number: number as u64, input: 0 },
            bytes: if number == gap { &bytes[20.min(bytes.len() - 1)..] } else { bytes },
            missing: if number == gap { 20.min(bytes.len() as u32 - 1) } else { 0 },
            cut: 0,
            icmp: None,
        })
    };
    for gap in 0..dialogue.len() {
        let rows = drive::tell::<Tls>(flow, pieces(gap));
        assert_eq!(rows.len(), 1, "{gap}");
    }
}

#[test]
fn a_hello_that_was_cut_tells_what_it_has() {
    let hello = record(22, &message(1, &client_hello(&[], &EXAMPLE_CIPHERS, &example_extensions(b"h2"))));
    let said = only_row(TCP, &[(true, hello[..160].to_vec())]);
    assert_cells(&said, &["sni=www.example.org", "established=false"]);
    assert!(!said.contains("ja3=") && !said.contains("ja4="), "{said}");
}

#[test]
fn the_old_hello_is_known() {
    let hello = [&[0x80, 43, 1, 3, 1, 0, 18, 0, 0, 0, 16][..], &[0; 18], &[7; 16]].concat();
    assert_eq!(probed::<Tls>(TCP, 4_444, &hello), Probe::Yes);
    assert_eq!(probed::<Tls>(TCP, 4_444, &hello[..3]), Probe::More);
    let answer = record(22, &message(2, &server_hello(&[], 0x0035, &[])));
    let said = only_row(TCP, &[(true, hello), (false, answer)]);
    assert_cells(
        &said,
        &["client_version=TLSv1.0", "ciphers_offered=6", "cipher=TLS_RSA_WITH_AES_256_CBC_SHA"],
    );
}

#[test]
fn it_is_known_by_content_on_any_port() {
    let [hello, answer] = [&full()[0].1, &full()[1].1].map(Clone::clone);
    assert_eq!(probed::<Tls>(TCP, 4_444, &hello), Probe::Yes);
    assert_eq!(probed::<Tls>(TCP, 4_444, &answer), Probe::Yes);
    assert_eq!(probed::<Tls>(TCP, 4_444, &hello[..8]), Probe::More);
    let data = record(23, &[0; 200]);
    assert_eq!(probed::<Tls>(TCP, 4_444, &data), Probe::Yes);
    assert_eq!(probed::<Tls>(TCP, 4_444, &data[..100]), Probe::More);
    assert_eq!(probed::<Tls>(TCP, 443, &data[..100]), Probe::Yes);
    for other in [
        &b"GET / HTTP/1.1\r\n"[..],
        b"\x16\x03",
        b"\x16\x03\x01\x00\x05hello",
        b"\x17\x03\x03\x00\x01a",
        &[0; 40],
    ] {
        assert_ne!(probed::<Tls>(TCP, 443, other), Probe::Yes, "{other:?}");
    }
    assert_eq!(probed::<Tls>(UDP, 443, &hello), Probe::No);
}

#[test]
fn a_message_without_end_costs_no_more_than_its_bound() {
    let flood: Vec<(bool, Vec<u8>)> = (0..300)
        .map(|number| {
            let start = if number < 2 { vec![11, 0xff, 0xff, 0xff] } else { vec![] };
            (number % 2 == 0, record(22, &[start, vec![0; 16_000]].concat()))
        })
        .collect();
    let flow = drive::flow(TCP, 1, 2);
    let mut parser = Tls::default();
    let (mut known, mut budget) = (crate::proto::Known::default(), crate::proto::Budget::new(9));
    let mut rows = Vec::new();
    for (number, (from_a, bytes)) in flood.iter().enumerate() {
        let at = crate::proto::Moment { time_ns: 0, number: number as u64, input: 0 };
        let piece = Piece { key: &flow.key, from_a: *from_a, at, bytes, missing: 0, cut: 0, icmp: None };
        let next = parser.push(&piece, &mut Out::new(&flow, Some(&mut rows), &mut known, &mut budget));
        assert!(parser.held() <= 2 * (MOST_MESSAGE + 4) * 2 + 8_192, "{}", parser.held());
        if next == Next::Done {
            return;
        }
    }
    panic!("it is followed for ever");
}

proptest! {
    #[test]
    fn any_bytes_are_heard(input in prop::collection::vec(any::<u8>(), 0..600)) {
        drive::hammer::<Tls>(&input, &[443, 9]);
    }

    #[test]
    fn damaged_handshakes_are_heard(
        which in any::<bool>(), damage in prop::collection::vec((any::<u16>(), any::<u8>(), 0u8..3), 1..6), most in 1usize..400,
    ) {
        let mut dialogue = if which { full() } else { modern() };
        for (place, byte, what) in damage {
            let line = usize::from(place) % dialogue.len();
            let bytes = &mut dialogue[line].1;
            let at = usize::from(place / 7) % bytes.len().max(1);
            match what {
                0 if !bytes.is_empty() => bytes[at] = byte,
                1 => bytes.insert(at.min(bytes.len()), byte),
                _ => bytes.truncate(at.max(1)),
            }
        }
        drive::show::<Tls>(&rows_cut::<Tls>(443, &lines(&dialogue), most));
        drive::show::<Tls>(&rows::<Tls>(UDP, 443, &lines(&dialogue)));
    }
}
