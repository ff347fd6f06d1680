//! The contract of a protocol's parser: what it is given, what it answers.

use super::out::Out;
use super::row::Row;
use crate::column::Column;
use crate::flow::key::FlowKey;

/// IP protocol numbers that parsers ask for.
pub mod transport {
    /// ICMP.
    pub const ICMP: u8 = 1;
    /// TCP.
    pub const TCP: u8 = 6;
    /// UDP.
    pub const UDP: u8 = 17;
    /// ICMP for IPv6.
    pub const ICMPV6: u8 = 58;
}

/// When something was said, and in which packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Moment {
    /// Nanoseconds since the epoch, UTC.
    pub time_ns: i64,
    /// Number of the packet in its input, from 1.
    pub number: u64,
    /// Index of the input.
    pub input: u32,
}

/// The first bytes of one direction, by which a parser tells whether they are its own.
#[derive(Debug, Clone, Copy)]
pub struct Opening<'a> {
    /// Who talks with whom; ports are a hint and no proof.
    pub key: &'a FlowKey,
    /// Whether `a` says this.
    pub from_a: bool,
    /// The first bytes of this direction, in order; of a datagram all that was captured.
    pub bytes: &'a [u8],
    /// What the other direction said so far; empty for datagrams.
    pub other: &'a [u8],
    /// Bytes on the wire: of the datagram, or of the segment where it is the first; more than `bytes` where it was cut.
    pub wire: u32,
}

/// What a parser thinks of an opening.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Probe {
    /// It is another protocol's.
    No,
    /// More bytes, or those of the other direction, will tell. For a datagram this means no.
    More,
    /// It is this protocol.
    Yes,
}

/// The next bytes of one direction of a stream, in order and without repetition; or one datagram.
#[derive(Debug, Clone, Copy)]
pub struct Piece<'a> {
    /// Who talks with whom.
    pub key: &'a FlowKey,
    /// Whether `a` says this.
    pub from_a: bool,
    /// The packet that brought these bytes.
    pub at: Moment,
    /// The bytes; never empty in a stream.
    pub bytes: &'a [u8],
    /// Bytes of the stream that the capture lacks right before these.
    pub missing: u32,
    /// Bytes right behind these that the capture lacks because it cut the packet.
    pub cut: u32,
    /// ICMP type and code, and the four bytes behind the checksum.
    pub icmp: Option<(u8, u8, [u8; 4])>,
}

/// What a parser wants after a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// More of this flow.
    More,
    /// Nothing: all that can be told was told.
    Done,
    /// From the next piece on another protocol may speak (behind STARTTLS or CONNECT): it is probed anew.
    Again,
}

/// Listens to one flow and says rows. One value is made for each flow and forgotten with it.
pub trait Parser: Default + Send + 'static {
    /// What one row says, beside who talks with whom and when.
    type Said: Send + 'static;
    /// The name of the service, of the table and of the command.
    const NAME: &'static str;
    /// One sentence: what one row of the table is.
    const ROW: &'static str;
    /// Its own columns that a screen shows, the most telling ones, beside time and ends.
    const BRIEF: &'static [&'static str];
    /// Whether it gives flows a name ([`Out::call`]): the server name of TLS, the host of HTTP.
    const NAMES_FLOWS: bool = false;

    /// Whether another protocol may begin behind it on the same flow ([`Next::Again`]).
    const CARRIES: bool = false;
    /// Whether it may begin behind another one.
    const CARRIED: bool = false;
    /// What kind of fingerprint of the client a row may carry, such as `ja4`.
    const FINGERPRINT: Option<&'static str> = None;

    /// The fingerprint of a row.
    fn fingerprint(said: &Self::Said) -> Option<&str> {
        let _ = said;
        None
    }

    /// Judges first bytes. It must be quick: every flow is shown to every parser.
    fn probe(opening: &Opening<'_>) -> Probe;

    /// Takes the next piece. It must not fail, whatever the bytes are.
    fn push(&mut self, piece: &Piece<'_>, out: &mut Out<'_, Self::Said>) -> Next;

    /// Says what is unfinished as far as it came: the flow is over, or its memory is needed. Called once, last.
    fn drain(&mut self, out: &mut Out<'_, Self::Said>);

    /// Bytes of memory it holds beside its own size; bounded by a number that the folder states.
    fn held(&self) -> usize;

    /// The columns of what is said; who, where and when stand before them.
    fn columns() -> Vec<Column<Row<Self::Said>>>;
}

impl Opening<'_> {
    /// Whether the flow is of this IP protocol.
    #[must_use]
    pub const fn is_over(&self, protocol: u8) -> bool {
        self.key.protocol == protocol
    }

    /// Whether one of the two ports is this one.
    #[must_use]
    pub const fn has_port(&self, port: u16) -> bool {
        self.key.a_port == port || self.key.b_port == port
    }

    /// The port that these bytes go to.
    #[must_use]
    pub const fn to_port(&self) -> u16 {
        if self.from_a { self.key.b_port } else { self.key.a_port }
    }
}

impl Piece<'_> {
    /// The port that these bytes come from.
    #[must_use]
    pub const fn from_port(&self) -> u16 {
        if self.from_a { self.key.a_port } else { self.key.b_port }
    }

    /// The port that these bytes go to.
    #[must_use]
    pub const fn to_port(&self) -> u16 {
        if self.from_a { self.key.b_port } else { self.key.a_port }
    }

    /// Bytes on the wire: what was captured and what the capture cut.
    #[must_use]
    pub const fn wire(&self) -> u32 {
        self.bytes.len() as u32 + self.cut
    }
}
