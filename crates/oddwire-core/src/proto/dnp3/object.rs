//! Object headers of the application layer: group, variation and how many; data between them is passed over.

use super::codes;

/// Object headers that are kept of a message.
pub const MOST_OBJECTS: usize = 8;
/// Indices or sizes that are passed over one by one in a message.
const MOST_STEPS: u32 = 2_048;

/// The first object headers of a message.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Objects {
    kinds: [(u8, u8); MOST_OBJECTS],
    count: u8,
}

/// How the objects behind a header are named: how many, and what stands before each of them.
struct Range {
    count: u32,
    /// Bytes of the index before each object.
    index: u32,
    /// Bytes of the size before each object.
    size: usize,
}

impl Objects {
    /// Reads the headers that follow a function (and the indications of an answer), until data of unknown size.
    pub(super) fn read(function: u8, mut bytes: &[u8]) -> Self {
        let mut objects = Self::default();
        while let [group, variation, qualifier, rest @ ..] = bytes {
            let Some(place) = objects.kinds.get_mut(usize::from(objects.count)) else { break };
            *place = (*group, *variation);
            objects.count += 1;
            match behind(function, *group, *variation, *qualifier, rest) {
                Some(next) => bytes = next,
                None => break,
            }
        }
        objects
    }

    pub(super) fn kinds(&self) -> &[(u8, u8)] {
        self.kinds.get(..usize::from(self.count)).unwrap_or(&[])
    }
}

/// What follows the objects of a header.
fn behind(function: u8, group: u8, variation: u8, qualifier: u8, bytes: &[u8]) -> Option<&[u8]> {
    let (range, bytes) = range(qualifier, bytes)?;
    if range.size > 0 {
        return behind_sized(&range, bytes);
    }
    let indices = u64::from(range.count) * u64::from(range.index);
    let data = if codes::has_data(function) { data_bytes(group, variation, range.count)? } else { 0 };
    bytes.get(usize::try_from(indices + data).ok()?..)
}

/// Passes over objects that each begin with their size.
fn behind_sized<'a>(range: &Range, mut bytes: &'a [u8]) -> Option<&'a [u8]> {
    if range.count > MOST_STEPS {
        return None;
    }
    for _ in 0..range.count {
        let size = number(bytes, range.size)?;
        bytes = bytes.get(range.size..)?.get(usize::try_from(size).ok()?..)?;
    }
    Some(bytes)
}

/// Reads the range behind a qualifier.
fn range(qualifier: u8, bytes: &[u8]) -> Option<(Range, &[u8])> {
    let (index, size) = match qualifier >> 4 & 7 {
        0 => (0, 0),
        1 => (1, 0),
        2 => (2, 0),
        3 => (4, 0),
        4 => (0, 1),
        5 => (0, 2),
        6 => (0, 4),
        _ => return None,
    };
    let between = |width: usize| {
        let (first, last) = (number(bytes, width)?, number(bytes.get(width..)?, width)?);
        last.checked_sub(first)?.checked_add(1)
    };
    let (count, width) = match qualifier & 15 {
        0 | 3 => (between(1)?, 2),
        1 | 4 => (between(2)?, 4),
        2 | 5 => (between(4)?, 8),
        6 => (0, 0),
        7 | 11 => (number(bytes, 1)?, 1),
        8 => (number(bytes, 2)?, 2),
        9 => (number(bytes, 4)?, 4),
        _ => return None,
    };
    Some((Range { count, index, size }, bytes.get(width..)?))
}

/// A number of so many bytes, the lowest first.
fn number(bytes: &[u8], width: usize) -> Option<u32> {
    let bytes = bytes.get(..width)?;
    Some(bytes.iter().rev().fold(0, |sum: u32, &byte| sum << 8 | u32::from(byte)))
}

/// Bytes of so many objects without their indices.
fn data_bytes(group: u8, variation: u8, count: u32) -> Option<u64> {
    let count = u64::from(count);
    match (group, variation) {
        (1 | 10 | 80, 1) | (12, 3) => return Some(count.div_ceil(8)),
        (3, 1) => return Some(count.div_ceil(4)),
        (60, _) => return Some(0),
        (110 | 111, size) => return Some(count * u64::from(size)),
        _ => {}
    }
    let (_, sizes) = SIZES.iter().find(|(groups, _)| groups.contains(&group))?;
    let size = *sizes.get(usize::from(variation).checked_sub(1)?)?;
    (size > 0).then(|| count * u64::from(size))
}

/// Bytes of an object by group and variation (from 1 on); 0 is unknown.
const SIZES: &[(&[u8], &[u8])] = &[
    (&[1, 3, 10], &[0, 1]),
    (&[2, 4], &[1, 7, 3]),
    (&[11, 13], &[1, 7]),
    (&[12], &[11, 11]),
    (&[20], &[5, 3, 5, 3, 4, 2, 4, 2]),
    (&[21], &[5, 3, 5, 3, 11, 9, 11, 9, 4, 2, 4, 2]),
    (&[22, 23], &[5, 3, 5, 3, 11, 9, 11, 9]),
    (&[30], &[5, 3, 4, 2, 5, 9]),
    (&[31], &[5, 3, 11, 9, 4, 2, 5, 9]),
    (&[32, 33, 42, 43], &[5, 3, 11, 9, 5, 9, 11, 15]),
    (&[34], &[2, 4, 4]),
    (&[40, 41], &[5, 3, 5, 9]),
    (&[50], &[6, 10, 6, 11]),
    (&[51], &[6, 6]),
    (&[52], &[2, 2]),
];
