use super::*;
use crate::proto::drive;
use crate::proto::kit::{Line, probed, rows, rows_cut, said};
use proptest::prelude::*;

const TCP: u8 = 6;
const UDP: u8 = 17;

fn message(transaction: u16, unit: u8, body: &[u8]) -> Vec<u8> {
    let length = body.len() as u16 + 1;
    [&transaction.to_be_bytes()[..], &[0, 0], &length.to_be_bytes(), &[unit], body].concat()
}

fn said_of(lines: &[Line<'_>]) -> Vec<String> {
    rows::<Modbus>(TCP, PORT, lines).iter().map(|row| said::<Modbus>(row).join(" ")).collect()
}

fn polling() -> Vec<(bool, Vec<u8>)> {
    vec![
        (true, message(1, 17, &[3, 0, 107, 0, 3])),
        (false, message(1, 17, &[3, 6, 2, 43, 0, 0, 0, 100])),
        (true, message(2, 17, &[16, 0, 1, 0, 2, 4, 0, 10, 1, 2])),
        (true, message(3, 17, &[1, 0, 19, 0, 37])),
        (false, message(2, 17, &[16, 0, 1, 0, 2])),
        (false, message(3, 17, &[0x81, 2])),
        (false, message(9, 17, &[5, 0, 172, 0xff, 0])),
        (true, message(4, 17, &[8, 0, 4, 0, 0])),
    ]
}

fn lines(dialogue: &[(bool, Vec<u8>)]) -> Vec<Line<'_>> {
    dialogue.iter().map(|(from_a, bytes)| (*from_a, &bytes[..])).collect()
}

#[test]
fn requests_and_their_answers_are_one_row_each() {
    let dialogue = polling();
    assert_eq!(
        said_of(&lines(&dialogue)),
        [
            "transaction=1 unit=17 function=3 function_name=read_holding_registers write=false address=107 \
             quantity=3 request_bytes=12 answer_bytes=15 latency_ns=1000000 answer_packet=2",
            "transaction=2 unit=17 function=16 function_name=write_multiple_registers write=true address=1 \
             quantity=2 request_bytes=17 answer_bytes=12 latency_ns=2000000 answer_packet=5",
            "transaction=3 unit=17 function=1 function_name=read_coils write=false address=19 quantity=37 \
             exception=2 exception_name=illegal_data_address request_bytes=12 answer_bytes=9 latency_ns=2000000 \
             answer_packet=6",
            "transaction=9 unit=17 function=5 function_name=write_single_coil write=true address=172 quantity=1 \
             answer_bytes=12 answer_packet=7",
            "transaction=4 unit=17 function=8 function_name=diagnostics write=true subfunction=4 request_bytes=12",
        ]
    );
    assert!(rows::<Modbus>(TCP, PORT, &lines(&dialogue)).iter().all(|row| row.client_is_a));
}

#[test]
fn functions_say_what_they_address() {
    let asked = |body: &[u8]| said_of(&[(true, &message(1, 1, body))]).join("");
    for (body, part) in [
        (&[22, 0, 4, 0, 0xf2, 0, 0x25][..], "mask_write_register write=true address=4 quantity=1"),
        (
            &[23, 0, 3, 0, 6, 0, 14, 0, 1, 2, 0, 255],
            "read_write_multiple_registers write=true address=3 quantity=6",
        ),
        (&[24, 4, 222], "read_fifo_queue write=false address=1246 request"),
        (&[43, 14, 1, 0], "encapsulated_interface write=false subfunction=14"),
        (&[90, 0, 0x40], "unity write=true subfunction=64"),
        (&[8, 0, 0, 1, 2], "diagnostics write=false subfunction=0"),
        (&[17], "report_server_id write=false request_bytes=8"),
        (&[100, 1], "function=100 write=false request_bytes=9"),
    ] {
        assert!(asked(body).contains(part), "{part} in {}", asked(body));
    }
}

#[test]
fn a_stream_is_the_same_however_it_is_cut() {
    let dialogue = polling();
    let whole: Vec<Said> = without_time(rows::<Modbus>(TCP, PORT, &lines(&dialogue)));
    assert_eq!(whole.len(), 5);
    for most in [1, 2, 3, 7, 8, 13] {
        assert_eq!(without_time(rows_cut::<Modbus>(PORT, &lines(&dialogue), most)), whole, "{most}");
    }
    let mut broken = polling();
    broken.insert(3, (true, b"\x00\x00\x00no modbus\x00\x00".to_vec()));
    assert_eq!(without_time(rows::<Modbus>(TCP, PORT, &lines(&broken))), whole);
    assert_eq!(without_time(rows_cut::<Modbus>(PORT, &lines(&broken), 5)), whole);
}

fn without_time(rows: Vec<Row<Said>>) -> Vec<Said> {
    rows.into_iter().map(|row| Said { latency_ns: None, answer_packet: None, ..row.said }).collect()
}

#[test]
fn it_is_known_by_content_on_any_port_and_its_port_alone_proves_nothing() {
    let flow = drive::flow(TCP, 40_000, 4_444);
    let probe = |from_a: bool, bytes: &[u8], other: &[u8]| {
        Modbus::probe(&Opening { key: &flow.key, from_a, bytes, other, wire: bytes.len() as u32 })
    };
    let ask = message(1, 17, &[3, 0, 107, 0, 3]);
    let answer = message(1, 17, &[3, 6, 2, 43, 0, 0, 0, 100]);
    let second = [ask.clone(), message(2, 17, &[3, 0, 107, 0, 3])].concat();
    assert_eq!(probe(true, &ask, &[]), Probe::More);
    assert_eq!(probe(false, &answer, &ask), Probe::Yes);
    assert_eq!(probe(true, &second, &[]), Probe::Yes);
    assert_eq!(probe(false, &message(2, 17, &[3, 2, 2, 43]), &ask), Probe::More);
    assert_eq!(probe(true, &[&ask[..], b"GET / HTTP/1.1\r\n"].concat(), &[]), Probe::No);
    assert_eq!(probe(false, b"220 hello\r\n", &ask), Probe::No);
    assert_eq!(probed::<Modbus>(TCP, PORT, &ask), Probe::Yes);
    assert_eq!(probed::<Modbus>(UDP, PORT, &ask), Probe::Yes);
    assert_eq!(probed::<Modbus>(UDP, 4_444, &ask), Probe::No);
    for other in [&b"GET / HTTP/1.1\r\n\r\n"[..], &[0; 40], b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"] {
        assert_eq!(probed::<Modbus>(TCP, PORT, other), Probe::No);
    }
}

#[test]
fn who_asks_is_told_by_the_messages_where_ports_do_not_tell() {
    let dialogue = [
        (false, message(1, 17, &[5, 0, 1, 0xff, 0])),
        (true, message(2, 17, &[3, 0, 107, 0, 1])),
        (false, message(2, 17, &[3, 2, 0, 1])),
    ];
    let rows = rows::<Modbus>(TCP, 4_444, &lines(&dialogue));
    assert_eq!(rows.iter().map(|row| row.transaction).collect::<Vec<_>>(), [2, 1]);
    assert!(rows[0].client_is_a);
}

#[test]
fn a_client_that_never_changes_its_transaction_is_understood_behind_a_lost_answer() {
    let mut dialogue = vec![(true, message(0, 1, &[3, 0, 1, 0, 1]))];
    for _ in 0..3 {
        dialogue.push((true, message(0, 1, &[3, 0, 1, 0, 1])));
        dialogue.push((false, message(0, 1, &[3, 2, 0, 1])));
    }
    let latencies: Vec<_> =
        rows::<Modbus>(TCP, PORT, &lines(&dialogue)).iter().map(|row| row.latency_ns).collect();
    assert_eq!(latencies, [Some(1_000_000), Some(1_000_000), Some(1_000_000), None]);
}

#[test]
fn lost_and_cut_bytes_do_not_shift_what_follows() {
    let flow = drive::flow(TCP, 40_000, PORT);
    let write = message(1, 1, &[&[16, 0, 1, 0, 100, 200][..], &[7; 200]].concat());
    let read = message(2, 1, &[3, 0, 1, 0, 1]);
    let piece = |bytes, missing, cut| Piece {
        key: &flow.key,
        from_a: true,
        at: Moment::default(),
        bytes,
        missing,
        cut,
        icmp: None,
    };
    let numbers = |pieces: Vec<Piece<'_>>| -> Vec<(u16, Option<u16>)> {
        drive::tell::<Modbus>(&flow, pieces).iter().map(|row| (row.transaction, row.quantity)).collect()
    };
    let rest = (write.len() - 60) as u32;
    assert_eq!(
        numbers(vec![piece(&write[..60], 0, rest), piece(&read, rest, 0)]),
        [(1, Some(100)), (2, Some(1))]
    );
    assert_eq!(
        numbers(vec![piece(&write[..9], 0, 0), piece(&read, rest + 51, 0)]),
        [(1, None), (2, Some(1))]
    );
    assert_eq!(numbers(vec![piece(&write[..3], 0, 0), piece(&read, 999, 0)]), [(2, Some(1))]);
    let tail = [&[0, 0, 0, 9, 9][..], &read].concat();
    assert_eq!(numbers(vec![piece(&write, 0, 0), piece(&tail, 5, 0)]), [(1, Some(100)), (2, Some(1))]);
}

#[test]
fn months_of_polling_and_questions_without_answer_are_bounded() {
    let ask = message(7, 1, &[3, 0, 1, 0, 1]);
    let answer = message(7, 1, &[3, 2, 0, 1]);
    let mut parser = Modbus::default();
    let flow = drive::flow(TCP, 40_000, PORT);
    let (mut known, mut budget) = (crate::proto::Known::default(), crate::proto::Budget::new(1));
    let mut rows = Vec::new();
    for number in 0..20_000u64 {
        let silent = number > 10_000;
        for (from_a, bytes) in [(true, &ask), (silent, if silent { &ask } else { &answer })] {
            let at = Moment { time_ns: number.cast_signed() * 1_000, number, input: 0 };
            let piece = Piece { key: &flow.key, from_a, at, bytes, missing: 0, cut: 0, icmp: None };
            parser.push(&piece, &mut Out::new(&flow, Some(&mut rows), &mut known, &mut budget));
            assert!(size_of::<Modbus>() + parser.held() < 8 << 10);
        }
    }
    assert!(rows.len() > 29_000);
}

#[test]
fn a_flow_that_is_none_any_more_is_left_alone() {
    let noise = vec![0xaa; 8_000];
    let mut parser = Modbus::default();
    let flow = drive::flow(TCP, 40_000, PORT);
    let (mut known, mut budget) = (crate::proto::Known::default(), crate::proto::Budget::new(1));
    let piece = Piece {
        key: &flow.key,
        from_a: true,
        at: Moment::default(),
        bytes: &noise,
        missing: 0,
        cut: 0,
        icmp: None,
    };
    let next = parser.push(&piece, &mut Out::new(&flow, None, &mut known, &mut budget));
    assert_eq!(next, Next::Done);
}

proptest! {
    #[test]
    fn any_bytes_are_heard(input in prop::collection::vec(any::<u8>(), 0..600)) {
        drive::hammer::<Modbus>(&input, &[PORT, 9]);
    }

    #[test]
    fn damaged_dialogues_are_heard(
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<u8>(), 0u8..3), 1..6),
    ) {
        let mut dialogue = polling();
        for (line, place, byte, kind) in damage {
            let index = line.index(dialogue.len());
            let bytes = &mut dialogue[index].1;
            if bytes.is_empty() {
                continue;
            }
            let at = place.index(bytes.len());
            match kind {
                0 => bytes[at] ^= byte,
                1 => drop(bytes.remove(at)),
                _ => bytes.insert(at, byte),
            }
        }
        dialogue.retain(|(_, bytes)| !bytes.is_empty());
        let heard = rows::<Modbus>(TCP, PORT, &lines(&dialogue));
        drive::show::<Modbus>(&heard);
        let cut = rows_cut::<Modbus>(PORT, &lines(&dialogue), 3);
        prop_assert_eq!(without_time(heard), without_time(cut));
    }

    #[test]
    fn random_bytes_are_not_taken_for_it(bytes in prop::collection::vec(any::<u8>(), 8..100)) {
        prop_assert_ne!(probed::<Modbus>(TCP, 4_444, &bytes), Probe::Yes);
    }
}
