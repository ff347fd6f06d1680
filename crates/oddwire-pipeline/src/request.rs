//! What a run is asked for.

use oddwire_capture::OpenOptions;
use oddwire_core::decode::DecoderLimits;
use oddwire_core::flow::TrackerOptions;
use oddwire_core::proto::Protocol;
use std::path::PathBuf;
use std::str::FromStr;

/// Rows a batch holds, about.
pub const BATCH_ROWS: usize = 8_192;

/// Which packets, and how they are judged to belong together.
#[derive(Debug, Clone)]
pub struct Request {
    /// Files, folders, patterns, or `-` for standard input.
    pub inputs: Vec<PathBuf>,
    /// How inputs are opened.
    pub open: OpenOptions,
    /// Packets before this time are left out.
    pub since_ns: Option<i64>,
    /// Packets at this time or after are left out.
    pub until_ns: Option<i64>,
    /// A packet filter in the words of tcpdump; needs libpcap.
    pub bpf: Option<String>,
    /// Whether repeated frames are left out.
    pub dedupe: bool,
    /// Threads that track flows; 1 does everything in one.
    pub threads: usize,
    /// How flows are told apart.
    pub tracker: TrackerOptions,
    /// What the decoder may hold.
    pub decoder: DecoderLimits,
    /// Whether payload is looked at; without it there are headers alone.
    pub payload: bool,
}

impl Default for Request {
    fn default() -> Self {
        Self {
            inputs: Vec::new(),
            open: OpenOptions::default(),
            since_ns: None,
            until_ns: None,
            bpf: None,
            dedupe: false,
            threads: 1,
            tracker: TrackerOptions::default(),
            decoder: DecoderLimits::default(),
            payload: true,
        }
    }
}

/// A table of the one pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Table {
    /// One row a frame.
    Packets,
    /// One row a flow and window.
    Slices,
    /// One row a flow.
    Flows,
    /// One row a source, destination and service.
    Pairs,
    /// One row an ARP packet.
    Arp,
    /// One row a registered domain.
    Domains,
    /// One row a host whose name or hardware address is told.
    Hosts,
    /// What was said in one protocol.
    Said(Protocol),
}

impl Table {
    /// All tables.
    pub fn all() -> impl Iterator<Item = Self> {
        let said = Protocol::ALL.iter().copied().map(Self::Said);
        let counted =
            [Self::Packets, Self::Slices, Self::Flows, Self::Pairs, Self::Domains, Self::Hosts, Self::Arp];
        counted.into_iter().chain(said)
    }

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Packets => "packets",
            Self::Slices => "slices",
            Self::Flows => "flows",
            Self::Pairs => "pairs",
            Self::Domains => "domains",
            Self::Arp => "arp",
            Self::Hosts => "hosts",
            Self::Said(protocol) => protocol.name(),
        }
    }
}

impl FromStr for Table {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::all().find(|table| table.name() == name).ok_or_else(|| format!("no table '{name}'"))
    }
}

/// Which columns and rows of a table.
#[derive(Debug, Clone, Default)]
pub struct Shape {
    /// Names of columns in the order wanted; empty for those shown by default. `all` stands for all.
    pub columns: Vec<String>,
    /// A filter expression over columns.
    pub filter: Option<String>,
    /// At most so many rows.
    pub limit: Option<u64>,
    /// Whether rows are handed on as they come, one by one, and not in batches: for an input that still grows.
    pub eager: bool,
}
