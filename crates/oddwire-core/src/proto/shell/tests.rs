use super::*;
use crate::proto::drive;
use crate::proto::kit::{Line, probed, rows, rows_cut, said};
use proptest::prelude::*;

const TCP: u8 = 6;
const C: bool = true;
const S: bool = false;

/// A reverse shell: who opened the connection shows the prompt.
const REVERSE: &[Line<'_>] = &[
    (C, b"Microsoft Windows [Version 10.0.19045.3930]\r\n(c) Microsoft Corporation. All rights reserved.\r\n\r\nC:\\Users\\joe>"),
    (S, b"whoami\n"),
    (C, b"whoami\r\ndesk7\\joe\r\n\r\nC:\\Users\\joe>"),
    (S, b"cd ..\n"),
    (C, b"cd ..\r\n\r\nC:\\Users>"),
];

/// A shell that waits on a port.
const BOUND: &[Line<'_>] =
    &[(C, b"id\n"), (S, b"uid=0(root) gid=0(root) groups=0(root)\n"), (C, b"pwd\n"), (S, b"/root\n")];

const PLAIN: &[Line<'_>] = &[
    (C, b"/bin/sh: 0: can't access tty; job control turned off\n$ "),
    (S, b"ls\n"),
    (C, b"# a comment\nb\n$ "),
    (S, b"exit\n"),
];

fn told(lines: &[Line<'_>]) -> Vec<Vec<String>> {
    rows::<Shell>(TCP, 4_444, lines).iter().map(said::<Shell>).collect()
}

#[test]
fn a_reverse_shell_is_told_at_once_and_at_its_end() {
    assert_eq!(
        told(REVERSE),
        [
            [
                "event=begin",
                "prompt=windows_cmd",
                "from_client=true",
                "prompts=0",
                "commands=0",
                "client_bytes=109",
                "server_bytes=0"
            ],
            [
                "event=end",
                "prompt=windows_cmd",
                "from_client=true",
                "prompts=3",
                "commands=2",
                "client_bytes=161",
                "server_bytes=13"
            ],
        ]
    );
}

#[test]
fn a_shell_without_prompts_is_known_by_its_answers() {
    let told = told(BOUND);
    assert_eq!(told.len(), 2);
    assert_eq!(told[0][..5], ["event=begin", "prompt=unix", "from_client=false", "prompts=0", "commands=1"]);
    assert_eq!(told[1][..5], ["event=end", "prompt=unix", "from_client=false", "prompts=0", "commands=2"]);
}

#[test]
fn bare_prompts_count_where_the_other_side_goes_on() {
    let told = told(PLAIN);
    assert_eq!(told[1][..5], ["event=end", "prompt=unix", "from_client=true", "prompts=2", "commands=2"]);
}

#[test]
fn control_sequences_are_passed_over() {
    let lines: &[Line<'_>] =
        &[(C, b"\x1b]0;joe@host: ~\x07\x1b[?2004h\x1b[01;32mjoe@host\x1b[00m:\x1b[01;34m~\x1b[00m$ ")];
    let told = told(lines);
    assert_eq!(told[0][1..4], ["prompt=unix", "from_client=true", "prompts=1"]);
    assert_eq!(probed::<Shell>(TCP, 4_444, lines[0].1), Probe::Yes);
}

#[test]
fn no_command_is_kept() {
    let lines: &[Line<'_>] = &[(C, b"PS C:\\> "), (S, b"net use secret\r\n")];
    let flow = drive::flow(TCP, 40_000, 443);
    let (mut known, mut budget) = (crate::proto::Known::default(), crate::proto::Budget::new(9));
    let mut parser = Shell::default();
    for &(from_a, bytes) in lines {
        let piece =
            Piece { key: &flow.key, from_a, at: Moment::default(), bytes, missing: 0, cut: 0, icmp: None };
        parser.push(&piece, &mut Out::new(&flow, None, &mut known, &mut budget));
    }
    assert!(!format!("{parser:?}").contains("115, 101, 99, 114, 101, 116"));
}

#[test]
fn rows_are_the_same_however_the_stream_is_cut() {
    let shape = |rows: Vec<Row<Said>>| -> Vec<Vec<String>> {
        rows.iter().map(|row| said::<Shell>(row).into_iter().take(5).collect()).collect()
    };
    for lines in [REVERSE, BOUND, PLAIN] {
        let whole = shape(rows::<Shell>(TCP, 4_444, lines));
        for most in [1, 2, 3, 7, 40] {
            assert_eq!(shape(rows_cut::<Shell>(4_444, lines, most)), whole, "{most}");
        }
    }
}

fn probed_both(port: u16, own: &[u8], other: &[u8]) -> Probe {
    let flow = drive::flow(TCP, 40_000, port);
    Shell::probe(&Opening { key: &flow.key, from_a: true, bytes: own, other, wire: own.len() as u32 })
}

#[test]
fn it_is_known_by_content_on_any_port() {
    for port in [80, 443, 4_444] {
        for text in [
            REVERSE[0].1,
            PLAIN[0].1,
            b"bash-5.1$ ",
            b"C:\\>",
            b"uid=33(www-data) gid=33(www-data)\n",
            b"motd\r\n\r\n[root@host ~]# ",
        ] {
            assert_eq!(probed::<Shell>(TCP, port, text), Probe::Yes, "{text:?}");
        }
    }
    assert_eq!(probed_both(4_444, b"$ ", b""), Probe::More);
    assert_eq!(probed_both(4_444, b"ls\n", b"$ "), Probe::Yes);
    assert_eq!(probed_both(4_444, b"a\nb\n$ ", b"ls\n"), Probe::Yes);
    assert_eq!(probed_both(4_444, b"/root\n", b"pwd\n"), Probe::Yes);
    assert_eq!(probed_both(4_444, b"id\n", b""), Probe::More);
}

#[test]
fn what_looks_alike_is_left_alone() {
    assert_eq!(probed::<Shell>(TCP, 23, b"joe@host:~$ "), Probe::No);
    assert_eq!(probed::<Shell>(TCP, 4_444, b"host login: "), Probe::No);
    assert_eq!(probed::<Shell>(TCP, 4_444, &[0x16, 3, 1]), Probe::No);
    assert_eq!(probed::<Shell>(TCP, 4_444, b"MZ\x90\0"), Probe::No);
    assert_eq!(probed::<Shell>(TCP, 80, b"<html>C:\\>"), Probe::No);
    assert_eq!(probed::<Shell>(17, 4_444, b"bash-5.1$ "), Probe::No);
    assert_eq!(probed::<Shell>(TCP, 4_444, &b"some words of a text. ".repeat(40)), Probe::No);
    assert_eq!(probed::<Shell>(TCP, 4_444, b"use the prompt C:\\> and type\r\n"), Probe::More);
    assert_ne!(probed::<Shell>(TCP, 80, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"), Probe::Yes);
    assert_ne!(probed::<Shell>(TCP, 4_444, b"# "), Probe::Yes);
}

#[test]
fn bulk_is_counted_and_not_read() {
    let bulk = vec![b'x'; 100_000];
    let mut lines: Vec<Line<'_>> = vec![(C, b"bash-5.1$ ")];
    lines.extend((0..5).map(|_| (C, &bulk[..])));
    lines.push((S, b"ls\n"));
    let rows = rows::<Shell>(TCP, 4_444, &lines);
    assert!(said::<Shell>(&rows[1]).contains(&"client_bytes=500010".to_owned()));
    assert!(said::<Shell>(&rows[1]).contains(&"commands=0".to_owned()));
}

proptest! {
    #[test]
    fn any_bytes_are_heard(input in prop::collection::vec(any::<u8>(), 0..600)) {
        drive::hammer::<Shell>(&input, &[4_444, 80, 23]);
    }

    #[test]
    fn spoilt_dialogues_are_heard(
        which in 0usize..3, line in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(),
        with in prop::collection::vec(any::<u8>(), 0..9), gone in 0usize..9, most in 1usize..90,
    ) {
        let mut talk: Vec<(bool, Vec<u8>)> =
            [REVERSE, BOUND, PLAIN][which].iter().map(|(from_a, bytes)| (*from_a, bytes.to_vec())).collect();
        let index = line.index(talk.len());
        let bytes = &mut talk[index].1;
        let start = at.index(bytes.len());
        let end = (start + gone).min(bytes.len());
        bytes.splice(start..end, with);
        let lines: Vec<Line<'_>> = talk.iter().map(|(from_a, bytes)| (*from_a, &bytes[..])).collect();
        drive::show::<Shell>(&rows_cut::<Shell>(4_444, &lines, most));
    }
}
