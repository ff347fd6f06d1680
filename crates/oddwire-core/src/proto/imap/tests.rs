use super::*;
use crate::proto::drive;
use crate::proto::kit::{Line, probed, rows, rows_cut, said};
use proptest::prelude::*;

const TCP: u8 = 6;
const S: bool = false;
const C: bool = true;

const GUESSES: &[Line<'_>] = &[
    (S, b"* OK [CAPABILITY IMAP4rev1] ready\r\n"),
    (C, b"a0 CAPABILITY\r\n"),
    (S, b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\na0 OK done\r\n"),
    (C, b"a1 LOGIN \"le\\\"na\" \"s3cret\"\r\n"),
    (S, b"a1 NO failed\r\n"),
    (C, b"a2 AUTHENTICATE PLAIN\r\n"),
    (S, b"+ \r\n"),
    (C, b"AGJvYgBzM2NyZXQ=\r\n"),
    (S, b"* CAPABILITY X\r\na2 OK welcome\r\n"),
    (C, b"a3 FETCH 1 BODY[]\r\n"),
    (S, b"* 1 FETCH (BODY[] {6}\r\ns3cret)\r\na3 OK\r\n"),
];

const LITERALS: &[Line<'_>] = &[
    (S, b"* OK IMAP\r\n"),
    (C, b"x LOGIN {4}\r\n"),
    (S, b"+ go\r\n"),
    (C, b"lena {6}\r\n"),
    (S, b"+ go\r\n"),
    (C, b"s3cret\r\n"),
    (S, b"x BAD no\r\n"),
];

fn told(lines: &[Line<'_>]) -> Vec<String> {
    let rows = rows::<Imap>(TCP, 2_500, lines);
    assert_eq!(rows.len(), 1);
    assert!(rows[0].client_is_a);
    said::<Imap>(&rows[0])
}

#[test]
fn a_log_in_tells_the_user_and_never_the_secret() {
    assert_eq!(
        told(GUESSES),
        [
            "server_banner=[CAPABILITY IMAP4rev1] ready",
            "login=success",
            "login_tries=2",
            "login_failures=1",
            "auth_method=PLAIN",
            "user=bob",
            "starttls=false",
        ]
    );
    let failed = told(&GUESSES[..5]);
    for part in ["login=failure", "auth_method=LOGIN", "user=le\"na"] {
        assert!(failed.contains(&part.to_owned()), "{part} in {failed:?}");
    }
    assert!(told(&GUESSES[..4]).contains(&"login=unknown".to_owned()));
}

#[test]
fn names_that_come_by_length_are_read() {
    let said = told(LITERALS);
    for part in ["login=failure", "user=lena", "login_tries=1"] {
        assert!(said.contains(&part.to_owned()), "{part} in {said:?}");
    }
    let half = told(&[(C, b"x LOGIN lena {6+}\r\ns3cret\r\n"), (S, b"x OK\r\n")]);
    assert!(half.contains(&"user=lena".to_owned()) && half.contains(&"login=success".to_owned()));
}

#[test]
fn it_ends_where_encryption_begins() {
    let lines: &[Line<'_>] =
        &[(S, b"* OK IMAP\r\n"), (C, b"a STARTTLS\r\n"), (S, b"a OK go\r\n"), (C, &[22, 3, 1])];
    assert!(told(lines).contains(&"starttls=true".to_owned()));
}

#[test]
fn a_session_is_the_same_however_it_is_cut() {
    for lines in [GUESSES, LITERALS] {
        let whole = told(lines);
        for most in [1, 2, 3, 7, 40] {
            let rows = rows_cut::<Imap>(2_500, lines, most);
            assert_eq!((rows.len(), said::<Imap>(&rows[0])), (1, whole.clone()), "{most}");
        }
    }
}

#[test]
fn it_is_known_by_content_on_any_port() {
    assert_eq!(probed::<Imap>(TCP, 4_444, GUESSES[0].1), Probe::Yes);
    assert_eq!(probed::<Imap>(TCP, 143, b"* OK hello\r\n"), Probe::Yes);
    assert_eq!(probed::<Imap>(TCP, 143, b"a1 CAPABILITY\r\n"), Probe::Yes);
    for text in [&b"* OK hello\r\n"[..], b"a1 CAPABILITY\r\n", b"a1 LOG", b"* "] {
        assert_eq!(probed::<Imap>(TCP, 4_444, text), Probe::More, "{text:?}");
    }
    for text in [
        &b"* hello\r\n"[..],
        b"GET / HTTP/1.1\r\n",
        b"a1 LOGGING\r\n",
        b"*1\r\n$4\r\n",
        b"EHLO x\r\n",
        b"CAPABILITY\r\n",
        &[22, 3, 1],
    ] {
        assert_eq!(probed::<Imap>(TCP, 143, text), Probe::No, "{text:?}");
    }
    let flow = drive::flow(TCP, 40_000, 4_444);
    let opening = |bytes, other| Opening { key: &flow.key, from_a: true, bytes, other, wire: 9 };
    assert_eq!(Imap::probe(&opening(b"1 LOGIN a b\r\n", b"* OK hello\r\n")), Probe::Yes);
    assert_eq!(Imap::probe(&opening(b"USER lena\r\n", b"* OK hello\r\n")), Probe::No);
}

#[test]
fn hostile_sessions_are_bounded() {
    let long = vec![b'x'; 100_000];
    let many = b"a LOGIN b c\r\n".repeat(5_000);
    assert_eq!(rows::<Imap>(TCP, 143, &[(S, b"* OK\r\n"), (C, &many), (C, &long)]).len(), 1);
    let absurd = b"a LOGIN {99999999999999999999}\r\na LOGIN {18446744073709551615}\r\nx\r\n";
    assert_eq!(rows::<Imap>(TCP, 143, &[(C, absurd), (S, &long)]).len(), 1);
}

proptest! {
    #[test]
    fn any_bytes_are_heard(input in prop::collection::vec(any::<u8>(), 0..600)) {
        drive::hammer::<Imap>(&input, &[143, 9]);
    }

    #[test]
    fn spoilt_dialogues_are_heard(
        literals in any::<bool>(), line in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(),
        with in prop::collection::vec(any::<u8>(), 0..9), gone in 0usize..9, most in 1usize..90,
    ) {
        let talk = if literals { LITERALS } else { GUESSES };
        let mut talk: Vec<(bool, Vec<u8>)> =
            talk.iter().map(|(from_a, bytes)| (*from_a, bytes.to_vec())).collect();
        let index = line.index(talk.len());
        let bytes = &mut talk[index].1;
        let start = at.index(bytes.len());
        let end = (start + gone).min(bytes.len());
        bytes.splice(start..end, with);
        let lines: Vec<Line<'_>> = talk.iter().map(|(from_a, bytes)| (*from_a, &bytes[..])).collect();
        drive::show::<Imap>(&rows_cut::<Imap>(143, &lines, most));
    }
}
