//! One connection, up to the server's answer: whose packets they are, which keys open them, and the hello in them.

use super::keys::Keys;
use super::packet::{Content, MOST_PACKETS, Packet, google_name, google_version};
use super::version::{Kind, Version};
use super::{MOST_DATAGRAMS, MOST_HELLO, MOST_TRIES, Said, frames};
use crate::proto::tls::assembly::Assembly;
use crate::proto::tls::event::message;
use crate::proto::tls::fingerprint::{Carrier, Prints};
use crate::proto::tls::hello::ClientHello;
use crate::proto::{Moment, Out, Piece, clean};

/// A connection whose beginning is being listened to.
#[derive(Debug)]
pub(super) struct Connection {
    at: Moment,
    client_is_a: Option<bool>,
    said: Said,
    keys: Option<Keys>,
    hello: Assembly,
    tries: u32,
    datagrams: u32,
    /// Whether the server has gone on with the handshake.
    answered: bool,
}

impl Connection {
    pub(super) fn new(piece: &Piece<'_>) -> Self {
        Self {
            at: piece.at,
            client_is_a: None,
            said: Said::default(),
            keys: None,
            hello: Assembly::default(),
            tries: 0,
            datagrams: 0,
            answered: false,
        }
    }

    /// Says the row, with as much of the hello as came.
    pub(super) fn say(mut self, out: &mut Out<'_, Said>) {
        self.read_hello(false, out);
        out.say(self.at, self.client_is_a.unwrap_or(true), self.said);
    }

    /// Hears a datagram.
    pub(super) fn hear(&mut self, piece: &Piece<'_>, out: &mut Out<'_, Said>) {
        self.datagrams += 1;
        if let Some(version) = google_version(piece.bytes) {
            self.client_is_a.get_or_insert(piece.from_a);
            self.hear_google(version, piece, out);
        }
        let (mut rest, mut wire) = (piece.bytes, piece.wire() as usize);
        for _ in 0..MOST_PACKETS {
            let Some((packet, behind)) = Packet::read(rest, wire) else { break };
            (rest, wire) = (behind, wire.saturating_sub(packet.bytes.len()));
            self.hear_packet(&packet, piece, out);
        }
        if self.client_is_a.is_some_and(|client_is_a| client_is_a != piece.from_a) {
            self.hear_server(piece);
        }
    }

    fn hear_packet(&mut self, packet: &Packet<'_>, piece: &Piece<'_>, out: &mut Out<'_, Said>) {
        if packet.version.0 != 0 && (self.said.version.0 == 0 || self.is_renewed(packet, piece)) {
            self.said.version = packet.version;
        }
        match packet.content {
            Content::Negotiation => {
                self.said.negotiation = true;
                self.client_is_a.get_or_insert(!piece.from_a);
            }
            Content::Google => self.hear_google(packet.version, piece, out),
            Content::Of(Kind::Retry) => {
                self.said.retry = true;
                self.client_is_a.get_or_insert(!piece.from_a);
            }
            Content::Of(Kind::Early) => {
                self.said.early = true;
                self.client_is_a.get_or_insert(piece.from_a);
            }
            Content::Of(Kind::Handshake) => {
                let by_server = self.client_is_a.is_some_and(|client_is_a| client_is_a != piece.from_a);
                self.answered |= by_server;
            }
            Content::Of(Kind::Initial) => self.hear_initial(packet, piece, out),
        }
    }

    /// Whether the client begins anew with another version, because the server asked for that.
    fn is_renewed(&self, packet: &Packet<'_>, piece: &Piece<'_>) -> bool {
        self.said.negotiation && self.client_is_a == Some(piece.from_a) && packet.version != self.said.version
    }

    fn hear_initial(&mut self, packet: &Packet<'_>, piece: &Piece<'_>, out: &mut Out<'_, Said>) {
        if self.client_is_a == Some(!piece.from_a) {
            self.answered = true;
            return;
        }
        let opened = if self.said.hello.is_none() { self.open(packet, piece, out) } else { None };
        let sure = self.client_is_a.is_some() || !packet.token.is_empty() || opened.is_some();
        if !sure && !self.seems_by_client(packet, piece) {
            (self.client_is_a, self.answered) = (Some(!piece.from_a), true);
            return;
        }
        self.client_is_a.get_or_insert(piece.from_a);
        if self.said.identifiers.is_none() {
            self.at = piece.at;
            self.said.identifiers = Some((packet.to.len() as u8, packet.from.len() as u8));
        }
        let token = packet.token.len() as u32;
        self.said.token_bytes = Some(self.said.token_bytes.map_or(token, |before| before.max(token)));
        if let Some(content) = opened {
            frames::handshake(&content, |offset, bytes| self.hello.put(offset, bytes, MOST_HELLO));
            self.read_hello(true, out);
        }
    }

    /// Whether a packet that could not be opened is the client's. What was tried is the server's, whose keys follow from
    /// what was not seen, unless the ports say otherwise.
    fn seems_by_client(&self, packet: &Packet<'_>, piece: &Piece<'_>) -> bool {
        let tried = packet.whole && packet.version.salt().is_some() && !self.said.skipped;
        piece.from_port() > piece.to_port() && (!tried || piece.to_port() < 1_024)
    }

    /// Opens a packet of the client, with the keys so far or those that follow from its own header.
    fn open(&mut self, packet: &Packet<'_>, piece: &Piece<'_>, out: &mut Out<'_, Said>) -> Option<Vec<u8>> {
        if !packet.whole || packet.version.salt().is_none() {
            return None;
        }
        let known = self.keys.clone().filter(|keys| keys.version == packet.version);
        let same = known.as_ref().is_some_and(|keys| keys.are_of(packet.version, packet.to));
        if let Some(keys) = known {
            if !self.may_try(piece, out) {
                return None;
            }
            if let Some(content) = keys.open(packet) {
                return Some(content);
            }
        }
        if same || !self.may_try(piece, out) {
            return None;
        }
        let keys = Keys::new(packet.version, packet.to)?;
        let content = keys.open(packet)?;
        if self.keys.replace(keys).is_some() {
            self.hello.clear();
        }
        Some(content)
    }

    fn may_try(&mut self, piece: &Piece<'_>, out: &mut Out<'_, Said>) -> bool {
        if self.tries >= MOST_TRIES {
            return false;
        }
        self.tries += 1;
        let granted = out.may_work(piece.at.time_ns);
        self.said.skipped |= !granted;
        granted
    }

    /// Reads the hello when it is complete; `whole` is false when nothing more of it will come.
    fn read_hello(&mut self, whole: bool, out: &mut Out<'_, Said>) {
        let [message::CLIENT_HELLO, a, b, c, body @ ..] = self.hello.front() else { return };
        let length = u32::from_be_bytes([0, *a, *b, *c]) as usize;
        let body = match body.get(..length) {
            Some(body) => body,
            None if whole => return,
            None => body,
        };
        let Some(mut hello) = ClientHello::read(body, false) else { return };
        if let Some(name) = &hello.name {
            out.call(name.as_bytes());
        }
        if out.is_wanted() {
            self.said.prints = Prints::of(&hello, Carrier::Quic);
        }
        self.said.ciphers = u16::try_from(hello.ciphers.len()).ok().filter(|&count| count > 0);
        hello.shrink();
        (self.said.hello, self.said.skipped) = (Some(Box::new(hello)), false);
        self.hello.clear();
    }

    fn hear_google(&mut self, version: Version, piece: &Piece<'_>, out: &mut Out<'_, Said>) {
        if self.said.version.0 == 0 {
            self.said.version = version;
        }
        let by_client = piece.from_port() > piece.to_port();
        self.client_is_a.get_or_insert(piece.from_a == by_client);
        if let Some(name) = google_name(piece.bytes) {
            out.call(name);
            self.said.google_name.get_or_insert_with(|| clean(name, 255));
        }
    }

    /// The server says something, whatever it is.
    fn hear_server(&mut self, piece: &Piece<'_>) {
        if !self.said.server_seen && self.said.identifiers.is_some() {
            self.said.latency_ns = u64::try_from(piece.at.time_ns.saturating_sub(self.at.time_ns)).ok();
        }
        self.said.server_seen = true;
        let readable = self.said.version.salt().is_some();
        self.answered |= !readable && !self.said.negotiation;
    }

    /// Whether there is nothing more to tell.
    pub(super) fn is_over(&self) -> bool {
        let read = self.said.hello.is_some() || self.said.version.salt().is_none();
        self.answered && read || self.datagrams >= MOST_DATAGRAMS
    }

    /// Bytes of memory it takes.
    pub(super) fn held(&self) -> usize {
        let hello = self.said.hello.as_ref().map_or(0, |hello| size_of::<ClientHello>() + hello.held());
        size_of::<Self>()
            + self.hello.held()
            + hello
            + self.said.prints.as_ref().map_or(0, |prints| prints.ja4.len())
    }
}
