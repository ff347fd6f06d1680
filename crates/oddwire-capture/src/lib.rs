//! Frames from captures: pcap and pcapng, compressed or not, one or many, in time order.
//!
//! ```no_run
//! use oddwire_capture::{Capture, OpenOptions};
//! let mut capture = Capture::open(&["capture.pcap.gz".into()], &OpenOptions::default())?;
//! while let Some(frame) = capture.next_frame()? {
//!     println!("{} {} bytes", frame.number, frame.length);
//! }
//! # Ok::<(), oddwire_capture::CaptureError>(())
//! ```
//!
//! A frame borrows from the one buffer its file is read through. What is damaged is noted in [`Input::warnings`]
//! and the rest is still read; only an input that cannot be read at all is an error.
#![deny(unsafe_code)]

mod bpf;
mod buffer;
mod capture;
mod compress;
mod endian;
mod error;
mod filter;
mod follow;
mod input;
mod notes;
mod order;
mod paths;
mod pcap;
mod pcapng;
mod plan;
mod reader;
mod record;
mod resync;
mod source;
mod warning;
pub mod write;

pub use bpf::{BpfError, BpfFilter, libpcap_version};
pub use capture::{Capture, OpenOptions, Progress};
pub use compress::{Compression, Limits, MAX_WINDOW};
pub use error::{CaptureError, Reason};
pub use filter::FrameFilter;
pub use follow::Follow;
pub use input::{Format, Input};
pub use notes::{Drops, INTERFACES_KEPT, Interface};
pub use paths::Skipped;
pub use warning::{Damage, WARNINGS_KEPT, Warning, Warnings};
