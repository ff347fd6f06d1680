//! Executable content that is sent over TCP without any protocol around it, as stagers do.
//!
//! Of each direction at most [`MOST_READ`] bytes are held until they are judged; nothing of them is kept.

mod columns;
mod kinds;

use crate::column::Column;
use crate::proto::opener::opener_by_ports;
use crate::proto::{Moment, Next, Opening, Out, Parser, Pending, Piece, Probe, Row, transport};
use kinds::{MOST_WAIT, Verdict, What, judge};

/// Bytes of a direction that are read.
pub const MOST_READ: usize = MOST_WAIT;

/// Listens to executable content.
#[derive(Debug, Default)]
pub struct Blob {
    sides: [Side; 2],
}

/// One direction, until it is judged.
#[derive(Debug, Default)]
struct Side {
    pending: Pending,
    began: Option<Moment>,
    judged: bool,
}

/// What is said of executable content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Said {
    what: What,
    from_client: Option<bool>,
    offset: u8,
}

impl Parser for Blob {
    type Said = Said;

    const NAME: &'static str = "blob";
    const ROW: &'static str = "executable content at the begin of a stream that is of no known protocol";
    const BRIEF: &'static [&'static str] = &["what", "from_client", "offset_bytes"];

    fn probe(opening: &Opening<'_>) -> Probe {
        if !opening.is_over(transport::TCP) {
            return Probe::No;
        }
        let cut = opening.wire as usize > opening.bytes.len();
        match judge(opening.bytes, cut) {
            Verdict::Found(..) => Probe::Yes,
            // So few bytes may be anything; a length that came alone is waited for.
            Verdict::More if opening.bytes.len() > 3 => Probe::More,
            Verdict::More | Verdict::No => Probe::No,
        }
    }

    fn push(&mut self, piece: &Piece<'_>, out: &mut Out<'_, Said>) -> Next {
        let [a, b] = &mut self.sides;
        let (own, other) = if piece.from_a { (a, b) } else { (b, a) };
        if let Some((what, offset, at)) = own.take(piece) {
            let opened_by_a = out.opened_by_a().or_else(|| opener_by_ports(piece.key));
            let from_client = opened_by_a.map(|by_a| by_a == piece.from_a);
            out.say(at, opened_by_a.unwrap_or(!piece.from_a), Said { what, from_client, offset });
            return Next::Done;
        }
        if own.judged && other.judged { Next::Done } else { Next::More }
    }

    fn drain(&mut self, _: &mut Out<'_, Said>) {}

    fn held(&self) -> usize {
        self.sides.iter().map(|side| side.pending.held()).sum()
    }

    fn columns() -> Vec<Column<Row<Said>>> {
        columns::columns()
    }
}

impl Side {
    /// Takes a piece: what begins in this direction, behind how many bytes, and where.
    fn take(&mut self, piece: &Piece<'_>) -> Option<(What, u8, Moment)> {
        if self.judged {
            return None;
        }
        let began = *self.began.get_or_insert(piece.at);
        self.pending.append(piece.bytes, MOST_READ);
        let verdict = match piece.missing {
            0 => judge(self.pending.bytes(), piece.cut > 0),
            _ => Verdict::No,
        };
        if verdict == Verdict::More {
            return None;
        }
        self.judged = true;
        self.pending.clear();
        match verdict {
            Verdict::Found(what, offset) => Some((what, offset, began)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
