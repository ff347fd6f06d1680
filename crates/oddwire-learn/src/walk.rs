//! Rows through trees: eight rows at a time, so that the processor has something to do while a node is fetched.

use crate::forest::Forest;

/// So many rows go through a tree together.
pub(crate) const LANES: usize = 8;
/// So many values of rows stay near the processor while all trees pass over them.
const NEAR: usize = 16 * 1024;
const MISSING_LEFT: u32 = 1 << 31;

/// A node in 16 bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Node {
    threshold: f32,
    /// The column, and in the highest bit whether a missing value goes left.
    asks: u32,
    pub(crate) next: [u32; 2],
}

impl Node {
    pub(crate) const fn split(feature: u32, threshold: f32, missing_left: bool, next: [u32; 2]) -> Self {
        Self { threshold, asks: if missing_left { feature | MISSING_LEFT } else { feature }, next }
    }

    pub(crate) const fn leaf(at: u32) -> Self {
        Self { threshold: 0.0, asks: 0, next: [at, at] }
    }

    /// Only leaves lead to themselves: the children of others stand behind them.
    pub(crate) const fn is_leaf(&self, at: usize) -> bool {
        self.next[0] as usize == at
    }

    /// Where a row goes from here. The bits are joined and the child is looked up, so that there is nothing for the
    /// processor to guess; one of two is always there.
    #[inline]
    #[allow(clippy::needless_bitwise_bool, clippy::indexing_slicing)]
    fn step(&self, row: &[f32]) -> u32 {
        let value = row.get((self.asks & !MISSING_LEFT) as usize).copied().unwrap_or(f32::NAN);
        let missing = value.is_nan() & (self.asks & MISSING_LEFT != 0);
        let right = !((value <= self.threshold) | missing);
        self.next[usize::from(right)]
    }
}

/// Adds what the leaves say about each row, tree by tree, block of rows by block of rows.
pub(crate) fn add(forest: &Forest, rows: &[f32], sums: &mut [f64]) {
    let (features, outputs) = (forest.features, forest.outputs);
    let block = (NEAR / features).clamp(LANES, 1024) / LANES * LANES;
    let blocks = rows.chunks(block * features).zip(sums.chunks_mut(block * outputs));
    for (rows, sums) in blocks {
        for &root in &forest.roots {
            let groups = rows.chunks(LANES * features).zip(sums.chunks_mut(LANES * outputs));
            for (rows, sums) in groups {
                for (leaf, sums) in leaves(forest, root, rows).into_iter().zip(sums.chunks_mut(outputs)) {
                    add_leaf(forest, leaf, sums);
                }
            }
        }
    }
}

/// The leaf that each row of a group comes to; a group of less than eight goes with empty rows behind it.
#[inline]
fn leaves(forest: &Forest, root: u32, rows: &[f32]) -> [u32; LANES] {
    let mut lanes: [&[f32]; LANES] = [&[]; LANES];
    for (lane, row) in lanes.iter_mut().zip(rows.chunks_exact(forest.features)) {
        *lane = row;
    }
    let mut at = [root; LANES];
    loop {
        let mut moved = 0;
        for (at, row) in at.iter_mut().zip(&lanes) {
            let next = forest.nodes.get(*at as usize).map_or(*at, |node| node.step(row));
            moved |= next ^ *at;
            *at = next;
        }
        if moved == 0 {
            return at;
        }
    }
}

#[inline]
fn add_leaf(forest: &Forest, leaf: u32, sums: &mut [f64]) {
    let start = forest.says.get(leaf as usize).copied().unwrap_or(0) as usize;
    let said = forest.values.get(start..start + sums.len()).unwrap_or(&[]);
    for (sum, value) in sums.iter_mut().zip(said) {
        *sum += value;
    }
}
