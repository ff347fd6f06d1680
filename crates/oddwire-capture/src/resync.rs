//! Finding the way back into a capture behind a damaged stretch.

use crate::buffer::Buffer;

/// How far a damaged stretch may reach.
const REACH: usize = 64 << 10;
/// How far, in packet time, a record found behind it may be from the last good one.
pub(crate) const MOST_SECONDS: u32 = 86_400;

/// The distance to the nearest place, a multiple of `step` ahead, where reading can go on.
pub(crate) fn find(
    buffer: &mut Buffer,
    step: usize,
    mut good: impl FnMut(&mut Buffer, usize) -> bool,
) -> Option<usize> {
    for at in (step..REACH).step_by(step) {
        if !buffer.fill(at + 1) {
            return None;
        }
        if good(buffer, at) {
            return Some(at);
        }
    }
    None
}
