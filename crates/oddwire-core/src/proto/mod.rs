//! What was said: one folder a protocol, each with a parser that listens to flows and says rows.
//!
//! A parser is found by the first bytes of a flow ([`Parser::probe`]), is fed the flow in order ([`Parser::push`]) and
//! says what is unfinished when the flow is over ([`Parser::drain`]). To add one: make its folder, and add its line to
//! the list below. Nothing of a payload is kept beside the columns that the folder states.

pub mod arp;
mod attend;
mod bytes;
mod contract;
mod domain;
pub mod drive;
#[cfg(test)]
mod kit;
mod lines;
mod listen;
mod ntlm;
mod opener;
mod out;
mod pending;
mod row;
mod stream;
mod text;

pub use contract::{Moment, Next, Opening, Parser, Piece, Probe, transport};
pub use domain::registered_domain;
pub use listen::{Ear, Heard, Hearing, Listener, Rules};
pub use out::{Budget, Known, Out};
pub use pending::Pending;
pub use row::{FlowOf, Row, head_columns};
pub use text::{clean, hex, put};

use crate::column::Column;

/// Answers a question about a protocol whose parser is not known until then.
pub trait Visit {
    /// The answer.
    type Answer;
    /// Answers for a parser.
    fn visit<P: Listed>(self) -> Self::Answer;
}

/// A parser of the list.
pub trait Listed: Parser {
    /// Its place in the list.
    const PROTOCOL: Protocol;
    /// Its rows among those of all.
    fn rows(said: &mut SaidRows) -> &mut Vec<Row<Self::Said>>;
}

macro_rules! protocols {
    ($($parser:ident $folder:ident,)*) => {
        $(pub mod $folder;)*

        /// A protocol that is listened to.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(missing_docs)]
        pub enum Protocol { $($parser,)* }

        impl Protocol {
            /// All of them; what stands first is asked first.
            pub const ALL: &'static [Self] = &[$(Self::$parser,)*];

            /// Its name, which is that of its table and command.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$parser => <$folder::$parser as Parser>::NAME,)* }
            }

            /// What one row of its table is.
            #[must_use]
            pub const fn row_meaning(self) -> &'static str {
                match self { $(Self::$parser => <$folder::$parser as Parser>::ROW,)* }
            }

            /// Its own columns that a screen shows.
            #[must_use]
            pub const fn brief(self) -> &'static [&'static str] {
                match self { $(Self::$parser => <$folder::$parser as Parser>::BRIEF,)* }
            }

            /// Asks a question about its parser.
            pub fn ask<V: Visit>(self, question: V) -> V::Answer {
                match self { $(Self::$parser => question.visit::<$folder::$parser>(),)* }
            }

            const fn names_flows(self) -> bool {
                match self { $(Self::$parser => <$folder::$parser as Parser>::NAMES_FLOWS,)* }
            }

            fn probe(self, opening: &Opening<'_>) -> Probe {
                match self { $(Self::$parser => <$folder::$parser as Parser>::probe(opening),)* }
            }

            fn parser(self) -> Speaker {
                match self { $(Self::$parser => Speaker::$parser(Box::default()),)* }
            }
        }

        /// Protocols behind which another may begin, and those that may begin so.
        const CARRIERS: u64 = 0 $(| (<$folder::$parser as Parser>::CARRIES as u64) << Protocol::$parser as u64)*;
        const CARRIED: u64 = 0 $(| (<$folder::$parser as Parser>::CARRIED as u64) << Protocol::$parser as u64)*;

        /// Rows that are ready, by protocol.
        #[derive(Debug, Default)]
        #[allow(missing_docs)]
        pub struct SaidRows { $(pub $folder: Vec<Row<<$folder::$parser as Parser>::Said>>,)* }

        impl SaidRows {
            /// Whether there is no row.
            #[must_use]
            pub const fn is_empty(&self) -> bool {
                true $(&& self.$folder.is_empty())*
            }

            /// Forgets all rows.
            pub fn clear(&mut self) {
                $(self.$folder.clear();)*
            }

            /// Takes all rows of another.
            pub fn append(&mut self, other: &mut Self) {
                $(self.$folder.append(&mut other.$folder);)*
            }
        }

        $(impl Listed for $folder::$parser {
            const PROTOCOL: Protocol = Protocol::$parser;

            fn rows(said: &mut SaidRows) -> &mut Vec<Row<Self::Said>> {
                &mut said.$folder
            }
        })*

        /// The parser of a flow.
        enum Speaker { $($parser(Box<$folder::$parser>),)* }

        impl Speaker {
            const fn protocol(&self) -> Protocol {
                match self { $(Self::$parser(_) => Protocol::$parser,)* }
            }

            fn push(&mut self, piece: &Piece<'_>, hearing: &mut Hearing<'_>) -> Next {
                match self { $(Self::$parser(parser) => hearing.of::<$folder::$parser, _>(|out| parser.push(piece, out)),)* }
            }

            fn drain(&mut self, hearing: &mut Hearing<'_>) {
                match self { $(Self::$parser(parser) => hearing.of::<$folder::$parser, _>(|out| parser.drain(out)),)* }
            }

            fn held(&self) -> usize {
                match self { $(Self::$parser(parser) => size_of::<$folder::$parser>() + parser.held(),)* }
            }
        }
    };
}

protocols! {
    Dns dns,
    Dhcp dhcp,
    Tls tls,
    Quic quic,
    Http http,
    Ssh ssh,
    Icmp icmp,
    Smtp smtp,
    Ftp ftp,
    Telnet telnet,
    Smb smb,
    DceRpc dcerpc,
    Rdp rdp,
    Kerberos kerberos,
    Ntp ntp,
    Snmp snmp,
    Ssdp ssdp,
    Modbus modbus,
    Dnp3 dnp3,
    Mqtt mqtt,
    Socks socks,
    Shell shell,
}

/// Sets of protocols are 64 bits.
const _: () = assert!(Protocol::ALL.len() <= 64);

impl Protocol {
    /// Its bit in a set of protocols.
    #[must_use]
    pub const fn bit(self) -> u64 {
        1 << self as u64
    }
}

/// All columns of a protocol's table.
#[must_use]
pub fn said_columns<P: Parser>() -> Vec<Column<Row<P::Said>>> {
    let mut columns = head_columns();
    columns.extend(P::columns());
    columns
}
