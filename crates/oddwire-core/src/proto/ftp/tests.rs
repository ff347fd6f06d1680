use super::*;
use crate::proto::drive;
use crate::proto::kit::{Line, probed, rows, rows_cut, said};
use proptest::prelude::*;

const TCP: u8 = 6;
const S: bool = false;
const C: bool = true;

const SESSION: &[Line<'_>] = &[
    (S, b"220-Welcome to FTP\r\n 230 not a reply\r\n331 nor this\r\n220 go\r\n"),
    (C, b"USER alice\r\n"),
    (S, b"331 password?\r\n"),
    (C, b"PASS secret\r\n"),
    (S, b"530 no\r\n"),
    (C, b"USER alice\r\nPASS better\r\n"),
    (S, b"331 password?\r\n230-hello\r\n230 logged in\r\n"),
    (C, b"PASV\r\n"),
    (S, b"227 Entering Passive Mode (192,0,2,7,200,10).\r\n"),
    (C, b"RETR /pub/a b.txt\r\n"),
    (S, b"150 opening\r\n"),
    (S, b"226 done\r\n"),
    (C, b"EPSV\r\n"),
    (S, b"229 Extended (|||5001|)\r\n"),
    (C, b"STOR up.bin\r\n"),
    (S, b"550 no\r\n"),
    (C, b"PORT 10,0,0,1,4,1\r\nLIST\r\n"),
    (S, b"200 ok\r\n150 here\r\n226 done\r\n"),
    (C, b"RNFR old\r\nRNTO new\r\nDELE x\r\nMKD d\r\nSITE PSWD hush quiet\r\n"),
    (S, b"350 go on\r\n250 ok\r\n250 ok\r\n257 made\r\n500 what\r\n"),
    (C, b"QUIT\r\n"),
    (S, b"221 bye\r\n"),
];

fn told(lines: &[Line<'_>]) -> Vec<String> {
    rows::<Ftp>(TCP, 2_100, lines).iter().map(|row| said::<Ftp>(row).join(" ")).collect()
}

#[test]
fn a_session_tells_log_ins_and_files() {
    assert_eq!(
        told(SESSION),
        [
            "action=login user=alice login=failure code=530 tls=false server_banner=Welcome to FTP",
            "action=login user=alice login=success code=230 tls=false",
            "action=download user=alice path=/pub/a b.txt code=226 data_mode=passive data_ip=192.0.2.7 data_port=51210 tls=false",
            "action=upload user=alice path=up.bin code=550 data_mode=passive data_port=5001 tls=false",
            "action=list user=alice code=226 data_mode=active data_ip=10.0.0.1 data_port=1025 tls=false",
            "action=rename user=alice path=old new_path=new code=250 tls=false",
            "action=delete user=alice path=x code=250 tls=false",
            "action=make_dir user=alice path=d code=257 tls=false",
            "action=site user=alice path=PSWD code=500 tls=false",
        ]
    );
}

#[test]
fn no_password_stays() {
    let all = told(SESSION).join(" ");
    assert!(!all.contains("secret") && !all.contains("better") && !all.contains("hush"));
    let mut parser = Ftp::default();
    let flow = drive::flow(TCP, 40_000, 21);
    let (mut known, mut budget) = (crate::proto::Known::default(), crate::proto::Budget::new(1));
    let mut out = Out::new(&flow, None, &mut known, &mut budget);
    let piece = |bytes| Piece {
        key: &flow.key,
        from_a: C,
        at: Moment::default(),
        bytes,
        missing: 0,
        cut: 0,
        icmp: None,
    };
    parser.push(&piece(b"USER a\r\nPASS hidden-word\r\n"), &mut out);
    assert!(!format!("{parser:?}").contains(&format!("{:?}", b"hidden-word").replace(['[', ']'], "")));
    assert_eq!(parser.client.held(), 0);
}

#[test]
fn it_ends_where_encryption_begins() {
    let lines: &[Line<'_>] =
        &[(S, b"220 FTP\r\n"), (C, b"AUTH TLS\r\n"), (S, b"234 go\r\n"), (C, &[22, 3, 1, 0, 200, 1])];
    assert_eq!(told(lines), ["action=tls code=234 tls=true server_banner=FTP"]);
}

#[test]
fn half_a_session_says_what_it_has() {
    assert_eq!(told(&SESSION[..1]), ["action=connect code=220 tls=false server_banner=Welcome to FTP"]);
    assert_eq!(
        told(&SESSION[..4])[0],
        "action=login user=alice login=unknown tls=false server_banner=Welcome to FTP"
    );
    let client: Vec<Line<'_>> = SESSION.iter().copied().filter(|line| line.0 == C).collect();
    let rows = told(&client);
    assert!(
        rows.contains(
            &"action=list user=alice data_mode=active data_ip=10.0.0.1 data_port=1025 tls=false".to_owned()
        ),
        "{rows:?}"
    );
    let open: &[Line<'_>] = &[
        (S, b"220 FTP\r\n"),
        (C, b"USER anonymous\r\n"),
        (S, b"230 come in\r\n"),
        (C, b"PASS x\r\n"),
        (S, b"230 again\r\n"),
    ];
    assert_eq!(
        told(open),
        ["action=login user=anonymous login=success code=230 tls=false server_banner=FTP"]
    );
}

#[test]
fn a_session_is_the_same_however_it_is_cut() {
    for most in [1, 2, 3, 7, 40] {
        let cut: Vec<String> =
            rows_cut::<Ftp>(2_100, SESSION, most).iter().map(|row| said::<Ftp>(row).join(" ")).collect();
        assert_eq!(cut, told(SESSION), "{most}");
    }
}

fn probed_after(other: &[u8], bytes: &[u8]) -> Probe {
    let flow = drive::flow(TCP, 40_000, 4_444);
    Ftp::probe(&Opening { key: &flow.key, from_a: true, bytes, other, wire: bytes.len() as u32 })
}

#[test]
fn it_is_known_by_content_on_any_port() {
    assert_eq!(probed::<Ftp>(TCP, 4_444, b"220 ProFTPD 1.3\r\n"), Probe::Yes);
    assert_eq!(probed::<Ftp>(TCP, 4_444, b"220 welcome\r\n"), Probe::More);
    assert_eq!(probed::<Ftp>(TCP, 21, b"220 welcome\r\n"), Probe::Yes);
    assert_eq!(probed::<Ftp>(TCP, 21, b"220 x ESMTP\r\n"), Probe::No);
    assert_eq!(probed_after(b"220 welcome\r\n", b"USER x\r\n"), Probe::Yes);
    assert_eq!(probed_after(b"220 welcome\r\n", b"AUTH TLS\r\n"), Probe::Yes);
    assert_eq!(probed_after(b"220 welcome\r\n", b"EHLO x\r\n"), Probe::No);
    assert_eq!(probed_after(b"+OK welcome\r\n", b"USER x\r\n"), Probe::No);
    assert_eq!(probed::<Ftp>(TCP, 21, b"GET / HTTP/1.1\r\n"), Probe::No);
    assert_eq!(probed::<Ftp>(TCP, 21, &[0x16, 3, 1]), Probe::No);
    assert_eq!(probed::<Ftp>(17, 21, b"220 FTP\r\n"), Probe::No);
}

#[test]
fn hostile_sessions_are_bounded() {
    let many = b"RETR aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n".repeat(1_000);
    let long = vec![b'x'; 100_000];
    let lines: &[Line<'_>] =
        &[(S, b"220 FTP\r\n"), (C, &many), (C, &long), (S, &long), (S, b"\r\n227 (1,2,3)\r\n229 (\r\n")];
    assert_eq!(told(lines).len(), 1_000);
}

proptest! {
    #[test]
    fn any_bytes_are_heard(input in prop::collection::vec(any::<u8>(), 0..600)) {
        drive::hammer::<Ftp>(&input, &[21, 9]);
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
        drive::show::<Ftp>(&rows_cut::<Ftp>(21, &lines, most));
    }
}
