//! `DELTA_BINARY_PACKED`: differences of whole numbers, packed in blocks of 128 with a width for each 32.

use super::bits::{push_packed, push_varint, push_zigzag, width};

const BLOCK: usize = 128;
const MINIBLOCKS: usize = 4;
const MINIBLOCK: usize = BLOCK / MINIBLOCKS;

/// Appends the values; `wide` says whether the physical type has 64 bits or 32, in which differences wrap.
pub(super) fn push_deltas(out: &mut Vec<u8>, values: &[i64], wide: bool) {
    let signed = |value: i64| if wide { value } else { i64::from(value as i32) };
    push_varint(out, BLOCK as u64);
    push_varint(out, MINIBLOCKS as u64);
    push_varint(out, values.len() as u64);
    let Some((first, rest)) = values.split_first() else { return push_zigzag(out, 0) };
    push_zigzag(out, signed(*first));
    let mut before = *first;
    let mut deltas = [0; BLOCK];
    for block in rest.chunks(BLOCK) {
        for (delta, value) in deltas.iter_mut().zip(block) {
            *delta = signed(value.wrapping_sub(before));
            before = *value;
        }
        push_block(out, deltas.get(..block.len()).unwrap_or_default(), wide);
    }
}

fn push_block(out: &mut Vec<u8>, deltas: &[i64], wide: bool) {
    let least = deltas.iter().copied().min().unwrap_or_default();
    let above = |delta: i64| {
        let above = delta.wrapping_sub(least).cast_unsigned();
        if wide { above } else { above & 0xffff_ffff }
    };
    push_zigzag(out, least);
    let widths = out.len();
    out.extend_from_slice(&[0; MINIBLOCKS]);
    for (place, part) in deltas.chunks(MINIBLOCK).enumerate() {
        let bits = width(part.iter().fold(0, |all, delta| all | above(*delta)));
        if let Some(byte) = out.get_mut(widths + place) {
            *byte = bits as u8;
        }
        let end = out.len() + MINIBLOCK * bits as usize / 8;
        push_packed(out, part.iter().map(|delta| above(*delta)), bits);
        out.resize(end, 0);
    }
}
