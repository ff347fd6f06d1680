use super::*;
use crate::proto::drive;
use crate::proto::kit::{probed, rows, rows_cut, said};
use proptest::prelude::*;

const TCP: u8 = 6;
const UDP: u8 = 17;

fn value(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let length = match content.len() {
        short @ 0..=127 => vec![short as u8],
        middle @ 128..=255 => vec![0x81, middle as u8],
        long => vec![0x82, (long >> 8) as u8, long as u8],
    };
    [&[tag][..], &length, &content].concat()
}

fn number(place: u8, number: i8) -> Vec<u8> {
    value(0xa0 + place, &[&[2, 1, number.cast_unsigned()]])
}

fn text(place: u8, text: &str) -> Vec<u8> {
    value(0xa0 + place, &[&value(0x1b, &[text.as_bytes()])])
}

fn principal(place: u8, parts: &[&str]) -> Vec<u8> {
    let parts: Vec<u8> = parts.iter().flat_map(|part| value(0x1b, &[part.as_bytes()])).collect();
    let names = value(0xa1, &[&value(0x30, &[&parts])]);
    value(0xa0 + place, &[&value(0x30, &[&number(0, 1), &names])])
}

fn request(tag: u8, client: Option<&str>, service: &[&str], evidence: i8) -> Vec<u8> {
    let evidence = value(0x30, &[&number(1, evidence), &value(0xa2, &[&value(4, &[&[7; 60]])])]);
    let options = value(0xa0, &[&[3, 5, 0, 0x40, 0x81, 0, 0x10]]);
    let encryptions: Vec<u8> =
        [18, 17, 23, -128i8].iter().flat_map(|kind| [2, 1, kind.cast_unsigned()]).collect();
    let body = value(
        0x30,
        &[
            &options,
            &client.map_or(vec![], |client| principal(1, &[client])),
            &text(2, "CORP.EXAMPLE"),
            &principal(3, service),
            &value(0xa5, &[&value(0x18, &[b"20370913024805Z"])]),
            &value(0xa7, &[&[2, 4, 1, 2, 3, 4]]),
            &value(0xa8, &[&value(0x30, &[&encryptions])]),
        ],
    );
    let parts = [
        number(1, 5),
        number(2, (tag & 31).cast_signed()),
        value(0xa3, &[&value(0x30, &[&evidence])]),
        value(0xa4, &[&body]),
    ];
    value(tag, &[&value(0x30, &[&parts.concat()])])
}

fn reply(tag: u8, client: &str, service: &[&str], ticket: i8) -> Vec<u8> {
    let sealed = |kind| value(0x30, &[&number(0, kind), &value(0xa2, &[&value(4, &[&[9; 300]])])]);
    let inner = value(
        0x30,
        &[&number(0, 5), &text(1, "CORP.EXAMPLE"), &principal(2, service), &value(0xa3, &[&sealed(ticket)])],
    );
    let ticket = value(0xa5, &[&value(0x61, &[&inner])]);
    let parts = [
        number(0, 5),
        number(1, (tag & 31).cast_signed()),
        text(3, "CORP.EXAMPLE"),
        principal(4, &[client]),
        ticket,
        value(0xa6, &[&sealed(18)]),
    ];
    value(tag, &[&value(0x30, &[&parts.concat()])])
}

fn failure(code: i8) -> Vec<u8> {
    let parts = [
        number(0, 5),
        number(1, 30),
        number(6, code),
        text(9, "CORP.EXAMPLE"),
        principal(10, &["krbtgt", "CORP.EXAMPLE"]),
    ];
    value(0x7e, &[&value(0x30, &[&parts.concat()])])
}

fn framed(message: &[u8]) -> Vec<u8> {
    [&(message.len() as u32).to_be_bytes()[..], message].concat()
}

const FIRST: [&str; 2] = ["krbtgt", "CORP.EXAMPLE"];

#[test]
fn a_log_in_is_told_with_what_was_offered_and_given() {
    let rows = rows::<Kerberos>(
        UDP,
        88,
        &[
            (true, &request(0x6a, Some("alice"), &FIRST, -128)),
            (false, &failure(25)),
            (true, &request(0x6a, Some("alice"), &FIRST, 2)),
            (true, &request(0x6a, Some("alice"), &FIRST, 2)),
            (false, &reply(0x6b, "alice", &FIRST, 18)),
        ],
    );
    let asked = "kind=as client=alice realm=CORP.EXAMPLE service=krbtgt/CORP.EXAMPLE \
                 encryption_types=aes256,aes128,rc4,rc4_md4";
    let end = "options=forwardable,renewable,canonicalize,renewable_ok till=20370913024805Z";
    assert_eq!(
        rows.iter().map(|row| said::<Kerberos>(row).join(" ")).collect::<Vec<_>>(),
        [
            format!("{asked} preauth=false error=KDC_ERR_PREAUTH_REQUIRED tries=1 latency_ns=1000000 {end}"),
            format!(
                "{asked} ticket_encryption=aes256 reply_encryption=aes256 preauth=true login=success tries=2 \
                 latency_ns=2000000 {end}"
            ),
        ]
    );
    assert!(rows.iter().all(|row| row.client_is_a));
}

#[test]
fn a_wrong_password_and_an_unknown_account_are_failures() {
    for (code, word) in
        [(24, "KDC_ERR_PREAUTH_FAILED"), (6, "KDC_ERR_C_PRINCIPAL_UNKNOWN"), (18, "KDC_ERR_CLIENT_REVOKED")]
    {
        let ask = request(0x6a, Some("bob"), &FIRST, 2);
        let rows = rows::<Kerberos>(UDP, 88, &[(true, &ask), (false, &failure(code))]);
        let shown = said::<Kerberos>(&rows[0]).join(" ");
        assert!(shown.contains(&format!("error={word} login=failure")), "{shown}");
    }
}

#[test]
fn a_ticket_for_a_service_names_the_client_by_the_answer_however_the_stream_is_cut() {
    let service = ["MSSQLSvc", "db.corp.example:1433"];
    let (ask, answer) =
        (framed(&request(0x6c, None, &service, 1)), framed(&reply(0x6d, "eve", &service, 23)));
    let lines = [(true, &ask[..]), (false, &answer[..]), (true, &ask[..])];
    let told = |rows: Vec<Row<Said>>| -> Vec<Said> {
        rows.into_iter().map(|row| Said { latency_ns: None, ..row.said }).collect()
    };
    let whole = told(rows::<Kerberos>(TCP, 88, &lines));
    let [first, second] = &whole[..] else { panic!("{whole:?}") };
    assert_eq!((first.client.as_deref(), first.ticket_encryption), (Some("eve"), Some(23)));
    assert_eq!(
        (first.service.as_deref(), second.client.as_deref()),
        (Some("MSSQLSvc/db.corp.example:1433"), None)
    );
    for most in [1, 2, 3, 7, 100] {
        assert_eq!(told(rows_cut::<Kerberos>(88, &lines, most)), whole, "{most}");
    }
}

#[test]
fn an_answer_alone_tells_who_got_what() {
    let rows = rows::<Kerberos>(UDP, 88, &[(false, &reply(0x6b, "alice", &FIRST, 23))]);
    let shown = said::<Kerberos>(&rows[0]).join(" ");
    assert!(
        shown.starts_with("kind=as client=alice realm=CORP.EXAMPLE service=krbtgt/CORP.EXAMPLE"),
        "{shown}"
    );
    assert!(shown.contains("login=success") && rows[0].client_is_a, "{shown}");
}

#[test]
fn it_is_known_by_content_on_any_port() {
    let ask = request(0x6a, Some("alice"), &FIRST, 2);
    assert_eq!(probed::<Kerberos>(UDP, 4_444, &ask), Probe::Yes);
    assert_eq!(probed::<Kerberos>(TCP, 4_444, &framed(&ask)), Probe::Yes);
    assert_eq!(probed::<Kerberos>(TCP, 88, &framed(&ask)[..9]), Probe::More);
    assert_eq!(probed::<Kerberos>(TCP, 88, &ask), Probe::No);
    assert_eq!(probed::<Kerberos>(UDP, 88, &[0x6a; 60]), Probe::No);
    assert_eq!(probed::<Kerberos>(UDP, 88, b"GET / HTTP/1.1\r\n"), Probe::No);
    assert_eq!(probed::<Kerberos>(TCP, 88, &[0; 40]), Probe::No);
}

#[test]
fn absurd_lengths_and_depths_cost_their_bound() {
    let endless = [&0x7fff_ffffu32.to_be_bytes()[..], &vec![0x6a; 100_000]].concat();
    assert_eq!(rows_cut::<Kerberos>(88, &[(true, &endless)], 1_000).len(), 0);
    let deep = (0..2_000).fold(vec![], |inner, _| value(0x30, &[&inner]));
    assert_eq!(rows::<Kerberos>(UDP, 88, &[(true, &value(0x6a, &[&deep]))]).len(), 1);
    let asks: Vec<Vec<u8>> =
        (0..500).map(|id| request(0x6a, Some(&format!("user{id}")), &FIRST, 2)).collect();
    let lines: Vec<(bool, &[u8])> = asks.iter().map(|ask| (true, &ask[..])).collect();
    assert_eq!(rows::<Kerberos>(UDP, 88, &lines).len(), 500);
}

proptest! {
    #[test]
    fn any_bytes_are_heard(input in prop::collection::vec(any::<u8>(), 0..600)) {
        drive::hammer::<Kerberos>(&input, &[88, 9]);
    }

    #[test]
    fn a_damaged_dialogue_is_heard(
        damage in prop::collection::vec((0usize..3, any::<prop::sample::Index>(), any::<u8>(), 0u8..3), 1..8),
        most in 1usize..300,
    ) {
        let mut lines = [
            request(0x6a, Some("alice"), &FIRST, 2),
            reply(0x6b, "alice", &FIRST, 18),
            failure(24),
        ];
        for (line, place, byte, how) in damage {
            let bytes = &mut lines[line];
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
        let datagrams = [(true, &lines[0][..]), (false, &lines[1][..]), (false, &lines[2][..])];
        drive::show::<Kerberos>(&rows::<Kerberos>(UDP, 88, &datagrams));
        let framed = lines.map(|line| framed(&line));
        let stream = [(true, &framed[0][..]), (false, &framed[1][..]), (false, &framed[2][..])];
        drive::show::<Kerberos>(&rows_cut::<Kerberos>(88, &stream, most));
    }
}
