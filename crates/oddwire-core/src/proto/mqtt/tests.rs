use super::*;
use crate::proto::drive;
use crate::proto::kit::{probed, rows, rows_cut, said};
use proptest::prelude::*;

const TCP: u8 = 6;

fn text(text: &str) -> Vec<u8> {
    [&(text.len() as u16).to_be_bytes()[..], text.as_bytes()].concat()
}

fn packet(first: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    let mut length = body.len();
    loop {
        let more = length > 127;
        bytes.push((length & 127) as u8 | u8::from(more) << 7);
        length >>= 7;
        if !more {
            return [bytes, body.to_vec()].concat();
        }
    }
}

fn connect(version: u8, user: &str) -> Vec<u8> {
    let properties: &[u8] = if version == 5 { &[5, 0x11, 0, 0, 0, 9] } else { &[] };
    let will: &[u8] = if version == 5 { &[0] } else { &[] };
    let name = text(if version == 3 { "MQIsdp" } else { "MQTT" });
    let body = [
        &name[..],
        &[version, 0xc6, 0, 60],
        properties,
        &text("meter-7"),
        will,
        &text("gone/meter-7"),
        &text("bye"),
        &text(user),
        &text("s3cret"),
    ];
    packet(0x10, &body.concat())
}

fn publish(topic: &str, bytes: usize) -> Vec<u8> {
    packet(0x30, &[text(topic), vec![b'v'; bytes]].concat())
}

fn dialogue(version: u8) -> Vec<(bool, Vec<u8>)> {
    let none: &[u8] = if version == 5 { &[0] } else { &[] };
    let subscribe = [&[0, 1][..], none, &text("a/#"), &[0]].concat();
    vec![
        (true, connect(version, "joe")),
        (false, packet(0x20, &[&[1, 0][..], none].concat())),
        (true, packet(0x82, &subscribe)),
        (false, packet(0x90, &[&[0, 1][..], none, &[0]].concat())),
        (false, publish("a/b", 9_000)),
        (true, publish("c", 10)),
        (true, packet(0xc0, &[])),
        (false, packet(0xd0, &[])),
        (true, packet(0xe0, &[])),
        (true, b"GET / HTTP/1.1\r\n".to_vec()),
    ]
}

fn lines(dialogue: &[(bool, Vec<u8>)]) -> Vec<(bool, &[u8])> {
    dialogue.iter().map(|(from_a, bytes)| (*from_a, &bytes[..])).collect()
}

fn cells(row: &Row<Said>) -> String {
    format!(" {} ", said::<Mqtt>(row).join(" "))
}

#[track_caller]
fn has(row: &Row<Said>, parts: &[&str]) {
    let said = cells(row);
    for part in parts {
        assert!(said.contains(&format!(" {part} ")), "{part} in {said}");
    }
    assert!(!said.contains("s3cret") && !said.contains("bye"), "{said}");
}

#[test]
fn a_session_is_one_row_without_its_password() {
    for (version, word) in [(3, "version=3.1"), (4, "version=3.1.1"), (5, "version=5")] {
        let rows = rows::<Mqtt>(TCP, 4_444, &lines(&dialogue(version)));
        assert_eq!(rows.len(), 1);
        has(
            &rows[0],
            &[
                "message=exchange",
                "client_id=meter-7",
                "user=joe",
                "has_password=true",
                "login=success",
                word,
                "keep_alive_s=60",
                "clean_session=true",
                "will=true",
                "will_topic=gone/meter-7",
                "code=accepted",
                "session_present=true",
                "latency_ns=1000000",
                "packets=9",
                "published_out=1",
                "published_in=1",
                "subscribed=1",
                "published_topic=a/b",
                "subscribed_topic=a/#",
                "answer_packet=2",
            ],
        );
        assert!(rows[0].client_is_a);
    }
}

#[test]
fn a_stream_is_the_same_however_it_is_cut() {
    for version in [3, 4, 5] {
        let dialogue = dialogue(version);
        let plain = |rows: Vec<Row<Said>>| {
            let forget = |row: Row<Said>| Said {
                answer: row.said.answer.map(|answer| session::Answer {
                    at: Moment::default(),
                    latency_ns: None,
                    ..answer
                }),
                ..row.said
            };
            rows.into_iter().map(forget).collect::<Vec<_>>()
        };
        let whole = plain(rows::<Mqtt>(TCP, 1_883, &lines(&dialogue)));
        for most in [1, 2, 3, 7, 100, 4_096, 5_000] {
            assert_eq!(plain(rows_cut::<Mqtt>(1_883, &lines(&dialogue), most)), whole, "{most}");
        }
    }
}

#[test]
fn refusals_and_single_directions_are_told() {
    let ask = connect(4, "joe");
    let refused = rows::<Mqtt>(TCP, 1_883, &[(true, &ask), (false, &[0x20, 2, 0, 5])]);
    has(&refused[0], &["code=not_authorised", "login=failure"]);
    let five = rows::<Mqtt>(TCP, 1_883, &[(true, &connect(5, "x")), (false, &[0x20, 3, 0, 0x86, 0])]);
    has(&five[0], &["code=bad_user_or_password", "login=failure"]);
    has(&rows::<Mqtt>(TCP, 1_883, &[(true, &ask)])[0], &["message=connect", "user=joe"]);
    let answer = rows::<Mqtt>(TCP, 1_883, &[(false, &[0x20, 2, 0, 0])]);
    has(&answer[0], &["message=answer", "code=accepted"]);
    assert!(answer[0].client_is_a);
    let session = rows::<Mqtt>(TCP, 1_883, &[(true, &publish("a", 3)), (false, &publish("b", 3))]);
    has(&session[0], &["message=session", "published_out=1", "published_in=1"]);
    let again = rows::<Mqtt>(TCP, 1_883, &[(true, &ask), (true, &connect(4, "ann"))]);
    assert_eq!(again.len(), 2);
}

fn told(pieces: &[(bool, &[u8], u32)]) -> Vec<Row<Said>> {
    let flow = drive::flow(TCP, 40_000, 1_883);
    let at = Moment { time_ns: 1, number: 1, input: 0 };
    let key = &flow.key;
    let pieces = pieces.iter().map(|&(from_a, bytes, missing)| Piece {
        key,
        from_a,
        at,
        bytes,
        missing,
        cut: 0,
        icmp: None,
    });
    drive::tell::<Mqtt>(&flow, pieces)
}

#[test]
fn lost_bytes_within_a_long_message_do_no_harm_and_a_cut_connect_is_read_as_far_as_it_goes() {
    let long = publish("long", 20_000);
    let next = publish("next", 1);
    let rows = told(&[(true, &long[..5_000], 0), (true, &long[15_000..], 10_000), (true, &next, 0)]);
    has(&rows[0], &["published_out=2", "published_topic=long"]);
    let ask = connect(4, "joe");
    let rows = told(&[(true, &ask[..30], 0), (false, &[0x20, 2, 0, 0], 0), (true, &next, 40)]);
    has(&rows[0], &["client_id=meter-7", "code=accepted"]);
    assert!(!cells(&rows[0]).contains("user="));
}

#[test]
fn it_is_known_by_content_on_any_port_and_without_its_beginning_on_its_own_port_only() {
    for version in [3, 4, 5, 0x84] {
        let ask = connect(version, "joe");
        assert_eq!(probed::<Mqtt>(TCP, 4_444, &ask), Probe::Yes);
        for end in 1..9 {
            assert_eq!(probed::<Mqtt>(TCP, 4_444, &ask[..end]), Probe::More, "{end}");
        }
        assert_eq!(probed::<Mqtt>(17, 1_883, &ask), Probe::No);
    }
    let three = [publish("a/b", 3), packet(0xc0, &[]), publish("a/b", 300)].concat();
    assert_eq!(probed::<Mqtt>(TCP, 1_883, &three), Probe::Yes);
    assert_eq!(probed::<Mqtt>(TCP, 1_883, &three[..9]), Probe::More);
    assert_eq!(probed::<Mqtt>(TCP, 4_444, &three), Probe::No);
    let wrong: [&[u8]; 7] = [
        b"GET / HTTP/1.1\r\n",
        b"\x10\x20\x00\x04MQTX\x04",
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"SSH-2.0-x\r\n",
        b"\x10\xff\xff\xff\xff\x01",
        &[0; 40],
        b"\x10\x0c\x00\x04MQTT\x09\x02\x00\x00\x00\x00",
    ];
    for bytes in wrong {
        assert_eq!(probed::<Mqtt>(TCP, 1_883, bytes), Probe::No, "{}", bytes.escape_ascii());
    }
}

#[test]
fn a_chatty_session_is_left_alone() {
    let next = publish("a", 1);
    let lines: Vec<(bool, &[u8])> = (0..1_000).map(|_| (true, &next[..])).collect();
    let rows = rows::<Mqtt>(TCP, 1_883, &lines);
    has(&rows[0], &["packets=64", "published_out=64"]);
    assert_eq!(rows.len(), 1);
}

proptest! {
    #[test]
    fn any_bytes_are_heard(input in prop::collection::vec(any::<u8>(), 0..600)) {
        drive::hammer::<Mqtt>(&input, &[1883, 9]);
    }

    #[test]
    fn a_damaged_dialogue_is_heard(
        damage in prop::collection::vec((0usize..10, any::<prop::sample::Index>(), any::<u8>(), 0u8..3), 0..12),
        lost in prop::collection::vec(0u32..3, 10),
    ) {
        let mut dialogue = dialogue(5);
        for (line, place, byte, way) in damage {
            let bytes = &mut dialogue[line].1;
            let place = place.index(bytes.len());
            match way {
                0 => bytes[place] = byte,
                1 => bytes.insert(place, byte),
                _ => bytes.truncate(place.max(1)),
            }
        }
        let pieces = dialogue.iter().zip(&lost).map(|((from_a, bytes), &lost)| (*from_a, &bytes[..], lost * 3));
        let pieces: Vec<_> = pieces.collect();
        drive::show::<Mqtt>(&told(&pieces));
    }
}
