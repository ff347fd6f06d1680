//! Who sent and received how much, for a bounded number of hosts.

use super::Count;
use crate::packet::{Addr, Packet};
use foldhash::fast::FixedState;
use hashbrown::HashMap;

/// Hosts that are counted at most. Beyond it the small ones are forgotten, and what that may have cost is said.
pub const MAX_HOSTS: usize = 1 << 18;

/// What one host sent and received.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Host {
    /// As a source.
    pub sent: Count,
    /// As a destination.
    pub received: Count,
}

impl Host {
    const fn packets(&self) -> u64 {
        self.sent.packets + self.received.packets
    }
}

/// The hosts of a capture.
#[derive(Debug, Default)]
pub struct Hosts {
    counted: HashMap<Addr, Host, FixedState>,
    forgotten: u64,
    floor: u64,
}

impl Hosts {
    /// Counts a packet for both its ends.
    #[inline]
    pub fn add(&mut self, packet: &Packet<'_>, length: u32) {
        if let Some(src) = packet.src {
            self.counted.entry(src).or_default().sent.add(length);
        }
        if let Some(dst) = packet.dst {
            self.counted.entry(dst).or_default().received.add(length);
        }
        if self.counted.len() > MAX_HOSTS {
            self.forget_the_small();
        }
    }

    /// Forgets the hosts with the fewest packets, half of all: lossy counting.
    #[cold]
    fn forget_the_small(&mut self) {
        let mut packets: Vec<u64> = self.counted.values().map(Host::packets).collect();
        let middle = packets.len() / 2;
        let (_, &mut median, _) = packets.select_nth_unstable(middle);
        let before = self.counted.len();
        self.counted.retain(|_, host| host.packets() > median);
        self.forgotten += (before - self.counted.len()) as u64;
        self.floor += median;
    }

    /// Hosts that are counted.
    #[must_use]
    pub fn len(&self) -> usize {
        self.counted.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.counted.is_empty()
    }

    /// Hosts that were forgotten because there were too many, and the most packets that any count may lack.
    #[must_use]
    pub const fn forgotten(&self) -> (u64, u64) {
        (self.forgotten, self.floor)
    }

    /// The first `most` by what `by` counts, with what each sent and received.
    #[must_use]
    pub fn top(&self, most: usize, by: fn(&Host) -> u64) -> Vec<(Addr, Host)> {
        let counted = self.counted.iter().filter(|(_, host)| by(host) > 0);
        let mut list: Vec<(Addr, Host)> = counted.map(|(addr, host)| (*addr, *host)).collect();
        list.sort_unstable_by(|a, b| by(&b.1).cmp(&by(&a.1)).then(a.0.cmp(&b.0)));
        list.truncate(most);
        list
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(src: u32, dst: u32) -> Packet<'static> {
        let addr = |number: u32| Some(Addr::v4(number.to_be_bytes()));
        Packet { ip_version: 4, src: addr(src), dst: addr(dst), ..Packet::default() }
    }

    #[test]
    fn the_busiest_come_first() {
        let mut hosts = Hosts::default();
        for length in [10, 20, 30] {
            hosts.add(&packet(1, 2), length);
        }
        hosts.add(&packet(3, 1), 1000);
        let by_packets = hosts.top(2, |host| host.sent.packets);
        assert_eq!(by_packets.len(), 2);
        assert_eq!(by_packets[0].0, Addr::v4([0, 0, 0, 1]));
        assert_eq!(by_packets[0].1.sent, Count { packets: 3, bytes: 60 });
        assert_eq!(hosts.top(1, |host| host.sent.bytes)[0].0, Addr::v4([0, 0, 0, 3]));
    }

    #[test]
    fn a_flood_of_hosts_stays_bounded_and_the_busy_one_stays() {
        let mut hosts = Hosts::default();
        for number in 0..MAX_HOSTS as u32 * 3 {
            hosts.add(&packet(number + 10, 5), 60);
        }
        assert!(hosts.len() <= MAX_HOSTS + 1);
        assert!(hosts.forgotten().0 > 0);
        assert_eq!(hosts.top(1, |host| host.received.packets)[0].0, Addr::v4([0, 0, 0, 5]));
    }
}
