//! Decoding, from made frames: tables of cases a header, cuts at every length, fragments.

#![expect(clippy::indexing_slicing, reason = "frames are made by hand here: a wrong index fails the test")]

mod build;
mod cut;
mod damage;
mod fragment;
mod link;
mod network;
mod properties;
mod transport;
mod tunnel;
mod wireless;
