//! What was said in a capture, in figures: services, domains, and the fingerprints of clients.

use crate::decode::ports::app_by_port;
use crate::distinct::Distinct;
use crate::domains::Domains;
use crate::flow::Record;
use crate::flow::shard::Output;
use crate::packet::Addr;
use crate::proto::{Listed, Protocol, Visit, dns::Dns};
use foldhash::fast::FixedState;
use hashbrown::HashMap;
use std::collections::BTreeMap;

/// Fingerprints that are counted at most; beyond it new ones are left out, which is counted.
pub const MAX_FINGERPRINTS: usize = 65_536;

/// Flows of one service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Service {
    /// Flows.
    pub flows: u64,
    /// Those of them that are known by what was said.
    pub sure: u64,
    /// Bytes of both directions.
    pub bytes: u64,
}

/// Sessions of clients that look the same.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fingerprint {
    /// How many there were.
    pub sessions: u64,
    clients: Distinct,
}

impl Fingerprint {
    /// Different hosts among them.
    #[must_use]
    pub fn clients(&self) -> u64 {
        self.clients.count()
    }
}

/// The figures.
#[derive(Debug, Default)]
pub struct Spoken {
    services: BTreeMap<&'static str, Service>,
    /// Registered domains.
    pub domains: Domains,
    fingerprints: HashMap<(&'static str, Box<str>), Fingerprint, FixedState>,
    left_out: u64,
}

/// The protocols whose rows are needed.
#[must_use]
pub fn heard() -> u64 {
    struct HasFingerprint;
    impl Visit for HasFingerprint {
        type Answer = bool;
        fn visit<P: Listed>(self) -> bool {
            P::FINGERPRINT.is_some()
        }
    }
    let fingerprints = Protocol::ALL.iter().filter(|protocol| protocol.ask(HasFingerprint));
    fingerprints.fold(Protocol::Dns.bit(), |set, protocol| set | protocol.bit())
}

struct Count<'a>(&'a mut Spoken, &'a mut Output);

impl Visit for Count<'_> {
    type Answer = ();

    fn visit<P: Listed>(self) {
        let Self(spoken, output) = self;
        let Some(kind) = P::FINGERPRINT else { return };
        for row in P::rows(&mut output.said).drain(..) {
            if let Some(print) = P::fingerprint(&row.said) {
                spoken.see(kind, print, row.client().0);
            }
        }
    }
}

impl Spoken {
    /// Counts what became ready.
    pub fn take(&mut self, output: &mut Output) {
        Dns::rows(&mut output.said).drain(..).for_each(|row| self.domains.ask(&row));
        for protocol in Protocol::ALL {
            protocol.ask(Count(self, output));
        }
        for flow in output.flows.drain(..) {
            self.count(&flow);
            self.domains.connect(&flow);
        }
        output.slices.clear();
    }

    fn count(&mut self, flow: &Record) {
        let by_port = || flow.ports().and_then(|(src, dst)| app_by_port(flow.key.protocol, src, dst));
        let Some(name) = flow.service.or_else(by_port) else { return };
        let service = self.services.entry(name).or_default();
        service.flows += 1;
        service.sure += u64::from(flow.service.is_some());
        service.bytes += flow.bytes();
    }

    fn see(&mut self, kind: &'static str, print: &str, client: Addr) {
        let key = (kind, Box::from(print));
        if self.fingerprints.len() >= MAX_FINGERPRINTS && !self.fingerprints.contains_key(&key) {
            self.left_out += 1;
            return;
        }
        let seen = self.fingerprints.entry(key).or_default();
        seen.sessions += 1;
        seen.clients.add(&client);
    }

    /// The services, those with the most flows first.
    #[must_use]
    pub fn services(&self) -> Vec<(&'static str, Service)> {
        let mut list: Vec<_> = self.services.iter().map(|(name, service)| (*name, *service)).collect();
        list.sort_by(|one, other| other.1.flows.cmp(&one.1.flows).then(one.0.cmp(other.0)));
        list
    }

    /// The fingerprints, those with the most sessions first: what they are made of, themselves, and figures.
    #[must_use]
    pub fn fingerprints(&self) -> Vec<(&'static str, &str, &Fingerprint)> {
        let mut list: Vec<_> =
            self.fingerprints.iter().map(|((kind, print), seen)| (*kind, &**print, seen)).collect();
        list.sort_by(|one, other| {
            other.2.sessions.cmp(&one.2.sessions).then_with(|| (one.0, one.1).cmp(&(other.0, other.1)))
        });
        list
    }

    /// Sessions whose fingerprint was left out because there were too many.
    #[must_use]
    pub const fn left_out(&self) -> u64 {
        self.left_out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_are_counted_by_session_and_client_in_bounds() {
        let mut spoken = Spoken::default();
        for client in [1, 1, 2] {
            spoken.see("ja4", "t13d", Addr::v4([10, 0, 0, client]));
        }
        spoken.see("hassh", "t13d", Addr::v4([10, 0, 0, 9]));
        let list = spoken.fingerprints();
        assert_eq!((list[0].0, list[0].2.sessions, list[0].2.clients()), ("ja4", 3, 2));
        for number in 0..MAX_FINGERPRINTS {
            spoken.see("ja4", &number.to_string(), Addr::v4([10, 0, 0, 1]));
        }
        assert_eq!((spoken.fingerprints().len(), spoken.left_out()), (MAX_FINGERPRINTS, 2));
    }
}
