//! Compressed captures: told by their first bytes, in layers, and never without bound.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod made;

use made::{drain, lines, pcap, read, try_read};
use oddwire_capture::{Capture, Compression, Limits, OpenOptions};
use std::io::{Cursor, Write};

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 1).unwrap()
}

fn xz(bytes: &[u8]) -> Vec<u8> {
    liblzma::encode_all(bytes, 1).unwrap()
}

fn lz4(bytes: &[u8]) -> Vec<u8> {
    let blocks = lz4_flex::frame::FrameInfo::new().block_size(lz4_flex::frame::BlockSize::Max64KB);
    let mut packer = lz4_flex::frame::FrameEncoder::with_frame_info(blocks, Vec::new());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

type Pack = fn(&[u8]) -> Vec<u8>;
const MANNERS: [(Compression, Pack); 4] =
    [(Compression::Gzip, gzip), (Compression::Zstd, zstd), (Compression::Xz, xz), (Compression::Lz4, lz4)];

#[test]
fn every_manner_unpacks_alone_twice_and_in_parts() {
    let whole = pcap(1_700_000_000, 40_000);
    let expected = read(&whole).0;
    for (manner, pack) in MANNERS {
        let (seen, input) = read(&pack(&whole));
        assert_eq!((&seen, input.compression, input.warnings.count()), (&expected, vec![manner], 0));

        let (seen, input) = read(&gzip(&pack(&whole)));
        assert_eq!((&seen, input.compression), (&expected, vec![Compression::Gzip, manner]));

        let parts = whole.chunks(300_001).map(pack).collect::<Vec<_>>().concat();
        let (seen, input) = read(&parts);
        assert_eq!((&seen, input.warnings.count()), (&expected, 0), "{manner:?} in parts");
    }
}

#[test]
fn three_layers_are_refused() {
    let packed = gzip(&zstd(&xz(&pcap(0, 1))));
    assert_eq!(try_read(&packed).unwrap_err().kind(), "unsupported_compression");
}

#[test]
fn a_cut_stream_gives_what_was_in_it() {
    let whole = pcap(1_700_000_000, 40_000);
    for (manner, pack) in MANNERS {
        let packed = pack(&whole);
        let (seen, input) = read(&packed[..packed.len() / 2]);
        assert!(!seen.is_empty() && seen.len() < 40_000, "{manner:?}: {} packets", seen.len());
        assert!(input.warnings.count() >= 1, "{manner:?} says nothing");
    }
}

#[test]
fn damage_inside_a_stream_is_located() {
    let mut packed = gzip(&pcap(1_700_000_000, 400));
    let last = packed.len() - 5;
    packed[last] ^= 0xff;
    let (seen, input) = read(&packed);
    assert_eq!(seen.len(), 400, "only the checksum is wrong");
    assert!(lines(&input)[0].starts_with("made: byte 10424: compressed data: "), "{:?}", lines(&input));
}

#[test]
fn a_stream_that_is_damaged_from_the_start_is_an_error() {
    assert_eq!(try_read(&[0x1f, 0x8b, 8, 0xff, 1, 2, 3]).unwrap_err().kind(), "damaged");
    assert_eq!(try_read(&gzip(&[])).unwrap_err().kind(), "empty");
    assert_eq!(try_read(&gzip(b"no capture at all")).unwrap_err().kind(), "not_a_capture");
}

#[test]
fn other_packers_are_named() {
    for (first, name) in [
        (&b"BZh91AY"[..], "bzip2"),
        (b"PK\x03\x04....", "a zip archive"),
        (b"7z\xbc\xaf\x27", "a 7z archive"),
    ] {
        let error = try_read(first).unwrap_err();
        assert_eq!(error.kind(), "unsupported_compression");
        assert!(error.to_string().contains(name), "{error}");
    }
}

/// Reads with bounds, counting packets only.
fn bounded(packed: Vec<u8>, limits: Limits) -> (u64, Vec<String>) {
    let options = OpenOptions { limits, ..OpenOptions::default() };
    let mut capture = Capture::from_reader("made", Box::new(Cursor::new(packed)), &options).unwrap();
    while capture.next_frame().unwrap().is_some() {}
    let input = capture.inputs().remove(0);
    (input.packets, lines(&input))
}

#[test]
fn a_bomb_ends_at_its_bound() {
    let empty_records = [pcap(0, 0), vec![0; 160 << 20]].concat();
    let bomb = gzip(&zstd(&empty_records));
    let (packets, lines) = bounded(bomb, Limits::default());
    assert!(packets < 5 << 20, "{packets} packets");
    assert!(lines.last().unwrap().ends_with("unpacks to more than 10000 times its size"), "{lines:?}");
}

#[test]
fn the_total_may_be_bounded() {
    let limits = Limits { unpacked_bytes: Some(100_000), ..Limits::default() };
    let (packets, lines) = bounded(gzip(&pcap(0, 40_000)), limits);
    assert!(packets < 4_000, "{packets}");
    assert!(lines.last().unwrap().contains("more than the 100000 bytes allowed"), "{lines:?}");
}

#[test]
fn a_window_that_wants_too_much_memory_is_refused() {
    let mut packer = zstd::stream::write::Encoder::new(Vec::new(), 1).unwrap();
    packer.window_log(28).unwrap();
    packer.write_all(&pcap(0, 40_000)).unwrap();
    assert_eq!(try_read(&packer.finish().unwrap()).unwrap_err().kind(), "damaged");
}

#[test]
fn captures_read_the_same_from_files() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("capture.bin");
    std::fs::write(&path, zstd(&pcap(5, 7))).unwrap();
    let mut capture = Capture::open(&[path], &OpenOptions::default()).unwrap();
    assert_eq!(drain(&mut capture), read(&pcap(5, 7)).0);
}
