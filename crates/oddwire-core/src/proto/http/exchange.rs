//! Requests and their responses, brought together.

use super::MOST_OPEN;
use super::chunks::Chunks;
use super::kind::Look;
use super::request::Request;
use super::response::{Response, Turn};
use super::side::State;
use crate::proto::{Next, Out, Piece};
use std::collections::VecDeque;

/// A request, its response, or both.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Said {
    pub(super) request: Option<Box<Request>>,
    pub(super) response: Option<Box<Response>>,
    pub(super) latency_ns: Option<u64>,
}

/// The exchanges of a connection that are not over.
#[derive(Debug, Default)]
pub(super) struct Talk {
    /// Whether `a` asks, as soon as that is known.
    pub(super) client_is_a: Option<bool>,
    /// Requests without a response, in order.
    open: VecDeque<Exchange>,
    /// The exchange whose response is under way.
    current: Option<Exchange>,
    /// Requests that were given up because too many wait: so many responses belong to none that is here.
    given_up: u32,
    look: Look,
}

#[derive(Debug, Default)]
struct Exchange {
    said: Said,
    /// Whether the request is over, and the response.
    asked: bool,
    answered: bool,
}

impl Talk {
    /// Whether this direction may be the client's.
    pub(super) fn may_ask(&self, from_a: bool) -> bool {
        self.client_is_a.is_none_or(|client| client == from_a)
    }

    /// Whether this direction may be the server's.
    pub(super) fn may_answer(&self, from_a: bool) -> bool {
        self.client_is_a.is_none_or(|client| client != from_a)
    }

    /// Takes a request; the answer is what comes behind its head.
    pub(super) fn ask(&mut self, request: Request, from_a: bool, out: &mut Out<'_, Said>) -> State {
        self.end_request(out);
        self.client_is_a = Some(from_a);
        if let Some(host) = &request.host {
            out.call(host.as_bytes());
        }
        let state = match request.length {
            _ if request.chunked => State::Chunks(Chunks::START),
            Some(length) if length > 0 => State::Body(length),
            _ => State::Head,
        };
        let said = Said { request: Some(Box::new(request)), ..Said::default() };
        self.open.push_back(Exchange { said, asked: state == State::Head, answered: false });
        if self.open.len() > MOST_OPEN {
            self.given_up = self.given_up.saturating_add(1);
            self.say_oldest(out);
        }
        state
    }

    /// Takes a response; the answer is what comes behind its head.
    pub(super) fn answer(
        &mut self,
        response: Response,
        from_a: bool,
        out: &mut Out<'_, Said>,
    ) -> (State, Next) {
        self.client_is_a = Some(!from_a);
        if matches!(response.status, 100 | 102..=199) {
            return (State::Head, Next::More);
        }
        self.say_current(out);
        let asked = if self.given_up > 0 { None } else { self.open.pop_front() };
        self.given_up = self.given_up.saturating_sub(1);
        let mut exchange = asked.unwrap_or(Exchange { asked: true, ..Exchange::default() });
        let (method, last_ns) = exchange
            .said
            .request
            .as_ref()
            .map_or(("", None), |request| (&*request.method, Some(request.last_ns)));
        let tunnel = match method {
            "" => response.opens_tunnel(),
            method => method == "CONNECT" && matches!(response.status, 200..=299),
        };
        let state = match response.length {
            _ if method == "HEAD" || matches!(response.status, 204 | 304) => State::Head,
            _ if response.chunked => State::Chunks(Chunks::START),
            Some(0) => State::Head,
            Some(length) => State::Body(length),
            None => State::UntilClose,
        };
        let next = match response.status {
            101 => Next::Done,
            _ if tunnel => Next::Again,
            _ => Next::More,
        };
        if next == Next::Done && response.turn == Turn::Http2 {
            out.service("http2");
        }
        exchange.said.latency_ns =
            last_ns.and_then(|asked_ns| u64::try_from(response.at.time_ns.saturating_sub(asked_ns)).ok());
        exchange.said.response = Some(Box::new(response));
        (self.current, self.look) = (Some(exchange), Look::default());
        if next != Next::More {
            self.end(out);
        } else if state == State::Head {
            self.end_body(from_a, out);
        }
        (state, next)
    }

    /// Counts bytes of a body; `bytes` is `None` where the capture lacks them.
    pub(super) fn pass(&mut self, piece: &Piece<'_>, count: u64, bytes: Option<&[u8]>) {
        if self.client_is_a == Some(piece.from_a) {
            if let Some(request) = self.newest().and_then(|exchange| exchange.said.request.as_mut()) {
                request.body_bytes = request.body_bytes.saturating_add(count);
                request.last_ns = piece.at.time_ns;
            }
        } else if let Some(response) =
            self.current.as_mut().and_then(|exchange| exchange.said.response.as_mut())
        {
            response.body_bytes = response.body_bytes.saturating_add(count);
            match bytes {
                Some(bytes) => self.look.take(bytes),
                None => self.look.end(),
            }
        }
    }

    /// The body of a direction is over, or there is none.
    pub(super) fn end_body(&mut self, from_a: bool, out: &mut Out<'_, Said>) {
        if self.client_is_a == Some(from_a) {
            self.end_request(out);
            return;
        }
        let Some(current) = &mut self.current else { return };
        current.answered = true;
        if current.asked {
            self.say_current(out);
        }
    }

    fn end_request(&mut self, out: &mut Out<'_, Said>) {
        let Some(newest) = self.newest() else { return };
        newest.asked = true;
        if newest.answered {
            self.say_current(out);
        }
    }

    /// The exchange whose request is under way.
    fn newest(&mut self) -> Option<&mut Exchange> {
        self.open.back_mut().or(self.current.as_mut()).filter(|exchange| !exchange.asked)
    }

    /// Whether a response to the end of the connection may be followed by another all the same.
    pub(super) fn expects_another(&self) -> bool {
        !self.open.is_empty() || self.lacks_request()
    }

    /// Whether a response may have no body in spite of its length: it may answer HEAD.
    pub(super) fn may_lack_body(&self) -> bool {
        let response = self.current.as_ref().and_then(|exchange| exchange.said.response.as_ref());
        self.lacks_request() && response.is_some_and(|response| response.body_bytes == 0)
    }

    fn lacks_request(&self) -> bool {
        self.current.as_ref().is_none_or(|exchange| exchange.said.request.is_none())
    }

    /// Says the requests whose responses may have been lost: all but the last.
    pub(super) fn leave_all_but_last(&mut self, out: &mut Out<'_, Said>) {
        self.given_up = 0;
        self.say_current(out);
        while self.open.len() > 1 {
            self.say_oldest(out);
        }
    }

    /// Says everything as far as it came.
    pub(super) fn end(&mut self, out: &mut Out<'_, Said>) {
        self.say_current(out);
        while !self.open.is_empty() {
            self.say_oldest(out);
        }
    }

    fn say_current(&mut self, out: &mut Out<'_, Said>) {
        let Some(Exchange { mut said, .. }) = self.current.take() else { return };
        self.look.end();
        if let Some(response) = &mut said.response {
            response.body_kind = self.look.kind();
        }
        self.say(said, out);
    }

    fn say_oldest(&mut self, out: &mut Out<'_, Said>) {
        if let Some(Exchange { said, .. }) = self.open.pop_front() {
            self.say(said, out);
        }
    }

    fn say(&self, said: Said, out: &mut Out<'_, Said>) {
        let asked = said.request.as_ref().map(|request| request.at);
        let at = asked.or(said.response.as_ref().map(|response| response.at)).unwrap_or_default();
        out.say(at, self.client_is_a.unwrap_or(true), said);
    }

    /// Bytes of memory it holds.
    pub(super) fn held(&self) -> usize {
        let texts: usize = self.open.iter().chain(&self.current).map(|exchange| exchange.said.held()).sum();
        texts + self.open.capacity() * size_of::<Exchange>()
    }
}

impl Said {
    fn held(&self) -> usize {
        self.request.as_ref().map_or(0, |request| size_of::<Request>() + request.held())
            + self.response.as_ref().map_or(0, |response| size_of::<Response>() + response.held())
    }

    /// Whether credentials were taken, as far as the response tells.
    pub(super) fn login(&self) -> Option<&'static str> {
        let auth = self.request.as_ref()?.auth?;
        let response = self.response.as_ref()?;
        match response.status {
            401 | 407 if response.turn == Turn::MoreProof && matches!(auth, "ntlm" | "negotiate") => None,
            401 | 407 => Some("failure"),
            100..=399 => Some("success"),
            _ => None,
        }
    }
}
