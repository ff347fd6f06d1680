use super::*;
use crate::proto::drive;
use crate::proto::kit::{probed, rows, rows_cut, said};
use proptest::prelude::*;

const UDP: u8 = 17;

fn message(id: u16, flags: u16, name: &str, kind: u16, answers: &[[u8; 4]]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for word in [id, flags, 1, answers.len() as u16, 0, 0] {
        bytes.extend(word.to_be_bytes());
    }
    for label in name.split('.') {
        bytes.push(label.len() as u8);
        bytes.extend(label.as_bytes());
    }
    bytes.extend([0, 0, kind as u8, 0, 1]);
    for address in answers {
        bytes.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4]);
        bytes.extend(address);
    }
    bytes
}

#[test]
fn a_question_and_its_answer_are_one_row() {
    let ask = message(7, 0x0100, "www.example.co.uk", 1, &[]);
    let answer = message(7, 0x8180, "www.example.co.uk", 1, &[[192, 0, 2, 1], [192, 0, 2, 2]]);
    let rows = rows::<Dns>(UDP, 53, &[(true, &ask), (false, &answer)]);
    assert_eq!(rows.len(), 1);
    assert!(rows[0].client_is_a);
    let said = said::<Dns>(&rows[0]).join(" ");
    for part in [
        "message=exchange",
        "transaction=7",
        "query=www.example.co.uk",
        "query_type=A",
        "domain=example.co.uk",
        "code=NOERROR",
        "answers=192.0.2.1,192.0.2.2",
        "answer_types=A,A",
        "ttl_min=60",
        "latency_ns=1000000",
        "labels=4",
        "longest_label=7",
        "tries=1",
    ] {
        assert!(said.contains(part), "{part} in {said}");
    }
}

#[test]
fn another_answer_does_not_answer_it() {
    let ask = message(7, 0x0100, "a.example", 1, &[]);
    let other = message(7, 0x8180, "b.example", 1, &[[192, 0, 2, 1]]);
    let rows = rows::<Dns>(UDP, 53, &[(true, &ask), (true, &ask), (false, &other)]);
    let parts: Vec<Part> = rows.iter().map(|row| row.part).collect();
    assert_eq!(parts, [Part::Response, Part::Query]);
    assert_eq!(rows[1].tries, 2);
}

#[test]
fn a_stream_is_the_same_however_it_is_cut() {
    let prefixed = |bytes: Vec<u8>| [&(bytes.len() as u16).to_be_bytes()[..], &bytes].concat();
    let ask = prefixed(message(9, 0x0100, "x.example.org", 16, &[]));
    let answer = prefixed(message(9, 0x8183, "x.example.org", 16, &[]));
    let both = [ask.clone(), prefixed(message(10, 0x0100, "y.example.org", 28, &[]))].concat();
    let lines = [(true, &both[..]), (false, &answer[..])];
    let whole: Vec<Said> =
        rows::<Dns>(6, 53, &lines).into_iter().map(|row| row.said.without_time()).collect();
    assert_eq!(whole.len(), 2);
    for most in [1, 2, 3, 7, 40] {
        let cut: Vec<Said> =
            rows_cut::<Dns>(53, &lines, most).into_iter().map(|row| row.said.without_time()).collect();
        assert_eq!(cut, whole, "{most}");
    }
}

impl Said {
    fn without_time(mut self) -> Self {
        if let Some(answer) = &mut self.answer {
            (answer.at, answer.latency_ns) = (Moment::default(), None);
        }
        self
    }
}

#[test]
fn it_is_known_by_content_on_any_port_and_port_53_alone_proves_nothing() {
    let ask = message(7, 0x0100, "tunnel.example.com", 16, &[]);
    assert_eq!(probed::<Dns>(UDP, 4_444, &ask), Probe::Yes);
    assert_eq!(probed::<Dns>(UDP, 53, b"GET / HTTP/1.1\r\n\r\n"), Probe::No);
    assert_eq!(probed::<Dns>(UDP, 4_444, &[0; 40]), Probe::No);
}

#[test]
fn questions_that_nobody_answers_are_bounded() {
    let asks: Vec<Vec<u8>> = (0..1_000).map(|id| message(id, 0x0100, "a.example", 1, &[])).collect();
    let lines: Vec<(bool, &[u8])> = asks.iter().map(|ask| (true, &ask[..])).collect();
    let rows = rows::<Dns>(UDP, 53, &lines);
    assert_eq!(rows.len(), 1_000);
}

proptest! {
    #[test]
    fn any_bytes_are_heard(input in prop::collection::vec(any::<u8>(), 0..600)) {
        drive::hammer::<Dns>(&input, &[53, 5353, 5355, 137, 9]);
    }
}
