//! Where a table goes: a file that gets its name at the end, or a stream.

use crate::error::TableError;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// How many temporary names are tried before giving up.
const TRIES: u32 = 100;

/// The place a table is written to.
pub(super) enum Target {
    File(NamedLater),
    Stream(Box<dyn Write + Send>),
}

/// A file under a temporary name; removed unless it is finished.
pub(super) struct NamedLater {
    file: File,
    temporary: Option<PathBuf>,
    path: PathBuf,
}

impl Target {
    /// A file that will have this path. Devices and pipes are written directly.
    pub(super) fn file(path: &Path) -> io::Result<Self> {
        if let Ok(there) = fs::metadata(path)
            && !there.is_file()
            && !there.is_dir()
        {
            return Ok(Self::Stream(Box::new(OpenOptions::new().write(true).open(path)?)));
        }
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let (file, temporary) = open_beside(&path)?;
        Ok(Self::File(NamedLater { file, temporary: Some(temporary), path }))
    }

    pub(super) fn stream(out: Box<dyn Write + Send>) -> Self {
        Self::Stream(out)
    }

    pub(super) fn is_file(&self) -> bool {
        matches!(self, Self::File(_))
    }

    /// Flushes a stream; gives a file its name.
    pub(super) fn finish(self) -> Result<(), TableError> {
        match self {
            Self::Stream(mut out) => Ok(out.flush()?),
            Self::File(mut named) => {
                let done = named.rename();
                done.map_err(|source| TableError::File { path: named.path.clone(), source })
            }
        }
    }
}

impl NamedLater {
    fn rename(&mut self) -> io::Result<()> {
        if let Some(temporary) = &self.temporary {
            fs::rename(temporary, &self.path)?;
            self.temporary = None;
        }
        Ok(())
    }
}

impl Drop for NamedLater {
    fn drop(&mut self) {
        if let Some(temporary) = self.temporary.take() {
            // There is nobody left to tell; at worst a file with a telling name stays behind.
            let _ = fs::remove_file(temporary);
        }
    }
}

/// A new file in the folder of `path`.
fn open_beside(path: &Path) -> io::Result<(File, PathBuf)> {
    let name = path.file_name().filter(|_| !path.is_dir());
    let name = name.ok_or_else(|| io::Error::new(io::ErrorKind::IsADirectory, "is a folder; name a file"))?;
    for attempt in 0..TRIES {
        let mut temporary = std::ffi::OsString::from(".");
        temporary.push(name);
        temporary.push(format!(".{}.{attempt}.part", std::process::id()));
        let temporary = path.with_file_name(temporary);
        match OpenOptions::new().write(true).create_new(true).open(&temporary) {
            Ok(file) => return Ok((file, temporary)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::new(io::ErrorKind::AlreadyExists, "too many unfinished files of this name beside it"))
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::File(named) => named.file.write(bytes),
            Self::Stream(out) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::File(named) => named.file.flush(),
            Self::Stream(out) => out.flush(),
        }
    }
}
