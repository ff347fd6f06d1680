//! Measures the decoder on frames made in memory: `cargo run --release -p oddwire-core --example decode_speed`.

use oddwire_core::decode::Decoder;
use oddwire_core::decode::ports::app_by_port;
use oddwire_core::frame::{Frame, LinkType};
use oddwire_core::packet::Packet;
use std::hint::black_box;

const FRAMES: usize = 512;
const ROUNDS: usize = 16_000;

fn ethernet(vlan: bool, ether_type: u16, packet: &[u8]) -> Vec<u8> {
    let mut frame = vec![2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2];
    if vlan {
        frame.extend([0x81, 0x00, 0, 7]);
    }
    frame.extend(ether_type.to_be_bytes());
    frame.extend(packet);
    frame
}

fn ipv4(protocol: u8, n: usize, body: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x45, 0];
    packet.extend((20 + body.len() as u16).to_be_bytes());
    packet.extend([0, 0, 0x40, 0, 64, protocol, 0, 0, 10, 0, (n >> 8) as u8, n as u8, 10, 1, 0, 1]);
    packet.extend(body);
    packet
}

fn ipv6(protocol: u8, n: usize, body: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x60, 0, 0, 0];
    packet.extend((body.len() as u16).to_be_bytes());
    packet.extend([protocol, 64]);
    packet.extend([0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (n >> 8) as u8, n as u8]);
    packet.extend([0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    packet.extend(body);
    packet
}

fn tcp(n: usize, options: bool, payload: usize) -> Vec<u8> {
    let mut segment = (n as u16 | 0x8000).to_be_bytes().to_vec();
    segment.extend(443u16.to_be_bytes());
    segment.extend((n as u32).to_be_bytes());
    segment.extend([0, 0, 0, 1, if options { 0x80 } else { 0x50 }, 0x18, 1, 0, 0, 0, 0, 0]);
    if options {
        segment.extend([1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2]);
    }
    segment.resize(segment.len() + payload, 0x17);
    segment
}

fn udp(n: usize, payload: usize) -> Vec<u8> {
    let mut datagram = (n as u16 | 0x8000).to_be_bytes().to_vec();
    datagram.extend(53u16.to_be_bytes());
    datagram.extend((8 + payload as u16).to_be_bytes());
    datagram.extend([0, 0]);
    datagram.resize(8 + payload, 0x17);
    datagram
}

/// Time this thread was on a processor, where Linux tells: what else runs on the machine does not count.
fn cpu_ns() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let clock = || std::time::UNIX_EPOCH.elapsed().map_or(0, |elapsed| elapsed.as_nanos() as u64);
    text.split(' ').next().and_then(|first| first.parse().ok()).unwrap_or_else(clock)
}

fn measure(name: &str, make: impl Fn(usize) -> Vec<u8>) {
    let frames: Vec<Vec<u8>> = (0..FRAMES).map(make).collect();
    let mut decoder = Decoder::default();
    let mut best = f64::MAX;
    for _ in 0..5 {
        let start_ns = cpu_ns();
        for _ in 0..ROUNDS / 5 {
            round(&mut decoder, &frames);
        }
        best = best.min((cpu_ns() - start_ns) as f64 / (FRAMES * ROUNDS / 5) as f64);
    }
    println!("{name:24} {best:6.1} ns a packet");
}

fn round(decoder: &mut Decoder, frames: &[Vec<u8>]) {
    for (n, data) in frames.iter().enumerate() {
        let (length, link) = (data.len() as u32, LinkType::ETHERNET);
        let frame = Frame { input: 0, number: n as u64, time_ns: 0, link, length, data };
        black_box(&decoder.decode(&frame));
    }
}

fn measure_ports() {
    let start_ns = cpu_ns();
    let rounds = 20_000_000u32;
    for n in 0..rounds {
        black_box(app_by_port(6, (n.wrapping_mul(0x9e37_79b9) >> 16) as u16 | 0x8000, black_box(443)));
    }
    println!("{:24} {:6.1} ns a packet", "service by port", (cpu_ns() - start_ns) as f64 / f64::from(rounds));
}

fn main() {
    println!("a packet is {} bytes", size_of::<Packet>());
    measure_ports();
    measure("ipv4 tcp", |n| ethernet(false, 0x0800, &ipv4(6, n, &tcp(n, false, 100))));
    measure("ipv4 tcp with options", |n| ethernet(false, 0x0800, &ipv4(6, n, &tcp(n, true, 100))));
    measure("ipv4 udp", |n| ethernet(false, 0x0800, &ipv4(17, n, &udp(n, 100))));
    measure("ipv6 tcp", |n| ethernet(false, 0x86dd, &ipv6(6, n, &tcp(n, true, 100))));
    measure("vlan ipv4 tcp", |n| ethernet(true, 0x0800, &ipv4(6, n, &tcp(n, true, 100))));
    measure("mixed", |n| match n * 7 % 5 {
        0 => ethernet(false, 0x86dd, &ipv6(17, n, &udp(n, 100))),
        1 => ethernet(false, 0x0800, &ipv4(17, n, &udp(n, 100))),
        _ => ethernet(false, 0x0800, &ipv4(6, n, &tcp(n, n.is_multiple_of(2), 100))),
    });
}
