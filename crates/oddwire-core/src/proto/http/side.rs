//! One direction of a connection: heads are gathered, bodies are passed over.

use super::MOST_HEAD;
use super::chunks::{Chunks, Step};
use super::head::LineEnd;
use super::start::{self, MOST_METHOD};
use crate::proto::{Moment, Pending, Probe};

/// Bytes of a head by which it is told whether it can be one at all.
const TELLING: usize = MOST_METHOD + 2;

/// One direction.
#[derive(Debug, Default)]
pub(super) struct Side {
    /// What comes next.
    pub(super) state: State,
    /// Bytes that were told as lost before the piece behind them came.
    pub(super) known_lost: u32,
    head: Pending,
    end: LineEnd,
    began: Moment,
}

/// What comes next in a direction.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum State {
    /// The head of a message.
    #[default]
    Head,
    /// So many bytes of a body.
    Body(u64),
    /// A body to the end of the connection.
    UntilClose,
    /// A body in chunks.
    Chunks(Chunks),
    /// Nobody knows, until a piece begins like a message.
    Lost,
}

/// What was found in the next bytes.
#[derive(Debug)]
pub(super) enum Found<'b> {
    /// Nothing yet.
    Nothing,
    /// A head, which is now in wait; it may be cut off.
    Head { cut: bool },
    /// Bytes of a body; whether it is over with them.
    Body(&'b [u8], bool),
}

impl Side {
    /// Takes the next bytes; beside what was found it gives those behind.
    pub(super) fn take<'b>(&mut self, bytes: &'b [u8], at: Moment) -> (Found<'b>, &'b [u8]) {
        match &mut self.state {
            State::Lost => (Found::Nothing, &[]),
            State::UntilClose => (Found::Body(bytes, false), &[]),
            State::Head => self.gather(bytes, at),
            State::Body(left) => {
                let count = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
                let (body, rest) = bytes.split_at_checked(count).unwrap_or((bytes, &[]));
                *left -= body.len() as u64;
                let over = *left == 0;
                if over {
                    self.state = State::Head;
                }
                (Found::Body(body, over), rest)
            }
            State::Chunks(chunks) => {
                let (step, rest) = chunks.step(bytes);
                match step {
                    Step::Body(body) => return (Found::Body(body, false), rest),
                    Step::Frame => return (Found::Nothing, rest),
                    Step::Over => self.state = State::Head,
                    Step::Broken => self.state = State::Lost,
                }
                (Found::Body(&[], true), rest)
            }
        }
    }

    fn gather<'b>(&mut self, bytes: &'b [u8], at: Moment) -> (Found<'b>, &'b [u8]) {
        let begun = self.head.bytes().len();
        let mut bytes = bytes;
        if begun == 0 {
            while let [b'\r' | b'\n', rest @ ..] = bytes {
                bytes = rest;
            }
            (self.began, self.end) = (at, LineEnd::Inside);
        }
        let end = self.end.find(bytes);
        let (own, rest) = bytes.split_at_checked(end.unwrap_or(bytes.len())).unwrap_or((bytes, &[]));
        let fits = self.head.append(own, MOST_HEAD);
        if begun < TELLING && !can_be_head(self.head.bytes()) {
            self.lose();
            return (Found::Nothing, &[]);
        }
        match (fits, end) {
            (false, _) => {
                self.state = State::Lost;
                (Found::Head { cut: true }, &[])
            }
            (true, Some(_)) => (Found::Head { cut: false }, rest),
            (true, None) => (Found::Nothing, rest),
        }
    }

    /// The head in wait and when it began; nothing waits any more.
    pub(super) fn take_head(&mut self) -> (Pending, Moment) {
        (std::mem::take(&mut self.head), self.began)
    }

    /// Whether part of a head waits.
    pub(super) fn has_head(&self) -> bool {
        !self.head.bytes().is_empty()
    }

    /// Forgets where the stream stands.
    pub(super) fn lose(&mut self) {
        self.head.clear();
        self.state = State::Lost;
    }

    /// Passes over lost bytes. The answer: how many of them are of a body, and whether it is over.
    pub(super) fn pass(&mut self, count: u64) -> (u64, bool) {
        match &mut self.state {
            State::UntilClose => (count, false),
            State::Body(left) if *left > count => {
                *left -= count;
                (count, false)
            }
            State::Body(left) => {
                let own = *left;
                self.state = if own == count { State::Head } else { State::Lost };
                (own, true)
            }
            State::Chunks(chunks) => {
                let inside = chunks.pass(count);
                if !inside {
                    self.state = State::Lost;
                }
                (if inside { count } else { 0 }, false)
            }
            State::Head | State::Lost => {
                self.lose();
                (0, false)
            }
        }
    }

    /// Bytes of memory it holds.
    pub(super) fn held(&self) -> usize {
        self.head.held()
    }
}

/// Whether a piece begins a message for certain.
pub(super) fn begins_message(bytes: &[u8], cut: bool) -> bool {
    start::judge_status(bytes) == Probe::Yes || start::judge_request(bytes, cut) == Probe::Yes
}

/// Whether first bytes can be those of a message: cheap, for they are looked at again with every piece.
fn can_be_head(bytes: &[u8]) -> bool {
    let end = bytes.iter().position(|&byte| byte == b' ').unwrap_or(bytes.len());
    let word = bytes.get(..end).unwrap_or(&[]);
    let response = word.starts_with(b"HTTP/") || word == b"ICY";
    response || word.len() <= MOST_METHOD && word.iter().all(u8::is_ascii_graphic)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lost_bytes_inside_a_body_are_passed_over_and_beyond_it_nobody_knows() {
        let mut side = Side { state: State::Body(10), ..Side::default() };
        assert_eq!((side.pass(4), side.state), ((4, false), State::Body(6)));
        assert_eq!((side.pass(6), side.state), ((6, true), State::Head));
        side.state = State::Body(6);
        assert_eq!((side.pass(7), side.state), ((6, true), State::Lost));
        side.state = State::Chunks(Chunks::Data(9));
        assert_eq!((side.pass(9), side.state), ((9, false), State::Chunks(Chunks::Between)));
        assert_eq!((side.pass(1), side.state), ((0, false), State::Lost));
    }
}
