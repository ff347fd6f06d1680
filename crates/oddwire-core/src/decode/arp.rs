//! ARP and RARP.

use super::walk::{Next, Walk};
use crate::layer::Layer;
use crate::packet::{Addr, Arp, Mac};

/// Six-byte hardware addresses and IPv4: what the fields of a packet can hold.
const ETHERNET_IPV4: [u8; 4] = [0x08, 0x00, 6, 4];

/// Reads operation and addresses; other kinds of addresses are passed over.
pub(super) fn read(walk: &mut Walk) -> Next {
    let Some(&[_, _, t0, t1, hardware, protocol, o0, o1]) = walk.peek::<8>(Layer::Arp) else {
        return Next::Done;
    };
    let size = 8 + 2 * (usize::from(hardware) + usize::from(protocol));
    let Some(bytes) = walk.bytes(Layer::Arp, size) else { return Next::Done };
    walk.limit(0);
    if [t0, t1, hardware, protocol] == ETHERNET_IPV4
        && let Some(&addresses) = bytes.last_chunk::<20>()
    {
        write(walk, u16::from_be_bytes([o0, o1]), addresses);
    }
    Next::Done
}

fn write(walk: &mut Walk, operation: u16, addresses: [u8; 20]) {
    let [a, b, c, d, e, f, s0, s1, s2, s3, g, h, i, j, k, l, t0, t1, t2, t3] = addresses;
    let (sender_mac, target_mac) = (Mac([a, b, c, d, e, f]), Mac([g, h, i, j, k, l]));
    walk.begin_packet();
    walk.packet.arp = Some(Arp { operation, sender_mac, target_mac });
    walk.packet.src = Some(Addr::v4([s0, s1, s2, s3]));
    walk.packet.dst = Some(Addr::v4([t0, t1, t2, t3]));
}
