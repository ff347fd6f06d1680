//! HTTP/1 over TCP, each request with its response. Bodies are counted and not kept.
//!
//! Of a flow at most one head of [`MOST_HEAD`] bytes a direction is gathered, and at most [`MOST_OPEN`]
//! requests wait for their response, each with texts of less than 5 KiB: 112 KiB at most, and of most flows a
//! few hundred bytes.

pub(super) mod address;
mod chunks;
mod columns;
mod exchange;
pub(super) mod head;
mod kind;
mod plain;
mod request;
mod response;
mod side;
mod signs;
mod start;

use crate::column::Column;
use crate::proto::{Moment, Next, Opening, Out, Parser, Piece, Probe, Row, transport};
pub use exchange::Said;
use exchange::Talk;
use head::Head;
use request::Request;
use response::Response;
use side::{Found, Side, State, begins_message};

/// Bytes of a head that are read.
pub const MOST_HEAD: usize = 16 << 10;
/// Requests of one flow that may wait for their response.
pub const MOST_OPEN: usize = 16;
/// Bytes of a text that are kept; of a path and a referrer; of the client's name for itself.
const MOST_TEXT: usize = 255;
const MOST_PATH: usize = 1_024;
const MOST_AGENT: usize = 512;

/// Listens to HTTP.
#[derive(Debug, Default)]
pub struct Http {
    sides: [Side; 2],
    talk: Talk,
}

impl Parser for Http {
    type Said = Said;

    const NAME: &'static str = "http";
    const ROW: &'static str = "a request with its response; either alone where the other was not seen";
    const CARRIES: bool = true;
    const CARRIED: bool = true;
    const BRIEF: &'static [&'static str] =
        &["method", "host", "path", "status", "agent", "content_type", "response_bytes"];
    const NAMES_FLOWS: bool = true;

    fn probe(opening: &Opening<'_>) -> Probe {
        if !opening.is_over(transport::TCP) {
            return Probe::No;
        }
        start::judge(opening.bytes, opening.wire as usize > opening.bytes.len())
    }

    fn push(&mut self, piece: &Piece<'_>, out: &mut Out<'_, Said>) -> Next {
        let Some(place) = self.sides.get_mut(usize::from(!piece.from_a)) else { return Next::More };
        let mut side = std::mem::take(place);
        let lost = piece.missing.saturating_sub(side.known_lost);
        side.known_lost = piece.cut;
        let mut next = self.skip(&mut side, piece, lost, out);
        if next == Next::More {
            next = self.hear(&mut side, piece, out);
        }
        if next == Next::More {
            next = self.skip(&mut side, piece, piece.cut, out);
        }
        if let Some(place) = self.sides.get_mut(usize::from(!piece.from_a)) {
            *place = side;
        }
        next
    }

    fn drain(&mut self, out: &mut Out<'_, Said>) {
        for (mut side, from_a) in std::mem::take(&mut self.sides).into_iter().zip([true, false]) {
            if side.has_head() {
                self.take_head(&mut side, from_a, None, true, out);
            }
        }
        self.talk.end(out);
    }

    fn held(&self) -> usize {
        self.talk.held() + self.sides.iter().map(Side::held).sum::<usize>()
    }

    fn columns() -> Vec<Column<Row<Said>>> {
        columns::columns()
    }
}

impl Http {
    /// Takes the bytes of a piece.
    fn hear(&mut self, side: &mut Side, piece: &Piece<'_>, out: &mut Out<'_, Said>) -> Next {
        self.find_again(side, piece, out);
        let mut rest = piece.bytes;
        while !rest.is_empty() {
            let (found, behind) = side.take(rest, piece.at);
            rest = behind;
            match found {
                Found::Nothing => {}
                Found::Head { cut } => match self.take_head(side, piece.from_a, Some(piece.at), cut, out) {
                    Next::More => {}
                    next => return next,
                },
                Found::Body(bytes, over) => {
                    self.talk.pass(piece, bytes.len() as u64, Some(bytes));
                    if over {
                        self.talk.end_body(piece.from_a, out);
                    }
                }
            }
        }
        Next::More
    }

    /// Finds the next message where the stream was lost, or where its body turns out to be none.
    fn find_again(&mut self, side: &mut Side, piece: &Piece<'_>, out: &mut Out<'_, Said>) {
        let from_server = self.talk.client_is_a.is_some_and(|client| client != piece.from_a);
        let may_begin = match side.state {
            State::Lost => true,
            State::UntilClose => from_server && self.talk.expects_another(),
            State::Body(_) => from_server && self.talk.may_lack_body(),
            State::Head | State::Chunks(_) => false,
        };
        if may_begin && begins_message(piece.bytes, piece.cut > 0) {
            if from_server && side.state == State::Lost {
                self.talk.leave_all_but_last(out);
            }
            side.state = State::Head;
        }
    }

    /// Passes over bytes that the capture lacks.
    fn skip(&mut self, side: &mut Side, piece: &Piece<'_>, lost: u32, out: &mut Out<'_, Said>) -> Next {
        if lost == 0 {
            return Next::More;
        }
        if side.has_head() {
            return self.take_head(side, piece.from_a, Some(piece.at), true, out);
        }
        let (count, over) = side.pass(u64::from(lost));
        self.talk.pass(piece, count, None);
        if over {
            self.talk.end_body(piece.from_a, out);
        }
        Next::More
    }

    /// Takes a head, and finds out what comes behind it.
    fn take_head(
        &mut self,
        side: &mut Side,
        from_a: bool,
        now: Option<Moment>,
        cut: bool,
        out: &mut Out<'_, Said>,
    ) -> Next {
        let (pending, began) = side.take_head();
        if pending.bytes().starts_with(start::PREFACE) {
            out.service("http2");
            self.talk.end(out);
            return Next::Done;
        }
        let head = Head::read(pending.bytes(), cut);
        let response = if self.talk.may_answer(from_a) { Response::read(&head, cut) } else { None };
        let (state, next) = match response {
            Some(response) => self.talk.answer(Response { at: began, ..response }, from_a, out),
            None if self.talk.may_ask(from_a) => match Request::read(&head, cut) {
                Some(request) => {
                    let request = Request { at: began, last_ns: now.unwrap_or(began).time_ns, ..request };
                    (self.talk.ask(request, from_a, out), Next::More)
                }
                None => (State::Lost, Next::More),
            },
            None => (State::Lost, Next::More),
        };
        side.state = if cut { State::Lost } else { state };
        next
    }
}

#[cfg(test)]
mod tests;
