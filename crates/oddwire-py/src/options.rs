//! What Python asks for, as a request. Python sends a dictionary; unknown keys are a mistake of ours and are said.

use crate::errors::usage;
use oddwire_capture::Follow;
use oddwire_core::flow::TrackerOptions;
use oddwire_pipeline::{Request, Shape};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::hash::{BuildHasher, RandomState};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// How often a growing file is looked at.
const POLL: Duration = Duration::from_millis(200);
/// Memory that buffers take however little is allowed.
const LEAST_BYTES: u64 = 48 << 20;

/// A request for these inputs.
pub(crate) fn request(inputs: Vec<PathBuf>, options: &Bound<'_, PyDict>) -> PyResult<Request> {
    let seed = RandomState::new().hash_one(0u8);
    let tracker = TrackerOptions { seed, ..TrackerOptions::default() };
    let mut request = Request { inputs, tracker, ..Request::default() };
    for (key, value) in options {
        set(&mut request, &key.extract::<String>()?, &value)?;
    }
    Ok(request)
}

fn set(request: &mut Request, key: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
    match key {
        "since_ns" => request.since_ns = value.extract()?,
        "until_ns" => request.until_ns = value.extract()?,
        "bpf" => request.bpf = value.extract()?,
        "dedupe" => request.dedupe = value.extract()?,
        "threads" => request.threads = value.extract()?,
        "window_ns" => request.tracker.window_ns = Some(positive(key, value)?),
        "idle_ns" => request.tracker.idle_ns = positive(key, value)?,
        "entropy" => request.tracker.entropy = value.extract()?,
        "payload" => request.payload = value.extract()?,
        "hash" => request.open.hash = value.extract()?,
        "follow" => request.open.follow = value.extract::<bool>()?.then(follow),
        "max_memory" => limit(request, value.extract()?)?,
        _ => return Err(usage(format!("the core has no option '{key}'"))),
    }
    Ok(())
}

/// Waits for a growing file until the user interrupts; what came until then is written in full.
fn follow() -> Follow {
    let stop = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&stop);
    Follow::new(POLL, stop).waiting_by(move |poll| {
        thread::sleep(poll);
        if Python::attach(|py| py.check_signals().is_err()) {
            told.store(true, Ordering::Release);
        }
    })
}

fn positive(key: &str, value: &Bound<'_, PyAny>) -> PyResult<i64> {
    let number: i64 = value.extract()?;
    if number > 0 { Ok(number) } else { Err(usage(format!("{key} must be more than 0"))) }
}

/// Three quarters of the memory are for live flows; the rest is for buffers, batches and fragments.
fn limit(request: &mut Request, bytes: u64) -> PyResult<()> {
    if bytes < LEAST_BYTES {
        return Err(usage(format!("the memory limit must be at least {} MiB", LEAST_BYTES >> 20)));
    }
    request.tracker.max_bytes = (bytes / 4 * 3) as usize;
    request.tracker.said.max_bytes = request.tracker.said.max_bytes.min(bytes as usize / 8);
    request.decoder.fragment_bytes = request.decoder.fragment_bytes.min(bytes as usize / 16);
    Ok(())
}

/// Which columns and rows of a table.
pub(crate) fn shape(columns: Option<Vec<String>>, filter: Option<String>, limit: Option<u64>) -> Shape {
    Shape { columns: columns.unwrap_or_default(), filter, limit, eager: false }
}
