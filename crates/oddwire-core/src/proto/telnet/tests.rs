use super::*;
use crate::proto::drive;
use crate::proto::kit::{Line, probed, rows, rows_cut, said};
use proptest::prelude::*;

const TCP: u8 = 6;
const S: bool = false;
const C: bool = true;

const SESSION: &[Line<'_>] = &[
    (S, b"\xff\xfd\x18\xff\xfd\x20\xff\xfb\x01\xff\xfb\x03"),
    (C, b"\xff\xfb\x18\xff\xfc\x20\xff\xfd\x01\xff\xfd\x03\xff\xfa\x18\x00XTERM\xff\xf0\xff\xfa\x27\x00\x00USER\x01root\xff\xf0"),
    (S, b"\r\nRouterOS v6\r\n\x1b[1mhost login: "),
    (C, b"rOx\x7f\x08oo"),
    (S, b"rO\x08 \x08ooo"),
    (C, b"t\r\x00"),
    (S, b"t\r\nPassword: "),
    (C, b"wr0ng-one\r\x00"),
    (S, b"\r\nLogin incorrect\r\nhost login: "),
    (C, b"admin\r\n"),
    (S, b"admin\r\nPassword: "),
    (C, b"right-one\r\n"),
    (S, b"\r\nLast login: Monday\r\nadmin@host:~$ "),
    (C, b"cat /etc/shadow\r\n"),
];

fn told(lines: &[Line<'_>]) -> Vec<String> {
    rows::<Telnet>(TCP, 23, lines).iter().map(|row| said::<Telnet>(row).join(" ")).collect()
}

#[test]
fn a_session_tells_its_log_ins() {
    assert_eq!(
        told(SESSION),
        [
            "user=root login=failure login_tries=1 terminal_type=XTERM environment_user=root server_banner=RouterOS v6",
            "user=admin login=success login_tries=2 terminal_type=XTERM environment_user=root server_banner=RouterOS v6",
        ]
    );
    assert!(rows::<Telnet>(TCP, 23, SESSION).iter().all(|row| row.client_is_a));
}

#[test]
fn only_what_is_typed_at_the_prompt_for_a_name_is_kept() {
    let blind: &[Line<'_>] = &[
        (S, b"\xff\xfd\x18"),
        (C, b"root\r\nhunter2\r\n"),
        (S, b"root\r\nhunter2\r\nlogin: \r\nPassword: "),
        (C, b"hunter2\r\n"),
        (S, b"\r\nLogin incorrect\r\n"),
    ];
    assert_eq!(told(blind), ["login=failure login_tries=1"]);
    let all = told(SESSION).join(" ");
    assert!(!all.contains("wr0ng") && !all.contains("right-one") && !all.contains("shadow"));
    let cisco: &[Line<'_>] = &[
        (S, b"\r\nUser Access Verification\r\n\r\nPassword: "),
        (C, b"abc\r\n"),
        (S, b"\r\nPassword: "),
        (C, b"def\r\n"),
        (S, b"\r\nrouter>"),
        (C, b"en\r\n"),
    ];
    assert_eq!(
        told(cisco),
        [
            "login=failure login_tries=1 server_banner=User Access Verification",
            "login=success login_tries=2 server_banner=User Access Verification",
        ]
    );
}

#[test]
fn what_follows_decides() {
    let with = |text: &[u8]| {
        let lines: Vec<Line<'_>> =
            vec![(S, b"login: "), (C, b"bob\r\n"), (S, b"bob\r\nPassword: "), (C, b"x\r\n"), (S, text)];
        told(&lines).remove(0)
    };
    assert!(with(b"\r\n% Authentication failed\r\n").starts_with("user=bob login=failure"));
    assert!(with(b"\r\nbox # ").starts_with("user=bob login=success"));
    assert!(with(b"\r\nWelcome to this\r\n").starts_with("user=bob login=success"));
    assert!(with(b"\r\n").starts_with("user=bob login=unknown"));
    assert!(with(&b"\r\nThis is a message of the day. ".repeat(30)).starts_with("user=bob login=success"));
    assert!(with(b"\r\nlogin: ").starts_with("user=bob login=failure"));
}

#[test]
fn a_session_without_a_log_in_is_a_row() {
    assert_eq!(told(&SESSION[..2]), ["login_tries=0 terminal_type=XTERM environment_user=root"]);
    let server: Vec<Line<'_>> = SESSION.iter().copied().filter(|line| line.0 == S).collect();
    assert_eq!(told(&server)[0], "login=failure login_tries=1 server_banner=RouterOS v6");
    let client: Vec<Line<'_>> = SESSION.iter().copied().filter(|line| line.0 == C).collect();
    assert_eq!(told(&client), ["login_tries=0 terminal_type=XTERM environment_user=root"]);
}

#[test]
fn a_session_is_the_same_however_it_is_cut() {
    for most in [1, 2, 3, 7, 40] {
        let cut: Vec<String> =
            rows_cut::<Telnet>(23, SESSION, most).iter().map(|row| said::<Telnet>(row).join(" ")).collect();
        assert_eq!(cut, told(SESSION), "{most}");
    }
}

#[test]
fn it_is_known_by_its_options_on_any_port() {
    assert_eq!(probed::<Telnet>(TCP, 4_444, SESSION[0].1), Probe::Yes);
    assert_eq!(probed::<Telnet>(TCP, 23, b"\xff\xfd\x18"), Probe::Yes);
    assert_eq!(probed::<Telnet>(TCP, 4_444, b"\xff\xfd\x18"), Probe::More);
    assert_eq!(probed::<Telnet>(TCP, 4_444, b"\xff\xfd\x18\xff\xff\xff\xff"), Probe::No);
    assert_eq!(probed::<Telnet>(TCP, 4_444, &[0xff; 19]), Probe::No);
    assert_eq!(probed::<Telnet>(TCP, 23, b"\r\nbusybox login: "), Probe::Yes);
    assert_eq!(probed::<Telnet>(TCP, 4_444, b"\r\nbusybox login: "), Probe::No);
    assert_eq!(probed::<Telnet>(TCP, 23, &[0x16, 3, 1]), Probe::No);
    assert_eq!(probed::<Telnet>(17, 23, SESSION[0].1), Probe::No);
}

#[test]
fn hostile_sessions_are_bounded() {
    let words = [&b"\xff\xfa\x18\x00"[..], &vec![b'x'; 50_000]].concat();
    let prompts = b"login: ".repeat(20_000);
    let typed = vec![b'x'; 50_000];
    assert_eq!(told(&[(S, SESSION[0].1), (C, &words), (S, &prompts), (C, &typed)]).len(), 1);
    let many: Vec<Line<'_>> = std::iter::repeat_n(
        [(S, &b"login: "[..]), (C, &b"a\r"[..]), (S, b"\nPassword: "), (C, b"b\r"), (S, b"\n")],
        500,
    )
    .flatten()
    .collect();
    assert_eq!(told(&many).len(), MOST_TRIES as usize);
}

proptest! {
    #[test]
    fn any_bytes_are_heard(input in prop::collection::vec(any::<u8>(), 0..600)) {
        drive::hammer::<Telnet>(&input, &[23, 9]);
    }

    #[test]
    fn spoilt_dialogues_are_heard(
        line in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), with in prop::collection::vec(any::<u8>(), 0..9),
        gone in 0usize..9, most in 1usize..90,
    ) {
        let mut talk: Vec<(bool, Vec<u8>)> = SESSION.iter().map(|(from_a, bytes)| (*from_a, bytes.to_vec())).collect();
        let index = line.index(talk.len());
        let bytes = &mut talk[index].1;
        let start = at.index(bytes.len());
        let end = (start + gone).min(bytes.len());
        bytes.splice(start..end, with);
        let lines: Vec<Line<'_>> = talk.iter().map(|(from_a, bytes)| (*from_a, &bytes[..])).collect();
        drive::show::<Telnet>(&rows_cut::<Telnet>(23, &lines, most));
    }
}
