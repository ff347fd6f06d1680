//! Bytes of a stream that wait for the rest of their message, with a bound.

/// Bytes in wait. What lies beyond the bound is not kept: a message that never ends costs no more than that.
#[derive(Debug, Default, Clone)]
pub struct Pending {
    bytes: Vec<u8>,
    start: usize,
    overflowed: bool,
}

impl Pending {
    /// Appends bytes, as many as `most` allows to be held together; `false` when some were left out.
    pub fn append(&mut self, bytes: &[u8], most: usize) -> bool {
        if self.start > 0 {
            self.bytes.drain(..self.start);
            self.start = 0;
        }
        let room = most.saturating_sub(self.bytes.len());
        self.bytes.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
        self.overflowed |= bytes.len() > room;
        bytes.len() <= room
    }

    /// Whether bytes were left out since it was last cleared: what follows does not join what is here.
    #[must_use]
    pub const fn overflowed(&self) -> bool {
        self.overflowed
    }

    /// The bytes in wait.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.bytes.get(self.start..).unwrap_or(&[])
    }

    /// Takes so many bytes off the front.
    pub fn consume(&mut self, count: usize) {
        self.start = (self.start + count).min(self.bytes.len());
        if self.start == self.bytes.len() {
            self.bytes.clear();
            self.start = 0;
        }
    }

    /// Forgets everything and gives the memory back.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Bytes of memory it takes.
    #[must_use]
    pub fn held(&self) -> usize {
        self.bytes.capacity()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_beyond_the_bound_is_not_kept() {
        let mut pending = Pending::default();
        assert!(pending.append(b"abc", 5));
        assert!(!pending.append(b"defg", 5));
        assert_eq!((pending.bytes(), pending.overflowed()), (&b"abcde"[..], true));
        pending.consume(2);
        assert_eq!(pending.bytes(), b"cde");
        assert!(pending.append(b"xy", 5));
        assert_eq!(pending.bytes(), b"cdexy");
        pending.consume(9);
        assert!(pending.bytes().is_empty());
    }
}
