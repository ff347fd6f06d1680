//! One row a registered domain: who asked for it, what was answered, and who connected to it.

use crate::column::{Column, Get};
use crate::distinct::Distinct;
use crate::flow::Record;
use crate::proto::dns::{Said, Verdict};
use crate::proto::{Row, registered_domain};
use foldhash::fast::FixedState;
use hashbrown::HashMap;
use std::cmp::Ordering;

/// Domains that are kept at most; beyond it those with the fewest questions and connections go first.
pub const MAX_DOMAINS: usize = 200_000;

/// What was seen of one domain.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DomainRow {
    domain: Box<str>,
    first_ns: i64,
    last_ns: i64,
    queries: u64,
    answered: u64,
    missing: u64,
    failed: u64,
    names: Distinct,
    clients: Distinct,
    addresses: Distinct,
    odd_types: u64,
    name_length_sum: u64,
    name_length_max: u32,
    query_bytes: u64,
    answer_bytes: u64,
    connections: u64,
    connecting: Distinct,
    servers: Distinct,
    bytes_out: u64,
    bytes_in: u64,
}

/// The domains of a capture.
#[derive(Debug, Default)]
pub struct Domains {
    rows: HashMap<Box<str>, DomainRow, FixedState>,
    forgotten: u64,
}

impl Domains {
    /// Counts a question or its answer.
    pub fn ask(&mut self, row: &Row<Said>) {
        let name = row.query().to_ascii_lowercase();
        let Some(entry) = self.entry(&name, row.at.time_ns) else { return };
        entry.queries += 1;
        entry.clients.add(&row.client().0);
        entry.names.add(name.as_str());
        entry.name_length_sum += name.len() as u64;
        entry.name_length_max = entry.name_length_max.max(name.len() as u32);
        entry.odd_types += u64::from(row.is_odd_type());
        let (query, answer) = row.sizes();
        entry.query_bytes += u64::from(query);
        entry.answer_bytes += u64::from(answer);
        match row.verdict() {
            Verdict::Unanswered => return,
            Verdict::Answered => {}
            Verdict::NoSuchName => entry.missing += 1,
            Verdict::Failed => entry.failed += 1,
        }
        entry.answered += 1;
        row.addresses().for_each(|address| entry.addresses.add(address));
    }

    /// Counts a flow whose client named its server.
    pub fn connect(&mut self, flow: &Record) {
        let Some(name) = &flow.name else { return };
        let name = name.to_ascii_lowercase();
        let Some(entry) = self.entry(&name, flow.first_ns) else { return };
        let (client, server) = flow.addresses();
        entry.last_ns = entry.last_ns.max(flow.last_ns);
        entry.connections += 1;
        entry.names.add(name.as_str());
        entry.connecting.add(&client);
        entry.servers.add(&server);
        entry.bytes_out += flow.sent().bytes;
        entry.bytes_in += flow.received().bytes;
    }

    fn entry(&mut self, name: &str, time_ns: i64) -> Option<&mut DomainRow> {
        let domain = registered_domain(name)?;
        if self.rows.len() >= MAX_DOMAINS && !self.rows.contains_key(domain) {
            self.forget_the_rare();
        }
        if !self.rows.contains_key(domain) {
            let row = DomainRow {
                domain: domain.into(),
                first_ns: time_ns,
                last_ns: time_ns,
                ..DomainRow::default()
            };
            self.rows.insert(domain.into(), row);
        }
        let row = self.rows.get_mut(domain)?;
        row.first_ns = row.first_ns.min(time_ns);
        row.last_ns = row.last_ns.max(time_ns);
        Some(row)
    }

    /// Forgets the half that was asked for and connected to least.
    #[cold]
    fn forget_the_rare(&mut self) {
        let mut weights: Vec<u64> = self.rows.values().map(DomainRow::weight).collect();
        let middle = weights.len() / 2;
        let (_, &mut median, _) = weights.select_nth_unstable(middle);
        let before = self.rows.len();
        self.rows.retain(|_, row| row.weight() > median);
        self.forgotten += (before - self.rows.len()) as u64;
    }

    /// Domains that were forgotten because there were too many.
    #[must_use]
    pub const fn forgotten(&self) -> u64 {
        self.forgotten
    }

    /// The rows: what was asked for most stands first, equals by name.
    #[must_use]
    pub fn into_rows(self) -> Vec<DomainRow> {
        let mut rows: Vec<DomainRow> = self.rows.into_values().collect();
        rows.sort_by(DomainRow::before);
        rows
    }

    /// The same without taking them.
    #[must_use]
    pub fn ranked(&self) -> Vec<&DomainRow> {
        let mut rows: Vec<&DomainRow> = self.rows.values().collect();
        rows.sort_by(|one, other| one.before(other));
        rows
    }
}

impl DomainRow {
    /// Its name.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// Questions for names in it.
    #[must_use]
    pub const fn queries(&self) -> u64 {
        self.queries
    }

    /// Flows whose client named a server in it.
    #[must_use]
    pub const fn connections(&self) -> u64 {
        self.connections
    }

    /// Hosts that asked, or connected if more did.
    #[must_use]
    pub fn clients(&self) -> u64 {
        self.clients.count().max(self.connecting.count())
    }

    const fn weight(&self) -> u64 {
        self.queries + self.connections
    }

    fn before(&self, other: &Self) -> Ordering {
        other.weight().cmp(&self.weight()).then_with(|| self.domain.cmp(&other.domain))
    }
}

macro_rules! c {
    ($name:literal, $unit:literal, $kind:ident, $meaning:literal, $get:expr) => {
        Column::<DomainRow>::new($name, $unit, Get::$kind($get), $meaning)
    };
}

fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

const COLUMNS: &[Column<DomainRow>] = &[
    c!("domain", "", Text, "Registered domain, by the public suffix list.", |r, text| {
        text.push_str(&r.domain);
        true
    }),
    c!("first", "", Time, "First question or connection.", |r| r.first_ns),
    c!("last", "", Time, "Last question, or last packet of a connection.", |r| r.last_ns),
    c!("queries", "", U64, "Questions for names in it, over DNS and its kin.", |r| r.queries),
    c!("clients", "hosts", U64, "Hosts that asked; beyond 64 an estimate.", |r| r.clients.count()),
    c!("names", "", U64, "Different names in it; beyond 64 an estimate.", |r| r.names.count()),
    c!("answered_ratio", "", OptF64, "Share of questions with an answer.", |r| share(r.answered, r.queries)),
    c!("missing_ratio", "", OptF64, "Share of answers that say that there is no such name.", |r| {
        share(r.missing, r.answered)
    }),
    c!("failed_ratio", "", OptF64, "Share of answers with another error.", |r| share(r.failed, r.answered)),
    c!("addresses", "hosts", U64, "Different addresses in answers; beyond 64 an estimate.", |r| {
        r.addresses.count()
    }),
    c!(
        "odd_type_ratio",
        "",
        OptF64,
        "Share of questions for other types than addresses, aliases and the like.",
        |r| { share(r.odd_types, r.queries) }
    )
    .by("types other than A, AAAA, PTR, SRV, HTTPS, SVCB, SOA, NS, CNAME, MX, DS, DNSKEY"),
    c!("name_length_mean", "characters", OptF64, "Mean length of the names asked for.", |r| {
        share(r.name_length_sum, r.queries)
    }),
    c!("name_length_max", "characters", U32, "Longest name asked for.", |r| r.name_length_max),
    c!("query_bytes", "bytes", U64, "Bytes of the question messages.", |r| r.query_bytes),
    c!("answer_bytes", "bytes", U64, "Bytes of the answer messages.", |r| r.answer_bytes),
    c!("connections", "flows", U64, "Flows whose client named a server in it: TLS, QUIC, HTTP.", |r| r
        .connections),
    c!("connecting", "hosts", U64, "Hosts that connected so; beyond 64 an estimate.", |r| r
        .connecting
        .count()),
    c!("servers", "hosts", U64, "Addresses that were connected to; beyond 64 an estimate.", |r| r
        .servers
        .count()),
    c!("bytes_out", "bytes", U64, "Bytes that clients sent in these flows.", |r| r.bytes_out),
    c!("bytes_in", "bytes", U64, "Bytes that servers sent in these flows.", |r| r.bytes_in),
];

/// The columns of the table of domains.
#[must_use]
pub fn domain_columns() -> Vec<Column<DomainRow>> {
    COLUMNS.to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::{dns::Dns, drive};

    fn asked(name: &str) -> Vec<Row<Said>> {
        let mut bytes = vec![0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        for label in name.split('.') {
            bytes.push(label.len() as u8);
            bytes.extend(label.as_bytes());
        }
        bytes.extend([0, 0, 16, 0, 1]);
        let flow = drive::flow(17, 40_000, 53);
        let at = crate::proto::Moment { time_ns: 5, number: 1, input: 0 };
        let piece = crate::proto::Piece {
            key: &flow.key,
            from_a: true,
            at,
            bytes: &bytes,
            missing: 0,
            cut: 0,
            icmp: None,
        };
        drive::tell::<Dns>(&flow, [piece])
    }

    #[test]
    fn names_of_one_domain_are_one_row_whatever_their_case() {
        let mut domains = Domains::default();
        for name in ["a.Example.com", "b.example.com", "a.example.com", "other.org"] {
            for row in &asked(name) {
                domains.ask(row);
            }
        }
        let rows = domains.into_rows();
        assert_eq!(rows.len(), 2);
        let first = &rows[0];
        assert_eq!((&*first.domain, first.queries, first.names.count()), ("example.com", 3, 2));
        assert_eq!((first.answered, first.odd_types, first.clients.count()), (0, 3, 1));
    }

    #[test]
    fn what_is_asked_for_again_and_again_outlives_a_flood_of_names() {
        let mut domains = Domains::default();
        let again = asked("www.example.com");
        for index in 0..(MAX_DOMAINS + MAX_DOMAINS / 2) {
            let name = format!("n{index}.com");
            domains.entry(&name, 0).unwrap().queries += 1;
            if index % 50_000 == 0 {
                for row in &again {
                    domains.ask(row);
                }
            }
        }
        assert!(domains.rows.len() <= MAX_DOMAINS && domains.forgotten() > 0);
        assert_eq!(&*domains.into_rows()[0].domain, "example.com");
    }
}
