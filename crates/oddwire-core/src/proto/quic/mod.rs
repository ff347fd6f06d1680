//! QUIC: version 1, version 2, the later drafts, and of Google's old QUIC version and name.
//!
//! The first packets of a client are opened with keys that follow from what is readable in them, and the hello of TLS is
//! put together from them. Of a connection at most [`MOST_HELLO`] bytes of the hello are gathered, at most
//! [`MOST_TRIES`] packets are opened, and after [`MOST_DATAGRAMS`] datagrams it has nothing more to tell.

mod columns;
mod connection;
mod frames;
mod keys;
mod packet;
mod probe;
mod version;

use crate::column::Column;
use crate::proto::tls::fingerprint::Prints;
use crate::proto::tls::hello::ClientHello;
use crate::proto::{Next, Opening, Out, Parser, Piece, Probe, Row};
use connection::Connection;
use version::Version;

/// Bytes of a client's hello that are gathered.
pub const MOST_HELLO: usize = 16 << 10;
/// Packets of a connection that are opened, or tried to be.
pub const MOST_TRIES: u32 = 16;
/// Datagrams after which a connection is left alone.
pub const MOST_DATAGRAMS: u32 = 48;

/// Listens to QUIC.
#[derive(Debug, Default)]
pub struct Quic {
    connection: Option<Box<Connection>>,
}

/// What the beginning of a connection says.
#[derive(Debug, Clone, Default, PartialEq)]
#[allow(clippy::struct_excessive_bools)]
pub struct Said {
    version: Version,
    /// Bytes of the identifiers of server and client that the client chose.
    identifiers: Option<(u8, u8)>,
    token_bytes: Option<u32>,
    retry: bool,
    negotiation: bool,
    early: bool,
    server_seen: bool,
    latency_ns: Option<u64>,
    skipped: bool,
    hello: Option<Box<ClientHello>>,
    prints: Option<Prints>,
    ciphers: Option<u16>,
    /// The server's name in Google's old QUIC.
    google_name: Option<Box<str>>,
}

impl Parser for Quic {
    type Said = Said;

    const NAME: &'static str = "quic";
    const ROW: &'static str = "the beginning of a QUIC connection, as far as it can be read";
    const BRIEF: &'static [&'static str] = &["version", "sni", "alpn", "ja4", "server_seen"];
    const NAMES_FLOWS: bool = true;

    fn probe(opening: &Opening<'_>) -> Probe {
        probe::probe(opening)
    }

    fn push(&mut self, piece: &Piece<'_>, out: &mut Out<'_, Said>) -> Next {
        let connection = self.connection.get_or_insert_with(|| Box::new(Connection::new(piece)));
        connection.hear(piece, out);
        if connection.is_over() {
            self.drain(out);
            return Next::Done;
        }
        Next::More
    }

    fn drain(&mut self, out: &mut Out<'_, Said>) {
        if let Some(connection) = self.connection.take() {
            connection.say(out);
        }
    }

    fn held(&self) -> usize {
        self.connection.as_ref().map_or(0, |connection| connection.held())
    }

    fn columns() -> Vec<Column<Row<Said>>> {
        columns::columns()
    }
}

#[cfg(test)]
mod tests;
