//! One pass over captures: reads, decodes, tracks on one thread or several, and hands out tables batch by batch.
#![forbid(unsafe_code)]

pub mod dedupe;
pub mod error;
pub mod feed;
mod heard;
pub mod hosts;
pub mod outlet;
pub mod pair_totals;
pub mod parallel;
pub mod request;
mod said;
pub mod selection;
pub mod spans;
pub mod stats;
pub mod summary;
pub mod tables;

pub use error::RunError;
pub use request::{Request, Shape, Table};
pub use stats::{Progress, Stats};
pub use summary::summarise;
pub use tables::{run, schema};
