//! Streams as they really come: data in the SYN, packets that acknowledge nothing, bytes sent twice.

mod scene;

use oddwire_core::proto::http::Http;
use oddwire_core::proto::shell::Shell;
use scene::{ALL, CLIENT, SECOND, SERVER, Sent, heard, segment, syn, texts};

const ENDS: (scene::End, scene::End) = ((CLIENT, 40_000), (SERVER, 80));
const HEAD: &[u8] = b"GET /a HTTP/1.1\r\nHost: www.example.com\r\nUser-Agent: Tester/1.0\r\n\r\n";

/// The request in segments that begin at these bytes; the client's first byte has number 1.
fn request(starts: &[usize]) -> Vec<Sent> {
    let ends = starts.iter().skip(1).copied().chain([HEAD.len()]);
    starts.iter().zip(ends).map(|(&start, end)| part(start, end)).collect()
}

fn part(start: usize, end: usize) -> Sent {
    let bytes = HEAD.get(start..end).unwrap_or_default();
    segment(SECOND, ENDS.0, ENDS.1, 1 + start as u32, bytes)
}

fn rows(packets: impl IntoIterator<Item = Sent>) -> Vec<String> {
    let told = texts::<Http>(&mut heard(ALL, packets).said);
    assert_eq!(told.len(), 1, "{told:?}");
    told
}

fn is_whole(rows: &[String]) {
    for told in ["path=/a", "host=www.example.com", "agent=Tester/1.0", "head_cut=false"] {
        assert!(rows.iter().all(|row| row.contains(told)), "{told} is not in {rows:?}");
    }
}

#[test]
fn data_in_the_syn_is_the_begin_of_the_stream() {
    let mut packets = request(&[0, 10, 30]);
    if let Some(tcp) = &mut packets[0].tcp {
        *tcp = syn(0, ENDS.0, ENDS.1).tcp.unwrap();
    }
    is_whole(&rows(packets));
}

#[test]
fn what_is_no_acknowledgement_does_not_make_bytes_lost() {
    let shift = |mut sent: Sent| {
        if let Some(tcp) = &mut sent.tcp {
            tcp.seq = tcp.seq.wrapping_add(0xc000_0000);
        }
        sent
    };
    let mut parts = request(&[0, 10, 30]).into_iter().map(shift);
    let (first, second, third) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
    // A window probe of an odd stack: neither data nor an acknowledgement.
    let mut odd = segment(SECOND, ENDS.1, ENDS.0, 7, b"");
    odd.tcp.as_mut().unwrap().flags = 0;
    is_whole(&rows([first, third, odd, second]));
}

#[test]
fn bytes_that_come_twice_or_in_another_order_are_said_once() {
    let once = rows(request(&[0, 10, 30, 40]));
    is_whole(&once);
    let parts = request(&[0, 10, 30, 40]);
    let overlapping = part(5, 35);
    for order in [[0, 2, 1, 3], [0, 3, 2, 1], [0, 1, 3, 2]] {
        let mixed = order.map(|index: usize| parts[index].clone());
        let [a, b, c, d] = mixed.clone();
        is_whole(&rows(mixed));
        is_whole(&rows([a.clone(), a, b.clone(), overlapping.clone(), b, c.clone(), d, c]));
    }
}

#[test]
fn what_the_other_end_said_before_is_not_put_in_front() {
    // A server that agrees to go on by one byte, and whose answer then begins a message of its own.
    let agree = segment(SECOND, ENDS.1, ENDS.0, 1, b"\x06");
    let answer = segment(2 * SECOND, ENDS.1, ENDS.0, 2, b"HTTP/1.1 204 No Content\r\n\r\n");
    let told = rows([agree].into_iter().chain(request(&[0])).chain([answer]));
    assert!(told.iter().all(|row| row.contains("status=Some(204)")), "{told:?}");
}

/// What is said of shells in these packets.
fn shells(packets: impl IntoIterator<Item = Sent>) -> Vec<String> {
    texts::<Shell>(&mut heard(ALL, packets).said)
}

#[test]
fn the_handshake_says_whose_shell_it_is() {
    let (low, high) = ((CLIENT, 4_444), (SERVER, 40_000));
    let lines: &[(bool, &[u8])] = &[(true, b"bash-5.1$ "), (false, b"id\n")];
    let talk = scene::dialogue(SECOND, low, high, lines);
    let told = shells([syn(0, low, high)].into_iter().chain(talk.clone()));
    assert_eq!(told.len(), 2);
    assert!(told.iter().all(|row| row.contains("from_client=Some(true)")), "{told:?}");
    let told = shells(talk);
    assert!(told.iter().all(|row| row.contains("from_client=Some(false)")), "{told:?}");
}

#[test]
fn a_shell_is_found_behind_text_that_could_not_be_told() {
    let long = b"drwxr-xr-x joe joe some file\r\n".repeat(40);
    let lines: &[(bool, &[u8])] = &[
        (true, &long),
        (false, b"whoami\n"),
        (true, b"root\r\n"),
        (false, b"cd /\n"),
        (true, b"[root@host /]# "),
    ];
    let told = shells(scene::dialogue(SECOND, (CLIENT, 40_000), (SERVER, 443), lines));
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told.iter().all(|row| row.contains("from_client=Some(true)")), "{told:?}");
}
