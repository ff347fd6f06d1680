use super::*;
use crate::proto::drive;
use crate::proto::kit::{Line, probed, rows, rows_cut, said};
use proptest::prelude::*;

const TCP: u8 = 6;
const S: bool = false;
const C: bool = true;

const MAILS: &[Line<'_>] = &[
    (S, b"220-mx.example.org ESMTP ready\r\n220 be kind\r\n"),
    (C, b"EHLO client.example.net\r\n"),
    (S, b"250-mx.example.org\r\n250-PIPELINING\r\n250 STARTTLS\r\n"),
    (C, b"MAIL FROM:<alice@example.net> SIZE=100\r\nRCPT TO:<bob@example.org>\r\nRCPT TO:<nobody@example.org>\r\nDATA\r\n"),
    (S, b"250 ok\r\n250 ok\r\n550 no such user\r\n354 go on\r\n"),
    (C, b"Subject: x\r\n\r\nMAIL FROM:<not@a.command>\r\n..\r\n.\r\nMAIL FROM:<>\r\nRCPT TO:<bob@example.org>\r\nBDAT 10\r\n0123\r\n6789BDAT 3 LAST\r\nabcQUIT\r\n"),
    (S, b"250 queued\r\n250 ok\r\n250 ok\r\n250 10 bytes\r\n250 queued\r\n221 bye\r\n"),
];

const LOGINS: &[Line<'_>] = &[
    (S, b"220 mx ESMTP\r\n"),
    (C, b"EHLO c\r\n"),
    (S, b"250-mx\r\n250 AUTH PLAIN LOGIN\r\n"),
    (C, b"AUTH LOGIN\r\n"),
    (S, b"334 VXNlcm5hbWU6\r\n"),
    (C, b"YWxpY2U=\r\n"),
    (S, b"334 UGFzc3dvcmQ6\r\n"),
    (C, b"c2VjcmV0\r\n"),
    (S, b"535 5.7.8 no\r\n"),
    (C, b"AUTH PLAIN AGJvYgBzZWNyZXQ=\r\n"),
    (S, b"235 welcome\r\n"),
    (C, b"NOOP\r\n"),
    (S, b"250 ok\r\n"),
];

fn told(lines: &[Line<'_>]) -> Vec<String> {
    let rows = rows::<Smtp>(TCP, 2_500, lines);
    assert_eq!(rows.len(), 1);
    assert!(rows[0].client_is_a);
    said::<Smtp>(&rows[0])
}

#[test]
fn a_session_tells_its_mails() {
    assert_eq!(
        told(MAILS),
        [
            "service=smtp",
            "helo=client.example.net",
            "server_banner=mx.example.org ESMTP ready",
            "login_tries=0",
            "login_failures=0",
            "mails=2",
            "delivered=2",
            "mail_from=alice@example.net",
            "recipients=2",
            "recipients_refused=1",
            "message_bytes=61",
            "starttls=false",
            "starttls_offered=true",
            "last_code=221",
            "errors=1",
        ]
    );
}

#[test]
fn a_log_in_tells_the_user_and_never_the_secret() {
    let said = told(LOGINS);
    for part in ["login=success", "login_tries=2", "login_failures=1", "auth_method=PLAIN", "user=bob"] {
        assert!(said.contains(&part.to_owned()), "{part} in {said:?}");
    }
    let text = said.join(" ");
    assert!(!text.contains("secret") && !text.contains("c2VjcmV0"));
    let failed = told(&LOGINS[..9]);
    assert!(failed.contains(&"login=failure".to_owned()) && failed.contains(&"user=alice".to_owned()));
    let unknown = told(&LOGINS[..8]);
    assert!(unknown.contains(&"login=unknown".to_owned()));
}

#[test]
fn it_ends_where_encryption_begins() {
    let lines: &[Line<'_>] = &[
        (S, b"220 mx ESMTP\r\n"),
        (C, b"EHLO c\r\n"),
        (S, b"250-mx\r\n250-STARTTLS\r\n250 SIZE\r\n"),
        (C, b"STARTTLS\r\n"),
        (S, b"220 go ahead\r\n"),
        (C, &[22, 3, 1, 0, 200, 1]),
    ];
    let said = told(lines);
    assert!(said.contains(&"starttls=true".to_owned()) && said.contains(&"last_code=220".to_owned()));
}

#[test]
fn one_direction_is_enough_for_what_it_says() {
    let client: Vec<Line<'_>> = MAILS.iter().copied().filter(|line| line.0 == C).collect();
    let said = told(&client);
    for part in ["helo=client.example.net", "mail_from=alice@example.net", "message_bytes=61", "mails=0"] {
        assert!(said.contains(&part.to_owned()), "{part} in {said:?}");
    }
    let server: Vec<Line<'_>> = MAILS.iter().copied().filter(|line| line.0 == S).collect();
    assert!(told(&server).contains(&"server_banner=mx.example.org ESMTP ready".to_owned()));
}

#[test]
fn lmtp_replies_for_each_recipient() {
    let lines: &[Line<'_>] = &[
        (S, b"220 LMTP\r\n"),
        (C, b"LHLO c\r\n"),
        (S, b"250 mx\r\n"),
        (C, b"MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nRCPT TO:<e@d>\r\nDATA\r\n"),
        (S, b"250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n"),
        (C, b"x\r\n.\r\nQUIT\r\n"),
        (S, b"250 ok\r\n250 ok\r\n221 bye\r\n"),
        (S, b"999"),
    ];
    let said = told(lines);
    assert!(said.contains(&"service=lmtp".to_owned()) && said.contains(&"delivered=2".to_owned()));
}

#[test]
fn a_session_is_the_same_however_it_is_cut() {
    for lines in [MAILS, LOGINS] {
        let whole = told(lines);
        for most in [1, 2, 3, 7, 40] {
            let rows = rows_cut::<Smtp>(2_500, lines, most);
            assert_eq!((rows.len(), said::<Smtp>(&rows[0])), (1, whole.clone()), "{most}");
        }
    }
}

#[test]
fn it_is_known_by_content_on_any_port() {
    assert_eq!(probed::<Smtp>(TCP, 4_444, b"220 mx.example.org ESMTP\r\n"), Probe::Yes);
    assert_eq!(probed::<Smtp>(TCP, 4_444, b"EHLO x\r\n"), Probe::Yes);
    assert_eq!(probed::<Smtp>(TCP, 4_444, b"220 welcome\r\n"), Probe::More);
    assert_eq!(probed::<Smtp>(TCP, 25, b"220 welcome\r\n"), Probe::Yes);
    assert_eq!(probed::<Smtp>(TCP, 21, b"220 ProFTPD\r\n"), Probe::More);
    assert_eq!(probed::<Smtp>(TCP, 25, b"GET / HTTP/1.1\r\n"), Probe::No);
    assert_eq!(probed::<Smtp>(TCP, 25, &[0x16, 3, 1]), Probe::No);
    assert_eq!(probed::<Smtp>(TCP, 25, b"HELLO 3\r\n"), Probe::No);
    assert_eq!(probed::<Smtp>(17, 25, b"EHLO x\r\n"), Probe::No);
}

#[test]
fn hostile_sessions_are_bounded() {
    let mut lines: Vec<Line<'_>> =
        vec![(S, b"220 ESMTP\r\n"), (C, b"BDAT -1\r\n"), (C, b"BDAT 99999999999999999999999\r\n")];
    let long = vec![b'x'; 100_000];
    lines.push((C, &long));
    lines.push((C, b"\r\nBDAT 18446744073709551615\r\nrest"));
    let many = b"RCPT TO:<x@y>\r\n".repeat(1_000);
    lines.push((C, &many));
    assert_eq!(rows::<Smtp>(TCP, 25, &lines).len(), 1);
}

proptest! {
    #[test]
    fn any_bytes_are_heard(input in prop::collection::vec(any::<u8>(), 0..600)) {
        drive::hammer::<Smtp>(&input, &[25, 587, 9]);
    }

    #[test]
    fn spoilt_dialogues_are_heard(
        logins in any::<bool>(), line in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(),
        with in prop::collection::vec(any::<u8>(), 0..9), gone in 0usize..9, most in 1usize..90,
    ) {
        let mut talk: Vec<(bool, Vec<u8>)> =
            if logins { LOGINS } else { MAILS }.iter().map(|(from_a, bytes)| (*from_a, bytes.to_vec())).collect();
        let index = line.index(talk.len());
        let bytes = &mut talk[index].1;
        let start = at.index(bytes.len());
        let end = (start + gone).min(bytes.len());
        bytes.splice(start..end, with);
        let lines: Vec<Line<'_>> = talk.iter().map(|(from_a, bytes)| (*from_a, &bytes[..])).collect();
        drive::show::<Smtp>(&rows_cut::<Smtp>(25, &lines, most));
    }
}
