//! Oddwire: capture.
