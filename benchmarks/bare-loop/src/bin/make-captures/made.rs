//! Made sessions for where there are no captures: a seeded mix of web, name look-ups, log-ins and calls.

use crate::random::Random;
use crate::tile::Frame;
use crate::wire::{ACK, End, FIN, PSH, SYN, tcp, udp};

/// Sessions a tile.
const SESSIONS: u64 = 1100;
/// Sessions begin spread over this much of a tile.
const STAGGER_US: u64 = 60_000_000;

/// The sessions of one tile, about 28 thousand packets of 420 bytes.
pub(crate) fn sessions() -> Vec<Frame> {
    let mut made = Made { random: Random::new(7), frames: Vec::new() };
    for _ in 0..SESSIONS {
        let start = made.random.below(STAGGER_US);
        match made.random.below(100) {
            0..45 => made.lookup(start),
            45..85 => made.web(start),
            85..95 => made.login(start),
            _ => made.call(start),
        }
    }
    made.frames
}

struct Made {
    random: Random,
    frames: Vec<Frame>,
}

impl Made {
    fn client(&mut self) -> End {
        let address = [192, 168, 1, 10 + self.random.below(80) as u8];
        End::new(address, 32_768 + self.random.below(28_000) as u16)
    }

    fn server(&mut self, port: u16) -> End {
        End { address: 0x5db8_0000 + self.random.below(600) as u32, port }
    }

    fn push(&mut self, time_us: u64, bytes: Vec<u8>) {
        self.frames.push(Frame { time_us, length: bytes.len() as u32, bytes });
    }

    fn lookup(&mut self, start: u64) {
        let (client, server) = (self.client(), End::new([192, 168, 1, 1], 53));
        let sizes = (30 + self.random.below(30) as usize, 60 + self.random.below(200) as usize);
        let answered = start + 500 + self.random.below(40_000);
        self.push(start, udp(client, server, sizes.0));
        self.push(answered, udp(server, client, sizes.1));
    }

    fn web(&mut self, start: u64) {
        let (client, server) = (self.client(), self.server(443));
        let turns = 1 + self.random.below(6);
        let mut now = self.handshake(start, client, server);
        for _ in 0..turns {
            let asked = 200 + self.random.below(600) as usize;
            now = self.segment(now, client, server, PSH | ACK, asked);
            for _ in 0..self.random.below(8) {
                now = self.segment(now, server, client, ACK, 1400);
                now = if self.random.chance(50) { self.segment(now, client, server, ACK, 0) } else { now };
            }
        }
        self.goodbye(now, client, server);
    }

    fn login(&mut self, start: u64) {
        let (client, server) = (self.client(), self.server(22));
        let mut now = self.handshake(start, client, server);
        for _ in 0..5 + self.random.below(20) {
            now = self.segment(now, client, server, PSH | ACK, 36) + self.random.below(200_000);
            now = self.segment(now, server, client, PSH | ACK, 52);
            now = self.segment(now, client, server, ACK, 0);
        }
        self.goodbye(now, client, server);
    }

    fn call(&mut self, start: u64) {
        let (client, server) = (self.client(), self.server(3478));
        for number in 0..20 + self.random.below(120) {
            let now = start + number * 20_000 + self.random.below(3_000);
            self.push(now, udp(client, server, 172));
            self.push(now + 9_000, udp(server, client, 172));
        }
    }

    fn handshake(&mut self, start: u64, client: End, server: End) -> u64 {
        let round_trip = 2_000 + self.random.below(60_000);
        self.push(start, tcp(client, server, SYN, 0, 20, 0));
        self.push(start + round_trip, tcp(server, client, SYN | ACK, 0, 20, 0));
        self.push(start + round_trip + 50, tcp(client, server, ACK, 1, 12, 0));
        start + round_trip + 100
    }

    fn goodbye(&mut self, start: u64, client: End, server: End) {
        self.push(start, tcp(client, server, FIN | ACK, 2, 12, 0));
        self.push(start + 3_000, tcp(server, client, FIN | ACK, 2, 12, 0));
        self.push(start + 3_050, tcp(client, server, ACK, 3, 12, 0));
    }

    fn segment(&mut self, now: u64, src: End, dst: End, flags: u8, payload: usize) -> u64 {
        self.push(now, tcp(src, dst, flags, 1, 12, payload));
        now + 80 + self.random.below(5_000)
    }
}
