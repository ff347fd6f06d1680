//! Packets and bytes between every two hosts, counted in a pass of its own.

use crate::error::RunError;
use crate::feed::Feed;
use crate::request::Request;
use crate::tables::Watch;
use oddwire_core::packet::{Addr, Packet};
use oddwire_core::packet_row::PairTotal;
use std::collections::HashMap;

/// Pairs of hosts that are counted; those that come later have no totals.
const MAX_PAIRS: usize = 1 << 20;
const WATCH_EVERY: u64 = 16_384;

/// The totals of a request's packets.
#[derive(Debug, Default)]
pub struct PairTotals(HashMap<(Addr, Addr), PairTotal>);

impl PairTotals {
    /// What passed between the two hosts of a packet.
    #[must_use]
    pub fn of(&self, packet: &Packet<'_>) -> Option<PairTotal> {
        self.0.get(&pair(packet)?).copied()
    }

    fn add(&mut self, packet: &Packet<'_>, length: u32) {
        let Some(pair) = pair(packet) else { return };
        if self.0.len() >= MAX_PAIRS && !self.0.contains_key(&pair) {
            return;
        }
        let total = self.0.entry(pair).or_default();
        total.packets += 1;
        total.bytes += u64::from(length);
    }
}

/// The two addresses in canonical order.
fn pair(packet: &Packet<'_>) -> Option<(Addr, Addr)> {
    let (src, dst) = (packet.src?, packet.dst?);
    Some(if src <= dst { (src, dst) } else { (dst, src) })
}

/// Reads everything once and counts.
pub fn count(request: &Request, watch: &mut Watch<'_>) -> Result<PairTotals, RunError> {
    if request.inputs.iter().any(|input| input.as_os_str() == "-") {
        let message =
            "pair totals need two passes, and standard input can be read only once: save it to a file";
        return Err(RunError::Usage(message.into()));
    }
    let mut totals = PairTotals::default();
    let mut feed = Feed::open(request)?;
    while let Some(fed) = feed.next_packet()? {
        totals.add(&fed.packet, fed.stamp.length);
        if feed.stats.packets.is_multiple_of(WATCH_EVERY) && !watch(feed.progress()) {
            return Err(RunError::Stopped);
        }
    }
    Ok(totals)
}
