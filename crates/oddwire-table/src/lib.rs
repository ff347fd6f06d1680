//! Oddwire: table.
