//! Builds Ethernet/IPv4 frames for made traffic.

use std::net::Ipv4Addr;

/// TCP flags.
pub(crate) const FIN: u8 = 1;
/// TCP flags.
pub(crate) const SYN: u8 = 2;
/// TCP flags.
pub(crate) const RST: u8 = 4;
/// TCP flags.
pub(crate) const PSH: u8 = 8;
/// TCP flags.
pub(crate) const ACK: u8 = 16;

/// One end of a conversation.
#[derive(Clone, Copy)]
pub(crate) struct End {
    pub(crate) address: u32,
    pub(crate) port: u16,
}

impl End {
    pub(crate) fn new(address: impl Into<Ipv4Addr>, port: u16) -> Self {
        Self { address: u32::from(address.into()), port }
    }
}

/// A TCP segment with `options` bytes of options (a multiple of four, all no-operation) and zero payload bytes.
pub(crate) fn tcp(src: End, dst: End, flags: u8, sequence: u32, options: u8, payload: usize) -> Vec<u8> {
    let header = 20 + usize::from(options);
    let mut frame = ipv4(6, src, dst, header + payload);
    frame.extend_from_slice(&src.port.to_be_bytes());
    frame.extend_from_slice(&dst.port.to_be_bytes());
    frame.extend_from_slice(&sequence.to_be_bytes());
    frame.extend_from_slice(&0_u32.to_be_bytes());
    frame.extend_from_slice(&[(header as u8 / 4) << 4, flags, 0xfa, 0xf0, 0, 0, 0, 0]);
    frame.extend(std::iter::repeat_n(1, usize::from(options)));
    frame.extend(std::iter::repeat_n(0x5a, payload));
    frame
}

/// A UDP datagram.
pub(crate) fn udp(src: End, dst: End, payload: usize) -> Vec<u8> {
    let mut frame = ipv4(17, src, dst, 8 + payload);
    frame.extend_from_slice(&src.port.to_be_bytes());
    frame.extend_from_slice(&dst.port.to_be_bytes());
    frame.extend_from_slice(&(8 + payload as u16).to_be_bytes());
    frame.extend_from_slice(&[0, 0]);
    frame.extend(std::iter::repeat_n(0x5a, payload));
    frame
}

fn ipv4(protocol: u8, src: End, dst: End, length: usize) -> Vec<u8> {
    let mut frame = Vec::with_capacity(34 + length);
    frame.extend_from_slice(&[2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45, 0]);
    frame.extend_from_slice(&(20 + length as u16).to_be_bytes());
    frame.extend_from_slice(&[0, 0, 0x40, 0, 64, protocol, 0, 0]);
    frame.extend_from_slice(&src.address.to_be_bytes());
    frame.extend_from_slice(&dst.address.to_be_bytes());
    let sum = checksum(frame.get(14..).unwrap_or_default());
    if let Some(place) = frame.get_mut(24..26) {
        place.copy_from_slice(&sum.to_be_bytes());
    }
    frame
}

/// The Internet checksum of a header of whole 16-bit words.
pub(crate) fn checksum(header: &[u8]) -> u16 {
    let sum: u32 = header.as_chunks::<2>().0.iter().map(|word| u32::from(u16::from_be_bytes(*word))).sum();
    let folded = (sum & 0xffff) + (sum >> 16);
    !((folded + (folded >> 16)) as u16)
}
