//! What the tests of all parsers share.

use super::contract::Opening;
use super::contract::{Moment, Parser, Piece, Probe};
use super::drive::{flow, tell};
use super::row::Row;
use crate::column::Get;

/// One side's words in a dialogue: `true` for `a`, who is 10.0.0.1 on port 40000.
pub(crate) type Line<'a> = (bool, &'a [u8]);

/// The rows of a dialogue over a stream or of datagrams to a port of `b`, one packet a line, a millisecond apart.
pub(crate) fn rows<P: Parser>(protocol: u8, port: u16, lines: &[Line<'_>]) -> Vec<Row<P::Said>> {
    let flow = flow(protocol, 40_000, port);
    tell::<P>(
        &flow,
        (1..).zip(lines).map(|(number, &(from_a, bytes))| piece(&flow.key, number, from_a, bytes)),
    )
}

/// The rows of the same dialogue in packets of at most `most` bytes.
pub(crate) fn rows_cut<P: Parser>(port: u16, lines: &[Line<'_>], most: usize) -> Vec<Row<P::Said>> {
    let flow = flow(6, 40_000, port);
    let parts = lines.iter().flat_map(|&(from_a, bytes)| bytes.chunks(most).map(move |part| (from_a, part)));
    tell::<P>(
        &flow,
        (1..).zip(parts).map(|(number, (from_a, bytes))| piece(&flow.key, number, from_a, bytes)),
    )
}

fn piece<'a>(key: &'a crate::flow::FlowKey, number: u64, from_a: bool, bytes: &'a [u8]) -> Piece<'a> {
    let at = Moment { time_ns: number.cast_signed() * 1_000_000, number, input: 0 };
    Piece { key, from_a, at, bytes, missing: 0, cut: 0, icmp: None }
}

/// What a parser thinks of first bytes that `a` sends to a port.
pub(crate) fn probed<P: Parser>(protocol: u8, port: u16, bytes: &[u8]) -> Probe {
    let flow = flow(protocol, 40_000, port);
    P::probe(&Opening { key: &flow.key, from_a: true, bytes, other: &[], wire: bytes.len() as u32 })
}

/// A row's own columns (without the head) as `name=value`, those that are null left out.
pub(crate) fn said<P: Parser>(row: &Row<P::Said>) -> Vec<String> {
    P::columns()
        .iter()
        .filter_map(|column| Some(format!("{}={}", column.name, cell(&column.get, row)?)))
        .collect()
}

fn cell<R>(get: &Get<R>, row: &R) -> Option<String> {
    Some(match get {
        Get::Bool(get) => get(row).to_string(),
        Get::U8(get) => get(row).to_string(),
        Get::U16(get) => get(row).to_string(),
        Get::U32(get) => get(row).to_string(),
        Get::U64(get) => get(row).to_string(),
        Get::F64(get) => format!("{:.3}", get(row)),
        Get::OptBool(get) => get(row)?.to_string(),
        Get::OptU8(get) => get(row)?.to_string(),
        Get::OptU16(get) => get(row)?.to_string(),
        Get::OptU32(get) => get(row)?.to_string(),
        Get::OptU64(get) => get(row)?.to_string(),
        Get::OptF64(get) => format!("{:.3}", get(row)?),
        Get::Time(get) => get(row).to_string(),
        Get::Wide(get) => get(row).to_string(),
        Get::Word(get) => get(row)?.to_string(),
        Get::Addr(get) => get(row)?.to_string(),
        Get::Mac(get) => get(row)?.to_string(),
        Get::Text(get) => {
            let mut text = String::new();
            get(row, &mut text).then_some(text)?
        }
        Get::ListI64(get) => {
            let mut list = Vec::new();
            get(row, &mut list);
            format!("{list:?}")
        }
    })
}
