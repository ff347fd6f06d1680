//! The part of pcapng that the seed captures use: sections, interfaces, enhanced and simple packets.

use super::Order;
use crate::tile::Frame;

const SECTION: u32 = 0x0a0d_0d0a;
const BYTE_ORDER: u32 = 0x1a2b_3c4d;

/// An interface of a section.
#[derive(Clone, Copy)]
struct Interface {
    ethernet: bool,
    ticks_per_second: u64,
}

/// The Ethernet packets up to the end or the first damage.
pub(super) fn read(file: &[u8]) -> Vec<Frame> {
    let mut order = Order::Little;
    let mut interfaces: Vec<Interface> = Vec::new();
    let mut frames = Vec::new();
    let mut rest = file;
    while let Some(kind) = order.u32(rest, 0) {
        if kind == SECTION {
            interfaces.clear();
            order = if Order::Little.u32(rest, 8) == Some(BYTE_ORDER) { Order::Little } else { Order::Big };
        }
        let Some(length) = order.u32(rest, 4).map(|length| length as usize).filter(|length| *length >= 12)
        else {
            break;
        };
        let Some(body) = rest.get(8..length - 4) else { break };
        match kind {
            1 => interfaces.extend(interface(body, order)),
            6 => frames.extend(enhanced(body, order, &interfaces)),
            3 => frames.extend(simple(body, order, &interfaces, &frames)),
            _ => {}
        }
        rest = rest.get(length..).unwrap_or_default();
    }
    frames
}

fn interface(body: &[u8], order: Order) -> Option<Interface> {
    let mut found = Interface { ethernet: order.u16(body, 0)? == 1, ticks_per_second: 1_000_000 };
    let mut at = 8;
    while let (Some(code), Some(length)) = (order.u16(body, at), order.u16(body, at + 2)) {
        if let (9, Some(resolution)) = (code, body.get(at + 4)) {
            let power = u32::from(resolution & 0x7f);
            let base: u64 = if resolution & 0x80 == 0 { 10 } else { 2 };
            found.ticks_per_second = base.checked_pow(power)?;
        }
        at += 4 + usize::from(length).next_multiple_of(4);
    }
    Some(found)
}

fn enhanced(body: &[u8], order: Order, interfaces: &[Interface]) -> Option<Frame> {
    let interface = interfaces.get(order.u32(body, 0)? as usize).filter(|interface| interface.ethernet)?;
    let ticks = u64::from(order.u32(body, 4)?) << 32 | u64::from(order.u32(body, 8)?);
    let kept = order.u32(body, 12)? as usize;
    let time_us = u128::from(ticks) * 1_000_000 / u128::from(interface.ticks_per_second.max(1));
    let bytes = body.get(20..20 + kept)?.to_vec();
    Some(Frame { time_us: time_us as u64, length: order.u32(body, 16)?, bytes })
}

/// A simple packet has no time: it takes that of the packet before it.
fn simple(body: &[u8], order: Order, interfaces: &[Interface], before: &[Frame]) -> Option<Frame> {
    interfaces.first().filter(|interface| interface.ethernet)?;
    let length = order.u32(body, 0)?;
    let rest = body.get(4..)?;
    let bytes = rest.get(..(length as usize).min(rest.len()))?.to_vec();
    Some(Frame { time_us: before.last().map_or(0, |frame| frame.time_us), length, bytes })
}
