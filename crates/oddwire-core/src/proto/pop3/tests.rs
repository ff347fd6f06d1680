use super::*;
use crate::proto::drive;
use crate::proto::kit::{Line, probed, rows, rows_cut, said};
use proptest::prelude::*;

const TCP: u8 = 6;
const S: bool = false;
const C: bool = true;

const GUESSES: &[Line<'_>] = &[
    (S, b"+OK mail.example.org POP3 ready <1.2@x>\r\n"),
    (C, b"CAPA\r\n"),
    (S, b"+OK\r\nUSER\r\nSTLS\r\nSASL PLAIN\r\n.\r\n"),
    (C, b"USER lena\r\n"),
    (S, b"+OK\r\n"),
    (C, b"PASS s3cret\r\n"),
    (S, b"-ERR [AUTH] no\r\n"),
    (C, b"AUTH PLAIN\r\n"),
    (S, b"+ \r\n"),
    (C, b"AGJvYgBzM2NyZXQ=\r\n"),
    (S, b"+OK welcome\r\n"),
    (C, b"RETR 1\r\n"),
    (S, b"+OK\r\ns3cret\r\n.\r\n"),
];

const SECURE: &[Line<'_>] =
    &[(S, b"+OK POP3\r\n"), (C, b"STLS\r\n"), (S, b"+OK begin\r\n"), (C, &[22, 3, 1, 0, 200, 1])];

fn told(lines: &[Line<'_>]) -> Vec<String> {
    let rows = rows::<Pop3>(TCP, 2_500, lines);
    assert_eq!(rows.len(), 1);
    assert!(rows[0].client_is_a);
    said::<Pop3>(&rows[0])
}

#[test]
fn a_log_in_tells_the_user_and_never_the_secret() {
    assert_eq!(
        told(GUESSES),
        [
            "server_banner=mail.example.org POP3 ready <1.2@x>",
            "login=success",
            "login_tries=2",
            "login_failures=1",
            "auth_method=PLAIN",
            "user=bob",
            "starttls=false",
        ]
    );
    let failed = told(&GUESSES[..7]);
    for part in ["login=failure", "auth_method=USER", "user=lena"] {
        assert!(failed.contains(&part.to_owned()), "{part} in {failed:?}");
    }
    assert!(told(&GUESSES[..6]).contains(&"login=unknown".to_owned()));
    let odd = told(&[(S, b"+OK POP3\r\n"), (C, b"AUTH s3cret s3cret\r\n"), (S, b"-ERR\r\n")]);
    assert!(odd.contains(&"auth_method=OTHER".to_owned()), "{odd:?}");
}

#[test]
fn it_ends_where_encryption_begins() {
    assert!(told(SECURE).contains(&"starttls=true".to_owned()));
}

#[test]
fn a_session_is_the_same_however_it_is_cut() {
    for lines in [GUESSES, &SECURE[..3]] {
        let whole = told(lines);
        for most in [1, 2, 3, 7, 40] {
            let rows = rows_cut::<Pop3>(2_500, lines, most);
            assert_eq!((rows.len(), said::<Pop3>(&rows[0])), (1, whole.clone()), "{most}");
        }
    }
}

#[test]
fn it_is_known_by_content_on_any_port() {
    assert_eq!(probed::<Pop3>(TCP, 4_444, GUESSES[0].1), Probe::Yes);
    assert_eq!(probed::<Pop3>(TCP, 110, b"+OK hello\r\n"), Probe::Yes);
    assert_eq!(probed::<Pop3>(TCP, 110, b"USER lena\r\n"), Probe::Yes);
    assert_eq!(probed::<Pop3>(TCP, 4_444, b"CAPA\r\n"), Probe::Yes);
    for text in [&b"+OK hello\r\n"[..], b"USER lena\r\n", b"+O"] {
        assert_eq!(probed::<Pop3>(TCP, 4_444, text), Probe::More, "{text:?}");
    }
    for text in [&b"+PONG\r\n"[..], b"+OKAY\r\n", b"GET / HTTP/1.1\r\n", b"*1\r\n", &[22, 3, 1]] {
        assert_eq!(probed::<Pop3>(TCP, 110, text), Probe::No, "{text:?}");
    }
    let flow = drive::flow(TCP, 40_000, 4_444);
    let opening = |bytes, other| Opening { key: &flow.key, from_a: true, bytes, other, wire: 9 };
    assert_eq!(Pop3::probe(&opening(b"USER lena\r\n", b"+OK hello\r\n")), Probe::Yes);
    assert_ne!(Pop3::probe(&opening(b"AUTH s3cret\r\n", b"+OK\r\n")), Probe::Yes);
    assert_eq!(Pop3::probe(&opening(b"SET a b\r\n", b"+OK\r\n")), Probe::No);
    assert_eq!(Pop3::probe(&opening(b"USER lena\r\n", b"220 ready\r\n")), Probe::No);
}

#[test]
fn hostile_sessions_are_bounded() {
    let long = vec![b'x'; 100_000];
    let many = b"NOOP\r\n".repeat(5_000);
    assert_eq!(rows::<Pop3>(TCP, 110, &[(S, b"+OK\r\n"), (C, &many), (C, &long)]).len(), 1);
    assert_eq!(rows::<Pop3>(TCP, 110, &[(C, &many), (S, &long)]).len(), 1);
}

proptest! {
    #[test]
    fn any_bytes_are_heard(input in prop::collection::vec(any::<u8>(), 0..600)) {
        drive::hammer::<Pop3>(&input, &[110, 9]);
    }

    #[test]
    fn spoilt_dialogues_are_heard(
        line in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(),
        with in prop::collection::vec(any::<u8>(), 0..9), gone in 0usize..9, most in 1usize..90,
    ) {
        let mut talk: Vec<(bool, Vec<u8>)> =
            GUESSES.iter().map(|(from_a, bytes)| (*from_a, bytes.to_vec())).collect();
        let index = line.index(talk.len());
        let bytes = &mut talk[index].1;
        let start = at.index(bytes.len());
        let end = (start + gone).min(bytes.len());
        bytes.splice(start..end, with);
        let lines: Vec<Line<'_>> = talk.iter().map(|(from_a, bytes)| (*from_a, &bytes[..])).collect();
        drive::show::<Pop3>(&rows_cut::<Pop3>(110, &lines, most));
    }
}
