//! 802.2 logical link control and SNAP.

use super::walk::{Next, Walk};
use crate::layer::Layer;

/// Both service access points of SNAP.
const SNAP: u8 = 0xaa;
/// Unnumbered information: the only control field under which packets are carried without a connection.
const UI: u8 = 0x03;

/// Reads the length field's value of 802.3 and leaves out padding behind it.
pub(super) fn bounded(walk: &mut Walk, length: u16) -> Next {
    let start = walk.offset.saturating_sub(2);
    if !walk.limit(usize::from(length)) {
        walk.bad_length(Layer::Llc, start, usize::from(length));
    }
    // Before 802.2, Novell put IPX behind the length without any header; its checksum is all ones.
    if walk.rest.starts_with(&[0xff, 0xff]) {
        return walk.name(Layer::Ipx);
    }
    read(walk)
}

/// Reads the service access points and follows what they name.
pub(super) fn read(walk: &mut Walk) -> Next {
    let Some(&[destination, source, control]) = walk.header::<3>(Layer::Llc) else { return Next::Done };
    if control & 3 != 3 {
        // Numbered frames have a second control byte, and a connection that is not followed.
        walk.skip(Layer::Llc, walk.offset.saturating_sub(3), 1);
        return Next::Done;
    }
    match (destination, source, control) {
        (SNAP, SNAP, UI) => snap(walk),
        (0x06, 0x06, UI) => Next::EtherType(0x0800),
        (0x42, ..) => walk.name(Layer::Stp),
        (0xe0, ..) => walk.name(Layer::Ipx),
        (0xfe, ..) => walk.name(Layer::Isis),
        _ => Next::Done,
    }
}

/// Reads whose type number it is, and the number.
fn snap(walk: &mut Walk) -> Next {
    let Some(&[o0, o1, o2, t0, t1]) = walk.header::<5>(Layer::Snap) else { return Next::Done };
    let number = u16::from_be_bytes([t0, t1]);
    match ([o0, o1, o2], number) {
        ([0, 0, 0 | 0xf8], _) => Next::EtherType(number),
        ([0, 0, 0x0c], 0x2000) => walk.name(Layer::Cdp),
        ([0, 0, 0x0c], 0x010b) => walk.name(Layer::Stp),
        // 802.1 bridging: Ethernet with (1) or without (7) its check sequence, behind two bytes of padding.
        ([0, 0x80, 0xc2], 0x0001 | 0x0007) => {
            walk.skip(Layer::Snap, walk.offset.saturating_sub(5), 2);
            Next::Ethernet
        }
        _ => Next::Done,
    }
}
