use super::ber::{INTEGER, OBJECT, OCTETS, SEQUENCE, dotted};
use super::*;
use crate::proto::drive;
use crate::proto::kit::{probed, rows, said};
use proptest::prelude::*;

const UDP: u8 = 17;

fn value(tag: u8, content: &[u8]) -> Vec<u8> {
    if content.len() < 128 {
        return [&[tag, content.len() as u8], content].concat();
    }
    [&[tag, 0x82][..], &(content.len() as u16).to_be_bytes(), content].concat()
}

fn integer(number: i32) -> Vec<u8> {
    value(INTEGER, &number.to_be_bytes())
}

/// A variable named 1.3.6.1.2.1.1.`last`.0.
fn variable(last: u8, content: &[u8]) -> Vec<u8> {
    value(SEQUENCE, &[value(OBJECT, &[0x2b, 6, 1, 2, 1, 1, last, 0]), content.to_vec()].concat())
}

fn body(tag: u8, id: i32, numbers: [i32; 2], variables: &[u8]) -> Vec<u8> {
    let parts = [integer(id), integer(numbers[0]), integer(numbers[1]), value(SEQUENCE, variables)];
    value(tag, &parts.concat())
}

fn message(version: u8, community: &[u8], body: &[u8]) -> Vec<u8> {
    value(SEQUENCE, &[value(INTEGER, &[version]), value(OCTETS, community), body.to_vec()].concat())
}

fn get() -> Vec<u8> {
    message(1, b"public", &body(0xa0, 77, [0, 0], &variable(1, &[5, 0])))
}

fn response() -> Vec<u8> {
    message(1, b"public", &body(0xa2, 77, [0, 0], &variable(1, &value(OCTETS, b"a router of some make"))))
}

fn message_3(id: i32, flags: u8, user: &[u8], data: &[u8]) -> Vec<u8> {
    let head = [integer(id), integer(65_507), value(OCTETS, &[flags]), integer(3)].concat();
    let security = [value(OCTETS, &[0x80, 0, 1, 2]), integer(1), integer(2), value(OCTETS, user)];
    let security = [security.concat(), value(OCTETS, &[]), value(OCTETS, &[])].concat();
    let parts =
        [integer(3), value(SEQUENCE, &head), value(OCTETS, &value(SEQUENCE, &security)), data.to_vec()];
    value(SEQUENCE, &parts.concat())
}

fn lines(rows: &[Row<Said>]) -> Vec<String> {
    rows.iter().map(|row| said::<Snmp>(row).join(" ")).collect()
}

#[test]
fn a_request_and_its_answer_are_one_row_without_the_community() {
    let (ask, answer) = (get(), response());
    let rows = rows::<Snmp>(UDP, 161, &[(true, &ask), (true, &ask), (false, &answer)]);
    assert!(rows[0].client_is_a);
    assert_eq!(
        lines(&rows),
        [format!(
            "version=2c pdu=get answer=response community_default=true variables=1 first_oid=1.3.6.1.2.1.1.1.0 \
             request_bytes={} answer_bytes={} amplification={:.3} latency_ns=2000000 tries=2 answer_variables=1",
            ask.len(),
            answer.len(),
            answer.len() as f64 / ask.len() as f64
        )]
    );
    let secret = message(0, b"s3cret", &body(0xa3, 1, [0, 0], &variable(5, &value(OCTETS, b"x"))));
    let line = &lines(&super::tests::rows::<Snmp>(UDP, 161, &[(true, &secret)]))[0];
    assert!(line.contains("version=1 pdu=set community_default=false") && !line.contains("s3cret"), "{line}");
}

#[test]
fn another_answer_does_not_answer_it() {
    let other = message(1, b"public", &body(0xa2, 78, [2, 1], &[]));
    let rows = rows::<Snmp>(UDP, 161, &[(true, &get()), (false, &other)]);
    let lines = lines(&rows);
    assert!(rows.iter().all(|row| row.client_is_a));
    assert!(
        lines[0].contains("pdu=response answer=response") && lines[0].contains("error=no_such_name"),
        "{lines:?}"
    );
    assert!(lines[1].contains("pdu=get ") && !lines[1].contains("answer"), "{lines:?}");
}

#[test]
fn a_bulk_request_says_how_much_it_wants() {
    let ask = message(1, b"public", &body(0xa5, 5, [0, 2_250], &variable(1, &[5, 0])));
    assert!(lines(&rows::<Snmp>(UDP, 161, &[(true, &ask)]))[0].contains("pdu=get_bulk"));
    assert!(lines(&rows::<Snmp>(UDP, 161, &[(true, &ask)]))[0].contains("max_repetitions=2250"));
}

#[test]
fn traps_stand_alone_and_say_what_they_are() {
    let parts = [value(OBJECT, &[0x2b, 6, 1, 4, 1, 9]), value(0x40, &[10, 0, 0, 1]), integer(6), integer(1)];
    let first = value(0xa4, &[parts.concat(), value(0x43, &[1]), value(SEQUENCE, &[])].concat());
    let name = value(OBJECT, &[0x2b, 6, 1, 6, 3, 1, 1, 4, 1, 0]);
    let named = value(SEQUENCE, &[name, value(OBJECT, &[0x2b, 6, 1, 6, 3, 1, 1, 5, 3])].concat());
    let second = body(0xa7, 9, [0, 0], &[variable(3, &value(0x43, &[1])), named].concat());
    let (first, second) = (message(0, b"public", &first), message(1, b"public", &second));
    let rows = rows::<Snmp>(UDP, 162, &[(true, &first), (true, &second)]);
    let lines = lines(&rows);
    assert!(
        lines[0].contains("version=1 pdu=trap") && lines[0].contains("trap_oid=1.3.6.1.4.1.9"),
        "{lines:?}"
    );
    assert!(
        lines[1].contains("variables=2") && lines[1].contains("trap_oid=1.3.6.1.6.3.1.1.5.3"),
        "{lines:?}"
    );
}

#[test]
fn version_3_names_its_user_and_encrypted_answers_are_found() {
    let scoped =
        [value(OCTETS, &[0x80]), value(OCTETS, b""), body(0xa1, 4, [0, 0], &variable(1, &[5, 0]))].concat();
    let ask = message_3(100, 4, b"admin", &value(SEQUENCE, &scoped));
    let hidden = [
        message_3(101, 7, b"admin", &value(OCTETS, b"????")),
        message_3(101, 3, b"admin", &value(OCTETS, b"!!")),
    ];
    let said = [(true, &ask[..]), (true, &hidden[0][..]), (false, &hidden[1][..])];
    let lines = lines(&rows::<Snmp>(UDP, 161, &said));
    assert!(
        lines[0].contains("version=3 user=admin security=authPriv") && lines[0].contains("latency_ns"),
        "{lines:?}"
    );
    for part in ["pdu=get_next", "user=admin", "security=noAuthNoPriv", "variables=1", "engine_id=80000102"] {
        assert!(lines[1].contains(part), "{part} in {lines:?}");
    }
}

#[test]
fn an_encrypted_answer_alone_is_no_request() {
    let hidden =
        [message_3(7, 3, b"admin", &value(OCTETS, b"!!")), message_3(8, 7, b"admin", &value(OCTETS, b"??"))];
    let said = [(false, &hidden[0][..]), (true, &hidden[1][..])];
    let rows = rows::<Snmp>(UDP, 161, &said);
    assert!(rows.iter().all(|row| row.client_is_a));
    assert_eq!(rows.iter().map(|row| row.request_bytes.is_some()).collect::<Vec<_>>(), [false, true]);
}

#[test]
fn identifiers_are_shown_in_bounds() {
    assert_eq!(dotted(&[0x2b, 6, 0x88, 0x37, 0]).as_deref(), Some("1.3.6.1079.0"));
    assert_eq!(dotted(&[0x88, 0x37]).as_deref(), Some("2.999"));
    assert_eq!(dotted(&[0x2b, 0x81]).as_deref(), Some("1.3..."));
    assert_eq!(dotted(&[0xff; 4_000]).as_deref(), Some("..."));
    assert!(dotted(&[0x2b; 4_000]).unwrap().len() < 200);
}

#[test]
fn it_is_known_by_content_on_any_port_and_its_port_alone_proves_nothing() {
    assert_eq!(probed::<Snmp>(UDP, 4_444, &get()), Probe::Yes);
    assert_eq!(probed::<Snmp>(UDP, 4_444, &message_3(1, 4, b"", &value(OCTETS, b"x"))), Probe::Yes);
    assert_eq!(probed::<Snmp>(UDP, 4_444, &get()[..20]), Probe::No);
    assert_eq!(probed::<Snmp>(UDP, 161, &get()[..20]), Probe::Yes);
    let search = [&[0x30, 12, 2, 1, 1, 0x60, 7][..], &[2, 1, 3, 4, 0, 0x80, 0]].concat();
    for bytes in [&search[..], b"GET / HTTP/1.1\r\n\r\n", &[0; 48], &[0x30; 48], &[0x30, 0x80, 2, 1, 0]] {
        assert_eq!(probed::<Snmp>(UDP, 161, bytes), Probe::No, "{bytes:?}");
    }
}

#[test]
fn requests_that_nobody_answers_are_bounded() {
    let asks: Vec<Vec<u8>> = (0..1_000).map(|id| message(1, b"x", &body(0xa0, id, [0, 0], &[]))).collect();
    let lines: Vec<(bool, &[u8])> = asks.iter().map(|ask| (true, &ask[..])).collect();
    assert_eq!(rows::<Snmp>(UDP, 161, &lines).len(), 1_000);
}

proptest! {
    #[test]
    fn any_bytes_are_heard(input in prop::collection::vec(any::<u8>(), 0..600)) {
        drive::hammer::<Snmp>(&input, &[161, 162, 9]);
    }

    #[test]
    fn damaged_dialogues_are_heard(
        which in 0usize..3,
        flips in prop::collection::vec((0usize..120, any::<u8>()), 0..6),
        inserted in (0usize..120, prop::collection::vec(any::<u8>(), 0..9)),
        length in 0usize..120,
    ) {
        let mut bytes = [get(), response(), message_3(100, 4, b"admin", &value(OCTETS, b"????"))][which].clone();
        for (at, value) in flips {
            if let Some(byte) = bytes.get_mut(at) {
                *byte = value;
            }
        }
        let at = inserted.0.min(bytes.len());
        bytes.splice(at..at, inserted.1);
        bytes.truncate(length);
        let _ = probed::<Snmp>(UDP, 9, &bytes);
        drive::show::<Snmp>(&rows::<Snmp>(UDP, 161, &[(true, &bytes), (false, &response()), (false, &bytes)]));
    }
}
