//! What one side says in the clear: its banner, its offer, its part in the exchange of keys.

use super::offer::Offer;
use crate::proto::{Pending, clean, hex};
use sha2::{Digest, Sha256};

/// The longest banner that is kept.
pub const MOST_BANNER: usize = 255;
/// The longest line that is waited for.
const MOST_LINE: usize = 1_024;
/// Lines before a banner that are passed over.
const MOST_LINES: u8 = 64;
/// The longest message that is gathered; longer ones are passed over.
pub const MOST_MESSAGE: usize = 12 << 10;
/// Bytes that are taken at a time.
const BITE: usize = 2_048;
/// The longest message that is passed over.
const MOST_SKIPPED: u32 = 256 << 10;

const KEXINIT: u8 = 20;
const NEW_KEYS: u8 = 21;
/// Messages of the exchange of keys: the even ones are the client's.
const KEX_FIRST: u8 = 30;
const KEX_LAST: u8 = 49;
/// The server's answers with its key: of most methods, and with a group that both agreed on.
const KEX_REPLIES: [u8; 2] = [31, 33];

/// How far a side has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Stage {
    #[default]
    Banner,
    Keys,
    Sealed,
    /// It cannot be followed any more.
    Lost,
}

/// One side.
#[derive(Debug, Default)]
pub(super) struct Side {
    pub(super) stage: Stage,
    pending: Pending,
    skip: u32,
    lines: u8,
    pub(super) banner: Option<Box<str>>,
    pub(super) offer: Option<Offer>,
    /// Whether it said something in the exchange of keys.
    pub(super) kex_number: Option<u8>,
    pub(super) host_key: Option<Box<str>>,
}

impl Side {
    /// Takes bytes; the answer is how many of them were sealed.
    pub(super) fn take(&mut self, bytes: &[u8]) -> usize {
        for (index, bite) in bytes.chunks(BITE).enumerate() {
            let before = self.pending.bytes().len();
            self.pending.append(bite, MOST_MESSAGE + BITE);
            self.read();
            match self.stage {
                Stage::Sealed => {
                    let rest = self.pending.bytes().len();
                    self.pending.clear();
                    debug_assert!(rest <= before + bite.len());
                    return rest + bytes.len().saturating_sub(index * BITE + bite.len());
                }
                Stage::Lost => {
                    self.pending.clear();
                    return 0;
                }
                Stage::Banner | Stage::Keys => {}
            }
        }
        0
    }

    fn read(&mut self) {
        while self.stage == Stage::Banner && self.read_line() {}
        while self.stage == Stage::Keys && self.read_message() {}
    }

    /// Reads a line; `false` when it is not whole yet.
    fn read_line(&mut self) -> bool {
        let bytes = self.pending.bytes();
        let Some(end) = bytes.iter().take(MOST_LINE).position(|&byte| byte == b'\n') else {
            if bytes.len() >= MOST_LINE {
                self.keep_banner(MOST_LINE);
                self.stage = Stage::Lost;
            }
            return false;
        };
        self.keep_banner(end);
        self.pending.consume(end + 1);
        self.lines += 1;
        if self.banner.is_some() {
            self.stage = Stage::Keys;
        } else if self.lines >= MOST_LINES {
            self.stage = Stage::Lost;
        }
        true
    }

    fn keep_banner(&mut self, end: usize) {
        let line = self.pending.bytes().get(..end).unwrap_or(&[]);
        if line.starts_with(b"SSH-") {
            self.banner = Some(clean(line.trim_ascii_end(), MOST_BANNER));
        }
    }

    /// Takes a banner that lacks its end: nothing more comes.
    pub(super) fn end(&mut self) {
        if self.stage == Stage::Banner && self.banner.is_none() {
            self.keep_banner(self.pending.bytes().len().min(MOST_LINE));
        }
    }

    /// Reads a message; `false` when it is not whole yet.
    fn read_message(&mut self) -> bool {
        if self.skip > 0 {
            let count = (self.skip as usize).min(self.pending.bytes().len());
            self.pending.consume(count);
            self.skip -= count as u32;
            return self.skip == 0;
        }
        let Some(&[a, b, c, d, padding, number]) = self.pending.bytes().first_chunk() else { return false };
        let length = u32::from_be_bytes([a, b, c, d]);
        if !(2..=MOST_SKIPPED).contains(&length) || u32::from(padding) + 2 > length {
            self.stage = Stage::Lost;
            return false;
        }
        if length as usize + 4 > MOST_MESSAGE {
            self.skip = length + 4;
            return true;
        }
        let end = length as usize + 4;
        let Some(message) = self.pending.bytes().get(..end) else { return false };
        let payload = message.get(6..end - usize::from(padding)).unwrap_or(&[]);
        match number {
            KEXINIT if self.offer.is_none() => self.offer = Offer::read(payload),
            NEW_KEYS => self.stage = Stage::Sealed,
            KEX_FIRST..=KEX_LAST => {
                if KEX_REPLIES.contains(&number) && self.host_key.is_none() {
                    self.host_key = host_key(payload);
                }
                self.kex_number.get_or_insert(number);
            }
            _ => {}
        }
        self.pending.consume(end);
        true
    }

    /// The highest version that it speaks: 2, or 1.
    pub(super) fn version(&self) -> Option<u8> {
        let version = self.banner.as_deref()?.strip_prefix("SSH-")?;
        Some(if version.starts_with("1.") && !version.starts_with("1.99") { 1 } else { 2 })
    }

    /// Bytes of memory.
    pub(super) fn held(&self) -> usize {
        let texts = self.banner.as_deref().map_or(0, str::len) + self.host_key.as_deref().map_or(0, str::len);
        self.pending.held() + texts + self.offer.as_ref().map_or(0, Offer::held)
    }
}

/// The digest of the key in a server's answer.
fn host_key(payload: &[u8]) -> Option<Box<str>> {
    let (length, rest) = payload.split_first_chunk::<4>()?;
    let key = rest.get(..u32::from_be_bytes(*length) as usize)?;
    let (length, rest) = key.split_first_chunk::<4>()?;
    let name = rest.get(..u32::from_be_bytes(*length) as usize)?;
    let families: [&[u8]; 5] = [b"ssh-", b"ecdsa-", b"rsa-", b"sk-", b"x509"];
    let known = families.iter().any(|family| name.starts_with(family));
    known.then(|| hex(&Sha256::digest(key)).into_boxed_str())
}
