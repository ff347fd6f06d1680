//! The flow table on several threads: one reads and decodes, each of the others holds a range of the 64 shards.
//!
//! Rows leave in the order (tick, shard), which is the order of the single thread: a block ends at every tick, and
//! the rows of a block are taken from one thread after the other.

use crate::error::RunError;
use crate::feed::{Fed, Feed};
use oddwire_core::flow::key::{Directed, SHARDS};
use oddwire_core::flow::shard::{Output, shard_of};
use oddwire_core::flow::tracker::{Shards, Tick, Ticker, Unheard};
use oddwire_core::flow::{Stamp, TrackerOptions};
use oddwire_core::packet::Packet;
use std::ops::Range;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

/// Blocks that may wait for a tracking thread.
const WAITING: usize = 3;

struct Item {
    shard: u8,
    at: Directed,
    window_ns: i64,
    stamp: Stamp,
    packet: Packet<'static>,
    payload: Range<usize>,
}

/// Packets up to a tick, with their payloads side by side.
#[derive(Default)]
struct Block {
    items: Vec<Item>,
    payloads: Vec<u8>,
    tick: Option<Tick>,
}

enum Reply {
    Rows(Box<Output>),
    BlockDone { live: usize, evicted: u64, unheard: Unheard },
}

/// What the tracking threads counted.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counts {
    /// The most flows live at a tick.
    pub most_live: usize,
    /// Flows that ended early because the table was full.
    pub evicted: u64,
    /// What was left unheard.
    pub unheard: Unheard,
}

/// Tracks the packets of a feed on `threads` threads; `between` is called after every block and may stop the run.
pub fn track(
    feed: &mut Feed,
    options: &TrackerOptions,
    threads: usize,
    ticker: &mut Ticker,
    between: &mut (dyn FnMut(&Feed) -> Result<(), RunError> + Send),
    rows: &mut dyn FnMut(&mut Output) -> Result<(), RunError>,
) -> Result<Counts, RunError> {
    let threads = threads.clamp(1, SHARDS);
    thread::scope(|scope| {
        let mut senders = Vec::new();
        let mut receivers = Vec::new();
        for worker in 0..threads {
            let (block_in, block_out) = sync_channel::<Arc<Block>>(WAITING);
            let (reply_in, reply_out) = sync_channel::<Reply>(WAITING);
            let range = SHARDS * worker / threads..SHARDS * (worker + 1) / threads;
            scope.spawn(move || work(range, options, &block_out, &reply_in));
            senders.push(block_in);
            receivers.push(reply_out);
        }
        let reader = scope.spawn(move || read(feed, ticker, between, &senders));
        let counts = collect(&receivers, rows);
        drop(receivers);
        let read = reader.join().unwrap_or_else(|_| Err(RunError::Usage("the reading thread failed".into())));
        match (counts, read) {
            (Err(error), _) | (Ok(_), Err(error)) => Err(error),
            (Ok(counts), Ok(())) => Ok(counts),
        }
    })
}

/// Reads and decodes; sends every block to all threads, which take what is theirs.
fn read(
    feed: &mut Feed,
    ticker: &mut Ticker,
    between: &mut (dyn FnMut(&Feed) -> Result<(), RunError> + Send),
    senders: &[SyncSender<Arc<Block>>],
) -> Result<(), RunError> {
    let mut block = Block::default();
    loop {
        let Some(one) = feed.next_packet()? else { break };
        let (window_ns, tick) = ticker.see(one.stamp.time_ns, one.packet.payload.len());
        let Some(tick) = tick else {
            block.push(window_ns, &one);
            continue;
        };
        let mut next = Block::default();
        next.push(window_ns, &one);
        block.tick = Some(tick);
        send(senders, std::mem::replace(&mut block, next))?;
        between(feed)?;
    }
    send(senders, block)
}

fn send(senders: &[SyncSender<Arc<Block>>], block: Block) -> Result<(), RunError> {
    let block = Arc::new(block);
    for sender in senders {
        sender.send(Arc::clone(&block)).map_err(|_| RunError::Stopped)?;
    }
    Ok(())
}

impl Block {
    fn push(&mut self, window_ns: i64, one: &Fed<'_>) {
        let Some(at) = Directed::of(&one.packet) else { return };
        let start = self.payloads.len();
        self.payloads.extend_from_slice(one.packet.payload);
        let payload = start..self.payloads.len();
        let packet = Packet { payload: &[], ..one.packet.clone() };
        let shard = shard_of(&at.key) as u8;
        self.items.push(Item { shard, at, window_ns, stamp: one.stamp, packet, payload });
    }
}

/// Holds a range of shards. When the blocks end, all flows end.
fn work(
    range: Range<usize>,
    options: &TrackerOptions,
    blocks: &Receiver<Arc<Block>>,
    replies: &SyncSender<Reply>,
) {
    let mut shards = Shards::new(range.clone(), options);
    let mut hand_on = |output: &mut Output| {
        if output.is_empty() {
            return Ok(());
        }
        replies.send(Reply::Rows(Box::new(std::mem::take(output)))).map_err(|_| ())
    };
    while let Ok(block) = blocks.recv() {
        for item in block.items.iter().filter(|item| range.contains(&usize::from(item.shard))) {
            let payload = block.payloads.get(item.payload.clone()).unwrap_or(&[]);
            let packet = Packet { payload, ..item.packet.clone() };
            shards.add(usize::from(item.shard), &item.at, item.window_ns, &item.stamp, &packet);
        }
        let live = shards.live();
        let told = match block.tick {
            Some(tick) => shards.tick(tick, &mut hand_on),
            None => shards.finish(&mut hand_on),
        };
        let done = Reply::BlockDone { live, evicted: shards.evicted(), unheard: shards.unheard() };
        if told.is_err() || replies.send(done).is_err() {
            return;
        }
    }
}

/// Takes the rows of each block from one thread after the other.
fn collect(
    receivers: &[Receiver<Reply>],
    rows: &mut dyn FnMut(&mut Output) -> Result<(), RunError>,
) -> Result<Counts, RunError> {
    let mut counts = Counts::default();
    loop {
        let mut live_now = 0;
        let mut evicted_now = 0;
        let mut unheard_now = Unheard::default();
        for receiver in receivers {
            loop {
                match receiver.recv() {
                    Ok(Reply::Rows(mut output)) => rows(&mut output)?,
                    Ok(Reply::BlockDone { live, evicted, unheard }) => {
                        unheard_now = unheard_now.plus(unheard);
                        live_now += live;
                        evicted_now += evicted;
                        break;
                    }
                    Err(_) => return Ok(counts),
                }
            }
        }
        counts.most_live = counts.most_live.max(live_now);
        (counts.evicted, counts.unheard) = (evicted_now, unheard_now);
    }
}
