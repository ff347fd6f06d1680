//! Bits of a column: which rows have a value, which are true.

use arrow_buffer::{BooleanBuffer, Buffer, NullBuffer};

/// Bits in the making, gathered in a word before they are stored.
#[derive(Default)]
pub(super) struct Bits {
    words: Vec<u64>,
    held: u64,
    count: usize,
    set: usize,
}

/// Bits a word holds.
const WORD: usize = 64;

impl Bits {
    /// Takes the next bit.
    #[inline]
    pub(super) fn push(&mut self, bit: bool) {
        self.held |= u64::from(bit) << (self.count % WORD);
        self.set += usize::from(bit);
        self.count += 1;
        if self.count.is_multiple_of(WORD) {
            self.words.push(self.held);
            self.held = 0;
        }
    }

    /// The bits so far; empty afterwards.
    pub(super) fn finish(&mut self) -> BooleanBuffer {
        let Self { mut words, held, count, .. } = std::mem::take(self);
        words.push(held);
        self.words.reserve_exact(words.len());
        BooleanBuffer::new(Buffer::from_vec(words), 0, count)
    }

    /// The bits so far as validity, which is left out where every row has a value.
    pub(super) fn finish_known(&mut self) -> Option<NullBuffer> {
        if self.set == self.count {
            self.words.clear();
            (self.held, self.count, self.set) = (0, 0, 0);
            return None;
        }
        Some(NullBuffer::new(self.finish()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_come_back_in_order_and_the_next_batch_starts_empty() {
        let mut bits = Bits::default();
        for rows in [0, 1, 63, 64, 65, 130] {
            (0..rows).for_each(|row| bits.push(row % 3 == 0));
            let read = bits.finish();
            assert_eq!(
                read.iter().collect::<Vec<_>>(),
                (0..rows).map(|row| row % 3 == 0).collect::<Vec<_>>()
            );
        }
    }

    #[test]
    fn validity_is_left_out_when_nothing_is_missing() {
        let mut bits = Bits::default();
        (0..100).for_each(|_| bits.push(true));
        assert!(bits.finish_known().is_none());
        (0..100).for_each(|row| bits.push(row != 70));
        let known = bits.finish_known().unwrap();
        assert_eq!((known.len(), known.null_count(), known.is_null(70)), (100, 1, true));
    }
}
