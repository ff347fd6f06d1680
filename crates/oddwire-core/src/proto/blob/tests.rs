use super::*;
use crate::proto::drive;
use crate::proto::kit::{Line, probed, rows, rows_cut, said};
use proptest::prelude::*;

const TCP: u8 = 6;

fn pe(place: u8) -> Vec<u8> {
    let mut bytes = b"MZ\x90\0\x03\0\0\0".to_vec();
    bytes.resize(0x3c, 0);
    bytes.extend([place, 0, 0, 0]);
    bytes.extend(b"This program cannot be run in DOS mode.");
    bytes.resize(usize::from(place), 0);
    bytes.extend(b"PE\0\0\x64\x86");
    bytes.resize(400, 7);
    bytes
}

fn staged() -> Vec<u8> {
    [&70_000u32.to_le_bytes()[..], &pe(0xf8)].concat()
}

fn elf() -> Vec<u8> {
    [&b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\x3e\0\x01\0\0\0"[..], &[1; 100]].concat()
}

fn macho() -> Vec<u8> {
    [&b"\xcf\xfa\xed\xfe\x07\0\0\x01\x03\0\0\0\x02\0\0\0\x10\0\0\0"[..], &[1; 100]].concat()
}

const SCRIPT: &[u8] = b"#!/usr/bin/env python3\nimport os\n";
const POWERSHELL: &[u8] = b"IEX (New-Object Net.WebClient)";

fn all() -> [(Vec<u8>, &'static str, &'static str); 6] {
    [
        (pe(0x80), "what=pe", "offset_bytes=0"),
        (staged(), "what=pe", "offset_bytes=4"),
        (elf(), "what=elf", "offset_bytes=0"),
        (macho(), "what=macho", "offset_bytes=0"),
        (SCRIPT.to_vec(), "what=script", "offset_bytes=0"),
        (POWERSHELL.to_vec(), "what=powershell", "offset_bytes=0"),
    ]
}

#[test]
fn what_is_sent_is_named_whichever_side_sends_it_and_however_it_is_cut() {
    for (bytes, what, offset) in all() {
        for from_a in [true, false] {
            let lines: &[Line<'_>] = &[(!from_a, b"go\n"), (from_a, &bytes)];
            let client = format!("from_client={from_a}");
            let told = rows::<Blob>(TCP, 4_444, lines);
            assert_eq!(told.len(), 1, "{what}");
            assert_eq!(said::<Blob>(&told[0]), [what, &client, offset]);
            for most in [1, 2, 3, 5, 7, 100] {
                let cut = rows_cut::<Blob>(4_444, lines, most);
                assert_eq!(cut.len(), 1, "{what} {most}");
                assert_eq!(said::<Blob>(&cut[0]), [what, &client, offset]);
            }
        }
    }
}

#[test]
fn it_is_known_on_any_port() {
    for (bytes, what, _) in all() {
        assert_eq!(probed::<Blob>(TCP, 443, &bytes), Probe::Yes, "{what}");
        assert_eq!(probed::<Blob>(17, 443, &bytes), Probe::No, "{what}");
    }
    assert_eq!(probed::<Blob>(TCP, 443, &pe(0x80)[..100]), Probe::More);
    assert_eq!(probed::<Blob>(TCP, 443, &70_000u32.to_le_bytes()), Probe::More);
    assert_eq!(probed::<Blob>(TCP, 443, &staged()[..12]), Probe::More);
}

#[test]
fn what_looks_alike_is_left_alone() {
    let mut no_header = pe(0x80);
    no_header[0x80] = b'Q';
    let mut far = pe(0x80);
    far[0x3e] = 9;
    for bytes in [
        &no_header[..],
        &far,
        b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x77\0\x3e\0\x01\0\0\0",
        b"\xca\xfe\xba\xbe\0\0\0\x34\0\x10",
        b"#! not a path\n",
        b"#!/\n",
        b"MZunicode text",
        b"GET / HTTP/1.1\r\n",
        b"function test() {",
        &[0x16, 3, 1, 0, 1],
        &[0, 0, 0, 9, b'M', b'Z'],
        b"ab",
    ] {
        assert_ne!(probed::<Blob>(TCP, 4_444, bytes), Probe::Yes, "{bytes:?}");
    }
    assert_eq!(probed::<Blob>(TCP, 4_444, &no_header), Probe::No);
    assert_eq!(probed::<Blob>(TCP, 4_444, b"ab"), Probe::No);
}

#[test]
fn a_stream_that_is_nothing_is_left_soon() {
    let lines: &[Line<'_>] = &[(true, &[9; 5_000]), (false, b"MZ"), (false, &[0; 3_000])];
    assert!(rows::<Blob>(TCP, 4_444, lines).is_empty());
}

proptest! {
    #[test]
    fn any_bytes_are_heard(input in prop::collection::vec(any::<u8>(), 0..600)) {
        drive::hammer::<Blob>(&input, &[443, 80, 9]);
    }

    #[test]
    fn spoilt_content_is_heard(
        which in 0usize..6, at in any::<prop::sample::Index>(),
        with in prop::collection::vec(any::<u8>(), 0..9), gone in 0usize..9, most in 1usize..90,
    ) {
        let [mut bytes, ..] = [all()[which].0.clone()];
        let start = at.index(bytes.len());
        let end = (start + gone).min(bytes.len());
        bytes.splice(start..end, with);
        drive::show::<Blob>(&rows_cut::<Blob>(443, &[(false, &bytes)], most));
    }
}
