//! A parser alone, fed with bytes that are cut up as they say themselves: for fuzz targets and property tests.

use super::contract::{Moment, Next, Opening, Parser, Piece, transport};
use super::out::{Budget, Known, Out};
use super::row::{FlowOf, Row};
use crate::column::Get;
use crate::flow::key::FlowKey;
use crate::packet::Addr;

/// More than any parser may hold for one flow, whatever it hears.
pub const MOST_HELD: usize = 512 << 10;
/// The longest text that a cell may have.
const MOST_TEXT: usize = 64 << 10;

/// A flow between two ports; `a` is 10.0.0.1, `b` is 10.0.0.2.
#[must_use]
pub fn flow(protocol: u8, a_port: u16, b_port: u16) -> FlowOf {
    let (a, b) = (Addr::v4([10, 0, 0, 1]), Addr::v4([10, 0, 0, 2]));
    let key = FlowKey { a, b, a_port, b_port, protocol, ip_version: 4, ..FlowKey::default() };
    FlowOf { key, born_ns: 0 }
}

/// Tells a parser these pieces, then that the flow is over; the answer is its rows.
///
/// # Panics
///
/// When the parser holds more than [`MOST_HELD`].
pub fn tell<'p, P: Parser>(flow: &FlowOf, pieces: impl IntoIterator<Item = Piece<'p>>) -> Vec<Row<P::Said>> {
    let mut rows = Vec::new();
    let (mut known, mut budget) = (Known::default(), Budget::new(1_000));
    let mut parser = P::default();
    for piece in pieces {
        let mut out = Out::new(flow, Some(&mut rows), &mut known, &mut budget);
        let next = parser.push(&piece, &mut out);
        assert!(parser.held() <= MOST_HELD, "{} holds {} bytes", P::NAME, parser.held());
        match next {
            Next::More => {}
            Next::Done => return rows,
            Next::Again => break,
        }
    }
    parser.drain(&mut Out::new(flow, Some(&mut rows), &mut known, &mut budget));
    rows
}

/// Any bytes at all: the first says transport and port, then each piece is a byte of length and direction, a byte of
/// gap and cut, and its bytes. Everything is probed, pushed, drained and shown.
pub fn hammer<P: Parser>(input: &[u8], ports: &[u16]) {
    let Some((shape, mut rest)) = input.split_first() else { return };
    let protocol = [transport::TCP, transport::UDP, transport::ICMP, transport::ICMPV6]
        .get(usize::from(shape & 3))
        .copied()
        .unwrap_or(transport::TCP);
    let port = ports.get(usize::from(shape >> 2) % ports.len().max(1)).copied().unwrap_or(9);
    let flow = flow(protocol, 40_000, port);
    let mut pieces = Vec::new();
    let mut number = 0u64;
    while let [head, damage, bytes @ ..] = rest {
        let from_a = head & 1 == 0;
        let length = usize::from(head >> 1) * if damage & 4 == 0 { 1 } else { 32 };
        let (bytes, behind) = bytes.split_at_checked(length.max(1)).unwrap_or((bytes, &[]));
        rest = behind;
        number += 1;
        let at =
            Moment { time_ns: number.cast_signed() * 1_000_000 * i64::from(damage >> 4), number, input: 0 };
        let (missing, cut) = (u32::from(damage & 1) * 100, u32::from(damage >> 1 & 1) * 1_000);
        let missing = if protocol == transport::TCP { missing } else { 0 };
        let icmp = matches!(protocol, 1 | 58).then_some((*head, damage >> 5, [1, 2, 3, 4]));
        if bytes.is_empty() {
            continue;
        }
        let _ = P::probe(&Opening {
            key: &flow.key,
            from_a,
            bytes,
            other: behind,
            wire: bytes.len() as u32 + cut,
        });
        pieces.push(Piece { key: &flow.key, from_a, at, bytes, missing, cut, icmp });
    }
    show::<P>(&tell::<P>(&flow, pieces));
}

/// Takes every column of every row, as a table would.
///
/// # Panics
///
/// When a text is too long or holds control characters.
pub fn show<P: Parser>(rows: &[Row<P::Said>]) {
    let mut text = String::new();
    let mut list = Vec::new();
    let columns = super::said_columns::<P>();
    for row in rows {
        for column in &columns {
            match column.get {
                Get::Text(get) => {
                    text.clear();
                    get(row, &mut text);
                    assert!(
                        text.len() <= MOST_TEXT && !text.chars().any(char::is_control),
                        "{}",
                        column.name
                    );
                }
                Get::ListI64(get) => {
                    list.clear();
                    get(row, &mut list);
                    assert!(list.len() <= MOST_TEXT, "{}", column.name);
                }
                _ => touch(&column.get, row),
            }
        }
    }
}

fn touch<R>(get: &Get<R>, row: &R) {
    match get {
        Get::Bool(get) => drop(get(row)),
        Get::U8(get) => drop(get(row)),
        Get::U16(get) => drop(get(row)),
        Get::U32(get) => drop(get(row)),
        Get::U64(get) => drop(get(row)),
        Get::F64(get) => drop(get(row)),
        Get::OptBool(get) => drop(get(row)),
        Get::OptU8(get) => drop(get(row)),
        Get::OptU16(get) => drop(get(row)),
        Get::OptU32(get) => drop(get(row)),
        Get::OptU64(get) => drop(get(row)),
        Get::OptF64(get) => drop(get(row)),
        Get::Time(get) => drop(get(row)),
        Get::Wide(get) => drop(get(row)),
        Get::Word(get) => drop(get(row)),
        Get::Addr(get) => drop(get(row)),
        Get::Mac(get) => drop(get(row)),
        Get::Text(_) | Get::ListI64(_) => {}
    }
}
