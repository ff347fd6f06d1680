//! One direction of a stream cut into messages, each behind its length.

use super::message::length;
use crate::proto::{Pending, Piece, Probe};

/// Bytes of a message over TCP that are read.
pub const MOST_MESSAGE: usize = 32 << 10;

/// Bytes of the length before a message.
const FRAME: usize = 4;

/// One direction of a stream.
#[derive(Debug, Default)]
pub(super) struct Intake {
    pending: Pending,
    /// Bytes of a message beyond the bound, which are passed over.
    skip: usize,
    /// Whether bytes were lost and the begin of a message is being waited for.
    lost: bool,
}

/// Judges the first bytes of a stream: a length, and a message that is just as long.
pub(super) fn judge(bytes: &[u8]) -> Probe {
    let Some((&frame, message)) = bytes.split_first_chunk::<FRAME>() else {
        return if bytes.first().is_none_or(|&high| high == 0) { Probe::More } else { Probe::No };
    };
    match length(message) {
        Ok(length) if u32::from_be_bytes(frame) as usize == length => Probe::Yes,
        Err(true) if frame[0] == 0 => Probe::More,
        _ => Probe::No,
    }
}

impl Intake {
    /// Takes a piece of a stream; `hear` is given each message.
    pub(super) fn take(&mut self, piece: &Piece<'_>, hear: &mut dyn FnMut(&[u8])) {
        if piece.missing > 0 {
            self.pass_gap(piece.missing as usize, hear);
        }
        if self.lost && judge(piece.bytes) != Probe::Yes {
            return;
        }
        self.lost = false;
        let mut bytes = piece.bytes;
        while !bytes.is_empty() {
            let passed = self.skip.min(bytes.len());
            self.skip -= passed;
            bytes = bytes.get(passed..).unwrap_or(&[]);
            let have = self.pending.bytes().len();
            let want = self.length().map_or(FRAME, |length| FRAME + length.min(MOST_MESSAGE));
            let (now, later) = bytes.split_at_checked(want.saturating_sub(have)).unwrap_or((bytes, &[]));
            self.pending.append(now, FRAME + MOST_MESSAGE);
            bytes = later;
            if let Some(length) = self.length()
                && self.pending.bytes().len() >= FRAME + length.min(MOST_MESSAGE)
            {
                self.skip = length.saturating_sub(MOST_MESSAGE);
                self.hand_out(hear);
            }
        }
    }

    /// Bytes of memory it holds.
    pub(super) fn held(&self) -> usize {
        self.pending.held()
    }

    /// The length that the message in wait gives itself.
    fn length(&self) -> Option<usize> {
        self.pending.bytes().first_chunk().map(|frame| u32::from_be_bytes(*frame) as usize)
    }

    fn hand_out(&mut self, hear: &mut dyn FnMut(&[u8])) {
        let pending = std::mem::take(&mut self.pending);
        if let Some(message) = pending.bytes().get(FRAME..) {
            hear(message);
        }
    }

    /// Goes over lost bytes: a message is read as far as it came, and the next begin is waited for.
    fn pass_gap(&mut self, missing: usize, hear: &mut dyn FnMut(&[u8])) {
        let rest = self.length().map_or(self.skip, |length| length + FRAME - self.pending.bytes().len());
        let begun = !self.pending.bytes().is_empty() || self.skip > 0;
        self.hand_out(hear);
        let behind = if begun { rest.checked_sub(missing) } else { None };
        (self.lost, self.skip) = (behind.is_none(), behind.unwrap_or(0));
    }
}
