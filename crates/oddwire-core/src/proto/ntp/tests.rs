use super::*;
use crate::proto::drive;
use crate::proto::kit::{probed, rows, said};
use proptest::prelude::*;

const UDP: u8 = 17;

fn time(mode: u8, originated: u64, sent: u64) -> Vec<u8> {
    let mut bytes = vec![4 << 3 | mode, if mode == 4 { 2 } else { 0 }, 6, (-20i8).cast_unsigned()];
    bytes.extend([0, 0, 1, 0, 0, 0, 2, 0, 192, 0, 2, 1]);
    for stamp in [0xe000_0000_0000_0000, originated, sent, sent] {
        bytes.extend(u64::to_be_bytes(stamp));
    }
    bytes
}

fn request() -> Vec<u8> {
    time(3, 0, 0xe100_0000_1234_5678)
}

fn answer() -> Vec<u8> {
    time(4, 0xe100_0000_1234_5678, 0xe100_0000_2000_0000)
}

fn lines(rows: &[Row<Said>]) -> Vec<String> {
    rows.iter().map(|row| said::<Ntp>(row).join(" ")).collect()
}

#[test]
fn a_request_and_its_answer_are_one_row() {
    let rows = rows::<Ntp>(UDP, 123, &[(true, &request()), (false, &answer())]);
    assert!(rows[0].client_is_a);
    assert_eq!(
        lines(&rows),
        ["mode=client version=4 stratum=2 reference=192.0.2.1 request_bytes=48 answer_bytes=48 answers=1 \
          amplification=1.000 latency_ns=1000000 monlist=false leap=0 poll=6 precision=-20 extension_bytes=0 \
          secured=false"]
    );
}

#[test]
fn an_answer_that_nobody_asked_for_stands_alone() {
    let other = time(4, 5, 0xe100_0000_2000_0000);
    let rows = rows::<Ntp>(UDP, 123, &[(true, &request()), (false, &other), (false, &time(5, 0, 1))]);
    let modes: Vec<_> = rows.iter().map(|row| (row.client_is_a, row.mode(), row.answers)).collect();
    assert_eq!(modes, [(true, "server", 1), (false, "broadcast", 0), (true, "client", 0)]);
}

#[test]
fn a_list_of_many_packets_is_one_row() {
    let ask = [0x17, 0, 3, 42, 0, 0, 0, 0];
    let part = [&[0xd7, 0, 3, 42, 0, 6, 0, 72][..], &[0; 432]].concat();
    let mut said = vec![(true, &ask[..])];
    said.extend([(false, &part[..]); 50]);
    let rows = rows::<Ntp>(UDP, 123, &said);
    let lines = lines(&rows);
    assert_eq!(lines.len(), 1);
    for text in [
        "mode=private",
        "private_code=42",
        "monlist=true",
        "answers=50",
        "answer_bytes=22000",
        "amplification=2750.000",
    ] {
        assert!(lines[0].contains(text), "{text} in {}", lines[0]);
    }
}

#[test]
fn answers_without_their_request_are_counted_together_too() {
    let part = [&[0xd7, 0, 3, 42, 0, 6, 0, 72][..], &[0; 432]].concat();
    let rows = rows::<Ntp>(UDP, 123, &[(false, &part[..]); 9]);
    assert_eq!((rows.len(), rows[0].answers, rows[0].client_is_a, rows[0].request_bytes), (1, 9, true, None));
}

#[test]
fn control_messages_are_matched_by_their_sequence() {
    let control = |second, sequence| [0x16, second, 0, sequence, 0, 0, 0, 0, 0, 0, 0, 0];
    let (ask, next) = (control(2, 1), control(2, 2));
    let answers = [control(0x82, 1), control(0xa2, 2), control(0x82, 2)];
    let said = [
        (true, &ask[..]),
        (false, &answers[0][..]),
        (true, &next),
        (false, &answers[1]),
        (false, &answers[2]),
    ];
    let rows = rows::<Ntp>(UDP, 123, &said);
    assert_eq!(rows.iter().map(|row| row.answers).collect::<Vec<_>>(), [1, 2]);
    assert!(lines(&rows)[0].contains("control_operation=2"));
}

#[test]
fn fields_of_network_time_security_are_noticed() {
    let fields = [&[1, 4, 0, 36][..], &[7; 32], &[4, 4, 0, 16], &[7; 12]].concat();
    let ask = [request(), fields].concat();
    let rows = rows::<Ntp>(UDP, 123, &[(true, &ask)]);
    assert_eq!((rows[0].extensions.bytes, rows[0].extensions.secured), (52, true));
}

#[test]
fn it_is_known_by_content_on_any_port_and_its_port_alone_proves_nothing() {
    assert_eq!(probed::<Ntp>(UDP, 4_444, &request()), Probe::Yes);
    assert_eq!(probed::<Ntp>(UDP, 4_444, &answer()), Probe::Yes);
    assert_eq!(probed::<Ntp>(UDP, 123, &[&[0x1b][..], &[0; 47]].concat()), Probe::Yes);
    for bytes in [
        &[0u8; 48][..],
        &[0xff; 48],
        &[0x1b; 48],
        &[0x1b; 13],
        b"GET / HTTP/1.1\r\nHost: example.org\r\n\r\n.........",
    ] {
        assert_eq!(probed::<Ntp>(UDP, 4_444, bytes), Probe::No);
    }
    assert_eq!(probed::<Ntp>(UDP, 123, b"GET / HTTP/1.1\r\n\r\n"), Probe::No);
    assert_eq!(probed::<Ntp>(UDP, 123, &[0; 48]), Probe::No);
    assert_eq!(probed::<Ntp>(UDP, 123, &[0x1b; 48]), Probe::No);
}

#[test]
fn requests_that_nobody_answers_are_bounded() {
    let asks: Vec<Vec<u8>> = (0..1_000).map(|stamp| time(3, 0, stamp)).collect();
    let lines: Vec<(bool, &[u8])> = asks.iter().map(|ask| (true, &ask[..])).collect();
    assert_eq!(rows::<Ntp>(UDP, 123, &lines).len(), 1_000);
}

proptest! {
    #[test]
    fn any_bytes_are_heard(input in prop::collection::vec(any::<u8>(), 0..600)) {
        drive::hammer::<Ntp>(&input, &[123, 9]);
    }

    #[test]
    fn bytes_by_chance_are_not_ntp_on_another_port(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
        prop_assert_eq!(probed::<Ntp>(UDP, 4_444, &bytes), Probe::No);
    }

    #[test]
    fn damaged_dialogues_are_heard(
        flips in prop::collection::vec((0usize..110, any::<u8>()), 0..12),
        length in 0usize..110,
    ) {
        let mut parts = [request(), answer(), [0x17, 0, 3, 42, 0, 0, 0, 0].to_vec()].concat();
        for (at, value) in flips {
            if let Some(byte) = parts.get_mut(at) {
                *byte = value;
            }
        }
        parts.truncate(length);
        let lines: Vec<(bool, &[u8])> = parts.chunks(48).enumerate().map(|(at, part)| (at % 2 == 0, part)).collect();
        drive::show::<Ntp>(&rows::<Ntp>(UDP, 123, &lines));
    }
}
