//! Numbers of TLS in their registered words.

use std::fmt::Write;
use tls_parser::TlsCipherSuite;

/// The name of a version, as in `TLSv1.3`.
pub(in crate::proto) const fn version_name(number: u16) -> Option<&'static str> {
    Some(match number {
        0x0002 => "SSLv2",
        0x0300 => "SSLv3",
        0x0301 => "TLSv1.0",
        0x0302 => "TLSv1.1",
        0x0303 => "TLSv1.2",
        0x0304 => "TLSv1.3",
        0x0100 | 0xfeff => "DTLSv1.0",
        0xfefd => "DTLSv1.2",
        0xfefc => "DTLSv1.3",
        _ => return None,
    })
}

/// The name of a version, or its number: drafts of TLS 1.3 have their own.
pub(in crate::proto) fn push_version(number: u16, text: &mut String) {
    match version_name(number) {
        Some(name) => text.push_str(name),
        None if number >> 8 == 0x7f => drop(write!(text, "TLSv1.3-draft{}", number & 0xff)),
        None => drop(write!(text, "0x{number:04x}")),
    }
}

/// Whether a version is TLS 1.3 (or DTLS 1.3), drafts too: what comes after the hellos is hidden.
pub(super) const fn is_modern(number: u16) -> bool {
    matches!(number, 0x0304 | 0xfefc) || matches!(number >> 8, 0x7f | 0xfb)
}

/// The name of a cipher suite, or its number.
pub(super) fn push_cipher(number: u16, text: &mut String) {
    match TlsCipherSuite::from_id(number) {
        Some(cipher) => text.push_str(cipher.name),
        None => drop(write!(text, "0x{number:04x}")),
    }
}

/// Whether the keys of a cipher suite are exchanged by elliptic curves.
pub(super) fn is_by_curve(number: u16) -> bool {
    TlsCipherSuite::from_id(number).is_some_and(|cipher| cipher.name.starts_with("TLS_ECDH"))
}

/// The name of a group for the exchange of keys, or its number.
pub(super) fn push_group(number: u16, text: &mut String) {
    let name = match number {
        19 => "secp192r1",
        20 => "secp224k1",
        21 => "secp224r1",
        22 => "secp256k1",
        23 => "secp256r1",
        24 => "secp384r1",
        25 => "secp521r1",
        26 => "brainpoolP256r1",
        27 => "brainpoolP384r1",
        28 => "brainpoolP512r1",
        29 => "x25519",
        30 => "x448",
        41 => "curveSM2",
        256 => "ffdhe2048",
        257 => "ffdhe3072",
        258 => "ffdhe4096",
        259 => "ffdhe6144",
        260 => "ffdhe8192",
        512 => "MLKEM512",
        513 => "MLKEM768",
        514 => "MLKEM1024",
        4_587 => "SecP256r1MLKEM768",
        4_588 => "X25519MLKEM768",
        4_589 => "SecP384r1MLKEM1024",
        0x6399 => "X25519Kyber768Draft00",
        0x639a => "SecP256r1Kyber768Draft00",
        _ => "",
    };
    text.push_str(name);
    if name.is_empty() {
        let _ = write!(text, "0x{number:04x}");
    }
}

/// What an alert says.
pub(super) const fn alert_name(number: u8) -> Option<&'static str> {
    Some(match number {
        0 => "close_notify",
        10 => "unexpected_message",
        20 => "bad_record_mac",
        21 => "decryption_failed",
        22 => "record_overflow",
        30 => "decompression_failure",
        40 => "handshake_failure",
        41 => "no_certificate",
        42 => "bad_certificate",
        43 => "unsupported_certificate",
        44 => "certificate_revoked",
        45 => "certificate_expired",
        46 => "certificate_unknown",
        47 => "illegal_parameter",
        48 => "unknown_ca",
        49 => "access_denied",
        50 => "decode_error",
        51 => "decrypt_error",
        60 => "export_restriction",
        70 => "protocol_version",
        71 => "insufficient_security",
        80 => "internal_error",
        86 => "inappropriate_fallback",
        90 => "user_canceled",
        100 => "no_renegotiation",
        109 => "missing_extension",
        110 => "unsupported_extension",
        111 => "certificate_unobtainable",
        112 => "unrecognized_name",
        113 => "bad_certificate_status_response",
        114 => "bad_certificate_hash_value",
        115 => "unknown_psk_identity",
        116 => "certificate_required",
        120 => "no_application_protocol",
        121 => "ech_required",
        _ => return None,
    })
}
