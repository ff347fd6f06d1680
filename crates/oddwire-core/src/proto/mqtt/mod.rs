//! MQTT 3.1, 3.1.1 and 5 over TCP: who connects to a broker, and whether it may.
//!
//! Of a flow at most [`MOST_KEPT`] bytes of a packet are gathered a direction, and the texts of one session,
//! which are less than 2 KiB. It is left alone after [`MOST_PACKETS`] packets.

mod columns;
mod packet;
mod session;

use crate::column::Column;
use crate::proto::{Moment, Next, Opening, Out, Parser, Pending, Piece, Probe, Row, transport};
use packet::{Header, Start};
pub use session::Said;
use session::Session;

/// Bytes of a packet that are read.
pub const MOST_KEPT: usize = 4 << 10;
/// Packets of a session that are counted.
pub const MOST_PACKETS: u32 = 64;
/// Bytes of a text that are kept.
const MOST_TEXT: usize = 255;
/// Sound packets in a row by which a session is known whose beginning was not seen.
const CERTAIN: usize = 3;

const PORT: u16 = 1_883;

/// Listens to MQTT.
#[derive(Debug, Default)]
pub struct Mqtt {
    sides: [Side; 2],
    session: Session,
}

/// One direction.
#[derive(Debug, Default)]
struct Side {
    pending: Pending,
    /// The packet that brought the first byte in wait.
    began: Moment,
    /// Bytes of a packet that are passed over.
    skip: usize,
    /// Whether the capture lacks so much that nobody knows where the next packet begins.
    lost: bool,
}

impl Parser for Mqtt {
    type Said = Said;

    const NAME: &'static str = "mqtt";
    const BRIEF: &'static [&'static str] = &["client_id", "user", "version", "code", "login"];
    const ROW: &'static str =
        "a client's session with a broker: its CONNECT, the answer, and what followed at first";

    fn probe(opening: &Opening<'_>) -> Probe {
        if !opening.is_over(transport::TCP) {
            return Probe::No;
        }
        match packet::begins_connect(opening.bytes) {
            Some(true) => Probe::Yes,
            None => Probe::More,
            Some(false) if opening.has_port(PORT) => {
                match (packet::count(opening.bytes), packet::count(opening.other)) {
                    (Some(own), Some(other)) if own + other >= CERTAIN => Probe::Yes,
                    (Some(_), Some(_)) => Probe::More,
                    _ => Probe::No,
                }
            }
            Some(false) => Probe::No,
        }
    }

    fn push(&mut self, piece: &Piece<'_>, out: &mut Out<'_, Said>) -> Next {
        let Some(place) = self.sides.get_mut(usize::from(!piece.from_a)) else { return Next::More };
        let mut side = std::mem::take(place);
        let go_on = self.hear(&mut side, piece, out);
        if let Some(place) = self.sides.get_mut(usize::from(!piece.from_a)) {
            *place = side;
        }
        if go_on && self.session.packets < MOST_PACKETS && !self.sides.iter().all(|side| side.lost) {
            return Next::More;
        }
        self.drain(out);
        Next::Done
    }

    fn drain(&mut self, out: &mut Out<'_, Said>) {
        for (side, from_a) in std::mem::take(&mut self.sides).into_iter().zip([true, false]) {
            self.session.take_part(side.pending.bytes(), side.began, from_a);
        }
        self.session.say(out);
    }

    fn held(&self) -> usize {
        self.session.held() + self.sides.iter().map(|side| side.pending.held()).sum::<usize>()
    }

    fn columns() -> Vec<Column<Row<Said>>> {
        columns::columns()
    }
}

impl Mqtt {
    /// Takes a piece; `false` when the session is over.
    fn hear(&mut self, side: &mut Side, piece: &Piece<'_>, out: &mut Out<'_, Said>) -> bool {
        let missing = piece.missing as usize;
        if missing > side.skip {
            self.session.take_part(side.pending.bytes(), side.began, piece.from_a);
            *side = Side { lost: true, ..Side::default() };
        }
        if side.lost {
            return true;
        }
        side.skip -= missing;
        let mut rest = piece.bytes;
        while !rest.is_empty() {
            let skipped = side.skip.min(rest.len());
            side.skip -= skipped;
            let behind = rest.get(skipped..).unwrap_or(&[]);
            let room = MOST_KEPT.saturating_sub(side.pending.bytes().len()).min(behind.len());
            let (own, behind) = behind.split_at_checked(room).unwrap_or((behind, &[]));
            if side.pending.bytes().is_empty() {
                side.began = piece.at;
            }
            side.pending.append(own, MOST_KEPT);
            rest = behind;
            if !self.take_packets(side, piece, out) {
                return false;
            }
        }
        true
    }

    /// Takes the whole packets in wait; of a long one its beginning. `false` when the session is over.
    fn take_packets(&mut self, side: &mut Side, piece: &Piece<'_>, out: &mut Out<'_, Said>) -> bool {
        while !side.pending.bytes().is_empty() {
            let header = match Header::read(side.pending.bytes()) {
                Start::Header(header) => header,
                Start::Short => return true,
                Start::Wrong => {
                    side.pending.clear();
                    return false;
                }
            };
            let total = header.length + header.rest;
            let wanted = total.min(MOST_KEPT);
            let Some(body) = side.pending.bytes().get(header.length..wanted) else { return true };
            let go_on = self.session.take(header, body, side.began, piece, out);
            side.skip = total - wanted;
            side.pending.consume(wanted);
            side.began = piece.at;
            if !go_on || self.session.packets >= MOST_PACKETS {
                return false;
            }
        }
        side.pending.clear();
        true
    }
}

#[cfg(test)]
mod tests;
