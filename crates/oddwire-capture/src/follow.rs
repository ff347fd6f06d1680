//! A file that another program is still writing, read as it grows.

use std::fs::File;
use std::io::{self, Read, Seek};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How to wait for a growing file.
#[derive(Clone)]
pub struct Follow {
    poll: Duration,
    stop: Arc<AtomicBool>,
    wait: Arc<dyn Fn(Duration) + Send + Sync>,
}

impl Follow {
    /// Looks for more every `poll`, until `stop` is set. What was written by then is still read to its end.
    #[must_use]
    pub fn new(poll: Duration, stop: Arc<AtomicBool>) -> Self {
        Self { poll, stop, wait: Arc::new(std::thread::sleep) }
    }

    /// Waits in another manner than by sleeping, for example while looking for signals.
    #[must_use]
    pub fn waiting_by(mut self, wait: impl Fn(Duration) + Send + Sync + 'static) -> Self {
        self.wait = Arc::new(wait);
        self
    }
}

impl std::fmt::Debug for Follow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Follow").field("poll", &self.poll).field("stop", &self.stop).finish_non_exhaustive()
    }
}

/// A reader for which the end of the file is only a pause.
pub(crate) struct Growing {
    file: File,
    follow: Follow,
}

impl Growing {
    pub(crate) fn new(file: File, follow: Follow) -> Self {
        Self { file, follow }
    }

    fn was_cut(&mut self) -> io::Result<bool> {
        let facts = self.file.metadata()?;
        Ok(facts.is_file() && facts.len() < self.file.stream_position()?)
    }
}

impl Read for Growing {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        loop {
            // The flag is read first: what is written before it is set must still be seen.
            let stop = self.follow.stop.load(Ordering::Acquire);
            let count = self.file.read(room)?;
            if count > 0 || stop || room.is_empty() {
                return Ok(count);
            }
            if self.was_cut()? {
                return Err(io::Error::other("the file became shorter while it was followed"));
            }
            (self.follow.wait)(self.follow.poll);
        }
    }
}
