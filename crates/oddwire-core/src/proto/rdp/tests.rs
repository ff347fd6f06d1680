use super::*;
use crate::proto::drive;
use crate::proto::kit::{probed, rows, rows_cut, said};
use proptest::prelude::*;

const TCP: u8 = 6;

/// A packet of TPKT with X.224 in it.
fn packet(code: u8, variable: &[u8]) -> Vec<u8> {
    let length = variable.len() as u8 + 6;
    [&[3, 0, 0, length + 5, length, code, 0, 0, 0x12, 0x34, 0][..], variable].concat()
}

fn request(cookie: &str, offers: Option<u8>) -> Vec<u8> {
    let negotiation = offers.map_or(vec![], |offers| vec![1, 1, 8, 0, offers, 0, 0, 0]);
    packet(0xe0, &[cookie.as_bytes(), &negotiation].concat())
}

fn confirm(kind: u8, number: u8) -> Vec<u8> {
    packet(0xd0, &[kind, 0, 8, 0, number, 0, 0, 0])
}

/// The begin of a conference: a block that is passed over, then the core data.
fn initial() -> Vec<u8> {
    let mut core = vec![0x01, 0xc0, 216, 0, 4, 0, 8, 0, 0x80, 7, 0x38, 4, 1, 0xca, 3, 0xaa];
    core.extend(0x0407u32.to_le_bytes());
    core.extend(2_600u32.to_le_bytes());
    core.extend("LAPTOP".encode_utf16().flat_map(u16::to_le_bytes));
    core.resize(216, 0);
    let blocks = [&[0x04, 0xc0, 12, 0, 9, 0, 0, 0, 0, 0, 0, 0][..], &core].concat();
    let data =
        [&[2, 0xf0, 0x80, 0x7f, 0x65, 0x82, 1, 0x20][..], b"\0\x05\0\x14Duca\x80\xe4", &blocks].concat();
    [&[3, 0][..], &(data.len() as u16 + 4).to_be_bytes(), &data].concat()
}

#[test]
fn a_session_that_goes_on_with_tls_is_one_row_and_is_judged_anew() {
    let ask = request("Cookie: mstshash=alice\r\n", Some(11));
    let rows = rows::<Rdp>(TCP, 3389, &[(true, &ask), (false, &confirm(2, 2)), (true, b"\x16\x03\x01")]);
    assert_eq!(
        rows.iter().map(|row| said::<Rdp>(row).join(" ")).collect::<Vec<_>>(),
        ["cookie_user=alice routed=false requested=tls,credssp,credssp_early restricted_admin=true \
          selected=credssp latency_ns=1000000"]
    );
    assert!(rows[0].client_is_a);
}

#[test]
fn a_refusal_is_told_in_its_word() {
    let ask = request("Cookie: msts=3640205228.15629.0000\r\n", Some(0));
    let rows = rows::<Rdp>(TCP, 3389, &[(true, &ask), (false, &confirm(3, 5))]);
    assert_eq!(
        rows.iter().map(|row| said::<Rdp>(row).join(" ")).collect::<Vec<_>>(),
        [
            "routed=true requested=rdp restricted_admin=true failure=HYBRID_REQUIRED_BY_SERVER latency_ns=1000000"
        ]
    );
}

#[test]
fn with_the_old_protection_the_client_says_its_name() {
    let (ask, answer, initial) = (request("Cookie: mstshash=bob\r\n", None), packet(0xd0, &[]), initial());
    let lines = [(true, &ask[..]), (false, &answer), (true, &initial), (false, b"\x03\0\0\x05\x02")];
    let told = |rows: Vec<Row<Said>>| -> Vec<Said> {
        rows.into_iter().map(|row| Said { latency_ns: None, ..row.said }).collect()
    };
    let whole = rows::<Rdp>(TCP, 3390, &lines);
    assert_eq!(
        whole.iter().map(|row| said::<Rdp>(row).join(" ")).collect::<Vec<_>>(),
        ["cookie_user=bob routed=false selected=rdp client_name=LAPTOP client_build=2600 \
          keyboard_layout=0x00000407 desktop=1920x1080 latency_ns=1000000"]
    );
    let whole = told(whole);
    for most in [1, 2, 3, 7, 100] {
        assert_eq!(told(rows_cut::<Rdp>(3390, &lines, most)), whole, "{most}");
    }
}

#[test]
fn one_direction_tells_what_it_can() {
    let rows = rows::<Rdp>(TCP, 3389, &[(false, &confirm(2, 1))]);
    assert_eq!(said::<Rdp>(&rows[0]), ["selected=tls"]);
    assert!(rows[0].client_is_a);
}

#[test]
fn other_users_of_the_same_frame_are_left_alone() {
    assert_eq!(probed::<Rdp>(TCP, 9, &request("Cookie: mstshash=x\r\n", None)), Probe::Yes);
    assert_eq!(probed::<Rdp>(TCP, 9, &request("", Some(3))), Probe::Yes);
    assert_eq!(probed::<Rdp>(17, 3389, &request("", Some(3))), Probe::No);
    let automation = packet(0xe0, &[0xc0, 1, 10, 0xc1, 2, 1, 0, 0xc2, 2, 1, 2]);
    assert_eq!(probed::<Rdp>(TCP, 102, &automation), Probe::No);
    assert_eq!(probed::<Rdp>(TCP, 3389, &automation), Probe::No);
    assert_eq!(probed::<Rdp>(TCP, 1720, b"\x03\0\0\x40\x08\x02\0\x01\x05\x04\x03\x88"), Probe::No);
    let bare = packet(0xe0, &[]);
    assert_eq!(probed::<Rdp>(TCP, 3389, &bare), Probe::More);
    assert_eq!(probed::<Rdp>(TCP, 3389, &[&bare[..], &initial()].concat()), Probe::Yes);
    assert_eq!(
        probed::<Rdp>(TCP, 3389, &[&bare[..], b"\x03\0\0\x19\x02\xf0\x80\x32\x01"].concat()),
        Probe::No
    );
    assert_eq!(probed::<Rdp>(TCP, 3389, &[0; 30]), Probe::No);
}

#[test]
fn a_packet_that_never_ends_costs_its_bound() {
    let mut endless = initial();
    endless[2..4].copy_from_slice(&[0xff, 0xff]);
    endless.resize(20_000, 0);
    assert_eq!(rows_cut::<Rdp>(3389, &[(true, &endless)], 1_000).len(), 1);
    let noise = b"\x03\0\0\x04".repeat(5_000);
    assert_eq!(rows_cut::<Rdp>(3389, &[(true, &noise)], 1_000).len(), 0);
}

proptest! {
    #[test]
    fn any_bytes_are_heard(input in prop::collection::vec(any::<u8>(), 0..600)) {
        drive::hammer::<Rdp>(&input, &[3389, 9]);
    }

    #[test]
    fn a_damaged_dialogue_is_heard(
        damage in prop::collection::vec((0usize..3, any::<prop::sample::Index>(), any::<u8>(), 0u8..3), 1..8),
        most in 1usize..300,
    ) {
        let mut lines = [request("Cookie: mstshash=bob\r\n", Some(0)), confirm(2, 0), initial()];
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
        let [ask, answer, initial] = &lines;
        let lines = [(true, &ask[..]), (false, &answer[..]), (true, &initial[..])];
        drive::show::<Rdp>(&rows_cut::<Rdp>(3389, &lines, most));
    }
}
