//! Ended flows become rows of 42 `f32` columns, in batches that are reused: filled, checksummed, emptied.

use super::record::{Direction, Full, Small};

/// Features a flow.
pub const FEATURES: usize = 42;
/// Rows a batch.
const ROWS: usize = 2048;

/// The batch being filled.
pub struct Export {
    columns: [Vec<f32>; FEATURES],
    rows: u64,
    checksum: u64,
}

impl Default for Export {
    fn default() -> Self {
        Self { columns: std::array::from_fn(|_| Vec::with_capacity(ROWS)), rows: 0, checksum: 0 }
    }
}

impl Export {
    /// Rows exported so far.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Empties the last batch and gives the checksum of all.
    #[must_use]
    pub fn finish(mut self) -> u64 {
        self.flush();
        self.checksum
    }

    /// Exports a flow of one packet: the same features, most of them zero.
    pub(super) fn small<K: Copy>(&mut self, flow: &Small<K>) {
        self.full(&flow.promote());
    }

    pub(super) fn full<K>(&mut self, flow: &Full<K>) {
        let row = features(flow);
        for (column, value) in self.columns.iter_mut().zip(row) {
            column.push(value);
        }
        self.rows += 1;
        if self.rows.is_multiple_of(ROWS as u64) {
            self.flush();
        }
    }

    fn flush(&mut self) {
        for column in &mut self.columns {
            let sum = column.iter().map(|value| u64::from(value.to_bits())).fold(0, u64::wrapping_add);
            self.checksum = self.checksum.rotate_left(7).wrapping_add(sum);
            column.clear();
        }
    }
}

/// The features of a flow: 10 a direction, 14 of both, 8 flag counts.
fn features<K>(flow: &Full<K>) -> [f32; FEATURES] {
    let [out, back] = &flow.directions;
    let packets = f64::from(out.packets + back.packets);
    let bytes = (out.bytes + back.bytes) as f64;
    let span_us = (flow.last_us - flow.first_us) as f64;
    let seconds = span_us / 1e6;
    let (length_mean, length_std) = spread(bytes, (out.length_squares + back.length_squares) as f64, packets);
    let (gap_mean, gap_std) = spread(span_us, flow.gap_squares, packets - 1.0);
    let mut row = [0.0; FEATURES];
    let both = [
        seconds,
        packets / seconds.max(1e-6),
        bytes / seconds.max(1e-6),
        back.bytes as f64 / (out.bytes as f64).max(1.0),
        length_mean,
        length_std,
        gap_mean,
        gap_std,
        if packets > 1.0 { f64::from(flow.gap_min_us) } else { 0.0 },
        f64::from(flow.gap_max_us),
        f64::from(out.window),
        f64::from(back.window),
        f64::from(out.ttl_min),
        f64::from(back.ttl_min),
    ];
    let values = both.into_iter().chain(direction(out)).chain(direction(back));
    let values = values.chain(flow.flag_counts.iter().map(|count| f64::from(*count)));
    for (cell, value) in row.iter_mut().zip(values) {
        *cell = value as f32;
    }
    row
}

fn direction(sums: &Direction) -> [f64; 10] {
    let packets = f64::from(sums.packets);
    let (length_mean, length_std) = spread(sums.bytes as f64, sums.length_squares as f64, packets);
    let (gap_mean, gap_std) = spread(sums.gap_sum_us as f64, sums.gap_squares, packets - 1.0);
    [
        packets,
        sums.bytes as f64,
        sums.payload as f64,
        f64::from(sums.length_min),
        f64::from(sums.length_max),
        length_mean,
        length_std,
        gap_mean,
        gap_std,
        f64::from(sums.gap_max_us),
    ]
}

/// Mean and standard deviation from a sum and a sum of squares.
fn spread(sum: f64, squares: f64, count: f64) -> (f64, f64) {
    if count <= 0.0 {
        return (0.0, 0.0);
    }
    let mean = sum / count;
    (mean, (squares / count - mean * mean).max(0.0).sqrt())
}
