use super::*;
use crate::proto::drive;
use crate::proto::kit::{Line, probed, rows, rows_cut, said};
use proptest::prelude::*;

const TCP: u8 = 6;
const C: bool = true;
const S: bool = false;

const BOT: &[Line<'_>] = &[
    (C, b"PASS s3cret\r\nNICK bot7\r\nUSER joe 0 * :s3cret name\r\n"),
    (S, b":irc.example.net NOTICE AUTH :*** Looking up\r\nPING :777\r\n"),
    (C, b"PONG :777\r\n"),
    (S, b":irc.example.net 001 bot7 :Welcome\r\n:irc.example.net 005 bot7 X :are supported\r\n"),
    (C, b"JOIN #one,#two k3y\r\n"),
    (S, b":bot7!joe@h JOIN :#one\r\n:bot7!joe@h JOIN #two\r\n@time=x :boss!b@h PRIVMSG #one :s3cret order\r\n"),
    (C, b"PRIVMSG #one :s3cret answer\r\njoin #one\r\n"),
    (C, b"QUIT :bye\r\n"),
];

fn told(lines: &[Line<'_>]) -> Vec<Vec<String>> {
    rows::<Irc>(TCP, 4_444, lines).iter().map(said::<Irc>).collect()
}

#[test]
fn a_session_tells_its_registration_its_joins_and_its_end() {
    let told = told(BOT);
    assert_eq!(told.len(), 4);
    assert_eq!(
        told[0][..6],
        [
            "event=registration",
            "nick=bot7",
            "user=joe",
            "server_name=irc.example.net",
            "joins=0",
            "messages_sent=0"
        ]
    );
    assert_eq!(told[1][..4], ["event=join", "nick=bot7", "user=joe", "channels=#one,#two"]);
    assert_eq!(
        told[3],
        [
            "event=end",
            "nick=bot7",
            "user=joe",
            "channels=#one,#two",
            "server_name=irc.example.net",
            "joins=3",
            "messages_sent=1",
            "messages_received=1",
            "client_bytes=133",
            "server_bytes=230",
        ]
    );
    let text = format!("{told:?}");
    assert!(!text.contains("s3cret") && !text.contains("k3y"));
}

#[test]
fn one_direction_is_enough_for_what_it_says() {
    let of = |side| BOT.iter().copied().filter(|line| line.0 == side).collect::<Vec<_>>();
    let client = told(&of(C));
    assert_eq!(client.last().unwrap()[..4], ["event=end", "nick=bot7", "user=joe", "channels=#one,#two"]);
    let server = told(&of(S));
    assert_eq!(
        server.last().unwrap()[..4],
        ["event=end", "nick=bot7", "channels=#one,#two", "server_name=irc.example.net"]
    );
    assert!(rows::<Irc>(TCP, 4_444, &of(S)).iter().all(|row| row.client_is_a));
}

#[test]
fn it_ends_where_encryption_begins() {
    let lines: &[Line<'_>] =
        &[(C, b"STARTTLS\r\n"), (S, b":x 670 * :go ahead\r\n"), (C, b"\x16\x03\x01 NICK x\r\n")];
    assert_eq!(told(lines).len(), 1);
}

#[test]
fn rows_are_the_same_however_the_stream_is_cut() {
    let shape = |rows: Vec<Row<Said>>| -> Vec<Vec<String>> {
        let cells = |row| said::<Irc>(row).into_iter().filter(|cell| !cell.contains("_bytes")).collect();
        rows.iter().map(cells).collect()
    };
    let whole = shape(rows::<Irc>(TCP, 4_444, BOT));
    for most in [1, 2, 3, 7, 40] {
        assert_eq!(shape(rows_cut::<Irc>(4_444, BOT, most)), whole, "{most}");
    }
}

#[test]
fn it_is_known_by_content_on_any_port() {
    for port in [80, 443, 6_667, 4_444] {
        for text in [
            &b"NICK bot7\r\n"[..],
            b"PASS x\r\nNICK bot7\r\n",
            b"USER a b c :d\r\n",
            b"CAP LS 302\r\n",
            b":irc.example.net 001 bot7 :Welcome\r\n",
            b":irc.example.net NOTICE * :*** hello\r\n",
            b"NOTICE AUTH :*** Looking up\r\n",
            b"PING :x\r\n:a!b@c PRIVMSG #x :y\r\n",
            b"JOIN #x\r\n",
        ] {
            assert_eq!(probed::<Irc>(TCP, port, text), Probe::Yes, "{text:?}");
        }
    }
    for text in [&b"NI"[..], b"PASS x\r\n", b"PING :x\r\n", b"USER joe"] {
        assert_eq!(probed::<Irc>(TCP, 4_444, text), Probe::More, "{text:?}");
    }
    for text in [
        &b"USER joe\r\n"[..],
        b"GET / HTTP/1.1\r\n",
        b"NICKEL coins\r\n",
        b"PING\r\n",
        b"+OK ready\r\n",
        b"220 x\r\n",
        b"JOIN us\r\n",
        &[0x16, 3, 1],
        b": comment\r\n",
        b"ERROR nothing\r\n",
    ] {
        assert_eq!(probed::<Irc>(TCP, 6_667, text), Probe::No, "{text:?}");
    }
    assert_eq!(probed::<Irc>(17, 6_667, b"NICK bot7\r\n"), Probe::No);
}

#[test]
fn hostile_sessions_are_bounded() {
    let joins: Vec<u8> =
        (0..5_000).flat_map(|number| format!("JOIN #channel-{number}\r\n").into_bytes()).collect();
    let long = vec![b'x'; 100_000];
    let rows = rows::<Irc>(TCP, 6_667, &[(C, &joins), (C, &long), (S, &long)]);
    assert_eq!(rows.len(), 1 + MOST_JOINS as usize);
    assert!(rows.iter().all(|row| row.channels.len() <= MOST_CHANNELS));
}

proptest! {
    #[test]
    fn any_bytes_are_heard(input in prop::collection::vec(any::<u8>(), 0..600)) {
        drive::hammer::<Irc>(&input, &[6_667, 80, 9]);
    }

    #[test]
    fn spoilt_dialogues_are_heard(
        line in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(),
        with in prop::collection::vec(any::<u8>(), 0..9), gone in 0usize..9, most in 1usize..90,
    ) {
        let mut talk: Vec<(bool, Vec<u8>)> =
            BOT.iter().map(|(from_a, bytes)| (*from_a, bytes.to_vec())).collect();
        let index = line.index(talk.len());
        let bytes = &mut talk[index].1;
        let start = at.index(bytes.len());
        let end = (start + gone).min(bytes.len());
        bytes.splice(start..end, with);
        let lines: Vec<Line<'_>> = talk.iter().map(|(from_a, bytes)| (*from_a, &bytes[..])).collect();
        drive::show::<Irc>(&rows_cut::<Irc>(6_667, &lines, most));
    }
}
