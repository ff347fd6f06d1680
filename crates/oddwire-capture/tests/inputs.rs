//! Many inputs: found, put in order, merged, and named when they cannot be read.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod made;

use made::{Seen, drain, pcap};
use oddwire_capture::{Capture, OpenOptions, Skipped};
use std::path::{Path, PathBuf};

fn write(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

fn open(paths: &[PathBuf]) -> Capture {
    Capture::open(paths, &OpenOptions::default()).unwrap()
}

fn kind(paths: &[PathBuf]) -> &'static str {
    Capture::open(paths, &OpenOptions::default()).err().map_or("none", |error| error.kind())
}

fn names(capture: &Capture) -> Vec<String> {
    let name = |path: &str| Path::new(path).file_name().unwrap().to_string_lossy().into_owned();
    capture.inputs().iter().map(|input| name(&input.name)).collect()
}

fn seconds(seen: &[Seen]) -> Vec<i64> {
    seen.iter().map(|frame| frame.time_ns / 1_000_000_000).collect()
}

#[test]
fn files_come_in_time_order_whatever_their_names() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "a", &pcap(300, 3));
    write(folder.path(), "b", &pcap(100, 3));
    write(folder.path(), "c", &pcap(200, 3));
    write(folder.path(), "notes.txt", b"these are notes, not packets");
    write(folder.path(), "nothing", b"");
    std::fs::create_dir(folder.path().join("deeper")).unwrap();
    write(&folder.path().join("deeper"), "d", &pcap(1, 1));
    let mut capture = open(&[folder.path().to_owned()]);
    assert_eq!(names(&capture), ["b", "c", "a"]);
    assert_eq!(capture.skipped(), Skipped { not_captures: 2, repeated: 0 });
    let seen = drain(&mut capture);
    assert_eq!(seconds(&seen), [100, 101, 102, 200, 201, 202, 300, 301, 302]);
    assert_eq!(
        seen.iter().map(|frame| (frame.input, frame.number)).collect::<Vec<_>>()[..4],
        [(0, 1), (0, 2), (0, 3), (1, 1)]
    );
    let inputs = capture.inputs();
    assert!(inputs.iter().all(|input| input.packets == 3 && Some(input.bytes_read) == input.size));
    assert_eq!(inputs[2].first_time_ns, Some(300_000_000_000));
}

#[test]
fn overlapping_files_are_merged_packet_by_packet() {
    let folder = tempfile::tempdir().unwrap();
    let paths = [(100, 10), (105, 3), (106, 10), (90, 30), (119, 1)]
        .map(|(first, count)| write(folder.path(), &format!("{first}"), &pcap(first, count)));
    let seen = drain(&mut open(&paths));
    let times = seconds(&seen);
    assert_eq!(times.len(), 54);
    assert!(times.is_sorted());
    for input in 0..5 {
        let numbers =
            seen.iter().filter(|frame| frame.input == input).map(|frame| frame.number).collect::<Vec<_>>();
        assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>());
    }
    let at_106 = seen.iter().filter(|frame| frame.time_ns == 106_000_000_000).map(|frame| frame.input);
    assert_eq!(
        at_106.collect::<Vec<_>>(),
        [0, 1, 2, 3],
        "packets of the same time come in the order of the inputs"
    );
}

#[test]
fn a_file_whose_time_goes_back_keeps_its_order() {
    let folder = tempfile::tempdir().unwrap();
    let back = [pcap(100, 2), pcap(50, 2)[24..].to_vec(), pcap(200, 1)[24..].to_vec()].concat();
    let paths = [write(folder.path(), "back", &back), write(folder.path(), "other", &pcap(101, 1))];
    assert_eq!(seconds(&drain(&mut open(&paths[..1]))), [100, 101, 50, 51, 200]);
    let merged = drain(&mut open(&paths));
    let own = merged.iter().filter(|frame| frame.input == 0).map(|frame| frame.number).collect::<Vec<_>>();
    assert_eq!((own, merged.len()), (vec![1, 2, 3, 4, 5], 6));
}

#[test]
fn more_files_than_may_be_open_are_all_read() {
    let folder = tempfile::tempdir().unwrap();
    for number in 0..200 {
        write(folder.path(), &format!("{number:03}"), &pcap(1_000 + number, 400));
    }
    let options = OpenOptions { max_open: 50, ..OpenOptions::default() };
    let mut capture = Capture::open(&[folder.path().to_owned()], &options).unwrap();
    let seen = drain(&mut capture);
    assert_eq!((seen.len(), capture.opened_late()), (80_000, 150));
    assert!(capture.inputs().iter().all(|input| input.packets == 400));
}

#[test]
fn patterns_and_repetitions() {
    let folder = tempfile::tempdir().unwrap();
    let first = write(folder.path(), "one.pcap", &pcap(1, 1));
    write(folder.path(), "two.pcap", &pcap(2, 1));
    write(folder.path(), "two.txt", &pcap(3, 1));
    let bracket = write(folder.path(), "odd[1].pcap", &pcap(4, 1));
    let pattern = folder.path().join("*.pcap");
    let capture = open(&[pattern, first]);
    assert_eq!(names(&capture), ["one.pcap", "two.pcap", "odd[1].pcap"]);
    assert_eq!(capture.skipped().repeated, 1);
    assert_eq!(names(&open(&[bracket])), ["odd[1].pcap"]);
    assert_eq!(kind(&[folder.path().join("*.none")]), "not_found");
}

#[test]
fn what_cannot_be_read_has_its_own_kind() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name, bytes: &[u8]| write(folder.path(), name, bytes);
    assert_eq!(kind(&[path("text", b"no capture here, but text")]), "not_a_capture");
    assert_eq!(kind(&[path("snoop", b"snoop\0\0\0\0\0\0\x02")]), "not_a_capture");
    assert_eq!(kind(&[path("nothing", b"")]), "empty");
    assert_eq!(kind(&[folder.path().join("missing.pcap")]), "not_found");
    assert_eq!(kind(&[folder.path().to_owned()]), "no_captures");
    assert_eq!(kind(&[]), "no_input");
    let empty = tempfile::tempdir().unwrap();
    assert_eq!(kind(&[empty.path().to_owned()]), "no_captures");
    assert_eq!(kind(&[folder.path().join("nothing"), folder.path().join("text")]), "not_a_capture");
}

#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_read_says_so() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), "secret.pcap", &pcap(1, 1));
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o000)).unwrap();
    if std::fs::File::open(&path).is_ok() {
        return eprintln!("skipped: this user may read everything");
    }
    assert_eq!(kind(&[path]), "permission");
}

#[test]
fn one_bad_input_does_not_stop_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let mut cut = pcap(50, 3);
    cut.pop();
    let paths = [
        folder.path().join("missing"),
        write(folder.path(), "text", b"no capture here, but text"),
        write(folder.path(), "good", &pcap(100, 3)),
        write(folder.path(), "cut", &cut),
        write(folder.path(), "header", &pcap(0, 0)),
    ];
    let mut capture = open(&paths);
    assert_eq!(seconds(&drain(&mut capture)), [50, 51, 100, 101, 102]);
    let inputs = capture.inputs();
    assert_eq!(names(&capture), ["cut", "good", "header", "missing", "text"]);
    let kinds = inputs.iter().map(|input| input.error.as_ref().map(|error| error.0)).collect::<Vec<_>>();
    assert_eq!(kinds, [None, None, None, Some("not_found"), Some("not_a_capture")]);
    assert_eq!((inputs[0].warnings.count(), inputs[2].packets), (1, 0));
}

#[test]
fn a_file_that_vanishes_before_its_turn_is_noted() {
    let folder = tempfile::tempdir().unwrap();
    let paths = [write(folder.path(), "a", &pcap(1, 2)), write(folder.path(), "b", &pcap(100, 2))];
    let mut capture = open(&paths);
    std::fs::remove_file(&paths[1]).unwrap();
    assert_eq!(drain(&mut capture).len(), 2);
    assert_eq!(capture.inputs()[1].error.as_ref().map(|error| error.0), Some("not_found"));
}

#[test]
fn hashes_are_those_of_the_whole_files() {
    let folder = tempfile::tempdir().unwrap();
    let mut damaged = pcap(1, 3);
    damaged.extend(vec![0xff; 2_000_000]);
    let files = [damaged, pcap(100, 50_000), pcap(7, 0)];
    let paths = [0, 1, 2].map(|number| write(folder.path(), &number.to_string(), &files[number]));
    let options = OpenOptions { hash: true, ..OpenOptions::default() };
    for paths in [&paths[..1], &paths[..]] {
        let mut capture = Capture::open(paths, &options).unwrap();
        assert_eq!(capture.inputs()[0].blake3, None, "not before the end");
        drain(&mut capture);
        for (input, bytes) in capture.inputs().iter().zip(&files) {
            assert_eq!(input.blake3_hex(), Some(blake3::hash(bytes).to_hex().to_string()), "{}", input.name);
        }
    }
    let mut plain = open(&paths);
    drain(&mut plain);
    assert!(plain.inputs().iter().all(|input| input.blake3.is_none()));
}

#[test]
fn progress_runs_from_nothing_to_the_whole() {
    let folder = tempfile::tempdir().unwrap();
    let paths = [write(folder.path(), "a", &pcap(1, 100_000)), write(folder.path(), "b", &pcap(5, 100_000))];
    let mut capture = open(&paths);
    let total = Some(2 * (24 + 26 * 100_000));
    assert_eq!((capture.progress().packets, capture.progress().total), (0, total));
    for _ in 0..100_000 {
        capture.next_frame().unwrap();
    }
    let half = capture.progress();
    assert!(half.bytes > 2_000_000 && half.bytes < 4_000_000, "{half:?}");
    drain(&mut capture);
    assert_eq!((capture.progress().packets, Some(capture.progress().bytes)), (200_000, total));
}

#[test]
fn a_stream_has_no_size_and_no_hash() {
    let options = OpenOptions { hash: true, ..OpenOptions::default() };
    let mut capture =
        Capture::from_reader("-", Box::new(std::io::Cursor::new(pcap(1, 5))), &options).unwrap();
    assert_eq!((drain(&mut capture).len(), capture.progress().total), (5, None));
    let input = capture.inputs().remove(0);
    assert_eq!((input.size, input.blake3, input.first_time_ns), (None, None, Some(1_000_000_000)));
}

#[test]
fn the_end_stays_the_end() {
    let mut capture =
        Capture::from_reader("made", Box::new(std::io::Cursor::new(pcap(1, 1))), &OpenOptions::default())
            .unwrap();
    drain(&mut capture);
    assert!(capture.next_frame().unwrap().is_none());
    assert_eq!(capture.inputs()[0].packets, 1);
}

/// Gives a header and a packet, then fails as a disk or network does.
struct Failing(std::io::Cursor<Vec<u8>>);

impl std::io::Read for Failing {
    fn read(&mut self, room: &mut [u8]) -> std::io::Result<usize> {
        match self.0.read(room)? {
            0 => Err(std::io::Error::from_raw_os_error(5)),
            count => Ok(count),
        }
    }
}

#[test]
fn a_system_that_fails_to_read_on_is_an_error_once() {
    let reader = Failing(std::io::Cursor::new(pcap(1, 1)));
    let mut capture = Capture::from_reader("disk", Box::new(reader), &OpenOptions::default()).unwrap();
    assert!(capture.next_frame().unwrap().is_some());
    assert_eq!(capture.next_frame().unwrap_err().kind(), "io");
    assert!(capture.next_frame().unwrap().is_none());
    assert_eq!(capture.inputs()[0].error.as_ref().map(|error| error.0), Some("io"));
}
