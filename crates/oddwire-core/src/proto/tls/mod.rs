//! TLS over TCP (SSL 3 to TLS 1.3, and the hello of SSL 2) and DTLS over UDP: what a handshake shows before it hides.
//!
//! In each direction one handshake message is gathered, of at most [`MOST_MESSAGE`] bytes (of DTLS at most
//! [`MOST_OPEN_MESSAGES`] at a time), and let go as soon as it is read. The lengths of the first [`MOST_RECORDS`]
//! records are kept; then, or at an alert, a session has nothing more to tell.

pub(in crate::proto) mod assembly;
mod certificate;
pub(in crate::proto) mod codes;
mod columns;
mod datagrams;
pub(in crate::proto) mod event;
pub(in crate::proto) mod fingerprint;
pub(in crate::proto) mod hello;
#[cfg(test)]
pub(in crate::proto) mod kit;
mod probe;
pub(in crate::proto) mod read;
mod records;
mod session;

use crate::column::Column;
use crate::proto::{Next, Opening, Out, Parser, Piece, Probe, Row, transport};
use certificate::Certificate;
use datagrams::Flight;
use event::Event;
use fingerprint::{Carrier, Prints};
use hello::{ClientHello, ServerHello};
use records::Side;
use session::Session;

pub use datagrams::MOST_OPEN_MESSAGES;
pub use records::MOST_MESSAGE;

/// Records whose length is kept.
pub const MOST_RECORDS: usize = 32;
/// Pieces after which a session is left alone in which no records are found any more.
const LOST_PIECES: u32 = 64;
/// Datagrams after which a session is left alone.
const LAST_DATAGRAM: u32 = 1_024;

/// Listens to TLS.
#[derive(Debug, Default)]
pub struct Tls {
    ways: Ways,
    session: Option<Box<Session>>,
    pieces: u32,
}

/// How the two sides are heard.
#[derive(Debug, Default)]
enum Ways {
    #[default]
    Unknown,
    Stream(Box<[Side; 2]>),
    Datagrams(Box<[Flight; 2]>),
}

/// What a handshake shows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Said {
    carrier: Carrier,
    hello: Option<Box<ClientHello>>,
    prints: Option<Prints>,
    ja4_retry: Option<Box<str>>,
    ciphers: Option<u16>,
    server: Option<Box<Server>>,
    certificates: Option<u16>,
    certificate: Option<Box<Certificate>>,
    /// Seconds since the epoch at which the certificate was seen.
    seen_s: i64,
    client_certificate: Option<bool>,
    skipped: bool,
    alert: Option<u8>,
    established: bool,
    resumed: Option<bool>,
    /// Lengths of records; those of the server are negative.
    records: Vec<i32>,
}

/// What the server chose.
#[derive(Debug, Clone, Default, PartialEq)]
struct Server {
    hello: ServerHello,
    retried: bool,
    ja3s: Option<[u8; 16]>,
    latency_ns: Option<u64>,
}

impl Parser for Tls {
    type Said = Said;

    const NAME: &'static str = "tls";
    const ROW: &'static str = "a handshake of TLS or DTLS, as far as it can be read";
    const FINGERPRINT: Option<&'static str> = Some("ja4");
    const CARRIED: bool = true;
    const BRIEF: &'static [&'static str] = &["version", "sni", "alpn", "ja4", "established"];
    const NAMES_FLOWS: bool = true;

    fn fingerprint(said: &Said) -> Option<&str> {
        said.prints.as_ref().map(|prints| &*prints.ja4)
    }

    fn probe(opening: &Opening<'_>) -> Probe {
        probe::probe(opening)
    }

    fn push(&mut self, piece: &Piece<'_>, out: &mut Out<'_, Said>) -> Next {
        self.pieces += 1;
        let datagram = piece.key.protocol == transport::UDP;
        let carrier = if datagram { Carrier::Datagram } else { Carrier::Stream };
        out.service(if datagram { "dtls" } else { "tls" });
        let session = self.session.get_or_insert_with(|| Box::new(Session::new(piece.at, carrier)));
        let mut tell = |event: Event<'_>| {
            if session.over {
                return false;
            }
            if datagram && session.is_other(&event) {
                std::mem::replace(&mut **session, Session::new(piece.at, carrier)).say(out);
            }
            session.hear(piece.from_a, piece.at, event, out)
        };
        let lost = self.ways.take(piece, &mut tell);
        let old = if datagram { self.pieces > LAST_DATAGRAM } else { lost && self.pieces > LOST_PIECES };
        if session.over || old {
            self.drain(out);
            return Next::Done;
        }
        Next::More
    }

    fn drain(&mut self, out: &mut Out<'_, Said>) {
        let Some(mut session) = self.session.take() else { return };
        if !session.over {
            let at = session.begun();
            self.ways.give_up(&mut |from_a, event| {
                session.hear(from_a, at, event, out);
            });
        }
        self.ways = Ways::Unknown;
        session.say(out);
    }

    fn held(&self) -> usize {
        let ways = match &self.ways {
            Ways::Unknown => 0,
            Ways::Stream(sides) => size_of_val(&**sides) + sides.iter().map(Side::held).sum::<usize>(),
            Ways::Datagrams(flights) => {
                size_of_val(&**flights) + flights.iter().map(Flight::held).sum::<usize>()
            }
        };
        ways + self.session.as_ref().map_or(0, |session| session.held())
    }

    fn columns() -> Vec<Column<Row<Said>>> {
        columns::columns()
    }
}

impl Ways {
    /// Takes a piece; the answer is whether one of the sides is lost.
    fn take(&mut self, piece: &Piece<'_>, tell: &mut dyn FnMut(Event<'_>) -> bool) -> bool {
        if matches!(self, Self::Unknown) {
            *self = match piece.key.protocol {
                transport::UDP => Self::Datagrams(Box::default()),
                _ => Self::Stream(Box::default()),
            };
        }
        let place = usize::from(!piece.from_a);
        match self {
            Self::Stream(sides) => {
                if let Some(side) = sides.get_mut(place) {
                    if piece.missing > 0 {
                        side.gap(piece.missing as usize, tell);
                    }
                    side.take(piece.bytes, tell);
                }
                sides.iter().any(Side::is_lost)
            }
            Self::Datagrams(flights) => {
                if let Some(flight) = flights.get_mut(place) {
                    flight.take(piece.bytes, tell);
                }
                false
            }
            Self::Unknown => false,
        }
    }

    /// Tells what is unfinished on both sides.
    fn give_up(&mut self, tell: &mut dyn FnMut(bool, Event<'_>)) {
        for (place, from_a) in [(0, true), (1, false)] {
            let mut of_side = |event: Event<'_>| {
                tell(from_a, event);
                false
            };
            match self {
                Self::Stream(sides) => {
                    sides.get_mut(place).into_iter().for_each(|side| side.give_up(&mut of_side));
                }
                Self::Datagrams(flights) => {
                    flights.get_mut(place).into_iter().for_each(|flight| flight.give_up(&mut of_side));
                }
                Self::Unknown => {}
            }
        }
    }
}

impl Said {
    /// Bytes of memory it takes beside its own size.
    fn held(&self) -> usize {
        let hello = self.hello.as_ref().map_or(0, |hello| size_of::<ClientHello>() + hello.held());
        let server = self.server.as_ref().map_or(0, |server| {
            let texts = server.hello.alpn.as_ref().map_or(0, |alpn| alpn.len()) + server.hello.session.len();
            size_of::<Server>() + texts + 2 * server.hello.extensions.capacity()
        });
        let certificate = self.certificate.as_ref().map_or(0, |one| size_of::<Certificate>() + one.held());
        let prints = self.prints.as_ref().map_or(0, |prints| prints.ja4.len());
        let retry = self.ja4_retry.as_ref().map_or(0, |ja4| ja4.len());
        hello + server + certificate + prints + retry + self.records.capacity() * size_of::<i32>()
    }
}

#[cfg(test)]
mod tests;
