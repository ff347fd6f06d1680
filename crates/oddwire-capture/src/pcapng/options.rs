//! The options at the end of a block: code, length, value, padded to four bytes.

use crate::endian::Endian;

/// Walks the options in `bytes` until their end mark, the end of the bytes, or one that does not fit.
pub(super) fn options(mut bytes: &[u8], endian: Endian) -> impl Iterator<Item = (u16, &[u8])> {
    std::iter::from_fn(move || {
        let (head, rest) = bytes.split_at_checked(4)?;
        let (code, length) = (endian.u16(head, 0), usize::from(endian.u16(head, 2)));
        if code == 0 {
            return None;
        }
        let value = rest.get(..length)?;
        bytes = rest.get(length.next_multiple_of(4)..).unwrap_or_default();
        Some((code, value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_end_at_their_mark_or_where_they_do_not_fit() {
        let bytes = [2, 0, 3, 0, b'e', b't', b'h', 0, 9, 0, 1, 0, 6, 0, 0, 0];
        let read = |bytes| options(bytes, Endian::Little).collect::<Vec<_>>();
        assert_eq!(read(&bytes), [(2, &b"eth"[..]), (9, &[6][..])]);
        let ended = [&bytes[..8], &[0, 0, 0, 0], &bytes[8..]].concat();
        assert_eq!(options(&ended, Endian::Little).count(), 1);
        assert_eq!(read(&bytes[..6]).len(), 0);
    }
}
