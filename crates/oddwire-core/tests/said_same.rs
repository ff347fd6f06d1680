//! Rows do not depend on how the shards are shared out, nor on what else is wanted.

mod scene;

use oddwire_core::flow::key::{Directed, SHARDS};
use oddwire_core::flow::shard::{Output, shard_of};
use oddwire_core::flow::tracker::{Shards, Ticker};
use oddwire_core::proto::{Listed, Protocol, Rules, SaidRows, Visit};
use scene::{
    ALL, End, SECOND, SERVER, Scene, Sent, datagram, dialogue, heard, options, packet, stamp, texts,
};
use std::convert::Infallible;

const QUESTION: &[u8] = b"\0\x07\x01\0\0\x01\0\0\0\0\0\0\x03www\x07example\x03com\0\0\x01\0\x01";
const ANSWER: &[u8] = b"\0\x07\x81\x80\0\x01\0\x01\0\0\0\0\x03www\x07example\x03com\0\0\x01\0\x01\
\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04\xcb\0\x71\x05";

/// What many clients say to a server, on usual ports and on others, in the order of time.
fn office() -> Vec<Sent> {
    let mut all = Vec::new();
    for number in 0..40u32 {
        let client = |port: u16| -> End { ([10, 0, 7, number as u8], port) };
        let time = SECOND + i64::from(number) * 3_000_000;
        let odd = if number % 2 == 0 { 0 } else { 20_000 };
        let resolver = (SERVER, 53 + odd);
        all.push(datagram(time, client(50_000), resolver, QUESTION));
        if number % 3 > 0 {
            all.push(datagram(time + 700_000, resolver, client(50_000), ANSWER));
        }
        for (port, lines) in conversations() {
            all.extend(dialogue(time + 1_000, client(40_000 + port), (SERVER, port + odd), &lines));
        }
    }
    all.sort_by_key(|sent| sent.time_ns);
    all
}

/// A usual port, and what client (`true`) and server say.
type Conversation = (u16, Vec<(bool, &'static [u8])>);

fn conversations() -> Vec<Conversation> {
    vec![
        (
            80,
            vec![
                (true, b"GET /a HTTP/1.1\r\nHost: www.example.com\r\n\r\n"),
                (false, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"),
                (true, b"POST /b HTTP/1.1\r\nHost: www.example.com\r\nContent-Length: 3\r\n\r\nabc"),
                (false, b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"),
            ],
        ),
        (
            443,
            vec![
                (true, b"\x16\x03\x01\0\x31\x01\0\0\x2d\x03\x03AAAAAAAABBBBBBBBCCCCCCCCDDDDDDDD\0\0\x02\0\x2f\x01\0\0\x02\xff\x01"),
                (false, b"\x15\x03\x03\0\x02\x02\x28"),
            ],
        ),
        (22, vec![(false, b"SSH-2.0-OpenSSH_9.2\r\n"), (true, b"SSH-2.0-OpenSSH_9.6\r\n")]),
        (
            502,
            vec![
                (true, b"\0\x01\0\0\0\x06\x01\x03\0\0\0\x02"),
                (false, b"\0\x01\0\0\0\x07\x01\x03\x04\0\x01\0\x02"),
                (true, b"\0\x02\0\0\0\x06\x01\x06\0\x05\0\x09"),
            ],
        ),
        (
            25,
            vec![
                (false, b"220 mail.example.com ESMTP\r\n"),
                (true, b"EHLO desk.example.com\r\n"),
                (false, b"250 mail.example.com\r\n"),
                (true, b"MAIL FROM:<a@example.com>\r\n"),
                (false, b"250 Ok\r\n"),
                (true, b"QUIT\r\n"),
            ],
        ),
        (
            21,
            vec![
                (false, b"220 FTP server ready\r\n"),
                (true, b"USER lena\r\n"),
                (false, b"331 Password required.\r\n"),
                (true, b"PASS secret\r\n"),
                (false, b"530 Login incorrect.\r\n"),
            ],
        ),
        (
            1_883,
            vec![(true, b"\x10\x10\0\x04MQTT\x04\x02\0\x3c\0\x04desk"), (false, b"\x20\x02\0\0"), (true, b"\xe0\0")],
        ),
    ]
}

/// Rows as text, without regard to the order in which the shards gave them.
struct Sorted<'a>(&'a mut SaidRows);

impl Visit for Sorted<'_> {
    type Answer = Vec<String>;

    fn visit<P: Listed>(self) -> Vec<String> {
        let mut rows = texts::<P>(self.0);
        rows.sort();
        rows
    }
}

fn sorted(said: &mut SaidRows, protocol: Protocol) -> Vec<String> {
    protocol.ask(Sorted(said))
}

/// What shards say that are shared out in these ranges, each told of every packet, as by a thread of its own.
fn shared_out(rules: Rules, ranges: &[std::ops::Range<usize>], packets: &[Sent]) -> SaidRows {
    let mut said = SaidRows::default();
    for range in ranges {
        let mut shards = Shards::new(range.clone(), &options(rules));
        let mut ticker = Ticker::new(None);
        let mut sink = |output: &mut Output| -> Result<(), Infallible> {
            said.append(&mut output.said);
            Ok(())
        };
        for (number, sent) in (1..).zip(packets) {
            let (window_ns, tick) = ticker.see(sent.time_ns, sent.bytes.len());
            if let Some(tick) = tick {
                let Ok(()) = shards.tick(tick, &mut sink);
            }
            let packet = packet(sent);
            if let Some(at) = Directed::of(&packet) {
                shards.add(shard_of(&at.key), &at, window_ns, &stamp(sent, number), &packet);
            }
        }
        let Ok(()) = shards.finish(&mut sink);
    }
    said
}

#[test]
fn shards_say_the_same_however_they_are_shared_out() {
    let packets = office();
    let mut whole = heard(ALL, packets.iter().cloned()).said;
    let whole: Vec<_> = Protocol::ALL.iter().map(|&protocol| sorted(&mut whole, protocol)).collect();
    for cuts in [&[0, SHARDS][..], &[0, 32, SHARDS], &[0, 1, 17, 60, SHARDS]] {
        let ranges: Vec<_> = cuts.windows(2).map(|cut| cut[0]..cut[1]).collect();
        let mut said = shared_out(ALL, &ranges, &packets);
        for (&protocol, expected) in Protocol::ALL.iter().zip(&whole) {
            assert_eq!(&sorted(&mut said, protocol), expected, "{protocol:?} in {ranges:?}");
        }
    }
}

#[test]
fn a_protocol_says_the_same_alone_as_among_all() {
    let packets = office();
    let mut all = heard(ALL, packets.iter().cloned());
    let mut spoken = 0;
    for &protocol in Protocol::ALL {
        let expected = sorted(&mut all.said, protocol);
        spoken += usize::from(!expected.is_empty());
        for names in [false, true] {
            let alone = Rules { rows: protocol.bit(), names, ..ALL };
            let mut scene = heard(alone, packets.iter().cloned());
            assert_eq!(sorted(&mut scene.said, protocol), expected, "{protocol:?}, names: {names}");
            assert!(scene.said.is_empty(), "{protocol:?} alone, and others speak");
        }
    }
    assert!(spoken >= 5, "{spoken} protocols were heard");
}

#[test]
fn flows_have_the_same_service_whichever_rows_are_wanted() {
    let packets = office();
    let services = |rows: u64| -> Vec<_> {
        let mut scene: Scene = heard(Rules { rows, ..ALL }, packets.iter().cloned());
        scene.flows.sort_by_key(|flow| (flow.born_ns, flow.key));
        scene.flows.iter().map(|flow| (flow.service, flow.name.clone())).collect()
    };
    let expected = services(u64::MAX);
    assert!(expected.iter().filter(|(service, _)| service.is_some()).count() >= 200);
    for rows in [0, Protocol::Dns.bit(), Protocol::Modbus.bit()] {
        assert_eq!(services(rows), expected);
    }
}
