//! What is learned, as far as it must be fast or safe: trees scored over rows, and the seals of model files.
//! It knows no file, clock or Python.
#![forbid(unsafe_code)]

pub mod forest;
pub mod seal;
mod walk;
