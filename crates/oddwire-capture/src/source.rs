//! Where bytes come from: a file, standard input or any reader, counted and hashed as they pass.

use crate::compress::{self, Bounded, Compression, Limits};
use crate::error::Reason;
use crate::follow::{Follow, Growing};
use std::fs::File;
use std::io::{self, IsTerminal, Read, Seek};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// As many first bytes as are needed to tell every format.
const PREFIX: usize = 16;
/// How many layers of compression are unpacked.
const MAX_LAYERS: usize = 2;

/// What has been read of one input, before unpacking.
#[derive(Default)]
pub(crate) struct Tally {
    bytes: AtomicU64,
    hasher: Option<Mutex<blake3::Hasher>>,
}

impl Tally {
    pub(crate) fn new(hash: bool) -> Self {
        Self { bytes: AtomicU64::new(0), hasher: hash.then(|| Mutex::new(blake3::Hasher::new())) }
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// The digest of a whole file. Bytes that nobody wanted, behind damage, are read for it now.
    pub(crate) fn finish(&self, path: &Path) -> io::Result<Option<[u8; 32]>> {
        let Some(hasher) = &self.hasher else { return Ok(None) };
        let mut hasher = hasher.lock().unwrap_or_else(PoisonError::into_inner);
        let mut rest = File::open(path)?;
        rest.seek(io::SeekFrom::Start(self.bytes()))?;
        let mut room = vec![0; 64 << 10];
        loop {
            match rest.read(&mut room)? {
                0 => return Ok(Some(*hasher.finalize().as_bytes())),
                count => {
                    hasher.update(room.get(..count).unwrap_or_default());
                }
            }
        }
    }

    fn add(&self, bytes: &[u8]) {
        self.bytes.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        if let Some(hasher) = &self.hasher {
            hasher.lock().unwrap_or_else(PoisonError::into_inner).update(bytes);
        }
    }
}

/// Counts, and where wanted hashes, what another reader gives.
struct Tallied<R> {
    inner: R,
    tally: Arc<Tally>,
}

impl<R: Read> Read for Tallied<R> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(room)?;
        self.tally.add(room.get(..count).unwrap_or_default());
        Ok(count)
    }
}

/// Bytes that were not looked at yet.
pub(crate) struct Raw {
    reader: Box<dyn Read + Send>,
    tally: Arc<Tally>,
    /// The size of a regular file.
    pub(crate) size: Option<u64>,
}

impl Raw {
    /// Opens a file. Only a regular one has a size and is hashed: a pipe's bytes are gone once read.
    pub(crate) fn file(path: &Path, hash: bool, follow: Option<&Follow>) -> Result<Self, Reason> {
        let file = File::open(path)?;
        let facts = file.metadata()?;
        let size = facts.is_file().then_some(facts.len());
        let tally = Arc::new(Tally::new(hash && size.is_some() && follow.is_none()));
        let reader: Box<dyn Read + Send> = match follow {
            Some(follow) => {
                Box::new(Tallied { inner: Growing::new(file, follow.clone()), tally: tally.clone() })
            }
            None => Box::new(Tallied { inner: file, tally: tally.clone() }),
        };
        Ok(Self { reader, tally, size: size.filter(|_| follow.is_none()) })
    }

    pub(crate) fn standard_input() -> Result<Self, Reason> {
        let input = io::stdin();
        if input.is_terminal() {
            return Err(Reason::Terminal);
        }
        Ok(Self::stream(Box::new(input)))
    }

    pub(crate) fn stream(reader: Box<dyn Read + Send>) -> Self {
        let tally = Arc::new(Tally::default());
        Self { reader: Box::new(Tallied { inner: reader, tally: tally.clone() }), tally, size: None }
    }
}

/// Unpacked bytes, and the first of them.
pub(crate) struct Unpacked {
    pub(crate) prefix: Vec<u8>,
    pub(crate) reader: Box<dyn Read + Send>,
    pub(crate) tally: Arc<Tally>,
    pub(crate) size: Option<u64>,
    pub(crate) layers: Vec<Compression>,
}

impl Raw {
    /// Takes off the layers of compression that the first bytes tell of.
    pub(crate) fn unpack(self, limits: Limits) -> Result<Unpacked, Reason> {
        let Self { mut reader, tally, size } = self;
        let mut prefix = first_bytes(&mut *reader)?;
        if prefix.is_empty() {
            return Err(Reason::Empty);
        }
        let mut layers = Vec::new();
        while let Some(layer) = Compression::recognise(&prefix) {
            if layers.len() == MAX_LAYERS {
                return Err(Reason::NestedTooDeep);
            }
            layers.push(layer);
            let inner = layer.unpack(Box::new(io::Cursor::new(prefix).chain(reader)))?;
            reader = Box::new(Bounded { inner, packed: tally.clone(), limits, unpacked: 0 });
            prefix = first_bytes(&mut *reader).map_err(undo)?;
            if prefix.is_empty() {
                return Err(Reason::Empty);
            }
        }
        match compress::unsupported(&prefix) {
            Some(what) => Err(Reason::UnsupportedCompression { what }),
            None => Ok(Unpacked { prefix, reader, tally, size, layers }),
        }
    }
}

/// Decoders make up their own errors; only the system's carry its number.
fn undo(error: io::Error) -> Reason {
    if error.raw_os_error().is_some() {
        Reason::from(error)
    } else {
        Reason::Damaged(compress::describe(&error))
    }
}

fn first_bytes(reader: &mut dyn Read) -> io::Result<Vec<u8>> {
    let mut prefix = Vec::with_capacity(PREFIX);
    match reader.take(PREFIX as u64).read_to_end(&mut prefix) {
        // What a damaged stream gave before it broke is still worth recognising.
        Err(error) if prefix.is_empty() => Err(error),
        _ => Ok(prefix),
    }
}
