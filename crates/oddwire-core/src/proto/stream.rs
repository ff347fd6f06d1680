//! One direction of a TCP stream, put in order: bounded, lax where the capture lacks packets.

use super::contract::Moment;

/// Segments that may wait for an earlier one.
pub(super) const MOST_PARTS: usize = 64;
/// Bytes that they may hold together.
pub(super) const MOST_BYTES: usize = 64 << 10;

/// A segment that waits.
#[derive(Debug)]
struct Part {
    seq: u32,
    at: Moment,
    bytes: Box<[u8]>,
    cut: u32,
}

/// A segment, as it came.
#[derive(Debug, Clone, Copy)]
pub(super) struct Segment<'a> {
    pub(super) seq: u32,
    pub(super) at: Moment,
    pub(super) bytes: &'a [u8],
    /// Bytes behind that the capture cut off.
    pub(super) cut: u32,
}

/// Bytes that are next.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ready<'a> {
    pub(super) at: Moment,
    pub(super) bytes: &'a [u8],
    pub(super) missing: u32,
    pub(super) cut: u32,
}

/// One direction: which byte comes next, and what came too early.
#[derive(Debug, Default)]
pub(super) struct Stream {
    next: Option<u32>,
    /// Bytes that the capture cut from the packet before.
    cut_before: u32,
    /// The other end has acknowledged everything before this.
    acked: Option<u32>,
    parts: Vec<Part>,
    held: usize,
}

/// How far `seq` lies behind `from`.
const fn ahead(seq: u32, from: u32) -> i32 {
    seq.wrapping_sub(from).cast_signed()
}

impl Stream {
    /// A stream whose next byte has this number.
    pub(super) fn starting_at(next: Option<u32>) -> Self {
        Self { next, ..Self::default() }
    }

    /// Bytes that wait.
    pub(super) const fn held(&self) -> usize {
        self.held + self.parts.capacity() * size_of::<Part>()
    }

    /// Notes that the other end has received everything before `seq`.
    pub(super) fn acknowledge(&mut self, seq: u32) {
        if self.acked.is_none_or(|acked| ahead(seq, acked) > 0) {
            self.acked = Some(seq);
        }
    }

    /// Takes a segment; `sink` is given what is next, in order.
    pub(super) fn take(&mut self, segment: &Segment<'_>, sink: &mut dyn FnMut(&Ready<'_>)) {
        let next = *self.next.get_or_insert(segment.seq);
        if ahead(segment.seq, next) > 0 {
            self.keep(segment);
        } else {
            self.hand_out(segment, sink);
        }
        self.settle(sink);
    }

    /// Hands out what waits and joins, or waits for what is lost.
    pub(super) fn settle(&mut self, sink: &mut dyn FnMut(&Ready<'_>)) {
        while let Some(part) = self.take_first() {
            let Part { seq, at, bytes, cut } = part;
            self.hand_out(&Segment { seq, at, bytes: &bytes, cut }, sink);
        }
    }

    /// Hands out all that waits: the flow is over.
    pub(super) fn give_up(&mut self, sink: &mut dyn FnMut(&Ready<'_>)) {
        self.acked =
            self.parts.iter().map(|part| part.seq).max_by_key(|&seq| ahead(seq, self.next.unwrap_or(seq)));
        self.settle(sink);
    }

    /// The first segment in wait, if it joins, or if what lies before it is lost.
    fn take_first(&mut self) -> Option<Part> {
        let next = self.next?;
        let (index, part) = self.parts.iter().enumerate().min_by_key(|(_, part)| ahead(part.seq, next))?;
        let joins = ahead(part.seq, next) <= 0;
        let lost = self.acked.is_some_and(|acked| ahead(acked, part.seq) >= 0);
        let full = self.parts.len() >= MOST_PARTS || self.held >= MOST_BYTES;
        if !joins && !lost && !full {
            return None;
        }
        let part = self.parts.swap_remove(index);
        self.held -= part.bytes.len();
        if self.parts.is_empty() {
            self.parts = Vec::new();
        }
        Some(part)
    }

    fn keep(&mut self, segment: &Segment<'_>) {
        if self.parts.iter().any(|part| part.seq == segment.seq && part.bytes.len() >= segment.bytes.len()) {
            return;
        }
        let &Segment { seq, at, bytes, cut } = segment;
        self.held += bytes.len();
        self.parts.push(Part { seq, at, bytes: bytes.into(), cut });
    }

    /// Hands out what is new of a segment that starts at or before the next byte, or behind a gap that is given up.
    fn hand_out(&mut self, segment: &Segment<'_>, sink: &mut dyn FnMut(&Ready<'_>)) {
        let next = self.next.unwrap_or(segment.seq);
        let offset = ahead(segment.seq, next);
        let (bytes, missing) = if offset < 0 {
            match segment.bytes.get(offset.unsigned_abs() as usize..) {
                Some(bytes) => (bytes, self.cut_before),
                None => return,
            }
        } else {
            (segment.bytes, offset.unsigned_abs() + self.cut_before)
        };
        if bytes.is_empty() {
            return;
        }
        self.next = Some(segment.seq.wrapping_add(segment.bytes.len() as u32 + segment.cut));
        self.cut_before = segment.cut;
        sink(&Ready { at: segment.at, bytes, missing, cut: segment.cut });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn segment(seq: u32, bytes: &[u8]) -> Segment<'_> {
        Segment { seq, at: Moment::default(), bytes, cut: 0 }
    }

    fn heard(stream: &mut Stream, segment: &Segment<'_>) -> Vec<(u32, Vec<u8>)> {
        let mut all = Vec::new();
        stream.take(segment, &mut |ready| all.push((ready.missing, ready.bytes.to_vec())));
        all
    }

    #[test]
    fn what_comes_early_waits_and_what_comes_twice_is_said_once() {
        let mut stream = Stream::starting_at(Some(10));
        assert!(heard(&mut stream, &segment(13, b"def")).is_empty());
        assert_eq!(heard(&mut stream, &segment(10, b"abc")), [(0, b"abc".to_vec()), (0, b"def".to_vec())]);
        assert!(heard(&mut stream, &segment(10, b"abcdef")).is_empty());
        assert_eq!(heard(&mut stream, &segment(14, b"efgh")), [(0, b"gh".to_vec())]);
    }

    #[test]
    fn a_gap_that_was_acknowledged_is_lost_for_the_capture() {
        let mut stream = Stream::starting_at(Some(10));
        assert!(heard(&mut stream, &segment(20, b"x")).is_empty());
        stream.acknowledge(21);
        assert_eq!(heard(&mut stream, &segment(21, b"y")), [(10, b"x".to_vec()), (0, b"y".to_vec())]);
    }

    #[test]
    fn numbers_wrap_round() {
        let mut stream = Stream::starting_at(Some(u32::MAX));
        assert!(heard(&mut stream, &segment(1, b"c")).is_empty());
        assert_eq!(heard(&mut stream, &segment(u32::MAX, b"ab")), [(0, b"ab".to_vec()), (0, b"c".to_vec())]);
    }

    proptest! {
        #[test]
        fn any_order_gives_the_stream(
            start in any::<u32>(), cuts in prop::collection::vec(1usize..40, 1..30), order in any::<prop::sample::Index>(), seed in any::<u64>(),
        ) {
            let total: usize = cuts.iter().sum();
            let whole: Vec<u8> = (0..total).map(|at| at as u8).collect();
            let mut parts = Vec::new();
            let mut at = 0;
            for cut in cuts {
                parts.push((at, &whole[at..at + cut]));
                at += cut;
            }
            let mut mixed = seed | 1;
            for place in (1..parts.len()).rev() {
                mixed ^= mixed << 13;
                mixed ^= mixed >> 7;
                mixed ^= mixed << 17;
                parts.swap(place, (mixed % (place as u64 + 1)) as usize);
            }
            let again = parts[order.index(parts.len())];
            parts.push(again);
            let mut stream = Stream::starting_at(Some(start));
            let mut got = Vec::new();
            for (offset, bytes) in parts {
                stream.take(&segment(start.wrapping_add(offset as u32), bytes), &mut |ready| got.extend_from_slice(ready.bytes));
            }
            prop_assert_eq!(got, whole);
            prop_assert_eq!(stream.held(), 0);
        }

        #[test]
        fn it_holds_no_more_than_its_bound(pieces in prop::collection::vec((1u32..5_000_000, 1usize..3000), 0..300)) {
            let mut stream = Stream::starting_at(Some(0));
            let bytes = [7; 3000];
            for (seq, length) in pieces {
                stream.take(&segment(seq, &bytes[..length]), &mut |_| {});
                prop_assert!(stream.held <= MOST_BYTES + 3000 && stream.parts.len() <= MOST_PARTS);
            }
        }
    }
}
