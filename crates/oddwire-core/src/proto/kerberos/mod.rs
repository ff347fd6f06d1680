//! Kerberos 5 over UDP and TCP: requests for tickets with their answers.
//!
//! Of a flow at most [`MOST_OPEN`] requests wait for their answer, and of each direction of a stream at most the first
//! [`MOST_MESSAGE`] bytes of one message are gathered. Tickets, proofs and keys are passed over.

mod columns;
mod der;
mod intake;
mod message;
mod words;

use crate::column::Column;
use crate::proto::{Moment, Next, Opening, Out, Parser, Piece, Probe, Row, transport};
pub use intake::MOST_MESSAGE;
use intake::{Intake, judge};
use message::{Failure, Kind, Message, Reply, Request, length};

/// Requests of one flow that may wait for their answer.
pub const MOST_OPEN: usize = 16;

/// Listens to Kerberos.
#[derive(Debug, Default)]
pub struct Kerberos {
    open: Vec<Open>,
    streams: [Intake; 2],
}

/// A request that waits for its answer.
#[derive(Debug)]
struct Open {
    at: Moment,
    from_a: bool,
    nonce: Option<i32>,
    said: Said,
}

/// A request, its answer, or both.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Said {
    kind: Option<Kind>,
    client: Option<Box<str>>,
    realm: Option<Box<str>>,
    service: Option<Box<str>>,
    encryptions: Box<[i32]>,
    preauth: Option<bool>,
    options: Option<u32>,
    till: Option<Box<str>>,
    tries: u32,
    granted: bool,
    ticket_encryption: Option<i32>,
    reply_encryption: Option<i32>,
    error: Option<i32>,
    latency_ns: Option<u64>,
}

impl Parser for Kerberos {
    type Said = Said;

    const NAME: &'static str = "kerberos";
    const ROW: &'static str = "a request for a ticket with its answer";
    const BRIEF: &'static [&'static str] = &["kind", "client", "realm", "service", "error", "login"];

    fn probe(opening: &Opening<'_>) -> Probe {
        match opening.key.protocol {
            transport::UDP => match length(opening.bytes) {
                Ok(length) if length >= opening.wire as usize => Probe::Yes,
                _ => Probe::No,
            },
            transport::TCP => judge(opening.bytes),
            _ => Probe::No,
        }
    }

    fn push(&mut self, piece: &Piece<'_>, out: &mut Out<'_, Said>) -> Next {
        if piece.key.protocol == transport::UDP {
            self.hear(piece.bytes, piece, out);
            return Next::More;
        }
        let Some(intake) = self.streams.get_mut(usize::from(!piece.from_a)) else { return Next::Done };
        let mut intake = std::mem::take(intake);
        intake.take(piece, &mut |message| self.hear(message, piece, out));
        if let Some(place) = self.streams.get_mut(usize::from(!piece.from_a)) {
            *place = intake;
        }
        Next::More
    }

    fn drain(&mut self, out: &mut Out<'_, Said>) {
        for open in self.open.drain(..) {
            out.say(open.at, open.from_a, open.said);
        }
    }

    fn held(&self) -> usize {
        let open: usize = self.open.iter().map(|open| open.said.held()).sum();
        let streams: usize = self.streams.iter().map(Intake::held).sum();
        open + streams + self.open.capacity() * size_of::<Open>()
    }

    fn columns() -> Vec<Column<Row<Said>>> {
        columns::columns()
    }
}

impl Kerberos {
    /// Takes one message.
    fn hear(&mut self, bytes: &[u8], piece: &Piece<'_>, out: &mut Out<'_, Said>) {
        match Message::read(bytes) {
            Some(Message::Request(request)) => self.ask(request, piece, out),
            Some(Message::Reply(reply)) => self.reply(reply, piece, out),
            Some(Message::Error(failure)) => self.refuse(failure, piece, out),
            None => {}
        }
    }

    fn ask(&mut self, request: Request, piece: &Piece<'_>, out: &mut Out<'_, Said>) {
        let same = |open: &&mut Open| {
            open.from_a == piece.from_a
                && open.said.kind == Some(request.kind)
                && open.nonce.is_some()
                && open.nonce == request.nonce
                && open.said.service == request.service
                && open.said.client == request.client
        };
        if let Some(open) = self.open.iter_mut().find(same) {
            open.said.tries = open.said.tries.saturating_add(1);
            return;
        }
        if self.open.len() >= MOST_OPEN {
            let oldest = self.open.remove(0);
            out.say(oldest.at, oldest.from_a, oldest.said);
        }
        let Request { kind, preauth, client, realm, service, options, till, nonce, encryptions } = request;
        let said = Said {
            kind: Some(kind),
            client,
            realm,
            service,
            encryptions: encryptions.into(),
            preauth: (kind == Kind::As).then_some(preauth),
            options,
            till,
            tries: 1,
            ..Said::default()
        };
        self.open.push(Open { at: piece.at, from_a: piece.from_a, nonce, said });
    }

    /// Takes the request that an answer is for: of that kind and service, else the oldest of that kind.
    fn asked(&mut self, kind: Option<Kind>, service: Option<&str>, piece: &Piece<'_>) -> (Moment, Said) {
        let fits = |open: &Open| open.from_a != piece.from_a && (kind.is_none() || open.said.kind == kind);
        let exact = self.open.iter().position(|open| fits(open) && open.said.service.as_deref() == service);
        match exact.or_else(|| self.open.iter().position(fits)) {
            Some(place) => {
                let Open { at, mut said, .. } = self.open.remove(place);
                said.latency_ns = u64::try_from(piece.at.time_ns.saturating_sub(at.time_ns)).ok();
                (at, said)
            }
            None => (piece.at, Said { kind, ..Said::default() }),
        }
    }

    fn reply(&mut self, reply: Reply, piece: &Piece<'_>, out: &mut Out<'_, Said>) {
        let (at, mut said) = self.asked(Some(reply.kind), reply.service.as_deref(), piece);
        said.granted = true;
        said.ticket_encryption = reply.ticket_encryption;
        said.reply_encryption = reply.own_encryption;
        said.client = said.client.or(reply.client);
        said.realm = said.realm.or(reply.realm);
        said.service = said.service.or(reply.service);
        out.say(at, !piece.from_a, said);
    }

    fn refuse(&mut self, failure: Failure, piece: &Piece<'_>, out: &mut Out<'_, Said>) {
        let (at, mut said) = self.asked(None, failure.service.as_deref(), piece);
        said.error = failure.code;
        said.client = said.client.or(failure.client);
        said.realm = said.realm.or(failure.realm);
        said.service = said.service.or(failure.service);
        out.say(at, !piece.from_a, said);
    }
}

impl Said {
    /// Bytes of memory that its texts take.
    fn held(&self) -> usize {
        let texts = [&self.client, &self.realm, &self.service, &self.till];
        texts.into_iter().flatten().map(|text| text.len()).sum::<usize>() + size_of_val(&*self.encryptions)
    }
}

#[cfg(test)]
mod tests;
