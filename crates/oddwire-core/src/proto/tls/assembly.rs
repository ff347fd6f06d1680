//! Bytes that come in parts and in any order, with a bound.

/// Parts that may wait for an earlier one.
const MOST_PARTS: usize = 64;

/// What begins at offset 0 and grows as parts join it.
#[derive(Debug, Default, Clone)]
pub(in crate::proto) struct Assembly {
    front: Vec<u8>,
    parts: Vec<(usize, Box<[u8]>)>,
    waiting: usize,
}

impl Assembly {
    /// Takes a part. What would reach beyond `most` bytes is dropped; so are parts that are too many.
    pub(in crate::proto) fn put(&mut self, offset: usize, bytes: &[u8], most: usize) {
        if offset.saturating_add(bytes.len()) > most || bytes.is_empty() {
            return;
        }
        if offset > self.front.len() {
            let known = self.parts.iter().any(|(at, part)| *at == offset && part.len() >= bytes.len());
            if !known && self.parts.len() < MOST_PARTS && self.waiting + bytes.len() <= most {
                self.waiting += bytes.len();
                self.parts.push((offset, bytes.into()));
            }
            return;
        }
        self.join(offset, bytes);
        while let Some(index) = self.parts.iter().position(|(at, _)| *at <= self.front.len()) {
            let (at, part) = self.parts.swap_remove(index);
            self.waiting -= part.len();
            self.join(at, &part);
        }
        if self.parts.is_empty() {
            self.parts = Vec::new();
        }
    }

    fn join(&mut self, offset: usize, bytes: &[u8]) {
        let new = self.front.len().checked_sub(offset).and_then(|known| bytes.get(known..));
        self.front.extend_from_slice(new.unwrap_or_default());
    }

    /// The bytes from the start that have come without a gap.
    pub(in crate::proto) fn front(&self) -> &[u8] {
        &self.front
    }

    /// Forgets everything and gives the memory back.
    pub(in crate::proto) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Bytes of memory it takes.
    pub(in crate::proto) fn held(&self) -> usize {
        self.front.capacity() + self.waiting + self.parts.capacity() * size_of::<(usize, Box<[u8]>)>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn parts_in_any_order_make_the_whole(
            bytes in prop::collection::vec(any::<u8>(), 1..200),
            cuts in prop::collection::vec((0usize..200, 1usize..60), 0..30),
        ) {
            let mut assembly = Assembly::default();
            for (at, length) in cuts.into_iter().rev() {
                let at = at.min(bytes.len() - 1);
                assembly.put(at, &bytes[at..(at + length).min(bytes.len())], 200);
                prop_assert!(bytes.starts_with(assembly.front()));
                prop_assert!(assembly.waiting <= 200);
            }
            assembly.put(0, &bytes, 200);
            prop_assert_eq!(assembly.front(), &bytes[..]);
        }
    }
}
