//! Oddwire's core: bytes to headers, slices and flows. It knows no file, clock, thread or Python.
#![forbid(unsafe_code)]

pub mod book;
pub mod column;
pub mod decode;
pub mod distinct;
pub mod domains;
pub mod error;
pub mod flow;
pub mod frame;
pub mod identity;
pub mod judged;
pub mod layer;
pub mod names;
pub mod packet;
pub mod packet_row;
pub mod pairs;
pub mod proto;
pub mod summary;
