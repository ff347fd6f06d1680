//! SSDP over UDP: devices that look for services on the local network, and those that announce or answer.
//!
//! Nothing is held: each datagram is a row, of which at most [`MOST_READ`] bytes are read.

mod columns;
mod message;

use crate::column::Column;
use crate::proto::{Next, Opening, Out, Parser, Piece, Probe, Row, transport};
pub use message::Said;
use message::{Kind, is_ssdp};

/// Bytes of a datagram that are read.
pub const MOST_READ: usize = 4 << 10;

const PORT: u16 = 1_900;

/// Listens to SSDP.
#[derive(Debug, Default)]
pub struct Ssdp;

impl Parser for Ssdp {
    type Said = Said;

    const NAME: &'static str = "ssdp";
    const ROW: &'static str = "a message: a search, an announcement or a response";
    const BRIEF: &'static [&'static str] = &["method", "target", "location_host", "server", "bytes"];

    fn probe(opening: &Opening<'_>) -> Probe {
        let udp = opening.is_over(transport::UDP);
        if udp && is_ssdp(opening.bytes, opening.has_port(PORT)) { Probe::Yes } else { Probe::No }
    }

    fn push(&mut self, piece: &Piece<'_>, out: &mut Out<'_, Said>) -> Next {
        if piece.key.protocol != transport::UDP {
            return Next::Done;
        }
        if let Some(said) = Said::read(piece) {
            let from_client = said.kind != Kind::Response;
            out.say(piece.at, from_client == piece.from_a, said);
        }
        Next::More
    }

    fn drain(&mut self, _: &mut Out<'_, Said>) {}

    fn held(&self) -> usize {
        0
    }

    fn columns() -> Vec<Column<Row<Said>>> {
        columns::columns()
    }
}

#[cfg(test)]
mod tests;
