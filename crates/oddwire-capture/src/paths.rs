//! From what a user names to the files that are read: folders, patterns, standard input.

use crate::error::{CaptureError, Reason};
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// Files in named folders or patterns that were passed over without a word.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Skipped {
    /// Files that hold no capture.
    pub not_captures: u64,
    /// Files that were already in the list.
    pub repeated: u64,
}

/// A file that may be a capture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Candidate {
    pub(crate) path: PathBuf,
    /// Whether it was named, not found in a folder; one that was found may be no capture.
    pub(crate) named: bool,
}

impl Candidate {
    pub(crate) fn is_standard_input(&self) -> bool {
        self.named && self.path == Path::new("-")
    }

    pub(crate) fn name(&self) -> String {
        self.path.display().to_string()
    }

    /// Whether opening it twice gives the same bytes twice.
    pub(crate) fn can_be_reopened(&self) -> bool {
        !self.is_standard_input() && self.path.is_file()
    }
}

/// The files behind what was named, without repetition, and what is wrong with the other names.
pub(crate) fn expand(paths: &[PathBuf], skipped: &mut Skipped) -> (Vec<Candidate>, Vec<CaptureError>) {
    let (mut candidates, mut errors, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
    for path in paths {
        match expand_one(path) {
            Ok(found) => candidates.extend(found),
            Err(reason) => errors.push(CaptureError::new(path.display().to_string(), reason)),
        }
    }
    candidates.retain(|candidate| {
        let new = seen.insert(candidate.path.clone());
        skipped.repeated += u64::from(!new);
        new
    });
    (candidates, errors)
}

fn expand_one(path: &Path) -> Result<Vec<Candidate>, Reason> {
    if path.is_dir() {
        return folder(path);
    }
    match path.to_str() {
        // A file whose real name has a bracket in it is meant itself.
        Some(pattern) if pattern.contains(['*', '?', '[']) && !path.exists() => matching(pattern),
        _ => Ok(vec![Candidate { path: path.to_owned(), named: true }]),
    }
}

/// The files directly inside a folder, by name.
fn folder(path: &Path) -> Result<Vec<Candidate>, Reason> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(path)? {
        let path = entry?.path();
        if path.is_file() {
            files.push(Candidate { path, named: false });
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    if files.is_empty() { Err(Reason::NoCaptures { looked_at: 0 }) } else { Ok(files) }
}

/// The files that a pattern names; a pattern that names a folder means the captures inside.
fn matching(pattern: &str) -> Result<Vec<Candidate>, Reason> {
    let paths = glob::glob(pattern).map_err(|_| Reason::NotFound)?;
    let mut files = Vec::new();
    for path in paths.filter_map(Result::ok) {
        if path.is_dir() {
            files.extend(folder(&path).unwrap_or_default());
        } else {
            files.push(Candidate { path, named: false });
        }
    }
    if files.is_empty() { Err(Reason::NotFound) } else { Ok(files) }
}
