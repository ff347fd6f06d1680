//! GTP-U: user packets of mobile networks.

use super::walk::{Next, Walk};
use crate::layer::Layer;
use crate::packet::TunnelKind;

/// The message that carries a user packet.
const G_PDU: u8 = 255;
/// Version 1 and the protocol type that is not GTP'.
const VERSION: u8 = 0x30;
/// More headers follow; only then does their number in the optional part count.
const EXTENSION: u8 = 0x04;
/// Any of the flags for which the optional part is there.
const OPTIONAL: u8 = 0x07;

/// Reads the header if version and length fit, and follows user packets.
pub(super) fn read(walk: &mut Walk) -> Next {
    let Some(&[flags, message, l0, l1, ..]) = walk.rest.first_chunk::<8>() else { return Next::Done };
    let fits = usize::from(u16::from_be_bytes([l0, l1])) + 8 == walk.wire;
    if flags & 0xf0 != VERSION || !fits {
        return Next::Done;
    }
    if message != G_PDU {
        return walk.name(Layer::Gtpu);
    }
    let Some(size) = size(walk.rest, flags) else { return walk.name(Layer::Gtpu) };
    let number = match walk.rest.get(size).map(|first| first >> 4) {
        Some(4) => 0x0800,
        Some(6) => 0x86dd,
        _ => return walk.name(Layer::Gtpu),
    };
    if !walk.accept(Layer::Gtpu, size) {
        return Next::Done;
    }
    walk.enter(TunnelKind::Gtpu, 0);
    Next::EtherType(number)
}

/// The length of the header with its chain of extension headers.
fn size(bytes: &[u8], flags: u8) -> Option<usize> {
    if flags & OPTIONAL == 0 {
        return Some(8);
    }
    let mut size = 12;
    let mut more = flags & EXTENSION != 0;
    while more && *bytes.get(size - 1)? != 0 {
        let units = usize::from(*bytes.get(size)?);
        // Each header is at least four bytes long, so the chain ends with the bytes.
        more = units != 0;
        size += units * 4;
    }
    Some(size)
}
