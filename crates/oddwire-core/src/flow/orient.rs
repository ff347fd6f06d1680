//! Who began: the originator and the responder of a flow.

use super::record::Record;
use super::side::Side;
use super::state::State;
use crate::decode::ports::is_known_service_port;
use crate::packet::{Addr, Mac};

/// Who began a flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Orientation {
    /// Whether the originator is `a`.
    pub from_a: bool,
    /// Whether a handshake, or the service's port, proves it.
    pub sure: bool,
}

impl Default for Orientation {
    fn default() -> Self {
        Self { from_a: true, sure: false }
    }
}

/// Whether `a` is the originator, and whether that is sure: the sender of the SYN; else the receiver of a SYN-ACK;
/// else the first sender, but the other end when only the first sender's port is a known service's.
#[must_use]
pub fn originator(record: &Record) -> (bool, bool) {
    originator_of(record, record.state)
}

/// The same for a slice, when more was seen of its flow than the slice itself shows.
#[must_use]
pub fn originator_of(record: &Record, state: State) -> (bool, bool) {
    match (state.any(State::SYN_A), state.any(State::SYN_B)) {
        (true, false) => return (true, true),
        (false, true) => return (false, true),
        _ => {}
    }
    match (state.any(State::SYNACK_A), state.any(State::SYNACK_B)) {
        (true, false) => return (false, true),
        (false, true) => return (true, true),
        _ => {}
    }
    let first_is_a = state.any(State::FIRST_A);
    let key = &record.key;
    if key.is_icmp() {
        // The type is that of this part's own first packet.
        return icmp_originator(record, record.state.any(State::FIRST_A));
    }
    let known = |port| is_known_service_port(key.protocol, port);
    match (known(key.a_port), known(key.b_port)) {
        (true, false) => (false, !first_is_a),
        (false, true) => (true, first_is_a),
        _ => (first_is_a, false),
    }
}

/// An echo request or another question comes from the originator; its type stands in the key.
fn icmp_originator(record: &Record, first_is_a: bool) -> (bool, bool) {
    let first_asks = record.icmp.is_some_and(|(kind, _)| is_question(record.key.protocol, kind));
    let first_answers = record.icmp.is_some_and(|(kind, _)| is_answer(record.key.protocol, kind));
    (first_is_a != first_answers, first_asks)
}

const fn is_question(protocol: u8, kind: u8) -> bool {
    matches!((protocol, kind), (1, 8 | 10 | 13 | 15 | 17) | (58, 128 | 130 | 133 | 135 | 139 | 144))
}

const fn is_answer(protocol: u8, kind: u8) -> bool {
    matches!((protocol, kind), (1, 0 | 14 | 16 | 18) | (58, 129 | 136 | 140 | 145))
}

impl Record {
    /// Finds out who began. Done when the flow has ended, because later packets may tell more.
    pub fn orient(&mut self) {
        let (from_a, sure) = originator(self);
        self.orientation = Orientation { from_a, sure };
    }

    /// Says who began, by all that was seen of the flow until the end of this slice.
    pub fn orient_by(&mut self, state: State) {
        let (from_a, sure) = originator_of(self, state);
        self.orientation = Orientation { from_a, sure };
    }

    /// What the originator sent.
    #[inline]
    #[must_use]
    pub const fn sent(&self) -> &Side {
        let [a, b] = &self.sides;
        if self.orientation.from_a { a } else { b }
    }

    /// What the responder sent.
    #[inline]
    #[must_use]
    pub const fn received(&self) -> &Side {
        let [a, b] = &self.sides;
        if self.orientation.from_a { b } else { a }
    }

    /// The originator's address and the responder's.
    #[inline]
    #[must_use]
    pub const fn addresses(&self) -> (Addr, Addr) {
        let key = &self.key;
        if self.orientation.from_a { (key.a, key.b) } else { (key.b, key.a) }
    }

    /// The originator's port and the responder's, where the protocol has ports.
    #[inline]
    #[must_use]
    pub const fn ports(&self) -> Option<(u16, u16)> {
        let key = &self.key;
        if !matches!(key.protocol, 6 | 17 | 33 | 132 | 136) {
            return None;
        }
        Some(if self.orientation.from_a { (key.a_port, key.b_port) } else { (key.b_port, key.a_port) })
    }

    /// The originator's hardware address and the responder's.
    #[must_use]
    pub const fn macs(&self) -> (Option<Mac>, Option<Mac>) {
        if self.orientation.from_a { (self.a_mac, self.b_mac) } else { (self.b_mac, self.a_mac) }
    }

    /// What was seen of the conversation, from the originator's side.
    #[must_use]
    pub const fn state_seen(&self) -> State {
        self.state.seen_from(self.orientation.from_a)
    }

    /// Nanoseconds from the first packet to the last.
    #[must_use]
    pub const fn duration_ns(&self) -> u64 {
        super::side::span_ns(self.first_ns, self.last_ns)
    }
}
