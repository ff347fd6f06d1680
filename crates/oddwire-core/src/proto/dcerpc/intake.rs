//! One direction of a connection cut into packets. Of each only the front is gathered, the rest is counted off.

use super::packet::{HEADER, Head};
use crate::proto::{Pending, Piece};

/// Bytes of a packet that are read at most.
pub const MOST_PACKET: usize = 4_096;

/// Where one direction is.
#[derive(Debug, Default)]
pub(super) struct Intake {
    pending: Pending,
    /// Bytes that are passed over until the next packet.
    skip: usize,
    /// Whether the begin of a packet is being waited for.
    lost: bool,
}

impl Intake {
    /// Takes a piece; `sink` is given the front of each packet.
    pub(super) fn take(&mut self, piece: &Piece<'_>, sink: &mut dyn FnMut(&Head, &[u8])) {
        if piece.missing > 0 {
            self.pass_gap(piece.missing as usize, sink);
        }
        if self.lost && Head::read(piece.bytes).is_none() {
            return;
        }
        self.lost = false;
        let mut bytes = piece.bytes;
        while !bytes.is_empty() {
            let passed = self.skip.min(bytes.len());
            self.skip -= passed;
            bytes = bytes.get(passed..).unwrap_or(&[]);
            let have = self.pending.bytes().len();
            let want = Head::read(self.pending.bytes()).map_or(HEADER, |head| head.want(MOST_PACKET));
            let (now, later) = bytes.split_at_checked(want.saturating_sub(have)).unwrap_or((bytes, &[]));
            self.pending.append(now, MOST_PACKET);
            bytes = later;
            if !self.judge(sink) {
                return;
            }
        }
    }

    /// Hands out the packet in wait if its front is whole; `false` where the bytes are no packet.
    fn judge(&mut self, sink: &mut dyn FnMut(&Head, &[u8])) -> bool {
        let have = self.pending.bytes().len();
        let Some(head) = Head::read(self.pending.bytes()) else {
            self.lost = have >= HEADER;
            if self.lost {
                self.pending.clear();
            }
            return !self.lost;
        };
        let want = head.want(MOST_PACKET);
        if have >= want {
            let pending = std::mem::take(&mut self.pending);
            self.skip = head.length - want;
            sink(&head, pending.bytes());
        }
        true
    }

    /// Goes over lost bytes: a packet is read as far as it came, and the next begin is waited for.
    fn pass_gap(&mut self, missing: usize, sink: &mut dyn FnMut(&Head, &[u8])) {
        let pending = std::mem::take(&mut self.pending);
        let head = Head::read(pending.bytes());
        if let Some(head) = &head {
            sink(head, pending.bytes());
        }
        let rest = match head {
            Some(head) => head.length.checked_sub(pending.bytes().len()),
            None => Some(self.skip).filter(|&skip| skip > 0),
        };
        let behind = rest.and_then(|rest| rest.checked_sub(missing));
        (self.lost, self.skip) = (behind.is_none(), behind.unwrap_or(0));
    }

    /// Bytes of memory it holds.
    pub(super) fn held(&self) -> usize {
        self.pending.held()
    }
}
