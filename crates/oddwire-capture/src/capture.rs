//! Many inputs as one stream of frames in time order.

use crate::compress::Limits;
use crate::error::{CaptureError, Reason};
use crate::follow::Follow;
use crate::input::Input;
use crate::order::{Key, Turn};
use crate::paths::{self, Skipped};
use crate::plan::Plan;
use crate::reader::Reader;
use crate::source::Raw;
use oddwire_core::frame::Frame;
use std::collections::{BinaryHeap, VecDeque};
use std::io::Read;
use std::path::PathBuf;

/// Bytes read at once from an input, and the buffer kept for it while it is open. It fits the second-level cache
/// beside what is done with the frames: 4 MiB took half as much time again.
pub(crate) const BUFFER: usize = 256 << 10;
/// A place behind all others.
const NEVER: Key = (i64::MAX, u32::MAX);

/// How inputs are read.
#[derive(Debug, Clone)]
pub struct OpenOptions {
    /// Whether to hash every file over its bytes as they are read.
    pub hash: bool,
    /// Whether, and how, to wait for more at the end of the one file that is read.
    pub follow: Option<Follow>,
    /// What compressed inputs may unpack to.
    pub limits: Limits,
    /// How many overlapping inputs are open at once; further ones wait for one of these to end. An open input takes a
    /// quarter of a MiB; one made to hurt can take 16 MiB, and [`crate::MAX_WINDOW`] for each layer of compression.
    pub max_open: usize,
}

impl Default for OpenOptions {
    /// No hash, no waiting, the usual bounds, 64 open at once.
    fn default() -> Self {
        Self { hash: false, follow: None, limits: Limits::default(), max_open: 64 }
    }
}

/// How far reading has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Bytes read of all inputs, compressed as they are.
    pub bytes: u64,
    /// The size of all inputs; `None` when one is a stream.
    pub total: Option<u64>,
    /// Packets read.
    pub packets: u64,
}

/// The frames of all inputs in time order; those of one input stay in its order.
pub struct Capture {
    /// The input whose frames are being handed out, as long as they come before `limit`.
    pub(crate) current: Option<Box<Reader>>,
    pub(crate) limit: Key,
    /// How far frames were handed out past inputs that were due but could not be opened.
    pub(crate) passed: Option<Key>,
    /// Open inputs by the packet they stand on.
    pub(crate) turns: BinaryHeap<Turn>,
    /// Inputs that are not open yet, by their first packet.
    pub(crate) waiting: VecDeque<Key>,
    /// Where each input is, when it can be opened again.
    pub(crate) files: Vec<Option<PathBuf>>,
    pub(crate) inputs: Vec<Input>,
    pub(crate) skipped: Skipped,
    pub(crate) options: OpenOptions,
    pub(crate) opened_late: u64,
    pub(crate) done: Progress,
}

impl Capture {
    /// Opens files, folders, patterns and `-` for standard input.
    ///
    /// An input that cannot be read among others that can is noted in its [`Input::error`]; it is an error only when
    /// none can.
    pub fn open(paths: &[PathBuf], options: &OpenOptions) -> Result<Self, CaptureError> {
        let asked_for = paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ");
        let mut skipped = Skipped::default();
        let (candidates, errors) = paths::expand(paths, &mut skipped);
        if options.follow.is_some() && candidates.len() + errors.len() > 1 {
            return Err(CaptureError::new(asked_for, Reason::FollowsOne));
        }
        let alone = candidates.len() == 1;
        let mut plan = Plan::new(options.clone(), skipped, errors);
        for candidate in candidates {
            plan.look_at(candidate, alone);
        }
        plan.into_capture(&asked_for)
    }

    /// Reads one stream that somebody else opened.
    pub fn from_reader(
        name: impl Into<String>,
        reader: Box<dyn Read + Send>,
        options: &OpenOptions,
    ) -> Result<Self, CaptureError> {
        let name = name.into();
        let mut plan = Plan::new(options.clone(), Skipped::default(), Vec::new());
        plan.stream(name.clone(), Raw::stream(reader)).map_err(|reason| CaptureError::new(&name, reason))?;
        plan.into_capture(&name)
    }

    /// The next frame, or `None` at the end of all inputs.
    ///
    /// # Errors
    /// When the operating system fails to read on and there is no other input. Damage is never an error.
    #[inline]
    pub fn next_frame(&mut self) -> Result<Option<Frame<'_>>, CaptureError> {
        let in_turn = match &mut self.current {
            Some(reader) => reader.advance() && reader.key().is_some_and(|key| key <= self.limit),
            None => false,
        };
        if !in_turn {
            self.take_turns()?;
        }
        Ok(self.frame())
    }

    /// The frame that was handed out last, once more.
    #[must_use]
    pub fn frame(&self) -> Option<Frame<'_>> {
        self.current.as_ref().and_then(|reader| reader.frame())
    }

    /// The inputs in the order that frames name them by, with what is known of each so far.
    #[must_use]
    pub fn inputs(&self) -> Vec<Input> {
        let mut inputs = self.inputs.clone();
        for reader in self.open_readers() {
            if let Some(input) = inputs.get_mut(reader.index as usize) {
                reader.describe(input);
            }
        }
        inputs
    }

    /// Files that were passed over without a word.
    #[must_use]
    pub const fn skipped(&self) -> Skipped {
        self.skipped
    }

    /// Inputs that overlapped so many others that they were opened late: their frames are out of time order.
    #[must_use]
    pub const fn opened_late(&self) -> u64 {
        self.opened_late
    }

    /// How far reading has come.
    #[must_use]
    pub fn progress(&self) -> Progress {
        let mut progress = self.done;
        for reader in self.open_readers() {
            let (bytes, packets) = reader.progress();
            progress.bytes += bytes;
            progress.packets += packets;
        }
        progress
    }

    fn open_readers(&self) -> impl Iterator<Item = &Reader> {
        self.turns.iter().map(|turn| &*turn.reader).chain(self.current.as_deref())
    }

    /// Passes the turn to the input whose packet is the earliest.
    #[cold]
    fn take_turns(&mut self) -> Result<(), CaptureError> {
        if let Some(reader) = self.current.take() {
            self.queue(reader)?;
        }
        self.open_due()?;
        let Some(turn) = self.turns.pop() else { return Ok(()) };
        self.limit = self.turns.peek().map_or(NEVER, |turn| turn.key);
        match self.waiting.front() {
            // As many as may be are open: one that waits cannot be heeded, so frames pass it.
            Some(key) if self.turns.len() + 1 >= self.options.max_open => {
                self.passed = self.passed.max(Some(self.limit).filter(|limit| key < limit));
            }
            Some(key) => self.limit = self.limit.min(*key),
            None => {}
        }
        self.current = Some(turn.reader);
        Ok(())
    }

    fn queue(&mut self, reader: Box<Reader>) -> Result<(), CaptureError> {
        match reader.key() {
            Some(key) => {
                if let Some(input) = self.inputs.get_mut(reader.index as usize) {
                    input.first_time_ns.get_or_insert(key.0);
                }
                self.turns.push(Turn { key, reader });
                Ok(())
            }
            None => self.close(reader),
        }
    }

    /// Opens the inputs whose first packet is reached.
    fn open_due(&mut self) -> Result<(), CaptureError> {
        while let Some(&key) = self.waiting.front() {
            let due = self.turns.peek().is_none_or(|turn| key < turn.key);
            if !due || self.turns.len() >= self.options.max_open.max(1) {
                return Ok(());
            }
            self.waiting.pop_front();
            if let Some(reader) = self.reopen(key.1) {
                self.opened_late += u64::from(self.passed.is_some_and(|passed| key < passed));
                self.queue(reader)?;
            }
        }
        Ok(())
    }

    fn reopen(&mut self, index: u32) -> Option<Box<Reader>> {
        let path = self.files.get(index as usize)?.as_ref()?;
        let opened = Raw::file(path, self.options.hash, None)
            .and_then(|raw| Reader::open(raw, self.options.limits, BUFFER));
        match opened {
            Ok(mut reader) => {
                reader.index = index;
                reader.advance();
                Some(Box::new(reader))
            }
            Err(reason) => {
                let input = self.inputs.get_mut(index as usize)?;
                input.error = Some((reason.kind(), reason.to_string()));
                None
            }
        }
    }

    /// Closes an input that has ended.
    fn close(&mut self, mut reader: Box<Reader>) -> Result<(), CaptureError> {
        let (bytes, packets) = reader.progress();
        self.done.bytes += bytes;
        self.done.packets += packets;
        let alone = self.inputs.len() == 1;
        let Some(input) = self.inputs.get_mut(reader.index as usize) else { return Ok(()) };
        reader.describe(input);
        if let Some(Some(path)) = self.files.get(reader.index as usize) {
            input.blake3 = reader.digest(path).unwrap_or(None);
        }
        let Some(error) = reader.take_failure() else { return Ok(()) };
        let error = CaptureError::new(input.name.clone(), Reason::Io(error));
        input.error = Some((error.kind(), error.reason.to_string()));
        if alone { Err(error) } else { Ok(()) }
    }
}
