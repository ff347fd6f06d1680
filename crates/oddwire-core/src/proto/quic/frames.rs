//! The frames of a first packet (RFC 9000, 19): only those that carry the handshake are read.

use crate::proto::tls::read::Reader;

/// Gives `tell` offset and bytes of each part of the handshake, until something else comes.
pub(super) fn handshake(content: &[u8], mut tell: impl FnMut(usize, &[u8])) {
    const PADDING: u64 = 0;
    const PING: u64 = 1;
    const ACK: u64 = 2;
    const ACK_WITH_ECN: u64 = 3;
    const CRYPTO: u64 = 6;
    let mut reader = Reader::new(content);
    while let Some(kind) = reader.varint() {
        let known = match kind {
            PADDING | PING => Some(()),
            ACK | ACK_WITH_ECN => skip_acknowledged(&mut reader, kind == ACK_WITH_ECN),
            CRYPTO => crypto(&mut reader, &mut tell),
            _ => None,
        };
        if known.is_none() {
            return;
        }
    }
}

fn crypto(reader: &mut Reader<'_>, tell: &mut impl FnMut(usize, &[u8])) -> Option<()> {
    let offset = usize::try_from(reader.varint()?).ok()?;
    let length = usize::try_from(reader.varint()?).ok()?;
    tell(offset, reader.take(length));
    Some(())
}

fn skip_acknowledged(reader: &mut Reader<'_>, with_ecn: bool) -> Option<()> {
    reader.varint()?;
    reader.varint()?;
    let ranges = reader.varint()?;
    reader.varint()?;
    for _ in 0..ranges {
        reader.varint()?;
        reader.varint()?;
    }
    if with_ecn {
        for _ in 0..3 {
            reader.varint()?;
        }
    }
    Some(())
}
