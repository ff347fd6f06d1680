use super::*;
use crate::proto::drive;
use crate::proto::kit::{probed, rows, rows_cut, said};
use dialogue::*;
use proptest::prelude::*;

mod dialogue;

const TCP: u8 = 6;

fn lines(dialogue: &[(bool, Vec<u8>)]) -> Vec<(bool, &[u8])> {
    dialogue.iter().map(|(from_a, bytes)| (*from_a, &bytes[..])).collect()
}

#[test]
fn log_ins_shares_pipes_and_programs_are_told_with_their_outcome() {
    let dialogue = dialogue();
    let rows = rows::<Smb>(TCP, 445, &lines(&dialogue));
    let shown: Vec<String> = rows.iter().map(|row| said::<Smb>(row).join(" ")).collect();
    let server = "server_name=FILES server_domain=CORP server_dns_name=files.corp.example \
                  server_dns_domain=corp.example server_os=10.0.14393 latency_ns=1000000";
    let who = "user=alice domain=CORP workstation=LAPTOP";
    let wanted = [
        "event=negotiate version=SMB3.0.2 status=STATUS_SUCCESS signing_required=true latency_ns=1000000 \
         offered=SMB2.1,SMB3.0.2"
            .to_owned(),
        format!(
            "event=login version=SMB3.0.2 {who} auth=ntlm login=failure status=STATUS_LOGON_FAILURE \
             signing_required=true {server}"
        ),
        format!(
            "event=login version=SMB3.0.2 {who} auth=ntlm login=success status=STATUS_SUCCESS \
             signing_required=true encrypted=false {server}"
        ),
        format!(
            "event=tree version=SMB3.0.2 {who} status=STATUS_SUCCESS share=\\\\files\\IPC$ share_type=pipe \
             signing_required=true encrypted=false latency_ns=1000000"
        ),
        format!(
            "event=open version=SMB3.0.2 {who} status=STATUS_SUCCESS share=\\\\files\\IPC$ name=svcctl \
             action=opened signing_required=true latency_ns=2000000"
        ),
        format!(
            "event=tree version=SMB3.0.2 {who} status=STATUS_SUCCESS share=\\\\files\\ADMIN$ share_type=disk \
             signing_required=true encrypted=false latency_ns=1000000"
        ),
        format!(
            "event=open version=SMB3.0.2 {who} status=STATUS_SUCCESS share=\\\\files\\ADMIN$ \
             name=temp\\run.exe action=created signing_required=true latency_ns=1000000"
        ),
        format!(
            "event=open version=SMB3.0.2 {who} status=STATUS_ACCESS_DENIED share=\\\\files\\ADMIN$ \
             name=temp\\run.exe signing_required=true latency_ns=1000000"
        ),
    ];
    assert_eq!(shown, wanted);
    assert!(rows.iter().all(|row| row.client_is_a));
}

#[test]
fn a_stream_is_the_same_however_it_is_cut() {
    let dialogue = dialogue();
    let told = |rows: Vec<Row<Said>>| -> Vec<Said> {
        rows.into_iter().map(|row| Said { latency_ns: None, ..row.said }).collect()
    };
    let whole = told(rows::<Smb>(TCP, 445, &lines(&dialogue)));
    for most in [1, 2, 3, 7, 66, 1_460] {
        assert_eq!(told(rows_cut::<Smb>(445, &lines(&dialogue), most)), whole, "{most}");
    }
}

#[test]
fn the_old_dialect_is_read_too() {
    let mut words = vec![0xff, 0, 0, 0];
    words.resize(26, 0);
    words[14] = 24;
    let login = [&[0x55; 24][..], b"bob\0HOME\0Unix\0Samba\0"].concat();
    let connect = one(0x75, false, 0, 0x4000, &[0xff, 0, 0, 0, 0, 0, 1, 0], b"\0\\\\nas\\C$\0?????\0");
    let lines = [
        (true, one(0x72, false, 0, 0x4000, &[], b"\x02LANMAN1.0\0\x02NT LM 0.12\0")),
        (true, one(0x73, false, 0, 0x4000, &words, &login)),
        (false, one(0x73, true, 0, 0x4000, &[0xff, 0, 0, 0, 1, 0], b"Unix\0Samba\0HOME\0")),
        (true, connect),
        (false, one(0x75, true, 0x0002_0002, 0, &[], b"")),
    ];
    let lines: Vec<_> = lines.iter().map(|(from_a, bytes)| (*from_a, &bytes[..])).collect();
    let rows = rows::<Smb>(TCP, 139, &lines);
    let shown: Vec<String> = rows.iter().map(|row| said::<Smb>(row).join(" ")).collect();
    assert_eq!(
        shown,
        [
            "event=login version=SMB1 user=bob domain=HOME auth=guest login=success status=STATUS_SUCCESS \
             server_os=Unix latency_ns=1000000",
            "event=tree version=SMB1 user=bob domain=HOME status=ERRbadpw share=\\\\nas\\C$ latency_ns=1000000",
            "event=negotiate version=SMB1 server_os=Unix offered=LANMAN1.0,NT LM 0.12",
        ]
    );
}

#[test]
fn a_chain_of_commands_leads_forward_only() {
    let circle = one(0x73, false, 0, 0x4000, &[0x73, 0, 32, 0, 0, 0], b"");
    assert_eq!(rows::<Smb>(TCP, 445, &[(true, &circle)]).len(), 1);
    let mut compound = two(1, false, 0, (1, 1, 1), b"");
    compound[20..24].copy_from_slice(&64u32.to_le_bytes());
    assert_eq!(rows::<Smb>(TCP, 445, &[(true, &framed(&compound.repeat(40)))]).len(), 16);
}

#[test]
fn with_the_first_encrypted_message_nothing_more_is_read() {
    let sealed = framed(&[&b"\xfdSMB"[..], &[7; 60]].concat());
    let asks = framed(&two(3, false, 0, (9, 0, 6), &tree("\\\\files\\ADMIN$")));
    let rows = rows::<Smb>(TCP, 445, &[(true, &asks), (true, &sealed), (true, &asks)]);
    let events: Vec<Event> = rows.iter().map(|row| row.event).collect();
    assert_eq!(events, [Event::Tree, Event::Encrypted]);
}

#[test]
fn a_gap_within_a_message_is_gone_over_and_another_ends_at_the_next_begin() {
    let flow = drive::flow(TCP, 40_000, 445);
    let bulk = framed(&two(9, false, 0, (9, 2, 9), &[1; 9_000]));
    let asks = framed(&two(3, false, 0, (9, 0, 6), &tree("\\\\files\\ADMIN$")));
    let piece = |bytes, missing| Piece {
        key: &flow.key,
        from_a: true,
        at: crate::proto::Moment::default(),
        bytes,
        missing,
        cut: 0,
        icmp: None,
    };
    let tail = [&bulk[4_000..], &asks].concat();
    assert_eq!(drive::tell::<Smb>(&flow, [piece(&bulk[..1_000], 0), piece(&tail, 3_000)]).len(), 1);
    let lost = [piece(&bulk[..1_000], 0), piece(b"anything", 90_000), piece(&asks, 0)];
    assert_eq!(drive::tell::<Smb>(&flow, lost).len(), 1);
}

#[test]
fn it_is_known_by_content_on_any_port() {
    let asks = framed(&two(3, false, 0, (9, 0, 6), &tree("\\\\files\\ADMIN$")));
    assert_eq!(probed::<Smb>(TCP, 4_444, &asks), Probe::Yes);
    assert_eq!(probed::<Smb>(17, 445, &asks), Probe::No);
    assert_eq!(probed::<Smb>(TCP, 445, &asks[..7]), Probe::More);
    assert_eq!(probed::<Smb>(TCP, 445, b"GET / HTTP/1.1\r\n"), Probe::No);
    assert_eq!(probed::<Smb>(TCP, 445, &[0; 40]), Probe::No);
    let session = [&b"\x81\0\0\x44\x20"[..], &[b'C'; 32], &[0]].concat();
    let session = [&session[..], &[0x20], &[b'D'; 32], &[0]].concat();
    assert_eq!(probed::<Smb>(TCP, 139, &session), Probe::More);
    assert_eq!(probed::<Smb>(TCP, 139, &[&session[..], &asks].concat()), Probe::Yes);
    assert_eq!(probed::<Smb>(TCP, 139, &[&session[..], b"anything else"].concat()), Probe::No);
}

#[test]
fn memory_stays_small_whatever_is_opened() {
    let asks: Vec<Vec<u8>> = (0..2_000u64)
        .map(|id| framed(&two(5, false, 0, (9, 2, id), &create(&format!("{id}{}.exe", "x".repeat(900))))))
        .collect();
    let lines: Vec<(bool, &[u8])> = asks.iter().map(|ask| (true, &ask[..])).collect();
    assert_eq!(rows::<Smb>(TCP, 445, &lines).len(), 0);
    let short: Vec<Vec<u8>> = (0..2_000u64)
        .map(|id| framed(&two(5, false, 0, (9, 2, id), &create(&format!("{id}.exe")))))
        .collect();
    let lines: Vec<(bool, &[u8])> = short.iter().map(|ask| (true, &ask[..])).collect();
    assert_eq!(rows::<Smb>(TCP, 445, &lines).len(), MOST_OPENED);
}

proptest! {
    #[test]
    fn any_bytes_are_heard(input in prop::collection::vec(any::<u8>(), 0..600)) {
        drive::hammer::<Smb>(&input, &[445, 139, 9]);
    }

    #[test]
    fn a_damaged_dialogue_is_heard(
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<u8>(), 0u8..3), 1..12),
        most in 1usize..300,
    ) {
        let mut dialogue = dialogue();
        for (line, place, byte, how) in damage {
            let line = line.index(dialogue.len());
            let bytes = &mut dialogue[line].1;
            if bytes.is_empty() {
                continue;
            }
            let place = place.index(bytes.len());
            match how {
                0 => bytes[place] = byte,
                1 => bytes.truncate(place),
                _ => bytes.insert(place, byte),
            }
        }
        drive::show::<Smb>(&rows_cut::<Smb>(445, &lines(&dialogue), most));
    }
}
