//! 802.1Q and 802.1ad tags.

use super::walk::{Next, Walk};
use crate::layer::Layer;

/// Reads one tag: its 12-bit identifier and the type of what follows.
pub(super) fn read(walk: &mut Walk) -> Next {
    let Some(&[c0, c1, t0, t1]) = walk.header::<4>(Layer::Vlan) else { return Next::Done };
    // Tags inside of a tunnel belong to another network than those of the frame.
    if walk.packet.ip_version == 0 {
        let vlans = &mut walk.packet.vlans;
        if let Some(id) = vlans.ids.get_mut(usize::from(vlans.count)) {
            *id = u16::from_be_bytes([c0, c1]) & 0x0fff;
        }
        vlans.count = vlans.count.saturating_add(1);
    }
    Next::EtherType(u16::from_be_bytes([t0, t1]))
}
