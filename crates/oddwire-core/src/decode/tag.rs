//! Tags of provider backbones, port extenders, service chains and link security.

use super::walk::{Next, Walk};
use crate::layer::Layer;

/// Reads a tag of `size` bytes that ends with the type of what follows (VN-Tag, E-Tag).
pub(super) fn read(walk: &mut Walk, size: usize) -> Next {
    match walk.bytes(Layer::Tag, size) {
        Some(&[.., t0, t1]) => Next::EtherType(u16::from_be_bytes([t0, t1])),
        _ => Next::Done,
    }
}

/// Reads a backbone service tag, behind which a whole customer frame stands.
pub(super) fn backbone(walk: &mut Walk) -> Next {
    match walk.header::<4>(Layer::Tag) {
        Some(_) => Next::Ethernet,
        None => Next::Done,
    }
}

/// Reads a network service header: its length in units of four bytes, and the protocol it carries.
pub(super) fn service(walk: &mut Walk) -> Next {
    let Some(&[_, units, _, protocol]) = walk.peek::<4>(Layer::Nsh) else { return Next::Done };
    let size = usize::from(units & 0x3f) * 4;
    if size < 8 {
        return walk.bad_length(Layer::Nsh, walk.offset, size);
    }
    if walk.bytes(Layer::Nsh, size).is_none() {
        return Next::Done;
    }
    match protocol {
        1 => Next::EtherType(0x0800),
        2 => Next::EtherType(0x86dd),
        3 => Next::Ethernet,
        _ => Next::Done,
    }
}

/// Reads a security tag; only content that is signed and not encrypted or changed is followed.
pub(super) fn security(walk: &mut Walk) -> Next {
    const IDENTIFIER: u8 = 0x20;
    const HIDDEN: u8 = 0x0c;
    let Some(&[control]) = walk.peek::<1>(Layer::Macsec) else { return Next::Done };
    let size = if control & IDENTIFIER != 0 { 14 } else { 6 };
    if control & HIDDEN != 0 {
        return walk.name(Layer::Macsec);
    }
    match walk.bytes(Layer::Macsec, size + 2) {
        Some(&[.., t0, t1]) => Next::EtherType(u16::from_be_bytes([t0, t1])),
        _ => Next::Done,
    }
}
