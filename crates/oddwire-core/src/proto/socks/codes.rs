//! The words for the numbers of SOCKS.

use super::Version;

/// The method that asks for nothing.
pub(super) const NO_METHOD: u8 = 0;
/// Name and password (RFC 1929).
pub(super) const PASSWORD: u8 = 2;
/// The proxy accepts none of the methods that were offered.
pub(super) const REFUSED: u8 = 0xff;
/// Connect to the target.
pub(super) const CONNECT: u8 = 1;
/// SOCKS 5 grants the request.
pub(super) const GRANTED: u8 = 0;
/// SOCKS 4 grants the request.
pub(super) const OLD_GRANTED: u8 = 90;

/// The word for a way to authenticate.
pub(super) const fn method_name(method: u8) -> &'static str {
    match method {
        NO_METHOD => "none",
        1 => "gssapi",
        PASSWORD => "password",
        3 => "chap",
        5 => "challenge_response",
        6 => "tls",
        7 => "nds",
        8 => "several",
        9 => "json",
        REFUSED => "refused",
        0x80.. => "private",
        _ => "other",
    }
}

/// The word for what is asked for.
pub(super) const fn command_name(command: u8) -> &'static str {
    match command {
        CONNECT => "connect",
        2 => "bind",
        3 => "udp_associate",
        _ => "other",
    }
}

/// The word for an answer.
pub(super) const fn code_name(version: Version, code: u8) -> &'static str {
    match (version, code) {
        (Version::Five, GRANTED) | (Version::Four | Version::FourA, OLD_GRANTED) => "granted",
        (Version::Five, 1) => "general_failure",
        (Version::Five, 2) => "not_allowed",
        (Version::Five, 3) => "network_unreachable",
        (Version::Five, 4) => "host_unreachable",
        (Version::Five, 5) => "connection_refused",
        (Version::Five, 6) => "ttl_expired",
        (Version::Five, 7) => "command_not_supported",
        (Version::Five, 8) => "address_type_not_supported",
        (Version::Four | Version::FourA, 91) => "rejected",
        (Version::Four | Version::FourA, 92) => "ident_unreachable",
        (Version::Four | Version::FourA, 93) => "ident_mismatch",
        _ => "other",
    }
}
