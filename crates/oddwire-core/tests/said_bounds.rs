//! Hostile traffic in masses: what listening takes stays bounded, and what was left unheard is counted.

mod scene;

use oddwire_core::proto::Rules;
use oddwire_core::proto::drive::MOST_HELD;
use oddwire_core::proto::http::Http;
use scene::{ALL, CLIENT, End, SECOND, SERVER, Scene, Sent, datagram, has, heard, segment, syn, texts};

/// Memory for the tests in which it shall be short.
const LITTLE: Rules = Rules { max_bytes: 4 << 20, ..ALL };
/// What the 64 queues of flows may take beside what is counted flow by flow.
const QUEUES: usize = 64 * 4_096 * size_of::<(u32, u32)>();

/// An end of its own for each number.
fn end(number: u32) -> End {
    let [_, high, middle, low] = (number / 50_000).to_be_bytes();
    ([10, 1 + high, middle, low], 10_000 + (number % 50_000) as u16)
}

/// What the queues of flows may take: they are tidied when more than so many of them are over.
fn bound(rules: Rules, scene: &Scene) -> usize {
    rules.max_bytes + QUEUES + scene.tracker.most_live() * 8 * size_of::<(u32, u32)>()
}

#[track_caller]
fn is_bounded(rules: Rules, scene: &Scene) {
    let (most, bound) = (scene.most_heard, bound(rules, scene));
    assert!(most <= bound, "{most} bytes, more than {bound}");
}

/// The head of a TLS record, and of a handshake message in it.
fn tls_record(length: u16, message: u8, body: u32) -> Vec<u8> {
    let [high, low] = length.to_be_bytes();
    let [_, a, b, c] = body.to_be_bytes();
    vec![22, 3, 1, high, low, message, a, b, c]
}

/// The first bytes of a client's hello that says it is long.
fn half_a_hello() -> Vec<u8> {
    [&tls_record(0x3000, 1, 0x2fff)[..], &[3, 3], &[7; 32], &[0, 0x2f, 0], &[9; 200]].concat()
}

#[test]
fn handshakes_that_never_end_are_left_alone_when_memory_is_short() {
    let hello = half_a_hello();
    let packets =
        (0..100_000).map(|number| segment(i64::from(number) * 10_000, end(number), (SERVER, 443), 1, &hello));
    let scene = heard(LITTLE, packets);
    is_bounded(LITTLE, &scene);
    assert!(scene.most_heard > LITTLE.max_bytes / 2, "{}", scene.most_heard);
    assert!(scene.tracker.unheard().flows > 10_000, "{:?}", scene.tracker.unheard());
    assert_eq!(scene.flows.len(), 100_000);
}

/// A message that never ends: its protocol, port, what opens the conversation, and its first bytes.
struct Unending {
    name: &'static str,
    port: u16,
    opening: Vec<(bool, &'static [u8])>,
    begins: &'static [u8],
}

const LONG_HELLO: &[u8] = b"\x16\x03\x01\0\x06\x01\0\xff\xfe\x03\x03";
const LONG_QUESTION: &[u8] = b"\xff\xff\0\x01\x01\0\0\x01\0\0\0\0\0\0\x03www\x07example\x03com\0\0\x01\0\x01";
const LONG_CONNECT: &[u8] = b"\x10\xff\xff\xff\x7f\0\x04MQTT\x04\xc2\0\x3c\xff\xff";
const LONG_TICKET: &[u8] = b"\0\x0f\xff\xff\x6a\x83\x0f\xff\xfa\x30\x83\x0f\xff\xf5\xa1\x03\x02\x01\x05";
const LONG_COOKIE: &[u8] = b"\x03\0\0\xff\xfa\xe0\0\0\0\0\0Cookie: mstshash=";

fn unending() -> Vec<Unending> {
    let case = |name, port, opening: &[(bool, &'static [u8])], begins: &'static [u8]| Unending {
        name,
        port,
        opening: opening.to_vec(),
        begins,
    };
    vec![
        case("tls", 443, &[], LONG_HELLO),
        case("http", 80, &[], b"GET /a HTTP/1.1\r\nHost: a.example\r\nX-Long: "),
        case("http", 80, &[], b"GET /"),
        case("smb", 445, &[], b"\0\xff\xff\xff\xfeSMB\x40\0\0\0\0\0\0\0\0\0\x01\0"),
        case("dns", 53, &[], LONG_QUESTION),
        case("ssh", 22, &[], b"SSH-2.0-"),
        case("ssh", 22, &[(true, b"SSH-2.0-A\r\n"), (false, b"SSH-2.0-B\r\n")], b"\0\x03\0\0\x04\x14"),
        case("modbus", 502, &[], b"\0\x01\0\0\0\x06\x01\x03\0\0\0\x01\0\x02\0\0\0\xfe\x01"),
        case("smtp", 25, &[(false, b"220 mx ESMTP\r\n"), (true, b"EHLO a.example\r\n")], b"MAIL FROM:<"),
        case("smtp", 25, &[(false, b"220 mx ESMTP\r\n")], b"EHLO "),
        case("ftp", 21, &[(false, b"220 FTP server ready\r\n"), (true, b"USER a\r\n")], b"CWD /"),
        case("telnet", 23, &[(false, b"\xff\xfd\x18\xff\xfd\x20")], b"\xff\xfb\x18\xff\xfa\x18\0"),
        case("mqtt", 1_883, &[], LONG_CONNECT),
        case("rdp", 3_389, &[], LONG_COOKIE),
        case("kerberos", 88, &[], LONG_TICKET),
    ]
}

impl Unending {
    /// The conversation between a client and the server: the opening, then so many segments of filling.
    fn packets(&self, client: End, segments: usize) -> Vec<Sent> {
        let mut filling = vec![b'a'; 1_400];
        if self.name == "tls" {
            filling.splice(..5, [22, 3, 1, 5, 0x73]);
        }
        let mut lines = self.opening.clone();
        lines.push((true, self.begins));
        let lines: Vec<(bool, &[u8])> =
            lines.into_iter().chain((0..segments).map(|_| (true, &filling[..]))).collect();
        scene::dialogue(SECOND, client, (SERVER, self.port), &lines)
    }
}

#[test]
fn a_message_that_never_ends_takes_no_more_than_a_parser_may() {
    for case in unending() {
        let mut scene = Scene::new(ALL);
        for sent in case.packets((CLIENT, 40_000), 1_000) {
            scene.send(&sent);
            scene.look();
        }
        assert!(scene.most_heard <= MOST_HELD, "{}: {}", case.name, scene.most_heard);
        assert!(scene.most_heard > 0 || !has(case.name), "nobody listened to {}", case.name);
        scene.finish();
        let left = scene.tracker.heard_bytes();
        assert!(left <= 64, "{}: {left} bytes are counted when nothing is listened to", case.name);
    }
}

#[test]
fn messages_that_never_end_in_many_flows_stay_within_the_bound() {
    let mut scene = Scene::new(LITTLE);
    for (number, case) in (0u32..).zip(unending()) {
        let flows: Vec<Vec<Sent>> =
            (0..300).map(|client| case.packets(end(number * 1_000 + client), 60)).collect();
        for index in 0..60 {
            scene.send_all(flows.iter().filter_map(|flow| flow.get(index).cloned()));
        }
    }
    scene.finish();
    is_bounded(LITTLE, &scene);
    assert!(scene.tracker.unheard().flows > 0);
}

#[test]
fn tiny_segments_out_of_order_are_held_in_part_only() {
    let (client, server) = ((CLIENT, 40_000), (SERVER, 80));
    let mut scene = Scene::new(ALL);
    let head = b"POST /a HTTP/1.1\r\nHost: a.example\r\nContent-Length: 40000\r\n\r\n";
    scene.send(&syn(0, client, server));
    scene.send(&segment(1, client, server, 1, head));
    let start = 2 + head.len() as u32;
    scene.send_all((0..10_000u32).map(|number| {
        let place = number.wrapping_mul(7_919) % 10_000;
        segment(i64::from(number), client, server, start + 3 * place, b"x")
    }));
    scene.finish();
    assert!(scene.most_heard < 64 << 10, "{}", scene.most_heard);
    assert_eq!(texts::<Http>(&mut scene.said).len(), 1);
}

/// A question whose name is labels and pointers that lead round and round, and records that point at it.
fn name_bomb() -> Vec<u8> {
    let mut bytes = vec![0, 7, 1, 0, 0, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
    for _ in 0..3 {
        bytes.push(63);
        bytes.extend([b'a'; 63]);
    }
    bytes.extend([0xc0, 12, 0, 1, 0, 1]);
    for step in 0..4_000u16 {
        let [high, low] = (0xc000 | (12 + step * 4) & 0x3fff).to_be_bytes();
        bytes.extend([high, low, 0, 5, 0, 1, 0, 0, 0, 9, 0, 2, high, low]);
    }
    bytes
}

#[test]
fn name_bombs_cost_little() {
    let bomb = name_bomb();
    let framed = [&(bomb.len() as u16).to_be_bytes()[..], &bomb].concat();
    let mut scene = Scene::new(LITTLE);
    for number in 0..2_000 {
        let time = i64::from(number) * 1_000_000;
        let client = end(number);
        scene.send_all([
            datagram(time, client, (SERVER, 53), &bomb),
            datagram(time, (SERVER, 53), client, &bomb),
        ]);
        scene.send_all(
            framed
                .chunks(1_400)
                .zip(0u32..)
                .map(|(part, at)| segment(time, client, (SERVER, 53), 1 + at * 1_400, part)),
        );
    }
    scene.finish();
    is_bounded(LITTLE, &scene);
}

#[test]
fn questions_that_nobody_answers_are_said_even_where_they_were_dropped() {
    let question = b"\0\x07\x01\0\0\x01\0\0\0\0\0\0\x03www\x07example\x03com\0\0\x01\0\x01";
    let packets =
        (0..200_000).map(|number| datagram(i64::from(number) * 10_000, end(number), (SERVER, 53), question));
    let scene = heard(LITTLE, packets);
    is_bounded(LITTLE, &scene);
    assert_eq!(scene.said.dns.len(), 200_000);
    assert!(scene.tracker.unheard().flows > 50_000, "{:?}", scene.tracker.unheard());
}

#[test]
fn a_body_in_a_million_segments_costs_nothing_and_is_one_row() {
    let (client, server) = ((CLIENT, 40_000), (SERVER, 80));
    let head = b"POST /a HTTP/1.1\r\nHost: a.example\r\nContent-Length: 1000000\r\n\r\n";
    let start = 1 + head.len() as u32;
    let body = (0..1_000_000).map(|at| segment(i64::from(at), client, server, start + at, b"x"));
    let mut scene = heard(ALL, [segment(0, client, server, 1, head)].into_iter().chain(body));
    assert!(scene.most_heard < 64 << 10, "{}", scene.most_heard);
    let rows = texts::<Http>(&mut scene.said);
    assert_eq!(rows.len(), 1);
    assert!(rows[0].contains("request_bytes=Some(1000000)"), "{}", rows[0]);
}

/// A handshake of TLS 1.2 up to a certificate, which is no more than the head of one.
fn handshake(time_ns: i64, client: End) -> Vec<Sent> {
    let server = (SERVER, 443);
    let hello = |kind: u8, rest: &[u8]| {
        let body = [&[3, 3][..], &[5; 32], &[0], rest].concat();
        let length = body.len() as u32;
        [&tls_record(length as u16 + 4, kind, length)[..], &body].concat()
    };
    let certificate = [48, 130, 1, 0].repeat(16);
    let size = certificate.len() as u8;
    let chain = [&[0, 0, size + 3, 0, 0, size][..], &certificate].concat();
    let length = chain.len() as u32;
    let chain = [&tls_record(length as u16 + 4, 11, length)[..], &chain].concat();
    let asks = hello(1, &[0, 2, 0, 0x2f, 1, 0]);
    let answers = [hello(2, &[0, 0x2f, 0]), chain].concat();
    scene::dialogue(time_ns, client, server, &[(true, &asks), (false, &answers)])
}

/// The first datagram of a QUIC connection, whose content is noise.
fn first_of_quic(time_ns: i64, client: End, number: u32) -> Sent {
    let identifier = u64::from(number).to_be_bytes();
    let head = [&[0xc3, 0, 0, 0, 1, 8][..], &identifier, &[0, 0, 0x44, 0x96]].concat();
    let content = vec![number as u8 ^ 0x5a; 0x496];
    datagram(time_ns, client, (SERVER, 443), &[head, content].concat())
}

/// Sends more openings than are worked on in a second, then a few in a later one; the work that was refused.
fn refused(open: impl Fn(i64, u32) -> Vec<Sent>) -> (u64, Scene) {
    let mut scene = Scene::new(ALL);
    for number in 0..10_000u32 {
        scene.send_all(open(SECOND + i64::from(number) * 50_000, number));
    }
    let refused = scene.tracker.unheard().work;
    for number in 10_000..10_010u32 {
        scene.send_all(open(5 * SECOND, number));
    }
    assert_eq!(scene.tracker.unheard().work, refused, "a later second is free again");
    scene.finish();
    (refused, scene)
}

#[test]
fn costly_work_is_refused_within_a_second_and_granted_in_the_next() {
    let (tls, scene) = refused(|time_ns, number| handshake(time_ns, end(number)));
    assert!((5_000..10_000).contains(&tls), "{tls}");
    assert_eq!(scene.said.tls.len(), 10_010);
    let (quic, scene) = refused(|time_ns, number| vec![first_of_quic(time_ns, end(number), number)]);
    assert!((5_000..10_000).contains(&quic), "{quic}");
    assert!(scene.flows.iter().all(|flow| flow.service == Some("quic")));
}
