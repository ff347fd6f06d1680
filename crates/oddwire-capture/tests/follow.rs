//! Following a growing file, without a clock.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod made;

use made::{Seen, drain, pcap};
use oddwire_capture::{Capture, Follow, OpenOptions};
use std::collections::VecDeque;
use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Each wait appends the next part; when none is left, the reader is told to stop.
fn growing(path: &Path, parts: Vec<Vec<u8>>) -> OpenOptions {
    let (path, parts) = (path.to_owned(), Mutex::new(VecDeque::from(parts)));
    let stop = Arc::new(AtomicBool::new(false));
    let told = stop.clone();
    let follow = Follow::new(Duration::from_millis(250), stop).waiting_by(move |poll| {
        assert_eq!(poll, Duration::from_millis(250));
        match parts.lock().unwrap().pop_front() {
            Some(part) => {
                std::fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(&part).unwrap();
            }
            None => told.store(true, Ordering::Release),
        }
    });
    OpenOptions { follow: Some(follow), ..OpenOptions::default() }
}

fn follow(parts: Vec<Vec<u8>>) -> (Vec<Seen>, oddwire_capture::Input) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("growing.pcap");
    std::fs::write(&path, []).unwrap();
    let options = growing(&path, parts);
    let mut capture = Capture::open(&[path], &options).unwrap();
    let seen = drain(&mut capture);
    (seen, capture.inputs().remove(0))
}

#[test]
fn a_half_written_record_is_waited_for() {
    let whole = pcap(1_700_000_000, 4);
    for size in [1, 5, 26, 60] {
        let (seen, input) = follow(whole.chunks(size).map(<[u8]>::to_vec).collect());
        assert_eq!(
            (seen.len(), input.warnings.count(), input.size),
            (4, 0, None),
            "written {size} bytes at a time"
        );
        assert_eq!(seen[3].data, [3; 10]);
    }
}

#[test]
fn a_record_that_is_never_finished_is_noted_at_the_stop() {
    let mut whole = pcap(1_700_000_000, 4);
    whole.pop();
    let (seen, input) = follow(vec![whole]);
    assert_eq!((seen.len(), input.warnings.count()), (3, 1));
}

#[test]
fn frames_are_given_before_more_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("growing.pcap");
    std::fs::write(&path, pcap(1, 3)).unwrap();
    let waits = Arc::new(AtomicUsize::new(0));
    let (counted, stop) = (waits.clone(), Arc::new(AtomicBool::new(false)));
    let told = stop.clone();
    let follow = Follow::new(Duration::ZERO, stop).waiting_by(move |_| {
        counted.fetch_add(1, Ordering::Relaxed);
        told.store(true, Ordering::Release);
    });
    let options = OpenOptions { follow: Some(follow), ..OpenOptions::default() };
    let mut capture = Capture::open(&[path], &options).unwrap();
    for _ in 0..3 {
        assert!(capture.next_frame().unwrap().is_some());
        assert_eq!(waits.load(Ordering::Relaxed), 0);
    }
    assert!(capture.next_frame().unwrap().is_none());
    assert_eq!(waits.load(Ordering::Relaxed), 1);
}

#[test]
fn a_file_that_shrinks_ends() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("growing.pcap");
    std::fs::write(&path, pcap(1, 3)).unwrap();
    let shrunk = path.clone();
    let follow = Follow::new(Duration::ZERO, Arc::new(AtomicBool::new(false)))
        .waiting_by(move |_| std::fs::write(&shrunk, [0; 10]).unwrap());
    let options = OpenOptions { follow: Some(follow), ..OpenOptions::default() };
    let mut capture = Capture::open(&[path], &options).unwrap();
    assert_eq!(drain(&mut capture).len(), 3);
    assert_eq!(capture.inputs()[0].warnings.count(), 1);
}

#[test]
fn only_one_input_is_followed() {
    let folder = tempfile::tempdir().unwrap();
    let options = growing(folder.path(), vec![]);
    let error = Capture::open(&["a".into(), "b".into()], &options).err().unwrap();
    assert_eq!((error.kind(), error.input.as_str()), ("follows_one", "a, b"));
}
