//! Who the hosts of a capture are: the table of hosts, and what judges ask while they name what they found.

use crate::error::RunError;
use crate::feed::{Fed, Feed};
use crate::outlet::{Plan, Sink};
use crate::request::{BATCH_ROWS, Request, Shape};
use crate::stats::Stats;
use crate::tables::{WATCH_EVERY, Watch, finish};
use oddwire_core::flow::shard::Output;
use oddwire_core::flow::{Tracker, TrackerOptions};
use oddwire_core::identity::{Identities, host_columns};
use oddwire_core::proto::{Listed, Protocol, Rules, SaidRows, dhcp::Dhcp, dns::Dns};
use std::sync::{Arc, Mutex};

/// The identities of a run, shared between the run and whoever asks.
pub type SharedIdentities = Arc<Mutex<Identities>>;

/// What must be heard to know who the hosts are.
pub(crate) const HEARD: u64 = Protocol::Dns.bit() | Protocol::Dhcp.bit();

/// Learns from a packet that is of no flow.
pub(crate) fn learn_packet(identities: &mut Identities, fed: &Fed<'_>) {
    if fed.packet.arp.is_some() {
        identities.see_arp(fed.stamp.time_ns, &fed.packet);
    }
}

/// Learns from what was said.
pub(crate) fn learn_said(identities: &mut Identities, said: &mut SaidRows) {
    for row in Dns::rows(said).iter() {
        identities.see_dns(row);
    }
    for row in Dhcp::rows(said).iter() {
        if let Some(lease) = row.lease() {
            identities.see_lease(row.at.time_ns, &lease);
        }
    }
}

/// Makes the table of hosts.
pub(crate) fn make<'s>(
    request: &Request,
    shape: &Shape,
    sink: &'s mut Sink<'s>,
    watch: &mut Watch<'_>,
) -> Result<Stats, RunError> {
    let mut outlet = Plan::new(&host_columns(), shape)?.open(sink);
    let rows = if request.payload { HEARD } else { 0 };
    let said = Rules { rows, names: false, ..request.tracker.said };
    let mut tracker = Tracker::new(&TrackerOptions { entropy: false, said, ..request.tracker.clone() });
    let mut feed = Feed::open(request)?;
    let mut identities = Identities::default();
    let read = read(&mut feed, &mut tracker, &mut identities, watch);
    let forgotten = identities.nameless();
    finish(read, || {
        for rows in identities.into_rows().chunks(BATCH_ROWS) {
            outlet.push(rows)?;
        }
        outlet.flush()
    })?;
    let (most_live, evicted, unheard) = (tracker.most_live() as u64, tracker.evicted(), tracker.unheard());
    Ok(Stats { most_live, evicted, unheard, forgotten, rows: outlet.rows(), ..feed.finish() })
}

fn read(
    feed: &mut Feed,
    tracker: &mut Tracker,
    identities: &mut Identities,
    watch: &mut Watch<'_>,
) -> Result<(), RunError> {
    let learn = |identities: &mut Identities, output: &mut Output| {
        learn_said(identities, &mut output.said);
        output.said.clear();
        output.flows.clear();
        output.slices.clear();
        Ok::<(), RunError>(())
    };
    while let Some(fed) = feed.next_packet()? {
        learn_packet(identities, &fed);
        tracker.add(&fed.stamp, &fed.packet, &mut |output: &mut Output| learn(identities, output))?;
        if feed.stats.packets.is_multiple_of(WATCH_EVERY) && !watch(feed.progress()) {
            return Err(RunError::Stopped);
        }
    }
    tracker.finish(&mut |output: &mut Output| learn(identities, output))
}
