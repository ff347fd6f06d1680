//! What proves that a model file is whole, and who made it: BLAKE3 and Ed25519.

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

/// The hash of bytes, in lower-case hexadecimal digits.
#[must_use]
pub fn blake3_hex(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}

/// The public half of a secret key.
#[must_use]
pub fn public_key(secret: &[u8; 32]) -> [u8; 32] {
    SigningKey::from_bytes(secret).verifying_key().to_bytes()
}

/// The signature of a message.
#[must_use]
pub fn sign(secret: &[u8; 32], message: &[u8]) -> [u8; 64] {
    SigningKey::from_bytes(secret).sign(message).to_bytes()
}

/// Whether the owner of a public key signed this message. Keys and signatures of weak form count as none.
#[must_use]
pub fn is_signed(public: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
    VerifyingKey::from_bytes(public)
        .is_ok_and(|key| key.verify_strict(message, &Signature::from_bytes(signature)).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The second test of RFC 8032, section 7.1.
    #[test]
    fn a_signature_is_that_of_the_standard() {
        let secret = [
            0x4c, 0xcd, 0x08, 0x9b, 0x28, 0xff, 0x96, 0xda, 0x9d, 0xb6, 0xc3, 0x46, 0xec, 0x11, 0x4e, 0x0f,
            0x5b, 0x8a, 0x31, 0x9f, 0x35, 0xab, 0xa6, 0x24, 0xda, 0x8c, 0xf6, 0xed, 0x4f, 0xb8, 0xa6, 0xfb,
        ];
        let public = public_key(&secret);
        assert_eq!(public[..4], [0x3d, 0x40, 0x17, 0xc3]);
        let signature = sign(&secret, &[0x72]);
        assert_eq!(signature[..4], [0x92, 0xa0, 0x09, 0xa9]);
        assert!(is_signed(&public, &[0x72], &signature));
    }

    #[test]
    fn another_message_key_or_signature_is_refused() {
        let (secret, other) = ([7; 32], [8; 32]);
        let mut signature = sign(&secret, b"manifest");
        assert!(is_signed(&public_key(&secret), b"manifest", &signature));
        assert!(!is_signed(&public_key(&secret), b"manifesto", &signature));
        assert!(!is_signed(&public_key(&other), b"manifest", &signature));
        assert!(!is_signed(&[0; 32], b"manifest", &signature));
        signature[0] ^= 1;
        assert!(!is_signed(&public_key(&secret), b"manifest", &signature));
    }

    #[test]
    fn a_hash_is_that_of_the_standard() {
        assert_eq!(blake3_hex(b""), "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262");
    }
}
