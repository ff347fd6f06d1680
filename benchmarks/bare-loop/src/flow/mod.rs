//! The bidirectional flow table: one-packet flows small, the rest with sums for 42 features.

mod export;
mod key;
mod record;
mod table;

pub use export::{Export, FEATURES};
pub use key::{Key, KeyV4, KeyV6};
pub use table::{Stats, Table};
