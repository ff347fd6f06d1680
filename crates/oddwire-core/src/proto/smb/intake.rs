//! One direction cut into messages of the session service of `NetBIOS`. Of a message only the front is gathered, as much
//! as its command calls for; the rest is counted off, so that bulk data costs nearly nothing.

use crate::proto::bytes::{u16_at, u32_at};
use crate::proto::{Pending, Piece};

/// Bytes of a message that are read at most.
pub const MOST_MESSAGE: usize = 4_096;

/// Bytes of the header of a session message.
const FRAME: usize = 4;
/// Bytes of a message by which it is told what is wanted of it.
const LOOK: usize = 64;

/// Where one direction is.
#[derive(Debug, Default)]
pub(super) struct Intake {
    pending: Pending,
    /// Bytes that are passed over until the next message.
    skip: u32,
    /// Whether bytes were lost and the begin of a message is being waited for.
    lost: bool,
}

impl Intake {
    /// Takes a piece; `hear` is given the front of each message, and says whether it wants more.
    pub(super) fn take(&mut self, piece: &Piece<'_>, hear: &mut dyn FnMut(&[u8]) -> bool) -> bool {
        if piece.missing > 0 && !self.pass_gap(piece.missing, hear) {
            return false;
        }
        if self.lost {
            if !begins_message(piece.bytes) {
                return true;
            }
            self.lost = false;
        }
        let mut bytes = piece.bytes;
        loop {
            let passed = bytes.len().min(self.skip as usize);
            self.skip -= passed as u32;
            bytes = bytes.get(passed..).unwrap_or(&[]);
            if bytes.is_empty() {
                return true;
            }
            let go_on = if self.pending.bytes().is_empty() {
                self.in_place(&mut bytes, hear)
            } else {
                self.gathered(&mut bytes, hear)
            };
            if !go_on {
                return false;
            }
        }
    }

    /// Hands out the message that is not whole: no more will come.
    pub(super) fn finish(&mut self, hear: &mut dyn FnMut(&[u8]) -> bool) -> bool {
        let pending = std::mem::take(&mut self.pending);
        pending.bytes().get(FRAME..).is_none_or(|part| part.is_empty() || hear(part))
    }

    /// Bytes of memory it holds.
    pub(super) fn held(&self) -> usize {
        self.pending.held()
    }

    /// Goes over lost bytes: within a message that is harmless, else the next begin is waited for.
    fn pass_gap(&mut self, missing: u32, hear: &mut dyn FnMut(&[u8]) -> bool) -> bool {
        let begun = self.pending.bytes();
        let rest = match (begun.is_empty(), length(begun)) {
            (true, _) => Some(self.skip),
            (false, length) => length.map(|length| (length + FRAME).saturating_sub(begun.len()) as u32),
        };
        let go_on = self.finish(hear);
        let behind = rest.and_then(|rest| rest.checked_sub(missing));
        (self.lost, self.skip) = (behind.is_none(), behind.unwrap_or(0));
        go_on
    }

    /// Reads a message right from the piece if its front is whole there, else gathers it.
    fn in_place(&mut self, bytes: &mut &[u8], hear: &mut dyn FnMut(&[u8]) -> bool) -> bool {
        match front(bytes) {
            Some((want, length)) if bytes.len() >= want => {
                let message = bytes.get(FRAME..want).unwrap_or(&[]);
                let go_on = message.is_empty() || hear(message);
                *bytes = bytes.get(want..).unwrap_or(&[]);
                self.skip = (length - want) as u32;
                go_on
            }
            _ => {
                self.pending.append(bytes, FRAME + MOST_MESSAGE);
                *bytes = &[];
                true
            }
        }
    }

    /// Adds to the message in wait until its front is whole.
    fn gathered(&mut self, bytes: &mut &[u8], hear: &mut dyn FnMut(&[u8]) -> bool) -> bool {
        loop {
            let have = self.pending.bytes().len();
            let told = front(self.pending.bytes());
            if let Some((want, length)) = told
                && have >= want
            {
                let pending = std::mem::take(&mut self.pending);
                self.skip = (length - want) as u32;
                let message = pending.bytes().get(FRAME..want).unwrap_or(&[]);
                return message.is_empty() || hear(message);
            }
            let next = told.map_or_else(|| next_step(have, self.pending.bytes()), |(want, _)| want);
            let take = next.saturating_sub(have).clamp(1, bytes.len().max(1));
            let Some((now, later)) = bytes.split_at_checked(take) else { return true };
            self.pending.append(now, FRAME + MOST_MESSAGE);
            *bytes = later;
        }
    }
}

/// How many bytes must be there to learn more of a message.
fn next_step(have: usize, bytes: &[u8]) -> usize {
    if have < FRAME { FRAME } else { length(bytes).unwrap_or(0).min(LOOK) + FRAME }
}

/// Bytes of a message behind its frame.
fn length(bytes: &[u8]) -> Option<usize> {
    match *bytes.first_chunk::<FRAME>()? {
        [0, high, middle, low] => Some(usize::from(high) << 16 | usize::from(middle) << 8 | usize::from(low)),
        [_, _, middle, low] => Some(usize::from(middle) << 8 | usize::from(low)),
    }
}

/// How many bytes of a message are wanted, and how long it is, both with the frame; `None` until that can be told.
fn front(bytes: &[u8]) -> Option<(usize, usize)> {
    let length = length(bytes)?;
    if bytes.first() != Some(&0) {
        return Some((FRAME, FRAME + length));
    }
    let look = length.min(LOOK);
    let message = bytes.get(FRAME..FRAME + look)?;
    let want = if wants_all(message) { length.min(MOST_MESSAGE) } else { look };
    Some((FRAME + want, FRAME + length))
}

/// Whether a message may hold something that is told, by its first command or because further ones follow.
fn wants_all(message: &[u8]) -> bool {
    match message {
        [0xff, b'S', b'M', b'B', command, ..] => {
            matches!(command, 0x25 | 0x2d | 0x72 | 0x73 | 0x75 | 0xa2)
        }
        [0xfe, b'S', b'M', b'B', ..] => {
            matches!(u16_at(message, 12), Some(0 | 1 | 3 | 5)) || u32_at(message, 20) != Some(0)
        }
        _ => false,
    }
}

/// Whether bytes begin a message of SMB, frame and all.
pub(super) fn begins_message(bytes: &[u8]) -> bool {
    matches!(bytes, [0, _, _, _, 0xfc..=0xff, b'S', b'M', b'B', ..])
}
