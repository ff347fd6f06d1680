//! The keys of a client's first packets, which everybody who sees them can make (RFC 9001, 5.2), and what they open.

use super::packet::{MOST_IDENTIFIER, Packet};
use super::version::Version;
use aes::Aes128;
use aes::cipher::BlockCipherEncrypt;
use aes_gcm::aead::AeadInOut;
use aes_gcm::{Aes128Gcm, KeyInit};
use hkdf::Hkdf;
use sha2::Sha256;

/// The keys of a client's first packets.
#[derive(Debug, Clone)]
pub(super) struct Keys {
    pub(super) version: Version,
    identifier: Box<[u8]>,
    key: [u8; 16],
    vector: [u8; 12],
    header: [u8; 16],
}

impl Keys {
    /// Those that follow from the identifier that the client chose for the server.
    pub(super) fn new(version: Version, identifier: &[u8]) -> Option<Self> {
        let identifier = identifier.get(..identifier.len().min(MOST_IDENTIFIER))?;
        let (_, first) = Hkdf::<Sha256>::extract(Some(version.salt()?), identifier);
        let secret: [u8; 32] = expand(&first, "client in")?;
        let client = Hkdf::<Sha256>::from_prk(&secret).ok()?;
        let [key, vector, header] = version.labels();
        Some(Self {
            version,
            identifier: identifier.into(),
            key: expand(&client, key)?,
            vector: expand(&client, vector)?,
            header: expand(&client, header)?,
        })
    }

    /// Whether they follow from this version and identifier.
    pub(super) fn are_of(&self, version: Version, identifier: &[u8]) -> bool {
        self.version == version && *self.identifier == *identifier
    }

    /// Opens a packet; `None` where it was closed with other keys.
    pub(super) fn open(&self, packet: &Packet<'_>) -> Option<Vec<u8>> {
        let at = packet.sealed_at;
        let sample = packet.bytes.get(at + 4..)?.first_chunk::<16>()?;
        let mut mask = (*sample).into();
        Aes128::new(&self.header.into()).encrypt_block(&mut mask);
        let [first_mask, number_mask @ ..]: [u8; 16] = mask.into();
        let first = packet.bytes.first()? ^ first_mask & 0x0f;
        let length = usize::from(first & 3) + 1;
        let (head, sealed) = packet.bytes.split_at_checked(at + length)?;
        let mut head = head.to_vec();
        *head.first_mut()? = first;
        let mut nonce = self.vector;
        let number = head.get_mut(at..)?;
        number.iter_mut().zip(number_mask).for_each(|(byte, mask)| *byte ^= mask);
        nonce.iter_mut().rev().zip(number.iter().rev()).for_each(|(byte, part)| *byte ^= part);
        let mut content = sealed.to_vec();
        let cipher = Aes128Gcm::new(&self.key.into());
        cipher.decrypt_in_place(&nonce.into(), &head, &mut content).ok()?;
        Some(content)
    }
}

fn expand<const N: usize>(secret: &Hkdf<Sha256>, label: &str) -> Option<[u8; N]> {
    let mut info = (N as u16).to_be_bytes().to_vec();
    info.push(label.len() as u8 + 6);
    info.extend(b"tls13 ");
    info.extend(label.as_bytes());
    info.push(0);
    let mut key = [0; N];
    secret.expand(&info, &mut key).ok()?;
    Some(key)
}

#[cfg(test)]
impl Keys {
    /// Closes a packet whose number is the last byte of its header.
    pub(super) fn close(&self, head: &[u8], number: u8, mut content: Vec<u8>) -> Vec<u8> {
        let mut nonce = self.vector;
        nonce[11] ^= number;
        Aes128Gcm::new(&self.key.into()).encrypt_in_place(&nonce.into(), head, &mut content).unwrap();
        let mut packet = [head, &content].concat();
        let at = head.len() - 1;
        let sample: [u8; 16] = packet[at + 4..at + 20].try_into().unwrap();
        let mut mask = sample.into();
        Aes128::new(&self.header.into()).encrypt_block(&mut mask);
        packet[0] ^= mask[0] & 0x0f;
        packet[at] ^= mask[1];
        packet
    }

    /// All three of them.
    pub(super) fn shown(&self) -> String {
        use crate::proto::hex;
        format!("{} {} {}", hex(&self.key), hex(&self.vector), hex(&self.header))
    }
}
