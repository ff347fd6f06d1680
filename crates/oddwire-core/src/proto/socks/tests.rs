use super::*;
use crate::proto::drive;
use crate::proto::kit::{Line, probed, rows, rows_cut, said};
use crate::proto::{Budget, Known};
use proptest::prelude::*;

const TCP: u8 = 6;
const GREETING: &[u8] = &[5, 2, 0, 2];
const LOGIN: &[u8] = b"\x01\x05alice\x06secret";
const BY_NAME: &[u8] = b"\x05\x01\x00\x03\x0fwww.example.org\x01\xbb";
const GRANTED: &[u8] = &[5, 0, 0, 1, 192, 0, 2, 1, 0x1f, 0x90];
const OLD: &[u8] = b"\x04\x01\x00\x50\xc0\x00\x02\x07bob\0";
const OLD_NAME: &[u8] = b"\x04\x01\x01\xbb\0\0\0\x01\0www.example.org\0";

/// A client logs in and reaches a host by its name.
fn with_login() -> Vec<Line<'static>> {
    vec![
        (true, GREETING),
        (false, &[5, 2]),
        (true, LOGIN),
        (false, &[1, 0]),
        (true, BY_NAME),
        (false, GRANTED),
    ]
}

fn only_row(lines: &[Line<'_>]) -> String {
    let rows = rows::<Socks>(TCP, 4_444, lines);
    assert_eq!(rows.len(), 1);
    assert!(rows[0].client_is_a);
    said::<Socks>(&rows[0]).join(" ")
}

/// What the parser wants behind each line, and the name of the flow.
fn wanted(lines: &[Line<'_>]) -> (Vec<Next>, Option<String>) {
    let flow = drive::flow(TCP, 40_000, 4_444);
    let (mut known, mut budget, mut rows) = (Known::default(), Budget::new(9), Vec::new());
    let mut parser = Socks::default();
    let mut wants = Vec::new();
    for &(from_a, bytes) in lines {
        let piece =
            Piece { key: &flow.key, from_a, at: Moment::default(), bytes, missing: 0, cut: 0, icmp: None };
        wants.push(parser.push(&piece, &mut Out::new(&flow, Some(&mut rows), &mut known, &mut budget)));
    }
    (wants, known.name.map(|name| name.to_string()))
}

/// What is thought of bytes of one side after those of the other.
fn judged(port: u16, from_a: bool, bytes: &[u8], other: &[u8]) -> Probe {
    let flow = drive::flow(TCP, 40_000, port);
    Socks::probe(&Opening { key: &flow.key, from_a, bytes, other, wire: bytes.len() as u32 })
}

#[test]
fn a_login_and_a_connection_are_one_row_without_the_password() {
    assert_eq!(
        only_row(&with_login()),
        "version=5 method=password user=alice login=success command=connect target=www.example.org \
         target_port=443 code=granted latency_ns=1000000"
    );
}

#[test]
fn the_client_may_be_either_end() {
    let turned: Vec<Line<'_>> = with_login().into_iter().map(|(from_a, bytes)| (!from_a, bytes)).collect();
    let rows = rows::<Socks>(TCP, 4_444, &turned);
    assert_eq!((rows.len(), rows[0].client_is_a), (1, false));
    assert_eq!(said::<Socks>(&rows[0]).join(" "), only_row(&with_login()));
}

#[test]
fn behind_a_granted_connection_another_protocol_is_looked_for_and_the_flow_has_a_name() {
    let (wants, name) = wanted(&with_login());
    assert_eq!(wants[..5], [Next::More; 5]);
    assert_eq!((wants[5], name.as_deref()), (Next::Again, Some("www.example.org")));
    let (wants, name) = wanted(&[(true, OLD), (false, &[0, 90, 0, 0, 0, 0, 0, 0])]);
    assert_eq!((wants, name), (vec![Next::More, Next::Again], None));
}

#[test]
fn the_old_versions_are_known() {
    assert_eq!(
        only_row(&[(true, OLD), (false, &[0, 91, 0, 0, 0, 0, 0, 0])]),
        "version=4 user=bob command=connect target=192.0.2.7 target_port=80 code=rejected latency_ns=1000000"
    );
    assert_eq!(
        only_row(&[(true, OLD_NAME), (false, &[0, 90, 0, 0, 0, 0, 0, 0])]),
        "version=4a command=connect target=www.example.org target_port=443 code=granted latency_ns=1000000"
    );
}

#[test]
fn a_refusal_ends_it() {
    assert_eq!(only_row(&[(true, &[5, 1, 2]), (false, &[5, 0xff])]), "version=5 method=refused");
    let (wants, _) = wanted(&[(true, &[5, 1, 2]), (false, &[5, 0xff])]);
    assert_eq!(wants, [Next::More, Next::Done]);
    assert_eq!(
        only_row(&[(true, GREETING), (false, &[5, 2]), (true, LOGIN), (false, &[1, 1])]),
        "version=5 method=password user=alice login=failure"
    );
    let refused = [&[5, 5][..], &GRANTED[2..]].concat();
    let six = [&[5, 3, 0, 4][..], &[0x20, 1, 0xd, 0xb8], &[0; 11], &[7, 0, 53]].concat();
    assert_eq!(
        only_row(&[(true, &[5, 1, 0]), (false, &[5, 0]), (true, &six), (false, &refused)]),
        "version=5 method=none command=udp_associate target=2001:db8::7 target_port=53 \
         code=connection_refused latency_ns=1000000"
    );
}

#[test]
fn an_address_that_is_written_as_a_name_names_no_flow() {
    let request = b"\x05\x01\x00\x03\x09192.0.2.9\0\x50";
    let (wants, name) = wanted(&[(true, &[5, 1, 0]), (false, &[5, 0]), (true, request), (false, GRANTED)]);
    assert_eq!((wants[3], name), (Next::Again, None));
}

#[test]
fn one_side_alone_tells_what_it_can() {
    let client = [(true, &[5, 1, 2][..]), (true, LOGIN), (true, BY_NAME)];
    assert_eq!(
        only_row(&client),
        "version=5 user=alice command=connect target=www.example.org target_port=443"
    );
    let server: Vec<Line<'_>> = with_login().into_iter().filter(|line| !line.0).collect();
    let rows = rows::<Socks>(TCP, 4_444, &[(true, OLD)]);
    assert_eq!(said::<Socks>(&rows[0]).len(), 5);
    let turned: Vec<(bool, &[u8])> = server.iter().map(|line| (true, line.1)).collect();
    let flow = drive::flow(TCP, 1_080, 40_000);
    let pieces = turned.iter().map(|&(from_a, bytes)| Piece {
        key: &flow.key,
        from_a,
        at: Moment::default(),
        bytes,
        missing: 0,
        cut: 0,
        icmp: None,
    });
    let rows = drive::tell::<Socks>(&flow, pieces);
    assert!(!rows[0].client_is_a);
    assert_eq!(said::<Socks>(&rows[0]).join(" "), "version=5 method=password login=success code=granted");
}

#[test]
fn what_is_lost_ends_it_with_what_was_told() {
    let flow = drive::flow(TCP, 40_000, 1_080);
    let pieces = [(GREETING, 0), (BY_NAME, 9)].map(|(bytes, missing)| Piece {
        key: &flow.key,
        from_a: true,
        at: Moment::default(),
        bytes,
        missing,
        cut: 0,
        icmp: None,
    });
    let rows = drive::tell::<Socks>(&flow, pieces);
    assert_eq!(rows.len(), 1);
    assert_eq!(said::<Socks>(&rows[0]), ["version=5"]);
}

impl Said {
    fn without_time(mut self) -> Self {
        self.latency_ns = None;
        self
    }
}

#[test]
fn it_is_the_same_however_it_is_cut() {
    for lines in [with_login(), vec![(true, OLD_NAME), (false, &[0, 90, 0, 0, 0, 0, 0, 0])]] {
        let whole: Vec<Said> =
            rows::<Socks>(TCP, 4_444, &lines).into_iter().map(|row| row.said.without_time()).collect();
        for most in [1, 2, 3, 5, 7, 11] {
            let cut: Vec<Said> = rows_cut::<Socks>(4_444, &lines, most)
                .into_iter()
                .map(|row| row.said.without_time())
                .collect();
            assert_eq!(cut, whole, "{most}");
        }
    }
}

#[test]
fn off_its_port_a_greeting_needs_an_answer() {
    assert_eq!(probed::<Socks>(TCP, 1_080, GREETING), Probe::Yes);
    assert_eq!(probed::<Socks>(TCP, 4_444, GREETING), Probe::More);
    assert_eq!(judged(4_444, false, &[5, 2], GREETING), Probe::Yes);
    assert_eq!(judged(4_444, false, &[5, 0xff], GREETING), Probe::Yes);
    assert_eq!(judged(4_444, false, &[5], GREETING), Probe::More);
    assert_eq!(judged(4_444, false, &[5, 1], GREETING), Probe::No);
    assert_eq!(judged(4_444, false, b"HTTP/1.1 200 OK", GREETING), Probe::No);
    assert_eq!(judged(4_444, false, &[5, 0, 0, 0], GREETING), Probe::No);
}

#[test]
fn an_old_request_must_be_plausible() {
    for request in [OLD, OLD_NAME] {
        assert_eq!(probed::<Socks>(TCP, 4_444, request), Probe::Yes);
        for length in 1..request.len() {
            assert_eq!(probed::<Socks>(TCP, 4_444, &request[..length]), Probe::More, "{length}");
        }
    }
    let plain = b"\x04\x01\x00\x50\xc0\x00\x02\x07\0";
    assert_eq!(probed::<Socks>(TCP, 4_444, plain), Probe::More);
    assert_eq!(probed::<Socks>(TCP, 1_080, plain), Probe::Yes);
    assert_eq!(judged(4_444, false, &[0, 90, 0, 0, 0, 0, 0, 0], plain), Probe::Yes);
    assert_eq!(judged(4_444, false, &[4, 0, 0, 0], plain), Probe::No);
    for other in [
        &b"\x04\x01\x00\x00\xc0\x00\x02\x07bob\0"[..],
        b"\x04\x01\x00\x50\xe0\x00\x02\x07bob\0",
        b"\x04\x01\x00\x50\xc0\x00\x02\x07b\x01b\0",
        b"\x04\x03\x00\x50\xc0\x00\x02\x07bob\0",
        b"\x04\x01\x01\xbb\0\0\0\x01\0www example\0",
    ] {
        assert_eq!(probed::<Socks>(TCP, 1_080, other), Probe::No);
    }
}

#[test]
fn the_port_alone_proves_nothing() {
    for bytes in
        [&b"GET / HTTP/1.1\r\n\r\n"[..], &[0; 40], b"\x05\x00", b"\x05\x00\x0b\x03\x10", b"\x16\x03\x01"]
    {
        assert_eq!(probed::<Socks>(TCP, 1_080, bytes), Probe::No, "{bytes:?}");
    }
    assert_eq!(probed::<Socks>(17, 1_080, GREETING), Probe::No);
}

#[test]
fn a_text_without_end_is_bounded() {
    let mut flood = OLD[..8].to_vec();
    flood.extend([b'a'; 5_000]);
    assert!(rows::<Socks>(TCP, 1_080, &[(true, &flood)]).is_empty());
    assert!(rows_cut::<Socks>(1_080, &[(true, &flood)], 100).is_empty());
    let optimistic = [(true, GREETING), (true, BY_NAME), (true, &[7; 9_000])];
    assert_eq!(rows::<Socks>(TCP, 1_080, &optimistic).len(), 1);
}

proptest! {
    #[test]
    fn any_bytes_are_heard(input in prop::collection::vec(any::<u8>(), 0..600)) {
        drive::hammer::<Socks>(&input, &[1_080, 9]);
    }

    #[test]
    fn random_bytes_are_not_taken_for_it(bytes in prop::collection::vec(any::<u8>(), 12..60)) {
        prop_assert_ne!(probed::<Socks>(TCP, 4_444, &bytes), Probe::Yes);
    }

    #[test]
    fn damaged_dialogues_are_heard(
        old in any::<bool>(), damage in prop::collection::vec((any::<u16>(), any::<u8>(), 0u8..3), 1..6), most in 1usize..40,
    ) {
        let lines = if old { vec![(true, OLD_NAME), (false, GRANTED)] } else { with_login() };
        let mut lines: Vec<(bool, Vec<u8>)> = lines.into_iter().map(|(from_a, bytes)| (from_a, bytes.to_vec())).collect();
        for (place, byte, what) in damage {
            let line = usize::from(place) % lines.len();
            let bytes = &mut lines[line].1;
            let at = usize::from(place / 7) % bytes.len().max(1);
            match what {
                0 if !bytes.is_empty() => bytes[at] = byte,
                1 => bytes.insert(at.min(bytes.len()), byte),
                _ => bytes.truncate(at.max(1)),
            }
        }
        let lines: Vec<Line<'_>> = lines.iter().map(|(from_a, bytes)| (*from_a, &bytes[..])).collect();
        drive::show::<Socks>(&rows_cut::<Socks>(1_080, &lines, most));
    }
}
