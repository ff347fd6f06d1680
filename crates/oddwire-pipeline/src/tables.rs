//! The tables of one pass.

use crate::error::RunError;
use crate::feed::{Fed, Feed};
use crate::hosts;
use crate::outlet::{Outlet, Plan, Sink};
use crate::parallel;
use crate::request::{BATCH_ROWS, Request, Shape, Table};
use crate::said::{Make, SchemaOf};
use crate::stats::{Progress, Stats};
use arrow_schema::SchemaRef;
use oddwire_core::domains::{DomainRow, Domains, domain_columns};
use oddwire_core::flow::columns::flow_columns;
use oddwire_core::flow::shard::Output;
use oddwire_core::flow::slice_columns::slice_columns;
use oddwire_core::flow::tracker::Ticker;
use oddwire_core::flow::{Record, Tracker, TrackerOptions};
use oddwire_core::identity::host_columns;
use oddwire_core::packet::Packet;
use oddwire_core::packet_row::{PacketRow, packet_columns};
use oddwire_core::pairs::{PairRow, Pairs, pair_columns};
use oddwire_core::proto::arp::{arp_columns, row_of};
use oddwire_core::proto::dns::Dns;
use oddwire_core::proto::{Listed, Protocol, Rules};

/// Called now and then with how far the run has come; `false` stops it.
pub type Watch<'w> = dyn FnMut(Progress) -> bool + Send + 'w;

/// Packets between two calls of the watch.
pub(crate) const WATCH_EVERY: u64 = 16_384;

/// The schema of a table in a shape.
pub fn schema(table: Table, shape: &Shape) -> Result<SchemaRef, RunError> {
    Ok(match table {
        Table::Packets => Plan::new(&packet_columns(), shape)?.schema(),
        Table::Slices => Plan::new(&slice_columns(), shape)?.schema(),
        Table::Flows => Plan::new(&flow_columns(), shape)?.schema(),
        Table::Pairs => Plan::new(&pair_columns(), shape)?.schema(),
        Table::Domains => Plan::new(&domain_columns(), shape)?.schema(),
        Table::Arp => Plan::new(&arp_columns(), shape)?.schema(),
        Table::Hosts => Plan::new(&host_columns(), shape)?.schema(),
        Table::Said(protocol) => protocol.ask(SchemaOf(shape))?,
    })
}

/// Makes one table and hands it to `sink` batch by batch.
pub fn run<'s>(
    request: &Request,
    table: Table,
    shape: &Shape,
    sink: &'s mut Sink<'s>,
    watch: &mut Watch<'_>,
) -> Result<Stats, RunError> {
    match table {
        Table::Packets => packets(request, shape, sink, watch),
        Table::Slices => {
            let plan = Plan::new(&slice_columns(), shape)?;
            let options = tracker_options(request, &plan);
            tracked(request, options, &mut Slices(plan.open(sink)), watch)
        }
        Table::Flows => {
            let plan = Plan::new(&flow_columns(), shape)?;
            let options = tracker_options(request, &plan);
            let run = if shape.eager { 1 } else { RUN };
            let mut outlet = Flows { outlet: plan.open(sink), waiting: Vec::with_capacity(run), run };
            tracked(request, options, &mut outlet, watch)
        }
        Table::Pairs => {
            let plan = Plan::new(&pair_columns(), shape)?;
            let options = TrackerOptions { entropy: false, ..request.tracker.clone() };
            let mut outlet = PairsOut { outlet: plan.open(sink), pairs: Pairs::default() };
            tracked(request, options, &mut outlet, watch)
        }
        Table::Domains => {
            let plan = Plan::new(&domain_columns(), shape)?;
            let rows = if request.payload { Protocol::Dns.bit() } else { 0 };
            let said = Rules { rows, names: request.payload, ..request.tracker.said };
            let options = TrackerOptions { entropy: false, said, ..request.tracker.clone() };
            let mut outlet =
                DomainsOut { outlet: plan.open(sink), domains: Domains::default(), forgotten: 0 };
            tracked(request, options, &mut outlet, watch)
        }
        Table::Arp => arps(request, shape, sink, watch),
        Table::Hosts => hosts::make(request, shape, sink, watch),
        Table::Said(protocol) => protocol.ask(Make { request, shape, sink, watch }),
    }
}

/// Packets taken to the columns at once: so few that they stay in the nearest cache while every column reads them.
const PACKET_RUN: usize = 128;

fn packets<'s>(
    request: &Request,
    shape: &Shape,
    sink: &'s mut Sink<'s>,
    watch: &mut Watch<'_>,
) -> Result<Stats, RunError> {
    let plan = Plan::new(&packet_columns(), shape)?;
    let pairs = if plan.names().any(|name| name.starts_with("pair_") && name != "pair_id") {
        Some(crate::pair_totals::count(request, watch)?)
    } else {
        None
    };
    let mut outlet: Outlet<'_, PacketRow> = plan.open(sink);
    let mut feed = Feed::open(request)?;
    let run = if shape.eager { 1 } else { PACKET_RUN };
    let mut rows = Vec::with_capacity(run);
    let ended = loop {
        let one = match feed.next_packet() {
            Ok(Some(one)) => one,
            Ok(None) => break Ok(()),
            Err(error) => break Err(error),
        };
        let pair = pairs.as_ref().and_then(|pairs| pairs.of(&one.packet));
        let Fed { stamp, captured, link, packet } = one;
        rows.push(PacketRow { stamp, captured, link, packet: Packet { payload: &[], ..packet }, pair });
        if rows.len() == run {
            if let Err(error) = outlet.push(&rows) {
                break Err(error);
            }
            rows.clear();
            if feed.stats.packets.is_multiple_of(WATCH_EVERY) && !watch(feed.progress()) {
                break Err(RunError::Stopped);
            }
        }
    };
    finish(ended, || {
        outlet.push(&rows)?;
        outlet.flush()
    })?;
    let mut stats = feed.finish();
    stats.rows = outlet.rows();
    Ok(stats)
}

/// Makes the table of ARP, which is of no flow.
fn arps<'s>(
    request: &Request,
    shape: &Shape,
    sink: &'s mut Sink<'s>,
    watch: &mut Watch<'_>,
) -> Result<Stats, RunError> {
    let mut outlet = Plan::new(&arp_columns(), shape)?.open(sink);
    let mut feed = Feed::open(request)?;
    let ended = loop {
        let one = match feed.next_packet() {
            Ok(Some(one)) => one,
            Ok(None) => break Ok(()),
            Err(error) => break Err(error),
        };
        let pushed = row_of(&one.stamp, &one.packet).map_or(Ok(()), |row| outlet.push(&[row]));
        if pushed.is_err() {
            break pushed;
        }
        if feed.stats.packets.is_multiple_of(WATCH_EVERY) && !watch(feed.progress()) {
            break Err(RunError::Stopped);
        }
    };
    finish(ended, || outlet.flush())?;
    let mut stats = feed.finish();
    stats.rows = outlet.rows();
    Ok(stats)
}

/// Rows taken to the columns at once: few enough to stay in the cache.
const RUN: usize = 512;

/// What becomes of the flow table's rows.
pub(crate) trait Rows {
    /// Whether slices are wanted.
    const SLICES: bool;
    fn take(&mut self, output: &mut Output) -> Result<(), RunError>;
    fn end(&mut self) -> Result<(), RunError>;
    fn rows(&self) -> u64;
    /// Rows that were left out because there were too many.
    fn forgotten(&self) -> u64 {
        0
    }
}

struct Slices<'s>(Outlet<'s, Record>);

impl Rows for Slices<'_> {
    const SLICES: bool = true;

    fn take(&mut self, output: &mut Output) -> Result<(), RunError> {
        output.flows.clear();
        self.0.push(&output.slices)?;
        output.slices.clear();
        Ok(())
    }

    fn end(&mut self) -> Result<(), RunError> {
        self.0.flush()
    }

    fn rows(&self) -> u64 {
        self.0.rows()
    }
}

struct Flows<'s> {
    outlet: Outlet<'s, Record>,
    waiting: Vec<Record>,
    run: usize,
}

impl Rows for Flows<'_> {
    const SLICES: bool = false;

    fn take(&mut self, output: &mut Output) -> Result<(), RunError> {
        self.waiting.append(&mut output.flows);
        if self.waiting.len() >= self.run {
            self.outlet.push(&self.waiting)?;
            self.waiting.clear();
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), RunError> {
        self.outlet.push(&self.waiting)?;
        self.outlet.flush()
    }

    fn rows(&self) -> u64 {
        self.outlet.rows()
    }
}

struct PairsOut<'s> {
    outlet: Outlet<'s, PairRow>,
    pairs: Pairs,
}

impl Rows for PairsOut<'_> {
    const SLICES: bool = false;

    fn take(&mut self, output: &mut Output) -> Result<(), RunError> {
        for record in output.flows.drain(..) {
            self.pairs.add(&record);
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), RunError> {
        for rows in std::mem::take(&mut self.pairs).into_rows().chunks(BATCH_ROWS) {
            self.outlet.push(rows)?;
        }
        self.outlet.flush()
    }

    fn rows(&self) -> u64 {
        self.outlet.rows()
    }
}

struct DomainsOut<'s> {
    outlet: Outlet<'s, DomainRow>,
    domains: Domains,
    forgotten: u64,
}

impl Rows for DomainsOut<'_> {
    const SLICES: bool = false;

    fn take(&mut self, output: &mut Output) -> Result<(), RunError> {
        Dns::rows(&mut output.said).drain(..).for_each(|row| self.domains.ask(&row));
        output.flows.drain(..).for_each(|flow| self.domains.connect(&flow));
        Ok(())
    }

    fn end(&mut self) -> Result<(), RunError> {
        self.forgotten = self.domains.forgotten();
        for rows in std::mem::take(&mut self.domains).into_rows().chunks(BATCH_ROWS) {
            self.outlet.push(rows)?;
        }
        self.outlet.flush()
    }

    fn forgotten(&self) -> u64 {
        self.forgotten
    }

    fn rows(&self) -> u64 {
        self.outlet.rows()
    }
}

/// The flow table's options: what no column needs is not measured.
fn tracker_options(request: &Request, plan: &Plan<Record>) -> TrackerOptions {
    let needs = |prefix: &str| plan.names().any(|name| name.starts_with(prefix));
    TrackerOptions {
        entropy: request.payload && request.tracker.entropy && needs("entropy"),
        splt: needs("splt"),
        said: Rules {
            rows: 0,
            names: request.payload && (needs("service") || needs("sni")),
            ..request.tracker.said
        },
        ..request.tracker.clone()
    }
}

/// Runs the flow table over the request's packets, on one thread or on several.
pub(crate) fn tracked<T: Rows>(
    request: &Request,
    mut options: TrackerOptions,
    rows: &mut T,
    watch: &mut Watch<'_>,
) -> Result<Stats, RunError> {
    let mut feed = Feed::open(request)?;
    options.window_ns = options.window_ns.filter(|_| T::SLICES);
    let mut counted = Stats::default();
    let ended = if request.threads > 1 {
        let mut ticker = Ticker::new(options.window_ns);
        let mut between = |feed: &Feed| if watch(feed.progress()) { Ok(()) } else { Err(RunError::Stopped) };
        let mut take = |output: &mut Output| rows.take(output);
        let ended =
            parallel::track(&mut feed, &options, request.threads, &mut ticker, &mut between, &mut take);
        (counted.late, counted.clamped) = (ticker.clock().late(), ticker.clock().clamped());
        ended.map(|counts| {
            (counted.most_live, counted.evicted) = (counts.most_live as u64, counts.evicted);
            counted.unheard = counts.unheard;
        })
    } else {
        let mut tracker = Tracker::new(&options);
        let ended = in_one_thread(&mut feed, &mut tracker, rows, watch);
        (counted.late, counted.clamped) = (tracker.clock().late(), tracker.clock().clamped());
        (counted.most_live, counted.evicted) = (tracker.most_live() as u64, tracker.evicted());
        counted.unheard = tracker.unheard();
        ended
    };
    finish(ended, || rows.end())?;
    let Stats { late, clamped, most_live, evicted, unheard, .. } = counted;
    let forgotten = rows.forgotten();
    Ok(Stats { late, clamped, most_live, evicted, unheard, forgotten, rows: rows.rows(), ..feed.finish() })
}

fn in_one_thread<T: Rows>(
    feed: &mut Feed,
    tracker: &mut Tracker,
    rows: &mut T,
    watch: &mut Watch<'_>,
) -> Result<(), RunError> {
    let mut take = |output: &mut Output| rows.take(output);
    while let Some(fed) = feed.next_packet()? {
        tracker.add(&fed.stamp, &fed.packet, &mut take)?;
        if feed.stats.packets.is_multiple_of(WATCH_EVERY) && !watch(feed.progress()) {
            return Err(RunError::Stopped);
        }
    }
    tracker.finish(&mut take)
}

/// A run that was stopped because enough rows came is a run that ended well.
pub(crate) fn finish(
    ended: Result<(), RunError>,
    last: impl FnOnce() -> Result<(), RunError>,
) -> Result<(), RunError> {
    match ended.and_then(|()| last()) {
        Err(RunError::Stopped) | Ok(()) => Ok(()),
        Err(error) => Err(error),
    }
}
