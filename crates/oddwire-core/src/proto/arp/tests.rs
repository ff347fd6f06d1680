use super::*;
use crate::decode::Decoder;
use crate::frame::{Frame, LinkType};
use proptest::prelude::*;

const ALICE: [u8; 6] = [2, 0, 0, 0, 0, 0xa];
const BOB: [u8; 6] = [2, 0, 0, 0, 0, 0xb];
const ALL: [u8; 6] = [0xff; 6];

fn frame(
    to: [u8; 6],
    from: [u8; 6],
    tag: &[u8],
    operation: u8,
    sender: ([u8; 6], u8),
    target: ([u8; 6], u8),
) -> Vec<u8> {
    let ip = |last: u8| if last == 0 { [0; 4] } else { [192, 0, 2, last] };
    let head = [&to[..], &from, tag, &[8, 6, 0, 1, 8, 0, 6, 4, 0, operation]].concat();
    [&head[..], &sender.0, &ip(sender.1), &target.0, &ip(target.1)].concat()
}

fn row(bytes: &[u8]) -> Option<ArpSaid> {
    let frame = Frame {
        input: 0,
        number: 5,
        time_ns: 9,
        link: LinkType::ETHERNET,
        length: bytes.len() as u32,
        data: bytes,
    };
    let mut decoder = Decoder::default();
    row_of(&Stamp::from(&frame), &decoder.decode(&frame))
}

/// The cells that are neither null nor false.
fn cells(row: &ArpSaid) -> String {
    let cell = |get: &Get<ArpSaid>| match get {
        Get::Bool(get) => get(row).then(|| "yes".to_owned()),
        Get::OptBool(get) => get(row)?.then(|| "yes".to_owned()),
        Get::U32(get) => Some(get(row).to_string()),
        Get::U64(get) => Some(get(row).to_string()),
        Get::Time(get) => Some(get(row).to_string()),
        Get::Addr(get) => Some(get(row)?.to_string()),
        Get::Mac(get) => Some(get(row)?.to_string()),
        Get::Text(get) => {
            let mut text = String::new();
            get(row, &mut text).then_some(text)
        }
        _ => unreachable!("a kind that the table does not use"),
    };
    let said = arp_columns().into_iter().filter_map(|c| Some(format!("{}={}", c.name, cell(&c.get)?)));
    said.collect::<Vec<_>>().join(" ")
}

#[test]
fn a_request_and_its_reply_are_a_row_each() {
    let request = frame(ALL, ALICE, &[], 1, (ALICE, 1), ([0; 6], 2));
    assert_eq!(
        cells(&row(&request).unwrap()),
        "time=9 src_ip=192.0.2.1 dst_ip=192.0.2.2 operation=request sender_mac=02:00:00:00:00:0a \
         frame_src=02:00:00:00:00:0a frame_dst=ff:ff:ff:ff:ff:ff broadcast=yes input=0 packet=5"
    );
    let reply = frame(ALICE, BOB, &[0x81, 0, 0, 100, 0x81, 0, 0, 7], 2, (BOB, 2), (ALICE, 1));
    assert_eq!(
        cells(&row(&reply).unwrap()),
        "time=9 src_ip=192.0.2.2 dst_ip=192.0.2.1 operation=reply sender_mac=02:00:00:00:00:0b \
         target_mac=02:00:00:00:00:0a frame_src=02:00:00:00:00:0b frame_dst=02:00:00:00:00:0a vlan=100.7 \
         input=0 packet=5"
    );
}

#[test]
fn what_is_out_of_the_ordinary_is_told() {
    let told = |bytes: &[u8]| {
        let cells = cells(&row(bytes).unwrap());
        ["gratuitous", "probe", "broadcast", "mac_mismatch"]
            .map(|name| cells.contains(&format!("{name}=yes")))
    };
    assert_eq!(told(&frame(ALL, ALICE, &[], 1, (ALICE, 1), ([0; 6], 1))), [true, false, true, false]);
    assert_eq!(told(&frame(ALL, ALICE, &[], 1, (ALICE, 0), ([0; 6], 1))), [false, true, true, false]);
    assert_eq!(told(&frame(ALICE, BOB, &[], 2, (ALICE, 2), (ALICE, 1))), [false, false, false, true]);
}

#[test]
fn the_frame_around_a_tunnel_is_not_the_senders() {
    let inner = frame(ALL, BOB, &[], 1, (BOB, 1), ([0; 6], 2));
    let ip = |length: usize| [0x45, 0, 0, length as u8, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2];
    let udp = [0x30, 0x39, 0x12, 0xb5, 0, (16 + inner.len()) as u8, 0, 0];
    let vxlan = [8, 0, 0, 0, 0, 0, 9, 0];
    let outer =
        [&ALICE[..], &[2, 0, 0, 0, 0, 0xc], &[8, 0], &ip(36 + inner.len()), &udp, &vxlan, &inner].concat();
    let row = row(&outer).unwrap();
    assert_eq!((row.arp.sender_mac, row.frame_dst), (Mac(BOB), Some(Mac(ALICE))));
    assert!(!cells(&row).contains("mac_mismatch") && !cells(&row).contains("broadcast"));
}

#[test]
fn other_operations_are_numbers_and_other_packets_no_rows() {
    assert!(
        cells(&row(&frame(ALL, ALICE, &[], 3, (ALICE, 0), (ALICE, 0))).unwrap()).contains("operation=3 ")
    );
    assert_eq!(row(&frame(ALL, ALICE, &[], 1, (ALICE, 1), ([0; 6], 2))[..30]), None);
    assert_eq!(row(&[0; 60]), None);
}

proptest! {
    #[test]
    fn any_frame_is_taken(rest in prop::collection::vec(any::<u8>(), 0..60), arp in any::<bool>()) {
        let head = [&ALL[..], &ALICE, if arp { &[8, 6, 0, 1, 8, 0, 6, 4][..] } else { &[] }].concat();
        if let Some(row) = row(&[head, rest].concat()) {
            prop_assert!(!cells(&row).is_empty());
        }
    }
}
