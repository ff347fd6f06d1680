//! BSD loopback: an address family in front of the packet.

use super::walk::{Next, Walk};
use crate::layer::Layer;

/// Reads the family, which is in the byte order of the machine that wrote it, and small in the right one.
pub(super) fn read(walk: &mut Walk) -> Next {
    let Some(&bytes) = walk.header::<4>(Layer::BsdLoopback) else { return Next::Done };
    let family = u32::from_be_bytes(bytes);
    match if family > 0xffff { family.swap_bytes() } else { family } {
        2 => Next::EtherType(0x0800),
        // IPv6 has a number of its own on Linux, Windows, NetBSD, FreeBSD and Darwin.
        10 | 23 | 24 | 28 | 30 => Next::EtherType(0x86dd),
        number @ 0x0600..=0xffff => Next::EtherType(number as u16),
        _ => Next::Done,
    }
}
