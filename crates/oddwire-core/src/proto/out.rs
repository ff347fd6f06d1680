//! Where a parser puts what it learnt: rows, the name of the flow, and its share of costly work.

use super::contract::Moment;
use super::row::{FlowOf, Row};
use super::text::clean;
use std::sync::Arc;

/// The longest name that a flow is given, in bytes.
pub(super) const NAME_BYTES: usize = 255;

/// What is known of a flow from what was said in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// The service, by content.
    pub service: Option<&'static str>,
    /// The name that the client asked the server for.
    pub name: Option<Arc<str>>,
}

/// Costly work (decryption, certificates) that hostile traffic could ask for without end, counted by the second.
#[derive(Debug, Clone)]
pub struct Budget {
    most: u32,
    second: i64,
    spent: u32,
    /// Pieces of work that were refused.
    pub refused: u64,
}

/// Where a parser's rows and findings go.
#[derive(Debug)]
pub struct Out<'o, S> {
    flow: &'o FlowOf,
    /// The parser's own name; empty where that does not matter.
    own: &'static str,
    opened_by_a: Option<bool>,
    rows: Option<&'o mut Vec<Row<S>>>,
    known: &'o mut Known,
    budget: &'o mut Budget,
}

impl Budget {
    /// At most so many pieces of work a second of packet time.
    #[must_use]
    pub const fn new(most: u32) -> Self {
        Self { most, second: i64::MIN, spent: 0, refused: 0 }
    }

    fn take(&mut self, time_ns: i64) -> bool {
        let second = time_ns.div_euclid(1_000_000_000);
        if second != self.second {
            (self.second, self.spent) = (second, 0);
        }
        let granted = self.spent < self.most;
        self.spent += u32::from(granted);
        self.refused += u64::from(!granted);
        granted
    }
}

impl<'o, S> Out<'o, S> {
    /// An outlet for one flow; without `rows` they are not wanted, and what is said is dropped.
    pub const fn new(
        flow: &'o FlowOf,
        rows: Option<&'o mut Vec<Row<S>>>,
        known: &'o mut Known,
        budget: &'o mut Budget,
    ) -> Self {
        Self { flow, own: "", opened_by_a: None, rows, known, budget }
    }

    /// The same outlet for the parser of this name.
    pub(super) const fn of(self, own: &'static str) -> Self {
        Self { own, ..self }
    }

    /// The same outlet of a connection that this end opened.
    pub(super) const fn opened(self, by_a: Option<bool>) -> Self {
        Self { opened_by_a: by_a, ..self }
    }

    /// Whether `a` opened the connection, where the handshake shows it.
    #[must_use]
    pub const fn opened_by_a(&self) -> Option<bool> {
        self.opened_by_a
    }

    /// Whether anybody wants rows; what is only made for them may be left out otherwise.
    #[must_use]
    pub const fn is_wanted(&self) -> bool {
        self.rows.is_some()
    }

    /// Says one row.
    pub fn say(&mut self, at: Moment, client_is_a: bool, said: S) {
        let flow = *self.flow;
        if let Some(rows) = &mut self.rows {
            rows.push(Row { at, flow, client_is_a, said });
        }
    }

    /// Gives the flow a name; the first one stands.
    pub fn call(&mut self, name: &[u8]) {
        if self.known.name.is_none() && !name.is_empty() {
            self.known.name = Some(Arc::from(&*clean(name, NAME_BYTES)));
        }
    }

    /// Says the service more exactly than the parser's own name does, such as `mdns` for `dns`. Behind another protocol
    /// (STARTTLS, CONNECT) the flow keeps the service that it began with.
    pub fn service(&mut self, service: &'static str) {
        if self.known.service.is_none_or(|known| known == self.own || self.own.is_empty()) {
            self.known.service = Some(service);
        }
    }

    /// Asks for one piece of costly work at this time; where it is refused the work is left out, which is counted.
    pub fn may_work(&mut self, time_ns: i64) -> bool {
        self.budget.take(time_ns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_for_each_second_anew_and_counts_what_it_refuses() {
        let mut budget = Budget::new(2);
        let granted: Vec<bool> = [0, 1, 2, 1_000_000_000].map(|time| budget.take(time)).to_vec();
        assert_eq!((granted, budget.refused), (vec![true, true, false, true], 1));
    }
}
