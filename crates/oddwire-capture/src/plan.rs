//! Before the first frame: which files are captures, and in which order they come.

use crate::capture::{BUFFER, Capture, OpenOptions, Progress};
use crate::error::{CaptureError, Reason};
use crate::input::Input;
use crate::order::Turn;
use crate::paths::{Candidate, Skipped};
use crate::reader::Reader;
use crate::source::Raw;
use std::collections::{BinaryHeap, VecDeque};
use std::path::PathBuf;

/// Enough to see an input's first packet.
const PROBE: usize = 64 << 10;

/// What was found out about the inputs so far.
pub(crate) struct Plan {
    options: OpenOptions,
    skipped: Skipped,
    errors: Vec<CaptureError>,
    found: Vec<Found>,
}

/// An input that is a capture.
struct Found {
    name: String,
    size: Option<u64>,
    first_ns: Option<i64>,
    /// Where it is opened again when its turn comes.
    path: Option<PathBuf>,
    /// It is open already: the only input, or one that cannot be opened twice.
    reader: Option<Box<Reader>>,
}

impl Plan {
    pub(crate) fn new(options: OpenOptions, skipped: Skipped, errors: Vec<CaptureError>) -> Self {
        Self { options, skipped, errors, found: Vec::new() }
    }

    /// Takes a stream that is already open.
    pub(crate) fn stream(&mut self, name: String, raw: Raw) -> Result<(), Reason> {
        let reader = Some(Box::new(Reader::open(raw, self.options.limits, BUFFER)?));
        self.found.push(Found { name, size: None, first_ns: None, path: None, reader });
        Ok(())
    }

    /// Looks at a file, and keeps it open when it is alone or a pipe.
    pub(crate) fn look_at(&mut self, candidate: Candidate, alone: bool) {
        let (name, named) = (candidate.name(), candidate.named);
        match self.examine(candidate, name.clone(), alone) {
            Ok(()) => {}
            Err(reason) if !named && reason.is_other_content() => self.skipped.not_captures += 1,
            Err(reason) => self.errors.push(CaptureError::new(name, reason)),
        }
    }

    fn examine(&mut self, candidate: Candidate, name: String, alone: bool) -> Result<(), Reason> {
        if candidate.is_standard_input() {
            self.stream(name, Raw::standard_input()?)?;
            self.start_last(alone);
            return Ok(());
        }
        let reopened = candidate.can_be_reopened();
        let stays_open = alone || !reopened;
        let raw = Raw::file(&candidate.path, self.options.hash && stays_open, self.options.follow.as_ref())?;
        let size = raw.size;
        let capacity = if stays_open { BUFFER } else { PROBE };
        let mut reader = Box::new(Reader::open(raw, self.options.limits, capacity)?);
        let path = reopened.then_some(candidate.path);
        if !stays_open {
            reader.advance();
            let first_ns = reader.key().map(|key| key.0);
            self.found.push(Found { name, size, first_ns, path, reader: None });
            return Ok(());
        }
        self.found.push(Found { name, size, first_ns: None, path, reader: Some(reader) });
        self.start_last(alone);
        Ok(())
    }

    /// Among others, a stream's first packet is needed to know its turn; alone it is not waited for.
    fn start_last(&mut self, alone: bool) {
        if alone {
            return;
        }
        if let Some(Found { reader: Some(reader), first_ns, .. }) = self.found.last_mut() {
            reader.advance();
            *first_ns = reader.key().map(|key| key.0);
        }
    }

    /// Puts the inputs in order. Fails when there is none, for the reason that says the most.
    pub(crate) fn into_capture(mut self, asked_for: &str) -> Result<Capture, CaptureError> {
        if self.found.is_empty() {
            return Err(self.into_error(asked_for));
        }
        self.found.sort_by_key(|found| found.first_ns.unwrap_or(i64::MAX));
        let mut capture = Capture {
            current: None,
            limit: (i64::MIN, 0),
            passed: None,
            turns: BinaryHeap::new(),
            waiting: VecDeque::new(),
            files: Vec::new(),
            inputs: Vec::new(),
            skipped: self.skipped,
            options: self.options,
            opened_late: 0,
            done: Progress { bytes: 0, packets: 0, total: self.found.iter().map(|found| found.size).sum() },
        };
        let alone = self.found.len() == 1;
        for (index, found) in (0..).zip(self.found) {
            place(&mut capture, index, found, alone);
        }
        capture.inputs.extend(self.errors.iter().map(Input::failed));
        Ok(capture)
    }

    fn into_error(mut self, asked_for: &str) -> CaptureError {
        // An empty file is no failure, so that any other reason says more.
        self.errors.sort_by_key(|error| matches!(error.reason, Reason::Empty));
        let looked_at = self.skipped.not_captures;
        let none = if asked_for.is_empty() { Reason::NoInput } else { Reason::NoCaptures { looked_at } };
        self.errors.into_iter().next().unwrap_or_else(|| CaptureError::new(asked_for, none))
    }
}

fn place(capture: &mut Capture, index: u32, found: Found, alone: bool) {
    let mut input = Input::named(found.name);
    input.size = found.size;
    input.first_time_ns = found.first_ns;
    capture.inputs.push(input);
    capture.files.push(found.path);
    let key = (found.first_ns.unwrap_or(i64::MAX), index);
    match found.reader {
        Some(mut reader) => {
            reader.index = index;
            if alone {
                capture.current = Some(reader);
            } else {
                capture.turns.push(Turn { key, reader });
            }
        }
        None => capture.waiting.push_back(key),
    }
}
