use super::*;
use crate::proto::drive;
use crate::proto::kit::{probed, rows, rows_cut, said};
use proptest::prelude::*;

const TCP: u8 = 6;
const UDP: u8 = 17;
const SERVICES: [u8; 16] =
    [0x81, 0xbb, 0x7a, 0x36, 0x44, 0x98, 0xf1, 0x35, 0xad, 0x32, 0x98, 0xf0, 0x38, 0, 0x10, 3];
const ENDPOINTS: [u8; 16] =
    [8, 0x83, 0xaf, 0xe1, 0x1f, 0x5d, 0xc9, 0x11, 0x91, 0xa4, 8, 0, 0x2b, 0x14, 0xa0, 0xfa];

/// A packet: kind, flags, body, and a proof with its kind.
fn packet(kind: u8, flags: u8, body: &[u8], proof: Option<(u8, &[u8])>) -> Vec<u8> {
    let trailer = proof.map_or(vec![], |(kind, blob)| [&[kind, 6, 0, 0, 0, 0, 0, 0][..], blob].concat());
    let length = (HEADER + body.len() + trailer.len()) as u16;
    let auth = proof.map_or(0, |(_, blob)| blob.len() as u16);
    let head =
        [&[5, 0, kind, flags, 0x10, 0, 0, 0][..], &length.to_le_bytes(), &auth.to_le_bytes(), &[1, 0, 0, 0]];
    [&head.concat(), body, &trailer].concat()
}

fn bind(kind: u8, interfaces: &[(u16, [u8; 16])], proof: Option<(u8, &[u8])>) -> Vec<u8> {
    let mut body = vec![0xb8, 0x10, 0xb8, 0x10, 0, 0, 0, 0, interfaces.len() as u8, 0, 0, 0];
    for (context, identifier) in interfaces {
        body.extend(context.to_le_bytes());
        body.extend([1, 0]);
        body.extend(identifier);
        body.extend([2, 0, 0, 0]);
        body.extend([4; 20]);
    }
    packet(kind, 3, &body, proof)
}

fn accept(results: &[u8]) -> Vec<u8> {
    let mut body = vec![0xb8, 0x10, 0xb8, 0x10, 0, 0, 0, 0, 4, 0, b'1', b'3', b'5', 0, 0, 0];
    body.extend([results.len() as u8, 0, 0, 0]);
    for result in results {
        body.extend([*result, 0, 0, 0]);
        body.extend([4; 20]);
    }
    packet(BIND_ACK, 3, &body, None)
}

fn call(context: u16, operation: u16, flags: u8) -> Vec<u8> {
    let numbers = [context.to_le_bytes(), operation.to_le_bytes()].concat();
    packet(REQUEST, flags, &[&[0; 4][..], &numbers, &[0x41; 300]].concat(), None)
}

fn fail(context: u16, status: u32) -> Vec<u8> {
    packet(
        FAULT,
        3,
        &[&[0; 4][..], &context.to_le_bytes(), &[0, 0], &status.to_le_bytes(), &[0; 4]].concat(),
        None,
    )
}

/// A proof of NTLM without names but that of the account.
fn authenticate(user: &str) -> Vec<u8> {
    let user: Vec<u8> = user.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut blob = b"NTLMSSP\0\x03\0\0\0".to_vec();
    for length in [0, 24, 0, user.len() as u16, 0, 0] {
        let place = if length == 24 { 64u32 } else { 88 };
        blob.extend(length.to_le_bytes());
        blob.extend(length.to_le_bytes());
        blob.extend(place.to_le_bytes());
    }
    blob.extend(1u32.to_le_bytes());
    [blob, vec![0xaa; 24], user].concat()
}

fn dialogue() -> Vec<(bool, Vec<u8>)> {
    let proof = authenticate("carol");
    vec![
        (true, bind(BIND, &[(0, SERVICES), (1, ENDPOINTS)], Some((10, b"NTLMSSP\0\x01\0\0\0")))),
        (false, accept(&[0, 2])),
        (true, packet(AUTH, 3, &[0; 4], Some((10, &proof)))),
        (true, call(0, 15, 3)),
        (true, call(0, 12, 1)),
        (true, call(0, 12, 2)),
        (true, call(0, 12, 3)),
        (false, fail(0, 5)),
        (true, call(0, 77, 3)),
    ]
}

fn lines(dialogue: &[(bool, Vec<u8>)]) -> Vec<(bool, &[u8])> {
    dialogue.iter().map(|(from_a, bytes)| (*from_a, &bytes[..])).collect()
}

#[test]
fn interfaces_are_told_with_what_was_called() {
    let dialogue = dialogue();
    let rows = rows::<DceRpc>(TCP, 49_664, &lines(&dialogue));
    assert_eq!(
        rows.iter().map(|row| said::<DceRpc>(row).join(" ")).collect::<Vec<_>>(),
        [
            "interface=svcctl uuid=367abb81-9844-35f1-ad32-98f038001003 version=2.0 accepted=true calls=4 \
             operations=OpenSCManagerW:1,CreateServiceW:2,77:1 faults=1 fault=access_denied auth=ntlm \
             auth_level=privacy user=carol",
            "interface=epmapper uuid=e1af8308-5d1f-11c9-91a4-08002b14a0fa version=2.0 accepted=false calls=0 \
             faults=0 auth=ntlm auth_level=privacy user=carol",
        ]
    );
    assert!(rows.iter().all(|row| row.client_is_a));
}

#[test]
fn a_stream_is_the_same_however_it_is_cut() {
    let dialogue = dialogue();
    let told = |rows: Vec<Row<Said>>| -> Vec<Said> { rows.into_iter().map(|row| row.said).collect() };
    let whole = told(rows::<DceRpc>(TCP, 135, &lines(&dialogue)));
    for most in [1, 2, 3, 7, 100] {
        assert_eq!(told(rows_cut::<DceRpc>(135, &lines(&dialogue), most)), whole, "{most}");
    }
}

#[test]
fn calls_without_their_binding_are_counted() {
    let rows = rows::<DceRpc>(TCP, 135, &[(true, &call(0, 3, 3)), (true, &call(0, 3, 3))]);
    assert_eq!(said::<DceRpc>(&rows[0]), ["calls=2", "operations=3:2", "faults=0"]);
}

fn datagram(kind: u8, operation: u8) -> Vec<u8> {
    let mut bytes = vec![4, kind, 0x20, 0, 0x10, 0, 0, 0];
    bytes.extend([9; 16]);
    bytes.extend([1, 0, 0xa0, 0xde, 0x97, 0x6c, 0xd1, 0x11, 0x82, 0x71, 0, 0xa0, 0x24, 0x42, 0xdf, 0x7d]);
    bytes.extend([8; 16]);
    bytes.extend([0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]);
    bytes.extend([operation, 0, 0xff, 0xff, 0xff, 0xff, 20, 0, 0, 0, 0, 0]);
    bytes.extend([1; 20]);
    bytes
}

#[test]
fn devices_are_set_up_by_datagrams() {
    let rows = rows::<DceRpc>(UDP, 34_964, &[(true, &datagram(0, 2)), (false, &datagram(2, 2))]);
    assert_eq!(
        said::<DceRpc>(&rows[0]).join(" "),
        "interface=pnio_device uuid=dea00001-6c97-11d1-8271-00a02442df7d version=1.0 calls=1 operations=2:1 faults=0"
    );
    assert_eq!(rows.len(), 1);
}

#[test]
fn it_is_known_by_content_on_any_port() {
    let ask = bind(BIND, &[(0, SERVICES)], None);
    assert_eq!(probed::<DceRpc>(TCP, 4_444, &ask), Probe::Yes);
    assert_eq!(probed::<DceRpc>(TCP, 135, &ask[..9]), Probe::More);
    assert_eq!(probed::<DceRpc>(TCP, 135, b"\x05\x01\x00\x05\x00\x00\x01"), Probe::No);
    assert_eq!(probed::<DceRpc>(TCP, 135, &[0; 40]), Probe::No);
    assert_eq!(probed::<DceRpc>(TCP, 135, &[5; 40]), Probe::No);
    assert_eq!(probed::<DceRpc>(UDP, 4_444, &datagram(0, 2)), Probe::Yes);
    assert_eq!(probed::<DceRpc>(UDP, 34_964, &datagram(0, 2)[..90]), Probe::No);
    assert_eq!(probed::<DceRpc>(UDP, 135, &[4; 100]), Probe::No);
}

#[test]
fn interfaces_and_operations_are_bounded() {
    let mut lines = Vec::new();
    for place in 0..200u8 {
        let mut identifier = SERVICES;
        identifier[0] = place;
        lines.push((true, bind(ALTER, &[(u16::from(place), identifier)], None)));
    }
    lines.extend((0..2_000).map(|operation| (true, call(0, operation, 3))));
    let rows = rows::<DceRpc>(TCP, 135, &self::lines(&lines));
    assert_eq!(
        (rows.len(), rows[0].calls, rows[0].operations.len()),
        (MOST_INTERFACES, 2_000, MOST_OPERATIONS)
    );
}

#[test]
fn a_gap_is_gone_over() {
    let flow = drive::flow(TCP, 40_000, 135);
    let (ask, call) = (bind(BIND, &[(0, SERVICES)], None), call(0, 12, 3));
    let at = Moment::default();
    let piece =
        |bytes, missing| Piece { key: &flow.key, from_a: true, at, bytes, missing, cut: 0, icmp: None };
    let tail = [&call[200..], &call].concat();
    let rows = drive::tell::<DceRpc>(&flow, [piece(&ask, 0), piece(&call[..100], 0), piece(&tail, 100)]);
    assert_eq!(rows[0].calls, 2);
    let lost = [piece(&ask, 0), piece(&call[..20], 0), piece(b"anything at all", 9_000), piece(&call, 0)];
    assert_eq!(drive::tell::<DceRpc>(&flow, lost)[0].calls, 1);
}

proptest! {
    #[test]
    fn any_bytes_are_heard(input in prop::collection::vec(any::<u8>(), 0..600)) {
        drive::hammer::<DceRpc>(&input, &[135, 9]);
    }

    #[test]
    fn a_damaged_dialogue_is_heard(
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<u8>(), 0u8..3), 1..8),
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
        drive::show::<DceRpc>(&rows_cut::<DceRpc>(135, &lines(&dialogue), most));
    }
}
