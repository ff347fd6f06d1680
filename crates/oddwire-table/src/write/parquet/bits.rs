//! The small encodings of Parquet: varints, bit packing, runs.

/// Appends an unsigned LEB128 number.
pub(super) fn push_varint(out: &mut Vec<u8>, value: u64) {
    let mut rest = value;
    while rest >= 0x80 {
        out.push((rest as u8) | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
}

/// Appends a signed number, zigzag.
pub(super) fn push_zigzag(out: &mut Vec<u8>, value: i64) {
    push_varint(out, ((value << 1) ^ (value >> 63)).cast_unsigned());
}

/// How many bits the largest value needs.
pub(super) fn width(largest: u64) -> u32 {
    64 - largest.leading_zeros()
}

/// Appends values of `width` bits each, lowest bit first, filled up to a whole byte.
pub(super) fn push_packed(out: &mut Vec<u8>, values: impl Iterator<Item = u64>, width: u32) {
    let mut held = 0_u64;
    let mut bits = 0;
    for value in values {
        held |= value << bits;
        bits += width;
        if bits >= 64 {
            out.extend_from_slice(&held.to_le_bytes());
            bits -= 64;
            // What of the value did not fit; all of it did where a shift by its whole width is left.
            held = value.checked_shr(width - bits).unwrap_or(0);
        }
    }
    let bytes = held.to_le_bytes();
    out.extend(bytes.iter().take(bits.div_ceil(8) as usize));
}

/// Appends a run of one value (RLE half of the hybrid encoding).
pub(super) fn push_run(out: &mut Vec<u8>, value: u32, count: usize, width: u32) {
    push_varint(out, (count as u64) << 1);
    out.extend(value.to_le_bytes().iter().take(width.div_ceil(8) as usize));
}

/// Appends dictionary indices: the width, then one run where all are equal, else all of them packed.
pub(super) fn push_indices(out: &mut Vec<u8>, indices: &[u32], largest: u32) {
    let width = width(u64::from(largest)).max(1);
    out.push(width as u8);
    match indices.split_first() {
        Some((first, rest)) if rest.iter().all(|index| index == first) => {
            push_run(out, *first, indices.len(), width);
        }
        _ => {
            let groups = indices.len().div_ceil(8);
            push_varint(out, (groups as u64) << 1 | 1);
            let end = out.len() + groups * width as usize;
            push_packed(out, indices.iter().map(|index| u64::from(*index)), width);
            out.resize(end, 0);
        }
    }
}
