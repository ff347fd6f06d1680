//! Damage: where a walk through headers stopped, and what it lacked.

use crate::layer::Layer;
use std::fmt;

/// Why decoding of a frame stopped early. Damaged input is data: it is counted and shown, never raised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Damage {
    /// The header that could not be read.
    pub layer: Layer,
    /// Where in the frame it starts, in bytes.
    pub offset: u32,
    /// What is wrong with it.
    pub kind: DamageKind,
}

/// What is wrong with a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DamageKind {
    /// Fewer bytes are there than the header needs, though the frame was not cut at a snap length.
    Short {
        /// Bytes needed.
        need: u32,
        /// Bytes there.
        have: u32,
    },
    /// A length field contradicts itself or the bytes around it.
    BadLength {
        /// The value of the field.
        value: u32,
    },
    /// A version field has a value that does not belong there.
    BadVersion {
        /// The value of the field.
        value: u8,
    },
    /// More headers are nested than are followed.
    TooDeep,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "byte {}: {} header ", self.offset, self.layer.name())?;
        match self.kind {
            DamageKind::Short { need, have } => write!(f, "needs {need} bytes, has {have}"),
            DamageKind::BadLength { value } => write!(f, "has an impossible length field, {value}"),
            DamageKind::BadVersion { value } => write!(f, "has an unknown version, {value}"),
            DamageKind::TooDeep => f.write_str("is nested too deep to follow"),
        }
    }
}
