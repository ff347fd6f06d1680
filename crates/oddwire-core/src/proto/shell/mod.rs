//! Command shells in plain text over TCP, on any port: who shows the prompt, and how much is commanded.
//!
//! Of a flow one line of [`MOST_LINE`] bytes a side is held, of the side that commands only until the shell has shown
//! itself; the text of commands and answers is never kept. Beyond [`MOST_READ`] bytes only sizes are counted.

mod columns;
mod probe;
mod screen;
mod signs;

use crate::column::Column;
use crate::proto::opener::opener_by_ports;
use crate::proto::{Moment, Next, Opening, Out, Parser, Piece, Probe, Row};
use screen::Screen;
use signs::Kind;

/// The longest line that is read.
pub const MOST_LINE: usize = 300;
/// Bytes of a flow that are read.
pub const MOST_READ: u64 = 256 << 10;

/// Listens to command shells.
#[derive(Debug, Default)]
pub struct Shell {
    sides: [Side; 2],
    /// Whether the shell is `a`'s, and of which kind it is.
    shell: Option<(bool, Kind)>,
    opened_by_a: Option<bool>,
    last: Moment,
    read: u64,
}

/// One side.
#[derive(Debug, Default)]
struct Side {
    screen: Screen,
    bytes: u64,
}

/// What is said of a shell.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Said {
    over: bool,
    kind: Option<Kind>,
    from_client: Option<bool>,
    prompts: u32,
    commands: u32,
    client_bytes: u64,
    server_bytes: u64,
}

impl Parser for Shell {
    type Said = Said;

    const NAME: &'static str = "shell";
    const ROW: &'static str = "the begin of a command shell in plain text, or its end";
    const BRIEF: &'static [&'static str] =
        &["event", "prompt", "from_client", "prompts", "commands", "server_bytes"];

    fn probe(opening: &Opening<'_>) -> Probe {
        probe::probe(opening)
    }

    fn push(&mut self, piece: &Piece<'_>, out: &mut Out<'_, Said>) -> Next {
        self.last = piece.at;
        self.opened_by_a = out.opened_by_a().or_else(|| opener_by_ports(piece.key));
        let count = piece.bytes.len() as u64;
        let [a, b] = &mut self.sides;
        let (own, other) = if piece.from_a { (a, b) } else { (b, a) };
        own.bytes = own.bytes.saturating_add(count + u64::from(piece.missing));
        if self.read > MOST_READ {
            return Next::More;
        }
        self.read += count;
        if piece.missing > 0 {
            own.screen.lose();
        }
        if other.screen.wait() {
            self.find(!piece.from_a, Kind::Unix, out);
        }
        self.look(piece, out);
        Next::More
    }

    fn drain(&mut self, out: &mut Out<'_, Said>) {
        for side in &mut self.sides {
            side.screen.wait();
        }
        if self.shell.is_some() {
            self.say(true, out);
        }
    }

    fn held(&self) -> usize {
        self.sides.iter().map(|side| side.screen.held()).sum()
    }

    fn columns() -> Vec<Column<Row<Said>>> {
        columns::columns()
    }
}

impl Shell {
    /// Reads a piece.
    fn look(&mut self, piece: &Piece<'_>, out: &mut Out<'_, Said>) {
        for &byte in piece.bytes {
            let [a, b] = &mut self.sides;
            let (own, other) = if piece.from_a { (a, b) } else { (b, a) };
            if let Some(kind) = own.screen.take(byte, other.screen.asked()) {
                self.find(piece.from_a, kind, out);
            }
        }
    }

    /// A side shows that it is a shell's.
    fn find(&mut self, is_a: bool, kind: Kind, out: &mut Out<'_, Said>) {
        if self.shell.is_some() {
            return;
        }
        self.shell = Some((is_a, kind));
        let [a, b] = &mut self.sides;
        if is_a { b } else { a }.screen.shut();
        self.say(false, out);
    }

    fn say(&self, over: bool, out: &mut Out<'_, Said>) {
        let Some((is_a, kind)) = self.shell else { return };
        let client_is_a = self.opened_by_a.unwrap_or(!is_a);
        let [a, b] = &self.sides;
        let (shell, other) = if is_a { (a, b) } else { (b, a) };
        let (client, server) = if client_is_a { (a, b) } else { (b, a) };
        let said = Said {
            over,
            kind: Some(kind),
            from_client: self.opened_by_a.map(|opener| opener == is_a),
            prompts: shell.screen.prompts,
            commands: other.screen.lines,
            client_bytes: client.bytes,
            server_bytes: server.bytes,
        };
        out.say(self.last, client_is_a, said);
    }
}

#[cfg(test)]
mod tests;
