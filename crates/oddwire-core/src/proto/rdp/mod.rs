//! Remote desktop (RDP) over TCP: who connects, how the session is protected, and what a client without protection
//! says of itself.
//!
//! One row a flow. Of each direction at most one packet of [`MOST_PACKET`] bytes is gathered. Where TLS is picked it
//! begins on the same flow, which is then judged anew; with the old protection listening ends behind the client's data.

mod client;
mod columns;
mod opening;

use crate::column::Column;
use crate::proto::{Moment, Next, Opening, Out, Parser, Pending, Piece, Probe, Row, transport};
use client::Client;
use opening::{Confirm, Request, begins_conference, judge, packet_length};

/// Bytes of a packet that are gathered.
pub const MOST_PACKET: usize = 2_048;
/// Packets of a flow that are looked at until it is left alone.
const MOST_PACKETS: u8 = 8;

/// Listens to RDP.
#[derive(Debug, Default)]
pub struct Rdp {
    streams: [Pending; 2],
    began: Option<(Moment, bool)>,
    packets: u8,
    said: Said,
}

/// A session that is opened.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Said {
    user: Option<Box<str>>,
    routed: Option<bool>,
    requested: Option<u32>,
    restricted_admin: Option<bool>,
    selected: Option<u32>,
    failure: Option<u32>,
    client: Option<Client>,
    latency_ns: Option<u64>,
}

impl Parser for Rdp {
    type Said = Said;

    const NAME: &'static str = "rdp";
    const ROW: &'static str = "the opening of a remote desktop session";
    const CARRIES: bool = true;
    const BRIEF: &'static [&'static str] =
        &["cookie_user", "selected", "failure", "client_name", "latency_ns"];

    fn probe(opening: &Opening<'_>) -> Probe {
        if opening.is_over(transport::TCP) { judge(opening.bytes, opening.other) } else { Probe::No }
    }

    fn push(&mut self, piece: &Piece<'_>, out: &mut Out<'_, Said>) -> Next {
        if piece.missing > 0 {
            return Next::Again;
        }
        let Some(stream) = self.streams.get_mut(usize::from(!piece.from_a)) else { return Next::Done };
        let mut stream = std::mem::take(stream);
        let fits = stream.append(piece.bytes, MOST_PACKET);
        while stream.bytes().len() >= 4 {
            let Some(length) = packet_length(stream.bytes()) else { return Next::Again };
            let whole = stream.bytes().get(..length.max(4));
            let Some(packet) = whole.or_else(|| Some(stream.bytes()).filter(|_| !fits)) else { break };
            match self.hear(packet, piece) {
                Next::More => stream.consume(length.max(4)),
                Next::Done => {
                    self.drain(out);
                    return Next::Done;
                }
                Next::Again => return Next::Again,
            }
        }
        if let Some(place) = self.streams.get_mut(usize::from(!piece.from_a)) {
            *place = stream;
        }
        Next::More
    }

    fn drain(&mut self, out: &mut Out<'_, Said>) {
        if let Some((at, client_is_a)) = self.began.take() {
            out.say(at, client_is_a, std::mem::take(&mut self.said));
        }
    }

    fn held(&self) -> usize {
        let names =
            [self.said.user.as_ref(), self.said.client.as_ref().and_then(|client| client.name.as_ref())];
        let names: usize = names.into_iter().flatten().map(|name| name.len()).sum();
        names + self.streams.iter().map(Pending::held).sum::<usize>()
    }

    fn columns() -> Vec<Column<Row<Said>>> {
        columns::columns()
    }
}

impl Rdp {
    /// Takes one packet.
    fn hear(&mut self, packet: &[u8], piece: &Piece<'_>) -> Next {
        self.packets += 1;
        if let Some(request) = Request::read(packet) {
            self.ask(request, piece);
        } else if let Some(confirm) = Confirm::read(packet) {
            return self.confirm(confirm, piece);
        } else if begins_conference(packet) {
            self.began.get_or_insert((piece.at, piece.from_a));
            self.said.client = Client::read(packet);
            return Next::Done;
        }
        if self.packets < MOST_PACKETS { Next::More } else { Next::Done }
    }

    fn ask(&mut self, request: Request, piece: &Piece<'_>) {
        if self.began.is_some() {
            return;
        }
        self.began = Some((piece.at, piece.from_a));
        self.said.user = request.user;
        self.said.routed = Some(request.routed);
        if let Some((flags, offers)) = request.negotiation {
            self.said.requested = Some(offers);
            self.said.restricted_admin = Some(flags & 1 != 0);
        }
    }

    fn confirm(&mut self, confirm: Confirm, piece: &Piece<'_>) -> Next {
        if let Some((asked, _)) = self.began {
            self.said.latency_ns = u64::try_from(piece.at.time_ns.saturating_sub(asked.time_ns)).ok();
        }
        self.began.get_or_insert((piece.at, !piece.from_a));
        match confirm {
            Confirm::Selected(0) => {
                self.said.selected = Some(0);
                Next::More
            }
            Confirm::Selected(selected) => {
                self.said.selected = Some(selected);
                Next::Again
            }
            Confirm::Failure(code) => {
                self.said.failure = Some(code);
                Next::Done
            }
        }
    }
}

#[cfg(test)]
mod tests;
