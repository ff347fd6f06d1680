//! The flood: in 44 s a scan, spoofed SYNs and UDP make 2.5 M packets of about 1.41 M flows.

use std::io::{self, Write};

use crate::random::Random;
use crate::wire::{ACK, End, RST, SYN, tcp, udp};
use crate::write::{Pcap, Written};

const START_US: u64 = 1_700_000_000_000_000;
const SPAN_US: u64 = 44_000_000;
/// UDP senders that are sending at the same time.
const UDP_POOL: usize = 4096;

/// Writes the flood.
pub(crate) fn flood<W: Write>(packets: u64, mut out: Pcap<W>) -> io::Result<Written> {
    let mut flood = Flood::new();
    for number in 0..packets {
        let time_us = START_US + SPAN_US * number / packets;
        let frame = flood.next_frame();
        out.packet(time_us, frame.len() as u32, &frame)?;
    }
    out.finish()
}

struct Flood {
    random: Random,
    scanned: u64,
    senders: Vec<End>,
    /// Answers that come after the next packets.
    answers: Vec<Vec<u8>>,
}

impl Flood {
    fn new() -> Self {
        let mut random = Random::new(44);
        let senders = (0..UDP_POOL).map(|_| sender(&mut random)).collect();
        Self { random, scanned: 0, senders, answers: Vec::new() }
    }

    /// Of 100 packets that are no answers: 27 probes, 27 SYNs, 46 UDP.
    fn next_frame(&mut self) -> Vec<u8> {
        if self.answers.len() > 64 {
            let at = self.random.below(self.answers.len() as u64) as usize;
            return self.answers.swap_remove(at);
        }
        match self.random.below(100) {
            0..27 => self.probe(),
            27..54 => self.spoofed_syn(),
            _ => self.datagram(),
        }
    }

    /// One scanner walks through hosts and ports; a third of the probes is refused.
    fn probe(&mut self) -> Vec<u8> {
        let scanner = End::new([198, 51, 100, 7], 40_000 + (self.scanned % 4) as u16);
        let host = 0x0a14_0000 + (self.scanned % 2048) as u32;
        let target = End { address: host, port: (1 + self.scanned / 2048) as u16 };
        self.scanned += 1;
        if self.random.chance(33) {
            self.answers.push(tcp(target, scanner, RST | ACK, 0, 0, 6));
        }
        tcp(scanner, target, SYN, self.random.bits() as u32, 4, 2)
    }

    /// Any address to one web server; a quarter of the SYNs is answered.
    fn spoofed_syn(&mut self) -> Vec<u8> {
        let port = 1024 + self.random.below(64_000) as u16;
        let source = End { address: 0x1000_0000 + self.random.below(0xb000_0000) as u32, port };
        let server = End::new([203, 0, 113, 80], 443);
        if self.random.chance(25) {
            self.answers.push(tcp(server, source, SYN | ACK, self.random.bits() as u32, 4, 2));
        }
        tcp(source, server, SYN, self.random.bits() as u32, 12, 0)
    }

    /// A pool of senders to many ports of one host; each sends about four datagrams, then another takes its place.
    fn datagram(&mut self) -> Vec<u8> {
        let size = 18 + self.random.below(20) as usize;
        let at = self.random.below(UDP_POOL as u64) as usize;
        let Some(place) = self.senders.get_mut(at) else { return Vec::new() };
        let source = *place;
        if self.random.chance(24) {
            *place = sender(&mut self.random);
        }
        let target = End { address: 0xcb00_7109, port: 1 + source.port % 16_000 };
        udp(source, target, size)
    }
}

fn sender(random: &mut Random) -> End {
    End { address: 0x1000_0000 + random.below(0xb000_0000) as u32, port: 1024 + random.below(64_000) as u16 }
}
