//! Which rows of a column have a value.

use arrow_buffer::{NullBuffer, NullBufferBuilder};

/// Gathers validity a run of rows at a time, since most runs are all known or all unknown.
pub(super) struct Known {
    nulls: NullBufferBuilder,
    run: Vec<bool>,
    count: usize,
}

impl Known {
    pub(super) fn new(capacity: usize) -> Self {
        Self { nulls: NullBufferBuilder::new(capacity), run: Vec::new(), count: 0 }
    }

    /// Notes whether the next row of the run has a value.
    pub(super) fn note(&mut self, known: bool) {
        self.run.push(known);
        self.count += usize::from(known);
    }

    /// Ends the run.
    pub(super) fn end_run(&mut self) {
        let rows = self.run.len();
        match self.count {
            0 => self.nulls.append_n_nulls(rows),
            all if all == rows => self.nulls.append_n_non_nulls(rows),
            _ => self.nulls.append_slice(&self.run),
        }
        self.run.clear();
        self.count = 0;
    }

    pub(super) fn finish(&mut self) -> Option<NullBuffer> {
        self.nulls.finish()
    }
}
