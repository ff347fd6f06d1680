//! The summary of a request's packets, in one pass.

use crate::error::RunError;
use crate::feed::Feed;
use crate::request::Request;
use crate::stats::Stats;
use crate::tables::Watch;
use oddwire_core::flow::shard::Output;
use oddwire_core::flow::{Tracker, TrackerOptions};
use oddwire_core::proto::Rules;
use oddwire_core::summary::Summary;
use oddwire_core::summary::spoken::{Spoken, heard};

const WATCH_EVERY: u64 = 16_384;

/// Reads everything and counts; `describe` also keeps what quartiles of every column need.
pub fn summarise(
    request: &Request,
    describe: bool,
    watch: &mut Watch<'_>,
) -> Result<(Summary, Stats), RunError> {
    let mut feed = Feed::open(request)?;
    let mut summary = Summary::new(describe);
    let mut spoken = Spoken::default();
    let mut tracker = request.payload.then(|| Tracker::new(&listening(request)));
    let mut take = |output: &mut Output| {
        spoken.take(output);
        Ok::<(), RunError>(())
    };
    while let Some(fed) = feed.next_packet()? {
        summary.add(&fed.stamp, fed.link, fed.captured, &fed.packet);
        if let Some(tracker) = &mut tracker {
            tracker.add(&fed.stamp, &fed.packet, &mut take)?;
        }
        if feed.stats.packets.is_multiple_of(WATCH_EVERY) && !watch(feed.progress()) {
            break;
        }
    }
    let mut stats = feed.finish();
    if let Some(tracker) = &mut tracker {
        tracker.finish(&mut take)?;
        (stats.evicted, stats.unheard) = (tracker.evicted(), tracker.unheard());
    }
    stats.forgotten = spoken.left_out() + spoken.domains.forgotten();
    summary.spoken = spoken;
    Ok((summary, stats))
}

/// What the flow table needs to tell services, domains and fingerprints.
fn listening(request: &Request) -> TrackerOptions {
    let said = Rules { rows: heard(), names: true, ..request.tracker.said };
    TrackerOptions { window_ns: None, entropy: false, said, ..request.tracker.clone() }
}
