//! Columns: one list a table says name, type, unit, meaning, formula and how to get the value from a row.
//! The reference page, the Arrow schema and the files are all made from it.

use crate::packet::{Addr, Mac};

/// How a column's value is taken from a row of type `R`.
#[derive(Debug)]
#[allow(missing_docs)]
pub enum Get<R> {
    Bool(fn(&R) -> bool),
    U8(fn(&R) -> u8),
    U16(fn(&R) -> u16),
    U32(fn(&R) -> u32),
    U64(fn(&R) -> u64),
    F64(fn(&R) -> f64),
    OptBool(fn(&R) -> Option<bool>),
    OptU8(fn(&R) -> Option<u8>),
    OptU16(fn(&R) -> Option<u16>),
    OptU32(fn(&R) -> Option<u32>),
    OptU64(fn(&R) -> Option<u64>),
    OptF64(fn(&R) -> Option<f64>),
    /// Nanoseconds since the epoch, UTC: an Arrow timestamp with zone UTC.
    Time(fn(&R) -> i64),
    /// A sum of squares or another integer too wide for 64 bits: an Arrow decimal (38, 0).
    Wide(fn(&R) -> u128),
    /// A word of a small closed set.
    Word(fn(&R) -> Option<&'static str>),
    /// An IP address, shown in its canonical text form.
    Addr(fn(&R) -> Option<Addr>),
    /// A hardware address, shown as `aa:bb:cc:dd:ee:ff`.
    Mac(fn(&R) -> Option<Mac>),
    /// Free text: appended to the string; `false` means null (what was appended is then dropped).
    Text(fn(&R, &mut String) -> bool),
    /// A short list of integers, appended.
    ListI64(fn(&R, &mut Vec<i64>)),
}

impl<R> Clone for Get<R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for Get<R> {}

/// One column of a table whose rows are of type `R`.
#[derive(Debug)]
pub struct Column<R> {
    /// Its fixed name.
    pub name: &'static str,
    /// The unit of its numbers: `bytes`, `ns`, `packets`, ...; empty where there is none.
    pub unit: &'static str,
    /// One sentence that says what it means.
    pub meaning: &'static str,
    /// How it is computed, where that is not plain from the meaning; else empty.
    pub formula: &'static str,
    /// Whether it is shown when no columns are named.
    pub shown: bool,
    /// How its value is taken.
    pub get: Get<R>,
}

impl<R> Clone for Column<R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for Column<R> {}

impl<R> Column<R> {
    /// A column that is shown by default and needs no formula.
    #[must_use]
    pub const fn new(name: &'static str, unit: &'static str, get: Get<R>, meaning: &'static str) -> Self {
        Self { name, unit, meaning, formula: "", shown: true, get }
    }

    /// The same column with the formula by which it is computed.
    #[must_use]
    pub const fn by(self, formula: &'static str) -> Self {
        Self { formula, ..self }
    }

    /// The same column, given only when it is asked for by name.
    #[must_use]
    pub const fn on_request(self) -> Self {
        Self { shown: false, ..self }
    }

    /// The type as the reference names it.
    #[must_use]
    pub const fn type_name(&self) -> &'static str {
        match self.get {
            Get::Bool(_) | Get::OptBool(_) => "bool",
            Get::U8(_) | Get::OptU8(_) => "uint8",
            Get::U16(_) | Get::OptU16(_) => "uint16",
            Get::U32(_) | Get::OptU32(_) => "uint32",
            Get::U64(_) | Get::OptU64(_) => "uint64",
            Get::F64(_) | Get::OptF64(_) => "float64",
            Get::Time(_) => "timestamp[ns, UTC]",
            Get::Wide(_) => "decimal(38, 0)",
            Get::Word(_) | Get::Addr(_) | Get::Mac(_) | Get::Text(_) => "string",
            Get::ListI64(_) => "list[int64]",
        }
    }
}
