//! The summary of a request's packets, in one pass.

use crate::error::RunError;
use crate::feed::Feed;
use crate::request::Request;
use crate::stats::Stats;
use crate::tables::Watch;
use oddwire_core::summary::Summary;

const WATCH_EVERY: u64 = 16_384;

/// Reads everything and counts; `describe` also keeps what quartiles of every column need.
pub fn summarise(
    request: &Request,
    describe: bool,
    watch: &mut Watch<'_>,
) -> Result<(Summary, Stats), RunError> {
    let mut feed = Feed::open(request)?;
    let mut summary = Summary::new(describe);
    while let Some(fed) = feed.next_packet()? {
        summary.add(&fed.stamp, fed.link, fed.captured, &fed.packet);
        if feed.stats.packets.is_multiple_of(WATCH_EVERY) && !watch(feed.progress()) {
            break;
        }
    }
    Ok((summary, feed.finish()))
}
