//! How big a packet of SSH is on the wire, by its cipher and its code for integrity (RFC 4253, 6).

/// The least padding of a packet.
const LEAST_PADDING: u32 = 4;
/// Bytes of the fields for a packet's length and for that of its padding.
const LENGTH_FIELD: u32 = 4;
const PADDING_FIELD: u32 = 1;

/// What decides the size of sealed packets in one direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    block: u32,
    /// Bytes of the code for integrity behind each packet.
    tag: u32,
    /// Whether the length of a packet can be read, and so does not count towards whole blocks.
    pub(super) clear_length: bool,
    /// Whether the length does not count towards whole blocks.
    apart: bool,
}

impl Shape {
    /// The shape that a cipher and a code for integrity give; `None` where one of them is not known.
    pub(super) fn of(cipher: &str, mac: &str) -> Option<Self> {
        if is_chacha(cipher) {
            return Some(Self { block: 8, tag: 16, clear_length: false, apart: true });
        }
        if is_gcm(cipher) {
            return Some(Self { block: 16, tag: 16, clear_length: true, apart: true });
        }
        let etm = mac.contains("-etm@");
        Some(Self { block: block_of(cipher)?, tag: tag_of(mac)?, clear_length: etm, apart: etm })
    }

    /// Bytes on the wire of a packet that carries so many, padded to whole blocks of this length at least.
    pub(super) const fn sealed(&self, payload: u32, block: u32) -> u32 {
        let block = if block > self.block { block } else { self.block };
        let counted = payload + PADDING_FIELD + LEAST_PADDING + if self.apart { 0 } else { LENGTH_FIELD };
        counted.div_ceil(block) * block + self.tag + if self.apart { LENGTH_FIELD } else { 0 }
    }

    /// The length of blocks that the cipher asks for.
    pub(super) const fn block(&self) -> u32 {
        self.block
    }

    /// Bytes behind a packet whose length is this.
    pub(super) const fn behind(&self) -> u32 {
        self.tag
    }
}

/// Whether a cipher guards integrity by itself.
pub(super) fn is_whole(cipher: &str) -> bool {
    is_chacha(cipher) || is_gcm(cipher)
}

fn is_chacha(cipher: &str) -> bool {
    cipher.starts_with("chacha20-poly1305")
}

fn is_gcm(cipher: &str) -> bool {
    cipher.contains("-gcm") || cipher.starts_with("AEAD_AES_")
}

fn block_of(cipher: &str) -> Option<u32> {
    let family = |names: &[&str]| names.iter().any(|name| cipher.starts_with(name));
    if family(&["aes", "rijndael", "twofish", "serpent", "camellia", "seed"]) {
        return Some(16);
    }
    family(&["3des", "des", "blowfish", "cast128", "idea", "arcfour", "none"]).then_some(8)
}

fn tag_of(mac: &str) -> Option<u32> {
    let name = mac.split_once('@').map_or(mac, |(name, _)| name);
    let name = name.strip_suffix("-etm").unwrap_or(name);
    if name.ends_with("-96") {
        return Some(12);
    }
    Some(match name {
        "hmac-sha2-512" => 64,
        "hmac-sha2-256" => 32,
        "hmac-sha1" | "hmac-ripemd160" => 20,
        "hmac-md5" | "umac-128" => 16,
        "umac-64" => 8,
        "none" => 0,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_those_of_the_standard() {
        let sizes = |cipher: &str, mac: &str| {
            let shape = Shape::of(cipher, mac).unwrap();
            [1, 17, 24].map(|payload| shape.sealed(payload, shape.block()))
        };
        assert_eq!(sizes("chacha20-poly1305@openssh.com", ""), [28, 44, 52]);
        assert_eq!(sizes("aes128-gcm@openssh.com", ""), [36, 52, 52]);
        assert_eq!(sizes("aes256-ctr", "hmac-sha2-256-etm@openssh.com"), [52, 68, 68]);
        assert_eq!(sizes("aes128-ctr", "hmac-sha1"), [36, 52, 68]);
        assert_eq!(sizes("3des-cbc", "hmac-md5-96"), [28, 44, 52]);
        assert_eq!(Shape::of("enigma", "hmac-sha1"), None);
        assert_eq!(Shape::of("aes128-ctr", "crc"), None);
    }
}
