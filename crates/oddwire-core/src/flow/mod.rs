//! From packets to slices and flows: bounded, mergeable, the same for one thread and for many.
//!
//! A *slice* is what one flow did inside one window; a *flow* is the merge of its slices. Both are a [`Record`].

pub mod brief;
pub mod clock;
pub mod columns;
pub mod community;
pub mod entropy;
pub mod key;
pub mod live;
pub mod orient;
pub mod record;
pub mod sample;
pub mod shard;
pub mod side;
pub mod slab;
pub mod slice_columns;
pub mod stamp;
pub mod state;

pub mod tracker;
pub mod wheel;

pub use key::FlowKey;
pub use record::{Ended, Record};
pub use stamp::Stamp;
pub use tracker::{Tracker, TrackerOptions};
