//! Trees as flat arrays: whatever arrays come in, they are checked once, and scoring then cannot fail or hang.

use crate::walk::{self, Node};
use std::fmt;

/// More nodes than any forest needs, and few enough for an index of 31 bits.
pub const MAX_NODES: usize = 1 << 27;
/// So many steps lead from a root to a leaf at most: what one row can cost is bounded.
pub const MAX_DEPTH: u32 = 4096;
/// More figures a leaf than any model needs.
pub const MAX_OUTPUTS: usize = 4096;
/// More columns than any table has.
pub const MAX_FEATURES: usize = 1 << 20;

/// The arrays of a forest, as they stand in a file.
#[derive(Debug, Clone, Default)]
pub struct Arrays {
    /// The column that a node asks for; -1 is a leaf.
    pub feature: Vec<i32>,
    /// A row goes left when its value is at most this.
    pub threshold: Vec<f32>,
    /// Where a row goes next; of a leaf, the row of its values.
    pub left: Vec<u32>,
    /// Where the others go; unused of a leaf.
    pub right: Vec<u32>,
    /// Whether a missing value (NaN) goes left.
    pub missing_left: Vec<u8>,
    /// What leaves say, `outputs` figures each.
    pub values: Vec<f64>,
    /// The first node of each tree.
    pub roots: Vec<u32>,
    /// How many figures a leaf says.
    pub outputs: usize,
    /// How many columns the rows have.
    pub features: usize,
}

/// Why arrays are no forest, or rows do not fit it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ForestError {
    /// Arrays that belong together have different lengths.
    Lengths,
    /// More nodes, columns or figures a leaf than are allowed, or none where some are needed.
    Size,
    /// A node names a column, a node or a row of values that is not there, or one before itself.
    Node(usize),
    /// A threshold is no number.
    Threshold(usize),
    /// A leaf says something that is no finite number.
    Value(usize),
    /// A way from a root to a leaf is longer than is allowed.
    TooDeep,
    /// The rows are not whole rows of so many columns.
    Rows,
}

impl fmt::Display for ForestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lengths => f.write_str("the arrays of the forest have different lengths"),
            Self::Size => f.write_str("the forest is empty or too large"),
            Self::Node(at) => write!(f, "node {at} of the forest leads nowhere"),
            Self::Threshold(at) => write!(f, "the threshold of node {at} of the forest is no number"),
            Self::Value(at) => write!(f, "value {at} of the forest is no finite number"),
            Self::TooDeep => f.write_str("the trees of the forest are too deep"),
            Self::Rows => f.write_str("the rows do not have as many columns as the forest"),
        }
    }
}

impl std::error::Error for ForestError {}

/// Trees that were checked: every way ends in a leaf.
#[derive(Debug, Clone)]
pub struct Forest {
    pub(crate) nodes: Vec<Node>,
    /// Where the values of a leaf begin, by node.
    pub(crate) says: Vec<u32>,
    pub(crate) values: Vec<f64>,
    pub(crate) roots: Vec<u32>,
    pub(crate) outputs: usize,
    pub(crate) features: usize,
}

impl Forest {
    /// Checks the arrays and packs them for scoring. Children stand behind their parents, so no way is a circle.
    pub fn new(arrays: Arrays) -> Result<Self, ForestError> {
        check_sizes(&arrays)?;
        if let Some(at) = arrays.values.iter().position(|value| !value.is_finite()) {
            return Err(ForestError::Value(at));
        }
        let count = arrays.feature.len();
        let mut nodes = Vec::with_capacity(count);
        let mut says = Vec::with_capacity(count);
        let columns = arrays.feature.iter().zip(&arrays.threshold).zip(&arrays.missing_left);
        for (at, (((&feature, &threshold), &missing), (&left, &right))) in
            columns.zip(arrays.left.iter().zip(&arrays.right)).enumerate()
        {
            let (node, said) = match u32::try_from(feature) {
                Ok(feature) => (split(&arrays, at, feature, threshold, missing, [left, right])?, 0),
                Err(_) => leaf(&arrays, at, left)?,
            };
            nodes.push(node);
            says.push(said);
        }
        if let Some(&root) = arrays.roots.iter().find(|&&root| root as usize >= count) {
            return Err(ForestError::Node(root as usize));
        }
        check_depth(&nodes)?;
        let Arrays { values, roots, outputs, features, .. } = arrays;
        Ok(Self { nodes, says, values, roots, outputs, features })
    }

    /// How many figures a row gets.
    #[must_use]
    pub const fn outputs(&self) -> usize {
        self.outputs
    }

    /// How many columns a row has.
    #[must_use]
    pub const fn features(&self) -> usize {
        self.features
    }

    /// How many trees there are.
    #[must_use]
    pub fn trees(&self) -> usize {
        self.roots.len()
    }

    /// The sums of what the leaves say, row by row, over rows that lie one behind the other.
    ///
    /// The sums are made in the order of the trees, so they do not depend on the number of threads.
    pub fn score(&self, rows: &[f32], jobs: usize) -> Result<Vec<f64>, ForestError> {
        if !rows.len().is_multiple_of(self.features) {
            return Err(ForestError::Rows);
        }
        let count = rows.len() / self.features;
        let mut sums = vec![0.0; count * self.outputs];
        let share = count.div_ceil(jobs.clamp(1, 256)).max(walk::LANES);
        if share >= count {
            walk::add(self, rows, &mut sums);
            return Ok(sums);
        }
        std::thread::scope(|scope| {
            let parts = rows.chunks(share * self.features).zip(sums.chunks_mut(share * self.outputs));
            for (rows, sums) in parts {
                scope.spawn(move || walk::add(self, rows, sums));
            }
        });
        Ok(sums)
    }
}

fn check_sizes(arrays: &Arrays) -> Result<(), ForestError> {
    let count = arrays.feature.len();
    let Arrays { threshold, left, right, missing_left, .. } = arrays;
    if [threshold.len(), left.len(), right.len(), missing_left.len()].iter().any(|&length| length != count) {
        return Err(ForestError::Lengths);
    }
    let fits = (1..=MAX_NODES).contains(&count)
        && (1..=MAX_NODES).contains(&arrays.roots.len())
        && (1..=MAX_OUTPUTS).contains(&arrays.outputs)
        && (1..=MAX_FEATURES).contains(&arrays.features)
        && u32::try_from(arrays.values.len()).is_ok();
    if !fits {
        return Err(ForestError::Size);
    }
    if !arrays.values.len().is_multiple_of(arrays.outputs) {
        return Err(ForestError::Lengths);
    }
    Ok(())
}

fn split(
    arrays: &Arrays,
    at: usize,
    feature: u32,
    threshold: f32,
    missing: u8,
    next: [u32; 2],
) -> Result<Node, ForestError> {
    if threshold.is_nan() {
        return Err(ForestError::Threshold(at));
    }
    let behind = |child: &u32| (at + 1..arrays.feature.len()).contains(&(*child as usize));
    if feature as usize >= arrays.features || !next.iter().all(behind) {
        return Err(ForestError::Node(at));
    }
    Ok(Node::split(feature, threshold, missing != 0, next))
}

/// A leaf leads to itself, so that rows that are there early can wait for the others.
fn leaf(arrays: &Arrays, at: usize, row: u32) -> Result<(Node, u32), ForestError> {
    let start = (row as usize).saturating_mul(arrays.outputs);
    if start.saturating_add(arrays.outputs) > arrays.values.len() {
        return Err(ForestError::Node(at));
    }
    Ok((Node::leaf(at as u32), start as u32))
}

/// From the last node to the first: a node is one step higher than the higher of its children.
fn check_depth(nodes: &[Node]) -> Result<(), ForestError> {
    let mut heights = vec![0_u32; nodes.len()];
    for (at, node) in nodes.iter().enumerate().rev() {
        let height = |child: u32| heights.get(child as usize).copied().unwrap_or(0);
        let tall =
            if node.is_leaf(at) { 0 } else { 1 + node.next.map(height).into_iter().max().unwrap_or(0) };
        if tall > MAX_DEPTH {
            return Err(ForestError::TooDeep);
        }
        if let Some(place) = heights.get_mut(at) {
            *place = tall;
        }
    }
    Ok(())
}

#[cfg(test)]
#[path = "forest_tests.rs"]
mod tests;
