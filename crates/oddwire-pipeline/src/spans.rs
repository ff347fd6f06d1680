//! What judges read: spans of whole ticks, with all that flows and ARP did in them, from one pass.

use crate::error::RunError;
use crate::feed::Feed;
pub use crate::heard::Wanted;
use crate::heard::{Gather, bits, gatherers};
use crate::hosts::{HEARD, SharedIdentities, learn_packet, learn_said};
use crate::request::{BATCH_ROWS, Request};
use crate::stats::Stats;
use crate::tables::Watch;
use arrow_array::RecordBatch;
use oddwire_core::book::Book;
use oddwire_core::column::Column;
use oddwire_core::flow::record::Record;
use oddwire_core::flow::shard::Output;
use oddwire_core::flow::tracker::{TICK_NS, start_of};
use oddwire_core::flow::{Tracker, TrackerOptions};
use oddwire_core::judged::{ArpRow, ArpRows, Talk, arp, arp_columns, talk_columns};
use oddwire_core::proto::{Protocol, Rules};
use oddwire_table::TableBuilder;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What a run knows of hosts, shared between the run and whoever names them.
#[derive(Debug, Clone)]
pub struct Shared {
    /// Their numbers.
    pub book: Arc<Mutex<Book>>,
    /// Their names.
    pub identities: SharedIdentities,
}

impl Shared {
    /// Nothing is known yet.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { book: Arc::new(Mutex::new(Book::new(seed))), identities: SharedIdentities::default() }
    }
}

/// Packets between two looks at the watch.
const WATCH_EVERY: u64 = 16_384;

/// What happened in some ticks.
#[derive(Debug, Default)]
pub struct Span {
    /// All rows of ticks before this time are out, with this span or an earlier one; `None` at the end.
    pub complete_before_ns: Option<i64>,
    /// What each flow did in each tick.
    pub talks: Vec<RecordBatch>,
    /// Conversations that ended.
    pub ended: Vec<RecordBatch>,
    /// ARP.
    pub arp: Vec<RecordBatch>,
    /// What was said in each of the protocols that were asked for.
    pub said: Vec<(Protocol, Vec<RecordBatch>)>,
}

/// Takes spans; `false` means that no more are wanted.
pub type SpanSink<'s> = dyn FnMut(Span) -> Result<bool, RunError> + 's;

/// Rows gathered until a span is handed out.
struct Gathered {
    talks: Table<Talk>,
    ended: Table<Talk>,
    arp: Table<ArpRow>,
    said: Vec<Box<dyn Gather>>,
    /// Ticks before this one are over: rows that become known only now belong to this one.
    open_ns: i64,
}

struct Table<R> {
    builder: TableBuilder<R>,
    batches: Vec<RecordBatch>,
    rows: usize,
}

impl<R: 'static> Table<R> {
    fn new(columns: &[Column<R>]) -> Self {
        Self { builder: TableBuilder::new(columns, BATCH_ROWS), batches: Vec::new(), rows: 0 }
    }

    fn push(&mut self, rows: &[R]) -> Result<(), RunError> {
        self.builder.append(rows);
        self.rows += rows.len();
        if self.builder.len() >= BATCH_ROWS { self.seal() } else { Ok(()) }
    }

    fn seal(&mut self) -> Result<(), RunError> {
        if !self.builder.is_empty() {
            self.batches.push(self.builder.finish()?);
        }
        Ok(())
    }

    /// All batches; of no rows one empty batch, which has the schema.
    fn take(&mut self) -> Result<Vec<RecordBatch>, RunError> {
        self.seal()?;
        self.rows = 0;
        if self.batches.is_empty() {
            return Ok(vec![self.builder.finish()?]);
        }
        Ok(std::mem::take(&mut self.batches))
    }
}

/// What judges want beside what flows and ARP did.
#[derive(Debug, Clone, Default)]
pub struct Ask {
    /// What was said, in which protocols.
    pub said: Vec<(Protocol, Vec<String>)>,
    /// Whether talks are wanted with the service that they speak.
    pub services: bool,
    /// Rows that a span holds, about.
    pub span_rows: usize,
}

/// Runs over the packets of a request and hands out spans.
pub fn spans(
    request: &Request,
    ask: &Ask,
    known: &Shared,
    sink: &mut SpanSink<'_>,
    watch: &mut Watch<'_>,
) -> Result<Stats, RunError> {
    let mut feed = Feed::open(request)?;
    let rows = if request.payload { HEARD | bits(&ask.said) } else { 0 };
    let said = Rules { rows, names: request.payload && ask.services, ..request.tracker.said };
    let options = TrackerOptions { window_ns: Some(TICK_NS), splt: false, said, ..request.tracker.clone() };
    let mut tracker = Tracker::new(&options);
    let mut gathered = Gathered {
        talks: Table::new(&talk_columns()),
        ended: Table::new(&talk_columns()),
        arp: Table::new(&arp_columns()),
        said: gatherers(&ask.said)?,
        open_ns: i64::MIN,
    };
    let told = tell(&mut feed, &mut tracker, &mut gathered, ask.span_rows, known, sink, watch);
    match told {
        Ok(()) | Err(RunError::Stopped) => {}
        Err(error) => return Err(error),
    }
    let (late, clamped) = (tracker.clock().late(), tracker.clock().clamped());
    let (most_live, evicted) = (tracker.most_live() as u64, tracker.evicted());
    let unheard = tracker.unheard();
    Ok(Stats { late, clamped, most_live, evicted, unheard, ..feed.finish() })
}

fn tell(
    feed: &mut Feed,
    tracker: &mut Tracker,
    gathered: &mut Gathered,
    span_rows: usize,
    known: &Shared,
    sink: &mut SpanSink<'_>,
    watch: &mut Watch<'_>,
) -> Result<(), RunError> {
    let mut arps = ArpRows::default();
    let mut told_before_ns = i64::MIN;
    while let Some(fed) = feed.next_packet()? {
        gathered.open_ns = tracker.open_window_ns();
        tracker.add(&fed.stamp, &fed.packet, &mut |output: &mut Output| gathered.take(output, known))?;
        if fed.packet.arp.is_some() {
            let tick_ns = start_of(fed.stamp.time_ns, TICK_NS).max(tracker.open_window_ns());
            arps.see(tick_ns, &fed.stamp, &fed.packet, &mut locked(&known.book));
            learn_packet(&mut locked(&known.identities), &fed);
            if arps.len() >= arp::MAX_ROWS {
                gathered.arp.push(&arps.take())?;
            }
        }
        if feed.stats.packets.is_multiple_of(WATCH_EVERY) && !watch(feed.progress()) {
            return Err(RunError::Stopped);
        }
        let complete_ns = tracker.open_window_ns();
        if complete_ns > told_before_ns && gathered.rows() + arps.len() >= span_rows {
            told_before_ns = complete_ns;
            gathered.arp.push(&arps.take())?;
            hand_out(gathered, Some(complete_ns), sink)?;
        }
    }
    gathered.open_ns = tracker.open_window_ns();
    tracker.finish(&mut |output: &mut Output| gathered.take(output, known))?;
    gathered.arp.push(&arps.take())?;
    hand_out(gathered, None, sink)
}

fn hand_out(
    gathered: &mut Gathered,
    complete_before_ns: Option<i64>,
    sink: &mut SpanSink<'_>,
) -> Result<(), RunError> {
    let said = gathered.said.iter_mut().map(|one| Ok((one.protocol(), one.hand_out()?)));
    let span = Span {
        complete_before_ns,
        said: said.collect::<Result<_, RunError>>()?,
        talks: gathered.talks.take()?,
        ended: gathered.ended.take()?,
        arp: gathered.arp.take()?,
    };
    if sink(span)? { Ok(()) } else { Err(RunError::Stopped) }
}

impl Gathered {
    fn rows(&self) -> usize {
        self.talks.rows + self.arp.rows + self.said.iter().map(|one| one.rows()).sum::<usize>()
    }

    fn take(&mut self, output: &mut Output, known: &Shared) -> Result<(), RunError> {
        let mut book = locked(&known.book);
        if !output.said.is_empty() {
            learn_said(&mut locked(&known.identities), &mut output.said);
            for one in &mut self.said {
                one.take(&mut output.said, self.open_ns, &mut book)?;
            }
            output.said.clear();
        }
        let slices = output.slices.iter();
        let talks: Vec<Talk> = slices.map(|slice| Talk::of(slice, slice.window_ns, &mut book)).collect();
        let flows = output.flows.iter().filter(|flow| Talk::is_conversation(flow));
        let tick = |flow: &Record| start_of(flow.last_ns, TICK_NS).max(self.open_ns);
        let ended: Vec<Talk> = flows.map(|flow| Talk::of(flow, tick(flow), &mut book)).collect();
        output.slices.clear();
        output.flows.clear();
        drop(book);
        self.talks.push(&talks)?;
        self.ended.push(&ended)
    }
}

/// What is shared; what a run that failed left in it is still right.
pub fn locked<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
