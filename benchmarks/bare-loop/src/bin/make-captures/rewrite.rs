//! Gives a frame the addresses of another tile: every address is moved alike, so conversations stay whole.

use crate::wire::checksum;

/// Moves the addresses of Ethernet/VLAN/IPv4, IPv6 and ARP; what is inside a tunnel stays.
pub(crate) fn shift_addresses(frame: &mut [u8], tile: u16) {
    let mut at = 12;
    while let Some([0x81, 0x00] | [0x88, 0xa8]) = frame.get(at..at + 2) {
        at += 4;
    }
    let Some([high, low]) = frame.get(at..at + 2) else { return };
    let ether_type = u16::from_be_bytes([*high, *low]);
    let rest = frame.get_mut(at + 2..).unwrap_or_default();
    match ether_type {
        0x0800 => shift_ipv4(rest, tile),
        0x86dd => shift_ipv6(rest, tile),
        0x0806 => shift_v4_at(rest, [14, 24], tile),
        _ => {}
    }
}

/// Moves both addresses and repairs the header checksum.
fn shift_ipv4(packet: &mut [u8], tile: u16) {
    shift_v4_at(packet, [12, 16], tile);
    let length = packet.first().map_or(0, |first| usize::from(first & 0x0f) * 4);
    let Some(header) = packet.get_mut(..length).filter(|header| header.len() >= 20) else { return };
    if let Some(place) = header.get_mut(10..12) {
        place.fill(0);
    }
    let checksum = checksum(header);
    if let Some(place) = header.get_mut(10..12) {
        place.copy_from_slice(&checksum.to_be_bytes());
    }
}

fn shift_v4_at(bytes: &mut [u8], starts: [usize; 2], tile: u16) {
    for start in starts {
        if let Some(Ok(address)) = bytes.get_mut(start..start + 4).map(<&mut [u8; 4]>::try_from) {
            *address = shifted_v4(*address, tile);
        }
    }
}

/// Moves inside the block, so that private stays private; multicast and broadcast stay.
fn shifted_v4(address: [u8; 4], tile: u16) -> [u8; 4] {
    let [a, b, c, d] = address;
    let [round, step] = tile.to_be_bytes();
    match (a, b) {
        (0 | 224..=255, _) => address,
        (192, 168) | (169, 254) | (172, 16..=31) => [a, b, c.wrapping_add(step), d ^ round],
        _ => [a, b.wrapping_add(step), c.wrapping_add(round), d],
    }
}

fn shift_ipv6(packet: &mut [u8], tile: u16) {
    for start in [8, 24] {
        let Some(address) = packet.get_mut(start..start + 16) else { return };
        let special = address.first() == Some(&0xff) || address.iter().take(15).all(|byte| *byte == 0);
        if let Some(place) = address.get_mut(6..8).filter(|_| !special) {
            let moved = tile.to_be_bytes();
            place.iter_mut().zip(moved).for_each(|(byte, shift)| *byte ^= shift);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_stays_private_and_tiles_differ() {
        for address in [[10, 1, 2, 3], [192, 168, 7, 9], [172, 20, 1, 1], [8, 8, 8, 8]] {
            let moved: Vec<_> = (0..600).map(|tile| shifted_v4(address, tile)).collect();
            let mut distinct = moved.clone();
            distinct.sort_unstable();
            distinct.dedup();
            assert_eq!(distinct.len(), moved.len());
            assert!(moved.iter().all(|other| is_private(*other) == is_private(address)));
        }
    }

    #[test]
    fn header_checksum_is_right_again() {
        let end = crate::wire::End::new([192, 168, 1, 2], 80);
        let mut frame = crate::wire::udp(end, end, 10);
        shift_addresses(&mut frame, 3);
        let words = frame[14..34].chunks_exact(2).map(|pair| u32::from(pair[0]) << 8 | u32::from(pair[1]));
        let sum: u32 = words.sum();
        assert_eq!((sum & 0xffff) + (sum >> 16), 0xffff);
        assert_eq!(frame[26..30], [192, 168, 4, 2]);
    }

    fn is_private(address: [u8; 4]) -> bool {
        std::net::Ipv4Addr::from(address).is_private()
    }
}
