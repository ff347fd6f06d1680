//! The limit must do its work: a loop that skipped some would flatter nobody.

use bare_loop::decode::{Addresses, Packet, decode};
use bare_loop::flow::{Export, KeyV4, Table};
use bare_loop::pcap::Reader;

const CLIENT: [u8; 4] = [10, 0, 0, 1];
const SERVER: [u8; 4] = [10, 0, 0, 2];

fn tcp(src: [u8; 4], dst: [u8; 4], ports: [u16; 2], vlan: Option<u16>, payload: usize) -> Vec<u8> {
    let mut frame = vec![2; 12];
    if let Some(vlan) = vlan {
        frame.extend([0x81, 0]);
        frame.extend(vlan.to_be_bytes());
    }
    frame.extend([8, 0, 0x45, 0]);
    frame.extend((40 + payload as u16).to_be_bytes());
    frame.extend([0, 0, 0, 0, 64, 6, 0, 0]);
    frame.extend(src);
    frame.extend(dst);
    frame.extend(ports.iter().flat_map(|port| port.to_be_bytes()));
    frame.extend([0; 8]);
    frame.extend([0x50, 0x12, 0x01, 0x00, 0, 0, 0, 0]);
    frame.extend(vec![0; payload]);
    frame
}

fn pcap(frames: &[(u64, Vec<u8>)]) -> Vec<u8> {
    let mut file: Vec<u8> =
        [0xa1b2_c3d4_u32, 0x0004_0002, 0, 0, 65_535, 1].iter().flat_map(|word| word.to_le_bytes()).collect();
    for (time_us, frame) in frames {
        let length = frame.len() as u32;
        let words = [(time_us / 1_000_000) as u32, (time_us % 1_000_000) as u32, length, length];
        file.extend(words.iter().flat_map(|word| word.to_le_bytes()));
        file.extend(frame);
    }
    file
}

fn packets(file: &[u8]) -> Vec<Packet> {
    let mut packets = Vec::new();
    let result = Reader::new(file).visit(|frame| packets.push(decode(frame)));
    assert!(result.is_ok());
    packets
}

fn flows(file: &[u8]) -> (u64, usize) {
    let (mut table, mut export) = (Table::<KeyV4>::default(), Export::default());
    for packet in packets(file) {
        let Addresses::V4(src, dst) = packet.addresses else { continue };
        let (key, flipped) = KeyV4::of(&packet, src, dst);
        table.add(key, flipped, &packet, &mut export);
    }
    let most_live = table.finish(&mut export);
    (export.rows(), most_live)
}

#[test]
fn every_field_is_read() {
    let file = pcap(&[(5_000_001, tcp(CLIENT, SERVER, [1234, 443], Some(7), 11))]);
    let [packet] = packets(&file).try_into().unwrap();
    assert_eq!(packet.time_us, 5_000_001);
    assert_eq!(packet.addresses, Addresses::V4(0x0a00_0001, 0x0a00_0002));
    assert_eq!((packet.src_port, packet.dst_port, packet.vlan), (1234, 443, 7));
    assert_eq!((packet.protocol, packet.flags, packet.ttl, packet.window), (6, 0x12, 64, 256));
    assert_eq!((packet.length, packet.payload), (69, 11));
}

#[test]
fn a_frame_cut_anywhere_is_still_a_packet() {
    let whole = tcp(CLIENT, SERVER, [1, 2], None, 4);
    for length in 0..whole.len() {
        let file = pcap(&[(1, whole[..length].to_vec()), (2, whole.clone())]);
        assert_eq!(packets(&file).len(), 2);
    }
}

#[test]
fn a_file_cut_anywhere_gives_what_is_whole() {
    let frame = tcp(CLIENT, SERVER, [1, 2], None, 4);
    let file = pcap(&[(1, frame.clone()), (2, frame.clone())]);
    for length in 24..file.len() {
        assert_eq!(packets(&file[..length]).len(), (length - 24) / (16 + frame.len()));
    }
}

#[test]
fn records_across_the_end_of_the_buffer_are_whole() {
    let frame = tcp(CLIENT, SERVER, [1, 2], None, 1400);
    let frames: Vec<_> = (0..9000).map(|time| (time, frame.clone())).collect();
    let read = packets(&pcap(&frames));
    assert_eq!(read.len(), 9000);
    assert!(
        read.iter()
            .enumerate()
            .all(|(number, packet)| packet.time_us == number as u64 && packet.payload == 1400)
    );
}

#[test]
fn both_directions_are_one_flow_and_other_ports_another() {
    let frames = [
        (1, tcp(CLIENT, SERVER, [1234, 443], None, 0)),
        (2, tcp(SERVER, CLIENT, [443, 1234], None, 0)),
        (3, tcp(CLIENT, SERVER, [1234, 443], None, 0)),
        (4, tcp(CLIENT, SERVER, [1235, 443], None, 0)),
        (5, tcp(CLIENT, SERVER, [1234, 443], Some(9), 0)),
    ];
    assert_eq!(flows(&pcap(&frames)), (3, 3));
}

#[test]
fn an_idle_flow_ends_and_its_place_is_used_again() {
    let frames: Vec<_> =
        (0..100).map(|turn| (turn * 100_000_000, tcp(CLIENT, SERVER, [1, 2], None, 0))).collect();
    assert_eq!(flows(&pcap(&frames)), (100, 1));
}

#[test]
fn many_flows_are_all_kept_apart() {
    let frames: Vec<_> = (0..20_000_u16)
        .flat_map(|port| {
            [(1, tcp(CLIENT, SERVER, [port, 443], None, 0)), (2, tcp(SERVER, CLIENT, [443, port], None, 0))]
        })
        .collect();
    assert_eq!(flows(&pcap(&frames)), (20_000, 20_000));
}
