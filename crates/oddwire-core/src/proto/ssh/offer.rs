//! What each side offers for the exchange of keys (KEXINIT), its fingerprint, and what both agree on.

use crate::proto::text::hex;
use md5::{Digest, Md5};

/// Bytes of the random number that an offer begins with.
const COOKIE: usize = 16;
const LISTS: usize = 10;

/// Places of the lists in an offer.
pub(super) const KEX: usize = 0;
pub(super) const HOST_KEY: usize = 1;
pub(super) const CIPHER: usize = 2;
pub(super) const MAC: usize = 4;
pub(super) const COMPRESSION: usize = 6;

/// The lists of one side, each with its names joined by commas.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Offer {
    text: Box<str>,
    ends: [u16; LISTS],
}

impl Offer {
    /// Reads an offer behind its message number; `None` where it is no sound one.
    pub(super) fn read(payload: &[u8]) -> Option<Self> {
        let mut rest = payload.get(COOKIE..)?;
        let mut text = String::new();
        let mut ends = [0; LISTS];
        for end in &mut ends {
            let (length, behind) = rest.split_first_chunk::<4>()?;
            let (list, behind) = behind.split_at_checked(u32::from_be_bytes(*length) as usize)?;
            if !list.iter().all(u8::is_ascii_graphic) {
                return None;
            }
            text.push_str(std::str::from_utf8(list).ok()?);
            *end = u16::try_from(text.len()).ok()?;
            rest = behind;
        }
        Some(Self { text: text.into(), ends })
    }

    /// One of its lists.
    pub(super) fn list(&self, place: usize) -> &str {
        let start = place.checked_sub(1).and_then(|before| self.ends.get(before)).map_or(0, |&end| end);
        let end = self.ends.get(place).map_or(start, |&end| end);
        self.text.get(usize::from(start)..usize::from(end)).unwrap_or("")
    }

    /// The text that HASSH is the digest of; of a server the lists that it offers for its own packets.
    pub(super) fn hassh_text(&self, server: bool) -> String {
        let side = usize::from(server);
        [KEX, CIPHER + side, MAC + side, COMPRESSION + side].map(|place| self.list(place)).join(";")
    }

    /// HASSH of a client, or that of a server.
    pub(super) fn hassh(&self, server: bool) -> String {
        hex(&Md5::digest(self.hassh_text(server).as_bytes()))
    }

    /// Whether it names what only clients (or only servers) name.
    pub(super) fn is_by_server(&self) -> Option<bool> {
        let names = |mark: [&str; 2]| self.list(KEX).split(',').any(|name| mark.contains(&name));
        if names(["ext-info-c", "kex-strict-c-v00@openssh.com"]) {
            return Some(false);
        }
        names(["ext-info-s", "kex-strict-s-v00@openssh.com"]).then_some(true)
    }

    /// Bytes of memory.
    pub(super) const fn held(&self) -> usize {
        self.text.len()
    }
}

/// The first of the client's names that the server has too.
pub(super) fn agreed<'c>(client: &'c str, server: &str) -> Option<&'c str> {
    client
        .split(',')
        .take(MOST_NAMES)
        .find(|name| !name.is_empty() && server.split(',').take(MOST_NAMES).any(|other| other == *name))
}

/// Names of a list that are compared.
const MOST_NAMES: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_name_of_the_client_that_the_server_has_is_chosen() {
        assert_eq!(agreed("a,b,c", "c,b"), Some("b"));
        assert_eq!(agreed("a", "b"), None);
        assert_eq!(agreed("", ""), None);
    }

    #[test]
    fn lists_that_end_too_early_are_no_offer() {
        assert_eq!(Offer::read(&[0; 20]), None);
        assert_eq!(Offer::read(&[0; COOKIE + 4 * LISTS]), Some(Offer::default()));
        assert_eq!(Offer::read(&[&[0; COOKIE][..], &[255; 40]].concat()), None);
    }
}
