//! A row of a protocol's table: who said it to whom, when, and what.

use super::contract::Moment;
use crate::column::{Column, Get};
use crate::flow::community::{push_community_id, push_flow_name};
use crate::flow::key::FlowKey;
use crate::names::protocol_name;
use crate::packet::Addr;
use std::ops::Deref;

/// The flow in which something is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FlowOf {
    /// Who talks with whom.
    pub key: FlowKey,
    /// Time of the flow's first packet; with the key it names the flow.
    pub born_ns: i64,
}

/// One row. It reads as what it says: `row.query` is `row.said.query`.
#[derive(Debug, Clone, PartialEq)]
pub struct Row<S> {
    /// The packet that began it.
    pub at: Moment,
    /// The flow it was said in.
    pub flow: FlowOf,
    /// Whether `a` is the client: who asked, or opened the session.
    pub client_is_a: bool,
    /// What was said.
    pub said: S,
}

impl<S> Deref for Row<S> {
    type Target = S;

    fn deref(&self) -> &S {
        &self.said
    }
}

impl<S> Row<S> {
    /// Address and port of the client.
    #[must_use]
    pub const fn client(&self) -> (Addr, u16) {
        let FlowKey { a, b, a_port, b_port, .. } = self.flow.key;
        if self.client_is_a { (a, a_port) } else { (b, b_port) }
    }

    /// Address and port of the server.
    #[must_use]
    pub const fn server(&self) -> (Addr, u16) {
        let FlowKey { a, b, a_port, b_port, .. } = self.flow.key;
        if self.client_is_a { (b, b_port) } else { (a, a_port) }
    }

    const fn has_ports(&self) -> bool {
        matches!(self.flow.key.protocol, 6 | 17 | 33 | 132 | 136)
    }
}

/// The columns that every protocol's table begins with.
#[must_use]
pub fn head_columns<S: 'static>() -> Vec<Column<Row<S>>> {
    vec![
        Column::new("time", "", Get::Time(|r| r.at.time_ns), "Time of the packet that began it."),
        Column::new(
            "flow_id",
            "",
            Get::Text(|r: &Row<S>, text| {
                push_flow_name(&r.flow.key, r.flow.born_ns, text);
                true
            }),
            "Name of the flow it was said in, as in the table of flows.",
        ),
        Column::new(
            "community_id",
            "",
            Get::Text(|r: &Row<S>, text| {
                push_community_id(&r.flow.key, text);
                true
            }),
            "Community ID version 1 of that flow.",
        )
        .on_request(),
        Column::new("src_ip", "", Get::Addr(|r| Some(r.client().0)), "Address of the client: who asked."),
        Column::new(
            "src_port",
            "",
            Get::OptU16(|r| r.has_ports().then(|| r.client().1)),
            "Port of the client.",
        ),
        Column::new("dst_ip", "", Get::Addr(|r| Some(r.server().0)), "Address of the server: who was asked."),
        Column::new(
            "dst_port",
            "",
            Get::OptU16(|r| r.has_ports().then(|| r.server().1)),
            "Port of the server.",
        ),
        Column::new(
            "transport",
            "",
            Get::Word(|r| Some(protocol_name(r.flow.key.protocol))),
            "Name of the transport.",
        ),
        Column::new("input", "", Get::U32(|r: &Row<S>| r.at.input), "Index of the input it came from.")
            .on_request(),
        Column::new("packet", "", Get::U64(|r| r.at.number), "Number of the packet that began it."),
    ]
}
