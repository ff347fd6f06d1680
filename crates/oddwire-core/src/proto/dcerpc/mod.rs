//! DCE/RPC, by which Windows is managed from afar, over TCP; and over UDP, by which PROFINET devices are set up.
//!
//! One row an interface and flow. Of a flow at most [`MOST_INTERFACES`] interfaces are told, of each at most
//! [`MOST_OPERATIONS`] different operations; of a packet at most [`MOST_PACKET`] bytes are read, of most packets only the
//! head, and the rest is counted off. Arguments, results and proofs of passwords are passed over.

mod columns;
mod intake;
mod interfaces;
mod packet;

use crate::column::Column;
use crate::proto::ntlm::{Ntlm, Server, Who, find};
use crate::proto::{Moment, Next, Opening, Out, Parser, Piece, Probe, Row, transport};
use intake::Intake;
pub use intake::MOST_PACKET;
use packet::{
    ALTER, ALTER_ANSWER, AUTH, BIND, BIND_ACK, BIND_NAK, Datagram, FAULT, HEADER, Head, Interface, REQUEST,
};
use std::sync::Arc;

/// Interfaces of one flow that are told.
pub const MOST_INTERFACES: usize = 16;
/// Different operations of one interface that are told; further ones are counted as calls only.
pub const MOST_OPERATIONS: usize = 64;
/// Numbers of interfaces of one flow that are known.
const MOST_CONTEXTS: usize = 32;

/// Listens to DCE/RPC.
#[derive(Debug, Default)]
pub struct DceRpc {
    intakes: [Intake; 2],
    used: Vec<Used>,
    /// Numbers that calls use for interfaces, with the place in `used`.
    contexts: Vec<(u16, usize)>,
    /// Places in `used` of the binding that waits for its answer.
    asked: Vec<usize>,
    auth: Option<(u8, u8)>,
    who: Option<Arc<Who>>,
    server: Option<Arc<Server>>,
}

/// An interface that is used.
#[derive(Debug)]
struct Used {
    at: Moment,
    client_is_a: bool,
    said: Said,
}

/// What is done by one interface.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Said {
    interface: Option<Interface>,
    accepted: Option<bool>,
    calls: u32,
    operations: Vec<(u16, u32)>,
    faults: u32,
    fault: Option<u32>,
    auth: Option<u8>,
    auth_level: Option<u8>,
    who: Option<Arc<Who>>,
    server: Option<Arc<Server>>,
}

impl Parser for DceRpc {
    type Said = Said;

    const NAME: &'static str = "dcerpc";
    const ROW: &'static str = "an interface that a client binds or calls in one flow";
    const BRIEF: &'static [&'static str] = &["interface", "calls", "operations", "user", "fault"];

    fn probe(opening: &Opening<'_>) -> Probe {
        match opening.key.protocol {
            transport::UDP => match Datagram::read(opening.bytes, opening.wire as usize) {
                Some(_) => Probe::Yes,
                None => Probe::No,
            },
            transport::TCP => judge(opening.bytes),
            _ => Probe::No,
        }
    }

    fn push(&mut self, piece: &Piece<'_>, _: &mut Out<'_, Said>) -> Next {
        if piece.key.protocol == transport::UDP {
            if let Some(datagram) = Datagram::read(piece.bytes, piece.wire() as usize) {
                self.hear_datagram(&datagram, piece);
            }
            return Next::More;
        }
        let Some(intake) = self.intakes.get_mut(usize::from(!piece.from_a)) else { return Next::Done };
        let mut intake = std::mem::take(intake);
        intake.take(piece, &mut |head, packet| self.hear(head, packet, piece));
        if let Some(place) = self.intakes.get_mut(usize::from(!piece.from_a)) {
            *place = intake;
        }
        Next::More
    }

    fn drain(&mut self, out: &mut Out<'_, Said>) {
        for Used { at, client_is_a, mut said } in self.used.drain(..) {
            (said.auth, said.auth_level) = (self.auth.map(|auth| auth.0), self.auth.map(|auth| auth.1));
            said.who.clone_from(&self.who);
            said.server.clone_from(&self.server);
            out.say(at, client_is_a, said);
        }
    }

    fn held(&self) -> usize {
        let operations: usize = self.used.iter().map(|used| used.said.operations.capacity()).sum();
        operations * size_of::<(u16, u32)>()
            + self.used.capacity() * size_of::<Used>()
            + self.contexts.capacity() * size_of::<(u16, usize)>()
            + self.asked.capacity() * size_of::<usize>()
            + self.who.as_ref().map_or(0, |who| who.held())
            + self.server.as_ref().map_or(0, |server| server.held())
            + self.intakes.iter().map(Intake::held).sum::<usize>()
    }

    fn columns() -> Vec<Column<Row<Said>>> {
        columns::columns()
    }
}

/// Judges the first bytes of a connection.
fn judge(bytes: &[u8]) -> Probe {
    if bytes.len() >= HEADER {
        return if Head::read(bytes).is_some() { Probe::Yes } else { Probe::No };
    }
    let fits = bytes.first().is_none_or(|&version| version == 5)
        && bytes.get(1).is_none_or(|&minor| minor <= 1)
        && bytes.get(2).is_none_or(|&kind| kind <= 19)
        && bytes.iter().skip(4).zip([0x10, 0, 0, 0]).all(|(have, want)| *have == want);
    if fits { Probe::More } else { Probe::No }
}

impl DceRpc {
    /// Takes the front of a packet.
    fn hear(&mut self, head: &Head, packet: &[u8], piece: &Piece<'_>) {
        match head.kind {
            BIND | ALTER => {
                self.bind(packet, piece);
                self.prove(head, packet);
            }
            AUTH => self.prove(head, packet),
            BIND_ACK | ALTER_ANSWER => {
                for (place, accepted) in
                    std::mem::take(&mut self.asked).into_iter().zip(packet::results(packet))
                {
                    if let Some(used) = self.used.get_mut(place) {
                        used.said.accepted = Some(accepted || used.said.accepted == Some(true));
                    }
                }
                if let Some((_, _, blob)) = head.proof(packet)
                    && let Some(Ntlm::Challenge(server)) = find(blob)
                {
                    self.server = Some(server);
                }
            }
            BIND_NAK => {
                for place in std::mem::take(&mut self.asked) {
                    if let Some(used) = self.used.get_mut(place) {
                        used.said.accepted.get_or_insert(false);
                    }
                }
            }
            REQUEST if head.first => {
                if let Some((context, operation)) = packet::call(packet)
                    && let Some(place) = self.place_of(context, piece.at, piece.from_a)
                {
                    self.called(place, operation);
                }
            }
            FAULT => {
                if let Some((context, _)) = packet::call(packet)
                    && let Some(place) = self.place_of(context, piece.at, !piece.from_a)
                {
                    self.failed(place, packet::fault(packet));
                }
            }
            _ => {}
        }
    }

    fn hear_datagram(&mut self, datagram: &Datagram, piece: &Piece<'_>) {
        let asks = matches!(datagram.kind, 0 | 1 | 7 | 8);
        let client_is_a = piece.from_a == asks;
        let Some(place) = self.use_of(Some(datagram.interface), piece.at, client_is_a) else { return };
        match datagram.kind {
            0 if datagram.first => self.called(place, datagram.operation),
            3 | 6 => self.failed(place, datagram.status),
            _ => {}
        }
    }

    fn bind(&mut self, packet: &[u8], piece: &Piece<'_>) {
        self.asked.clear();
        for (context, interface) in packet::contexts(packet) {
            let Some(place) = self.use_of(Some(interface), piece.at, piece.from_a) else { break };
            self.asked.push(place);
            self.contexts.retain(|&(known, _)| known != context);
            if self.contexts.len() < MOST_CONTEXTS {
                self.contexts.push((context, place));
            }
        }
    }

    /// Notes how the client logs in, and as whom.
    fn prove(&mut self, head: &Head, packet: &[u8]) {
        let Some((kind, level, blob)) = head.proof(packet) else { return };
        self.auth = Some((kind, level));
        if let Some(Ntlm::Authenticate(who)) = find(blob) {
            self.who = Some(who);
        }
    }

    /// The place of an interface among those that are used.
    fn use_of(&mut self, interface: Option<Interface>, at: Moment, client_is_a: bool) -> Option<usize> {
        let known = self
            .used
            .iter()
            .position(|used| used.said.interface == interface && used.client_is_a == client_is_a);
        if known.is_some() || self.used.len() >= MOST_INTERFACES {
            return known;
        }
        self.used.push(Used { at, client_is_a, said: Said { interface, ..Said::default() } });
        Some(self.used.len() - 1)
    }

    /// The place of the interface that a number stands for; one of no name where the binding was not seen.
    fn place_of(&mut self, context: u16, at: Moment, client_is_a: bool) -> Option<usize> {
        match self.contexts.iter().find(|&&(known, _)| known == context) {
            Some(&(_, place)) => Some(place),
            None => self.use_of(None, at, client_is_a),
        }
    }

    fn called(&mut self, place: usize, operation: u16) {
        let Some(Used { said, .. }) = self.used.get_mut(place) else { return };
        said.calls = said.calls.saturating_add(1);
        if let Some((_, count)) = said.operations.iter_mut().find(|(known, _)| *known == operation) {
            *count = count.saturating_add(1);
        } else if said.operations.len() < MOST_OPERATIONS {
            said.operations.push((operation, 1));
        }
    }

    fn failed(&mut self, place: usize, status: Option<u32>) {
        let Some(Used { said, .. }) = self.used.get_mut(place) else { return };
        said.faults = said.faults.saturating_add(1);
        said.fault = status.or(said.fault);
    }
}

#[cfg(test)]
mod tests;
