use super::*;
use crate::proto::drive;
use crate::proto::kit::{Line, probed, rows, rows_cut, said};
use proptest::prelude::*;

const TCP: u8 = 6;
const UDP: u8 = 17;
const PORT: u16 = 20_000;
/// Control bytes of unconfirmed user data from a master, and from an outstation.
const ASKS: u8 = 0xc4;
const ANSWERS: u8 = 0x44;

fn frame(control: u8, destination: u16, source: u16, data: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0x05, 0x64, data.len() as u8 + 5, control];
    bytes.extend(destination.to_le_bytes());
    bytes.extend(source.to_le_bytes());
    bytes.extend(link::checksum(&bytes));
    for block in data.chunks(16) {
        bytes.extend(block);
        bytes.extend(link::checksum(block));
    }
    bytes
}

/// A message in as many frames as it needs: device 4 is asked by master 3.
fn message(control: u8, body: &[u8]) -> Vec<u8> {
    let (destination, source) = if control & 0x80 != 0 { (4, 3) } else { (3, 4) };
    let count = body.chunks(249).count();
    (0..)
        .zip(body.chunks(249))
        .flat_map(|(place, part): (usize, _)| {
            let head = u8::from(place == 0) * 0x40 | u8::from(place + 1 == count) * 0x80 | place as u8 & 0x3f;
            frame(control, destination, source, &[&[head], part].concat())
        })
        .collect()
}

const OPERATE: &[u8] = &[
    0xc3, 4, 12, 1, 0x28, 1, 0, 7, 0, 3, 1, 100, 0, 0, 0, 100, 0, 0, 0, 0, 41, 1, 0x17, 1, 2, 9, 0, 0, 0, 0,
];

fn dialogue() -> Vec<(bool, Vec<u8>)> {
    let mut long = vec![0xe2, 129, 0x00, 0x00, 30, 2, 0x01, 0, 0, 0xc7, 0];
    long.extend([7; 600]);
    long.extend([1, 2, 0, 0, 3, 1, 1, 1, 1]);
    vec![
        (true, frame(0xc0, 4, 3, &[])),
        (false, frame(0x00, 3, 4, &[])),
        (true, message(ASKS, &[0xc1, 1, 60, 2, 6, 60, 3, 6, 60, 4, 6, 60, 1, 6])),
        (false, message(ANSWERS, &[0xe1, 129, 0x90, 0x00, 2, 1, 0x28, 1, 0, 1, 0, 0x81])),
        (true, message(ASKS, &[0xc1, 0])),
        (true, message(ASKS, &[0xc2, 1, 30, 0, 6])),
        (false, message(ANSWERS, &long)),
        (true, message(ASKS, OPERATE)),
        (false, message(ANSWERS, &[&[0xc3, 129, 0x00, 0x04], &OPERATE[2..]].concat())),
        (false, message(ANSWERS, &[0xf5, 130, 0x80, 0x00, 22, 1, 0x28, 1, 0, 1, 0, 1, 9, 0, 0, 0])),
        (true, message(ASKS, &[0xc4, 13])),
    ]
}

fn lines(dialogue: &[(bool, Vec<u8>)]) -> Vec<Line<'_>> {
    dialogue.iter().map(|(from_a, bytes)| (*from_a, &bytes[..])).collect()
}

fn said_of(dialogue: &[(bool, Vec<u8>)]) -> Vec<String> {
    rows::<Dnp3>(TCP, PORT, &lines(dialogue)).iter().map(|row| said::<Dnp3>(row).join(" ")).collect()
}

fn without_time(rows: Vec<Row<Said>>) -> Vec<Said> {
    rows.into_iter().map(|row| Said { latency_ns: None, answer_packet: None, ..row.said }).collect()
}

#[test]
fn the_checksum_is_the_one_of_the_standard() {
    assert_eq!(frame(0xc0, 1, 1_024, &[]), [0x05, 0x64, 0x05, 0xc0, 0x01, 0x00, 0x00, 0x04, 0xe9, 0x21]);
}

#[test]
fn requests_and_their_answers_are_one_row_each() {
    assert_eq!(
        said_of(&dialogue()),
        [
            "source=3 destination=4 function_name=link_reset control=false request_bytes=10 crc_errors=0",
            "source=3 destination=4 function_name=link_ack control=false answer_bytes=10 crc_errors=0",
            "source=3 destination=4 function=1 function_name=read control=false sequence=1 \
             objects=60v2,60v3,60v4,60v1 answer_objects=2v1 internal_indications=need_time,device_restart \
             request_bytes=27 answer_bytes=25 latency_ns=1000000 crc_errors=0 answer_packet=4",
            "source=3 destination=4 function=0 function_name=confirm control=false sequence=1 request_bytes=15 \
             crc_errors=0",
            "source=3 destination=4 function=1 function_name=read control=false sequence=2 objects=30v0 \
             answer_objects=30v2,1v2 internal_indications=none request_bytes=18 answer_bytes=733 \
             latency_ns=1000000 crc_errors=0 answer_packet=7",
            "source=3 destination=4 function=4 function_name=operate control=true sequence=3 objects=12v1,41v1 \
             answer_objects=12v1,41v1 internal_indications=parameter_error request_bytes=45 answer_bytes=49 \
             latency_ns=1000000 crc_errors=0 answer_packet=9",
            "source=3 destination=4 function=130 function_name=unsolicited_response control=false sequence=5 \
             answer_objects=22v1 internal_indications=device_restart answer_bytes=31 crc_errors=0 answer_packet=10",
            "source=3 destination=4 function=13 function_name=cold_restart control=true sequence=4 \
             request_bytes=15 crc_errors=0",
        ]
    );
    assert!(rows::<Dnp3>(TCP, PORT, &lines(&dialogue())).iter().all(|row| row.client_is_a));
}

#[test]
fn an_answer_of_several_fragments_is_one() {
    let dialogue = [
        (true, message(ASKS, &[0xcf, 1, 60, 1, 6])),
        (false, message(ANSWERS, &[0xaf, 129, 0x02, 0, 1, 2, 0, 0, 0, 1])),
        (true, message(ASKS, &[0xcf, 0])),
        (false, message(ANSWERS, &[0x60, 129, 0x80, 0, 30, 2, 0, 0, 0, 1, 2, 3])),
    ];
    let said = said_of(&dialogue);
    assert_eq!(said.len(), 2);
    for part in
        ["answer_objects=1v2", "=class_1_events,device_restart", "answer_bytes=48", "latency_ns=3000000"]
    {
        assert!(said[1].contains(part), "{part} in {}", said[1]);
    }
}

#[test]
fn a_stream_is_the_same_however_it_is_cut() {
    let whole = without_time(rows::<Dnp3>(TCP, PORT, &lines(&dialogue())));
    for most in [1, 2, 3, 7, 17, 100] {
        assert_eq!(without_time(rows_cut::<Dnp3>(PORT, &lines(&dialogue()), most)), whole, "{most}");
    }
    let one =
        [(true, dialogue().into_iter().filter(|line| line.0).flat_map(|line| line.1).collect::<Vec<u8>>())];
    assert_eq!(rows::<Dnp3>(TCP, PORT, &lines(&one)).len(), 6);
}

#[test]
fn wrong_checksums_are_counted_and_a_wrong_header_is_passed_over() {
    let mut block = message(ASKS, &[0xc1, 1, 60, 2, 6]);
    block[13] ^= 1;
    let mut header = message(ASKS, &[0xc2, 2, 80, 1, 0, 7, 7, 0]);
    header[4] ^= 1;
    let good = message(ASKS, &[0xc3, 14]);
    let dialogue = [(true, [block, header, good.clone(), good].concat())];
    let rows = rows::<Dnp3>(TCP, PORT, &lines(&dialogue));
    let said: Vec<_> = rows.iter().map(|row| (row.function, row.crc_errors)).collect();
    assert_eq!(said, [(Some(1), 1), (Some(14), 1), (Some(14), 0)]);
}

#[test]
fn it_is_known_by_content_on_any_port_and_its_port_alone_proves_nothing() {
    let ask = message(ASKS, &[0xc1, 1, 60, 2, 6]);
    for protocol in [TCP, UDP] {
        assert_eq!(probed::<Dnp3>(protocol, 4_444, &ask), Probe::Yes);
        assert_eq!(probed::<Dnp3>(protocol, 4_444, &ask[..6]), Probe::More);
        assert_eq!(probed::<Dnp3>(protocol, PORT, b"\x05\x01\x00"), Probe::No);
        assert_eq!(probed::<Dnp3>(protocol, PORT, &[0x05, 0x64, 5, 0xc0, 1, 0, 0, 4, 0xe9, 0x22]), Probe::No);
    }
    assert_eq!(probed::<Dnp3>(1, 0, &ask), Probe::No);
}

#[test]
fn datagrams_stand_for_themselves() {
    let ask = message(ASKS, &[0xc1, 1, 60, 2, 6]);
    let answer = message(ANSWERS, &[0xc1, 129, 0, 0]);
    let rows = rows::<Dnp3>(UDP, PORT, &[(true, &ask[..12]), (true, &ask), (false, &answer)]);
    assert_eq!(rows.len(), 1);
    assert!(rows[0].latency_ns.is_some());
}

#[test]
fn lost_and_cut_bytes_leave_what_came_and_what_follows() {
    let flow = drive::flow(TCP, 40_000, PORT);
    let long = message(ASKS, &[&[0xc1, 2, 110, 200, 0x17, 1, 0][..], &[7; 200]].concat());
    let next = message(ASKS, &[0xc2, 14]);
    let piece = |bytes, missing, cut| Piece {
        key: &flow.key,
        from_a: true,
        at: Moment::default(),
        bytes,
        missing,
        cut,
        icmp: None,
    };
    let said = |pieces: Vec<Piece<'_>>| -> Vec<(Option<u8>, Option<u32>, u32)> {
        let rows = drive::tell::<Dnp3>(&flow, pieces);
        rows.iter().map(|row| (row.function, row.request_bytes, row.crc_errors)).collect()
    };
    let wire = long.len() as u32;
    let rest = wire - 35;
    let expected = [(Some(2), Some(wire), 0), (Some(14), Some(15), 0)];
    assert_eq!(said(vec![piece(&long[..35], 0, rest), piece(&next, rest, 0)]), expected);
    assert_eq!(said(vec![piece(&long[..35], 0, 0), piece(&next, rest, 0)]), expected);
    assert_eq!(said(vec![piece(&long[..5], 0, 0), piece(&next, 9_999, 0)]), expected[1..]);
}

#[test]
fn a_message_that_never_ends_and_questions_without_answer_are_bounded() {
    let flow = drive::flow(TCP, 40_000, PORT);
    let (mut known, mut budget) = (crate::proto::Known::default(), crate::proto::Budget::new(1));
    let mut parser = Dnp3::default();
    let mut rows = Vec::new();
    let mut tell = |parser: &mut Dnp3, bytes: &[u8]| {
        let at = Moment::default();
        let piece = Piece { key: &flow.key, from_a: true, at, bytes, missing: 0, cut: 0, icmp: None };
        let next = parser.push(&piece, &mut Out::new(&flow, Some(&mut rows), &mut known, &mut budget));
        assert!(size_of::<Dnp3>() + parser.held() < 20 << 10);
        next
    };
    for _ in 0..200 {
        tell(&mut parser, &message(ASKS, &[0xc1, 1, 60, 2, 6]));
    }
    for number in 0..1_000u32 {
        let head = if number == 0 { 0x40 } else { (number % 64) as u8 };
        tell(&mut parser, &frame(ASKS, 4, 3, &[&[head][..], &[0xc1; 240]].concat()));
    }
    assert_eq!(tell(&mut parser, &vec![0x05; 20_000]), Next::Done);
    assert_eq!(rows.len(), 201);
}

#[test]
fn objects_are_read_until_their_size_is_unknown() {
    let kinds = |function, bytes: &[u8]| Objects::read(function, bytes).kinds().to_vec();
    assert_eq!(kinds(1, &[30, 2, 0, 0, 9, 60, 1, 6]), [(30, 2), (60, 1)]);
    assert_eq!(kinds(1, &[1, 0, 0x17, 2, 5, 6, 60, 1, 6]), [(1, 0), (60, 1)]);
    assert_eq!(
        kinds(129, &[1, 1, 0, 0, 8, 1, 1, 10, 2, 1, 0, 0, 0, 0, 9, 80, 1, 0, 7, 7, 0]),
        [(1, 1), (10, 2), (80, 1)]
    );
    assert_eq!(kinds(25, &[70, 3, 0x5b, 1, 2, 0, 9, 9, 60, 1, 6]), [(70, 3), (60, 1)]);
    assert_eq!(kinds(129, &[99, 1, 6, 60, 1, 6]), [(99, 1)]);
    assert_eq!(kinds(129, &[30, 1, 2, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]), [(30, 1)]);
    assert_eq!(kinds(1, &[60, 1, 6].repeat(99)).len(), MOST_OBJECTS);
    assert_eq!(kinds(2, &[70, 3, 0x69, 0xff, 0xff, 0xff, 0xff]), [(70, 3)]);
}

proptest! {
    #[test]
    fn any_bytes_are_heard(input in prop::collection::vec(any::<u8>(), 0..600)) {
        drive::hammer::<Dnp3>(&input, &[PORT, 9]);
    }

    #[test]
    fn any_message_is_heard(bodies in prop::collection::vec((any::<bool>(), prop::collection::vec(any::<u8>(), 1..400)), 1..8)) {
        let dialogue: Vec<(bool, Vec<u8>)> = bodies
            .iter()
            .map(|(from_a, body)| (*from_a, message(if *from_a { ASKS } else { ANSWERS }, body)))
            .collect();
        let heard = rows::<Dnp3>(TCP, PORT, &lines(&dialogue));
        drive::show::<Dnp3>(&heard);
        prop_assert_eq!(without_time(heard), without_time(rows_cut::<Dnp3>(PORT, &lines(&dialogue), 5)));
    }

    #[test]
    fn damaged_dialogues_are_heard(
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<u8>(), 0u8..3), 1..6),
    ) {
        let mut dialogue = dialogue();
        for (line, place, byte, kind) in damage {
            let index = line.index(dialogue.len());
            let bytes = &mut dialogue[index].1;
            let at = place.index(bytes.len());
            match kind {
                0 => bytes[at] ^= byte,
                1 => drop(bytes.remove(at)),
                _ => bytes.insert(at, byte),
            }
        }
        dialogue.retain(|(_, bytes)| !bytes.is_empty());
        let heard = rows::<Dnp3>(TCP, PORT, &lines(&dialogue));
        drive::show::<Dnp3>(&heard);
        prop_assert_eq!(without_time(heard), without_time(rows_cut::<Dnp3>(PORT, &lines(&dialogue), 3)));
    }

    #[test]
    fn random_bytes_are_not_taken_for_it(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
        prop_assert_ne!(probed::<Dnp3>(TCP, PORT, &bytes), Probe::Yes);
    }
}
