//! The one buffer an open input is read through: frames borrow from it, so no byte is copied twice.

use std::io::{self, Read};

/// The largest block or record that is held at once. Whatever claims to be larger is damage.
pub(crate) const MAX_HELD: usize = 16 << 20;

/// A window that slides over a stream.
pub(crate) struct Buffer {
    source: Box<dyn Read + Send>,
    /// Always initialised to its full length; only `start..end` holds unread bytes.
    bytes: Vec<u8>,
    /// The length to which it returns once a larger record has passed.
    capacity: usize,
    start: usize,
    end: usize,
    /// Where in the stream `bytes[0]` is.
    base: u64,
    ended: bool,
    failure: Option<io::Error>,
}

impl Buffer {
    /// Starts with bytes that were already taken from the source to recognise it.
    pub(crate) fn new(prefix: &[u8], source: Box<dyn Read + Send>, capacity: usize) -> Self {
        // Zeroed pages are only mapped when touched, so a small file costs little however large this is.
        let mut bytes = vec![0; capacity.max(prefix.len())];
        for (to, from) in bytes.iter_mut().zip(prefix) {
            *to = *from;
        }
        Self {
            source,
            capacity: bytes.len(),
            bytes,
            start: 0,
            end: prefix.len(),
            base: 0,
            ended: false,
            failure: None,
        }
    }

    /// The unread bytes that are in memory.
    #[inline]
    pub(crate) fn window(&self) -> &[u8] {
        self.bytes.get(self.start..self.end).unwrap_or_default()
    }

    /// Where in the stream the window starts.
    pub(crate) const fn offset(&self) -> u64 {
        self.base + self.start as u64
    }

    /// Where in memory the window starts; valid for [`Self::held`] until the next [`Self::fill`].
    #[inline]
    pub(crate) const fn position(&self) -> usize {
        self.start
    }

    /// Bytes at a position that the window has since passed.
    #[inline]
    pub(crate) fn held(&self, position: usize, length: usize) -> &[u8] {
        self.bytes.get(position..position + length).unwrap_or_default()
    }

    /// Moves the window past bytes that were read.
    #[inline]
    pub(crate) fn consume(&mut self, count: usize) {
        self.start = self.end.min(self.start + count);
    }

    /// Makes the window hold at least `need` bytes. False when the stream ends before.
    #[cold]
    pub(crate) fn fill(&mut self, need: usize) -> bool {
        if self.window().len() >= need {
            return true;
        }
        self.make_room(need);
        while self.end - self.start < need && !self.ended {
            self.read_once();
        }
        self.end - self.start >= need
    }

    /// Moves the window `count` bytes on without holding them. False when the stream ends before.
    pub(crate) fn skip(&mut self, mut count: usize) -> bool {
        while count > self.window().len() {
            count -= self.window().len();
            self.consume(self.end);
            if !self.fill(1) {
                return false;
            }
        }
        self.consume(count);
        true
    }

    /// Why the stream ended, when it was not by its end.
    pub(crate) fn take_failure(&mut self) -> Option<io::Error> {
        self.failure.take()
    }

    fn make_room(&mut self, need: usize) {
        self.bytes.copy_within(self.start..self.end, 0);
        self.base += self.start as u64;
        self.end -= self.start;
        self.start = 0;
        let wanted = self.capacity.max(need).max(self.end);
        if self.bytes.len() != wanted {
            self.bytes.resize(wanted, 0);
            self.bytes.shrink_to_fit();
        }
    }

    fn read_once(&mut self) {
        let Some(room) = self.bytes.get_mut(self.end..) else { return };
        match self.source.read(room) {
            Ok(0) => self.ended = true,
            Ok(count) => self.end += count.min(room.len()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => {
                self.ended = true;
                self.failure = Some(error);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hands out one byte a read, as the slowest pipe would.
    struct Drip(Vec<u8>);

    impl Read for Drip {
        fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
            if self.0.is_empty() || room.is_empty() {
                return Ok(0);
            }
            room[0] = self.0.remove(0);
            Ok(1)
        }
    }

    #[test]
    fn the_window_slides_and_grows() {
        let mut buffer = Buffer::new(&[0, 1], Box::new(Drip((2..40).collect())), 4);
        assert!(buffer.fill(3));
        assert_eq!(buffer.window(), [0, 1, 2]);
        buffer.consume(2);
        assert!(buffer.fill(9));
        assert_eq!((buffer.offset(), buffer.window()), (2, &[2, 3, 4, 5, 6, 7, 8, 9, 10][..]));
    }

    #[test]
    fn a_large_record_does_not_leave_a_large_buffer() {
        let mut buffer = Buffer::new(&[], Box::new(Drip((0..200).collect())), 8);
        assert!(buffer.fill(100));
        assert_eq!(buffer.bytes.len(), 100);
        buffer.consume(100);
        assert!(buffer.fill(3));
        assert_eq!((buffer.bytes.len(), buffer.window()), (8, &[100, 101, 102][..]));
    }

    #[test]
    fn skipping_stops_at_the_end() {
        let mut buffer = Buffer::new(&[], Box::new(Drip((0..40).collect())), 4);
        assert!(buffer.skip(30));
        assert_eq!(buffer.offset(), 30);
        assert!(!buffer.skip(11));
        assert!(!buffer.fill(1));
    }
}
