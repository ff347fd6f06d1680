//! What a client says of itself when the old protection is used: the core data in the begin of the conference.

use crate::proto::bytes::{part, text, u16_at, u32_at};

/// The mark of the client's data.
const MARK: &[u8] = b"Duca";
/// Blocks of data that are looked at.
const MOST_BLOCKS: usize = 16;
const CORE: u16 = 0xc001;

/// A client.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Client {
    pub(super) name: Option<Box<str>>,
    pub(super) build: u32,
    pub(super) keyboard: u32,
    pub(super) desktop: (u16, u16),
}

impl Client {
    /// Finds the core data.
    pub(super) fn read(packet: &[u8]) -> Option<Self> {
        let start = packet.windows(MARK.len()).position(|window| window == MARK)? + MARK.len();
        let length = if packet.get(start)? & 0x80 == 0 { 1 } else { 2 };
        let mut rest = packet.get(start + length..)?;
        for _ in 0..MOST_BLOCKS {
            let (kind, length) = (u16_at(rest, 0)?, usize::from(u16_at(rest, 2)?));
            if kind == CORE {
                return Self::read_core(rest.get(..length).unwrap_or(rest));
            }
            rest = rest.get(length.max(4)..)?;
        }
        None
    }

    fn read_core(core: &[u8]) -> Option<Self> {
        Some(Self {
            desktop: (u16_at(core, 8)?, u16_at(core, 10)?),
            keyboard: u32_at(core, 16)?,
            build: u32_at(core, 20)?,
            name: part(core, 24, 32).map(|name| text(name, true, 64)).filter(|name| !name.is_empty()),
        })
    }
}
