//! VXLAN and its generic protocol extension.

use super::ethernet;
use super::walk::{Next, Walk};
use crate::layer::Layer;
use crate::packet::TunnelKind;

/// The identifier is valid.
const ID: u8 = 0x08;
/// A group policy is given as well.
const POLICY: u8 = 0x80;
/// The last byte names the protocol (generic protocol extension).
const PROTOCOL: u8 = 0x04;

/// Reads VXLAN if its flags and the frame inside say so; else it is something else on this port.
pub(super) fn read(walk: &mut Walk) -> Next {
    let Some(&[flags, _, _, _, a, b, c, reserved]) = walk.rest.first_chunk::<8>() else { return Next::Done };
    let inside = walk.rest.get(8..).is_some_and(ethernet::looks_like);
    if flags & !POLICY != ID || reserved != 0 || !inside || !walk.accept(Layer::Vxlan, 8) {
        return Next::Done;
    }
    walk.enter(TunnelKind::Vxlan, u32::from_be_bytes([0, a, b, c]));
    Next::Ethernet
}

/// Reads the generic protocol extension for the protocols that are followed.
pub(super) fn generic(walk: &mut Walk) -> Next {
    let Some(&[flags, 0, 0, protocol, a, b, c, 0]) = walk.rest.first_chunk::<8>() else { return Next::Done };
    let inside = walk.rest.get(8..).unwrap_or_default();
    let version = inside.first().map(|first| first >> 4);
    let next = match (protocol, version) {
        (1, Some(4)) => Next::EtherType(0x0800),
        (2, Some(6)) => Next::EtherType(0x86dd),
        (3, _) if ethernet::looks_like(inside) => Next::Ethernet,
        (4, Some(0)) => Next::EtherType(0x894f),
        _ => return Next::Done,
    };
    if flags & 0xfe != ID | PROTOCOL || !walk.accept(Layer::Vxlan, 8) {
        return Next::Done;
    }
    walk.enter(TunnelKind::Vxlan, u32::from_be_bytes([0, a, b, c]));
    next
}
