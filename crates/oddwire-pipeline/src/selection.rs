//! The packets of findings: which they are, counted or copied, in a pass of their own.

use crate::error::RunError;
use crate::feed::Feed;
use crate::request::Request;
use crate::stats::Stats;
use foldhash::fast::RandomState;
use oddwire_capture::write::{PcapWriter, PcapngWriter};
use oddwire_core::flow::Stamp;
use oddwire_core::frame::{Frame, LinkType};
use oddwire_core::packet::{Addr, Mac, Packet};
use std::collections::HashMap;
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

/// How far around what is looked for the second pass decodes.
const MARGIN_NS: i64 = 60_000_000_000;

/// One end of what is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum End {
    /// A network address; of ARP packets the one that sender or target claims.
    Ip(Addr),
    /// A hardware address, of the frame or inside ARP.
    Mac(Mac),
}

/// What kind of packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kind {
    /// Any.
    #[default]
    Any,
    /// ARP.
    Arp,
    /// IP with this protocol number.
    Ip(u8),
}

/// Packets between two ends, in an interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Selector {
    /// One end; `None` for anybody.
    pub a: Option<End>,
    /// The other end; `None` for anybody.
    pub b: Option<End>,
    /// Whether packets from the other end to the one count too.
    pub both: bool,
    /// What kind of packets.
    pub kind: Kind,
    /// The port of the other end.
    pub port: Option<u16>,
    /// From this time on.
    pub from_ns: i64,
    /// Until this time, included.
    pub until_ns: i64,
}

/// What one finding's packets are in one input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counted {
    /// Index of the input.
    pub input: u32,
    /// How many.
    pub count: u64,
    /// Number of the first.
    pub first: u64,
    /// Number of the last.
    pub last: u64,
}

/// Selectors of many findings, found by the ends of a packet.
#[derive(Debug, Default)]
pub struct Selection {
    selectors: Vec<(usize, Selector)>,
    by_end: HashMap<End, Vec<usize>, RandomState>,
    anybody: Vec<usize>,
    macs: bool,
    groups: usize,
}

impl Selection {
    /// A selection: the selectors of each finding.
    #[must_use]
    pub fn new(groups: &[Vec<Selector>]) -> Self {
        let mut made = Self { groups: groups.len(), ..Self::default() };
        for (group, selector) in
            groups.iter().enumerate().flat_map(|(at, all)| all.iter().map(move |one| (at, one)))
        {
            let at = made.selectors.len();
            match selector.a.or(selector.b) {
                Some(end) => {
                    made.macs |= matches!(end, End::Mac(_));
                    made.by_end.entry(end).or_default().push(at);
                }
                None => made.anybody.push(at),
            }
            made.selectors.push((group, *selector));
        }
        made
    }

    /// The same request without what lies long before or after everything that is looked for; near it, fragments and
    /// repeated frames must be seen as they were the first time.
    fn narrowed(&self, request: &Request) -> Request {
        let times = || self.selectors.iter().map(|(_, selector)| selector);
        let first =
            times().map(|selector| selector.from_ns).min().unwrap_or(i64::MAX).saturating_sub(MARGIN_NS);
        let last =
            times().map(|selector| selector.until_ns).max().unwrap_or(i64::MIN).saturating_add(MARGIN_NS);
        Request {
            since_ns: Some(request.since_ns.map_or(first, |since| since.max(first))),
            until_ns: Some(request.until_ns.map_or(last, |until| until.min(last))),
            ..request.clone()
        }
    }

    /// Puts the findings that a packet belongs to into a list, each once.
    pub fn find(&self, stamp: &Stamp, packet: &Packet<'_>, found: &mut Vec<usize>) {
        found.clear();
        let ends = Ends::of(packet);
        let mut look = |places: &[usize]| {
            for (group, selector) in places.iter().filter_map(|&at| self.selectors.get(at)) {
                if selector.matches(stamp, packet, &ends) && !found.contains(group) {
                    found.push(*group);
                }
            }
        };
        look(&self.anybody);
        let ips = [ends.src, ends.dst].map(|ip| ip.map(End::Ip));
        for end in ips.into_iter().flatten() {
            look(self.by_end.get(&end).map_or(&[], Vec::as_slice));
        }
        if self.macs {
            for mac in ends.macs().flatten() {
                look(self.by_end.get(&End::Mac(mac)).map_or(&[], Vec::as_slice));
            }
        }
    }
}

/// Who a packet names.
struct Ends {
    src: Option<Addr>,
    dst: Option<Addr>,
    src_mac: Option<Mac>,
    dst_mac: Option<Mac>,
    arp_sender: Option<Mac>,
    arp_target: Option<Mac>,
}

impl Ends {
    fn of(packet: &Packet<'_>) -> Self {
        Self {
            src: packet.src,
            dst: packet.dst,
            src_mac: packet.src_mac,
            dst_mac: packet.dst_mac,
            arp_sender: packet.arp.map(|arp| arp.sender_mac),
            arp_target: packet.arp.map(|arp| arp.target_mac),
        }
    }

    fn macs(&self) -> impl Iterator<Item = Option<Mac>> {
        [self.src_mac, self.dst_mac, self.arp_sender, self.arp_target].into_iter()
    }

    fn is_from(&self, end: End) -> bool {
        match end {
            End::Ip(ip) => self.src == Some(ip),
            End::Mac(mac) => self.src_mac == Some(mac) || self.arp_sender == Some(mac),
        }
    }

    fn is_to(&self, end: End) -> bool {
        match end {
            End::Ip(ip) => self.dst == Some(ip),
            End::Mac(mac) => self.dst_mac == Some(mac) || self.arp_target == Some(mac),
        }
    }
}

impl Selector {
    fn matches(&self, stamp: &Stamp, packet: &Packet<'_>, ends: &Ends) -> bool {
        let kind = match self.kind {
            Kind::Any => true,
            Kind::Arp => packet.arp.is_some(),
            Kind::Ip(protocol) => packet.ip_version != 0 && packet.protocol == Some(protocol),
        };
        kind && (self.from_ns..=self.until_ns).contains(&stamp.time_ns)
            && (self.goes(ends, packet, true) || self.both && self.goes(ends, packet, false))
    }

    fn goes(&self, ends: &Ends, packet: &Packet<'_>, there: bool) -> bool {
        let (from, to, port) =
            if there { (self.a, self.b, packet.dst_port) } else { (self.b, self.a, packet.src_port) };
        from.is_none_or(|end| ends.is_from(end))
            && to.is_none_or(|end| ends.is_to(end))
            && (self.port.is_none() || self.port == port)
    }
}

/// Counts the packets of each finding, by input; tells what was read, too.
pub fn count(request: &Request, groups: &[Vec<Selector>]) -> Result<(Vec<Vec<Counted>>, Stats), RunError> {
    let selection = Selection::new(groups);
    let mut counted: Vec<Vec<Counted>> = vec![Vec::new(); selection.groups];
    let mut feed = Feed::open(&selection.narrowed(request))?;
    let mut found = Vec::new();
    while let Some(fed) = feed.next_packet()? {
        selection.find(&fed.stamp, &fed.packet, &mut found);
        for &group in &found {
            if let Some(inputs) = counted.get_mut(group) {
                note(inputs, &fed.stamp);
            }
        }
    }
    Ok((counted, feed.finish()))
}

fn note(inputs: &mut Vec<Counted>, stamp: &Stamp) {
    if let Some(one) = inputs.iter_mut().find(|one| one.input == stamp.input) {
        one.count += 1;
        one.last = stamp.number;
    } else {
        inputs.push(Counted { input: stamp.input, count: 1, first: stamp.number, last: stamp.number });
    }
}

/// Copies packets of one finding to a file, or with `others` all packets but these; tells how many were written.
/// A name that ends in `.pcapng` makes a file that holds several link types.
pub fn copy(request: &Request, selectors: &[Selector], others: bool, out: &Path) -> Result<u64, RunError> {
    let selection = Selection::new(&[selectors.to_vec()]);
    let mut feed = Feed::open(request)?;
    let mut writer = Writer::new(out)?;
    let (mut found, mut written) = (Vec::new(), 0);
    while let Some((frame, fed)) = feed.next_framed()? {
        selection.find(&fed.stamp, &fed.packet, &mut found);
        if found.is_empty() == others {
            writer.write(&frame)?;
            written += 1;
        }
    }
    writer.finish()?;
    Ok(written)
}

/// A capture file whose format follows from its name.
struct Writer<'p> {
    path: &'p Path,
    file: Option<BufWriter<File>>,
    open: Option<Open>,
}

enum Open {
    Pcap(PcapWriter<BufWriter<File>>),
    Pcapng(PcapngWriter<BufWriter<File>>),
}

impl<'p> Writer<'p> {
    fn new(path: &'p Path) -> Result<Self, RunError> {
        let file = File::create(path).map_err(|error| failed(path, &error))?;
        Ok(Self { path, file: Some(BufWriter::new(file)), open: None })
    }

    fn write(&mut self, frame: &Frame<'_>) -> Result<(), RunError> {
        if let Some(file) = self.file.take() {
            self.open = Some(self.start(file, frame.link)?);
        }
        let written = match &mut self.open {
            Some(Open::Pcap(writer)) => writer.write_frame(frame),
            Some(Open::Pcapng(writer)) => writer.write_frame(frame),
            None => Ok(()),
        };
        written.map_err(|error| failed(self.path, &error))
    }

    fn start(&self, file: BufWriter<File>, link: LinkType) -> Result<Open, RunError> {
        let is_ng = self.path.extension().is_some_and(|end| end.eq_ignore_ascii_case("pcapng"));
        let open = if is_ng {
            PcapngWriter::new(file).map(Open::Pcapng)
        } else {
            PcapWriter::new(file, link).map(Open::Pcap)
        };
        open.map_err(|error| failed(self.path, &error))
    }

    /// A selection without a packet makes a capture without a packet.
    fn finish(mut self) -> Result<(), RunError> {
        if let Some(file) = self.file.take() {
            self.open = Some(self.start(file, LinkType::ETHERNET)?);
        }
        let finished = match self.open {
            Some(Open::Pcap(writer)) => writer.finish().map(|_| ()),
            Some(Open::Pcapng(writer)) => writer.finish().map(|_| ()),
            None => Ok(()),
        };
        finished.map_err(|error| failed(self.path, &error))
    }
}

fn failed(path: &Path, error: &std::io::Error) -> RunError {
    RunError::Output(format!("{}: cannot be written: {error}", path.display()))
}
