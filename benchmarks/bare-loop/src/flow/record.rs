//! What is kept of a flow: 16 bytes beside the key after one packet, sums for 42 features from the second on.

use crate::decode::Packet;

/// A flow of which one packet was seen.
#[derive(Clone, Copy)]
pub(super) struct Small<K> {
    pub key: K,
    /// The time and, in the lowest bit, whether the higher end sent it; zero marks a free place.
    stamp: u64,
    length: u16,
    payload: u16,
    window: u16,
    flags: u8,
    ttl: u8,
}

/// Sums of one direction.
#[derive(Clone, Copy, Default)]
pub(super) struct Direction {
    pub bytes: u64,
    pub payload: u64,
    pub length_squares: u64,
    pub last_us: u64,
    pub gap_squares: f64,
    pub gap_sum_us: u64,
    pub gap_min_us: u32,
    pub gap_max_us: u32,
    pub packets: u32,
    pub length_min: u16,
    pub length_max: u16,
    pub window: u16,
    pub ttl_min: u8,
    pub ttl_max: u8,
}

/// A flow of two or more packets.
#[derive(Clone, Copy)]
pub(super) struct Full<K> {
    pub key: K,
    /// Zero marks a free place.
    pub first_us: u64,
    pub last_us: u64,
    pub gap_squares: f64,
    pub gap_min_us: u32,
    pub gap_max_us: u32,
    /// FIN SYN RST PSH ACK URG ECE CWR.
    pub flag_counts: [u16; 8],
    /// The first sender's, then the other's.
    pub directions: [Direction; 2],
    pub flipped: bool,
}

impl<K: Copy> Small<K> {
    #[inline]
    pub(super) fn new(key: K, packet: &Packet, flipped: bool) -> Self {
        Self {
            key,
            stamp: packet.time_us.max(1) << 1 | u64::from(flipped),
            length: clip(packet.length),
            payload: packet.payload,
            window: packet.window,
            flags: packet.flags,
            ttl: packet.ttl,
        }
    }

    #[inline]
    pub(super) fn time_us(&self) -> u64 {
        self.stamp >> 1
    }

    #[inline]
    pub(super) fn is_free(&self) -> bool {
        self.stamp == 0
    }

    #[inline]
    pub(super) fn free(&mut self) {
        self.stamp = 0;
    }

    /// The record that takes over at the second packet.
    #[inline]
    pub(super) fn promote(&self) -> Full<K> {
        let mut full = Full {
            key: self.key,
            first_us: self.time_us(),
            last_us: self.time_us(),
            gap_squares: 0.0,
            gap_min_us: u32::MAX,
            gap_max_us: 0,
            flag_counts: [0; 8],
            directions: [Direction::default(); 2],
            flipped: self.stamp & 1 != 0,
        };
        full.count_flags(self.flags);
        full.directions[0] = Direction {
            bytes: u64::from(self.length),
            payload: u64::from(self.payload),
            length_squares: u64::from(self.length).pow(2),
            last_us: self.time_us(),
            gap_min_us: u32::MAX,
            packets: 1,
            length_min: self.length,
            length_max: self.length,
            window: self.window,
            ttl_min: self.ttl,
            ttl_max: self.ttl,
            ..Direction::default()
        };
        full
    }
}

impl<K> Full<K> {
    #[inline]
    pub(super) fn add(&mut self, packet: &Packet, flipped: bool) {
        let gap = packet.time_us.saturating_sub(self.last_us);
        self.last_us = self.last_us.max(packet.time_us);
        self.gap_squares += (gap as f64) * (gap as f64);
        self.gap_min_us = self.gap_min_us.min(clip_gap(gap));
        self.gap_max_us = self.gap_max_us.max(clip_gap(gap));
        self.count_flags(packet.flags);
        let [out, back] = &mut self.directions;
        let direction = if flipped == self.flipped { out } else { back };
        direction.add(packet);
    }

    #[inline]
    fn count_flags(&mut self, flags: u8) {
        if flags == 0 {
            return;
        }
        for (bit, count) in self.flag_counts.iter_mut().enumerate() {
            *count = count.saturating_add(u16::from(flags >> bit & 1));
        }
    }
}

impl Direction {
    #[inline]
    fn add(&mut self, packet: &Packet) {
        let length = clip(packet.length);
        if self.packets == 0 {
            self.window = packet.window;
            (self.length_min, self.gap_min_us, self.ttl_min) = (length, u32::MAX, packet.ttl);
        } else {
            let gap = packet.time_us.saturating_sub(self.last_us);
            self.gap_sum_us += gap;
            self.gap_squares += (gap as f64) * (gap as f64);
            self.gap_min_us = self.gap_min_us.min(clip_gap(gap));
            self.gap_max_us = self.gap_max_us.max(clip_gap(gap));
        }
        self.last_us = packet.time_us;
        self.packets += 1;
        self.bytes += u64::from(packet.length);
        self.payload += u64::from(packet.payload);
        self.length_squares += u64::from(packet.length).pow(2);
        self.length_min = self.length_min.min(length);
        self.length_max = self.length_max.max(length);
        self.ttl_min = self.ttl_min.min(packet.ttl);
        self.ttl_max = self.ttl_max.max(packet.ttl);
    }
}

#[inline]
fn clip(length: u32) -> u16 {
    u16::try_from(length).unwrap_or(u16::MAX)
}

#[inline]
fn clip_gap(gap: u64) -> u32 {
    u32::try_from(gap).unwrap_or(u32::MAX)
}
