//! Link frames: a header and up to 16 blocks, each with its own checksum.

/// Bytes of the header with its checksum.
pub(super) const HEADER: usize = 10;
/// What every frame begins with.
pub(super) const START: [u8; 2] = [0x05, 0x64];
/// The longest frame.
pub(super) const MOST_FRAME: usize = 292;
/// User data of a block, and the checksum behind it.
const BLOCK: usize = 16;
const CHECKSUM: usize = 2;
/// What the length of a frame counts besides user data: control and addresses.
const COUNTED: u8 = 5;
/// That of the checksum, its bits reversed.
const POLYNOMIAL: u16 = 0xa6bc;

/// The header of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    length: u8,
    pub(super) control: u8,
    pub(super) destination: u16,
    pub(super) source: u16,
}

/// What the header at the front of bytes is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    /// It may become one.
    Short,
    /// It is none.
    Other,
    /// It would be one, but for its checksum.
    Broken,
    /// It is one.
    Header(Header),
}

impl Start {
    pub(super) fn of(bytes: &[u8]) -> Self {
        let begins = bytes.iter().zip(START).all(|(&byte, start)| byte == start);
        if !begins || bytes.get(2).is_some_and(|&length| length < COUNTED) {
            return Self::Other;
        }
        let Some(&[a, b, length, control, d0, d1, s0, s1, c0, c1]) = bytes.first_chunk::<HEADER>() else {
            return Self::Short;
        };
        if checksum(&[a, b, length, control, d0, d1, s0, s1]) != [c0, c1] {
            return Self::Broken;
        }
        let (destination, source) = (u16::from_le_bytes([d0, d1]), u16::from_le_bytes([s0, s1]));
        Self::Header(Header { length, control, destination, source })
    }
}

impl Header {
    /// Bytes of user data.
    const fn data(self) -> usize {
        self.length.saturating_sub(COUNTED) as usize
    }

    /// Bytes of the whole frame with its checksums.
    pub(super) const fn wire(self) -> usize {
        HEADER + self.data() + self.data().div_ceil(BLOCK) * CHECKSUM
    }

    /// Whether the master sends it.
    pub(super) const fn is_from_master(self) -> bool {
        self.control & 0x80 != 0
    }

    /// Whether it carries user data.
    pub(super) const fn carries(self) -> bool {
        self.control & 0x40 != 0 && matches!(self.control & 15, 3 | 4) && self.length > COUNTED
    }
}

/// Appends the user data of a frame's blocks; the answer is how many of their checksums are wrong. A block that was
/// cut has no checksum to be wrong.
pub(super) fn user_data(header: Header, blocks: &[u8], to: &mut Vec<u8>) -> u32 {
    let mut errors = 0;
    for block in blocks.chunks(BLOCK + CHECKSUM) {
        let size = BLOCK.min(header.data().saturating_sub(to.len()));
        let (data, sum) = block.split_at_checked(size).unwrap_or((block, &[]));
        to.extend_from_slice(data);
        errors += u32::from(sum.len() == CHECKSUM && checksum(data) != sum);
    }
    errors
}

/// The checksum of a block, as it is sent.
pub(super) fn checksum(bytes: &[u8]) -> [u8; 2] {
    let step = |sum: u16, &byte: &u8| {
        (0..8).fold(sum ^ u16::from(byte), |rest, _| rest >> 1 ^ if rest & 1 != 0 { POLYNOMIAL } else { 0 })
    };
    (!bytes.iter().fold(0, step)).to_le_bytes()
}
