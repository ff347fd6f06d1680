//! Tells Telnet by its options; by the text of its prompts only where the port says so too.

use super::PORTS;
use super::options::opened;
use super::words::asks;
use crate::proto::{Opening, Probe, transport};

/// Bytes of an opening that are waited for.
const MOST_OPENING: usize = 512;

/// Judges first bytes.
pub(super) fn probe(opening: &Opening<'_>) -> Probe {
    if !opening.is_over(transport::TCP) {
        return Probe::No;
    }
    let hint = PORTS.iter().any(|&port| opening.has_port(port));
    let Opening { bytes, other, .. } = *opening;
    if bytes.first() == Some(&255) {
        let (own, answer) = (opened(bytes), opened(other));
        let enough = own.count + answer.count >= if hint { 1 } else { 3 };
        return match (own.broken, enough) {
            (false, true) => Probe::Yes,
            (false, false) if bytes.len() + other.len() < 16 => Probe::More,
            _ => Probe::No,
        };
    }
    if !hint || !bytes.iter().all(|&byte| is_text(byte)) {
        return Probe::No;
    }
    let text = bytes.to_ascii_lowercase();
    let prompts = text.split_inclusive(|&byte| byte == b':').any(|part| {
        std::str::from_utf8(part).is_ok_and(|part| asks(part.rsplit('\n').next().unwrap_or(part)).is_some())
    });
    if prompts {
        Probe::Yes
    } else if bytes.len() + other.len() < MOST_OPENING {
        Probe::More
    } else {
        Probe::No
    }
}

const fn is_text(byte: u8) -> bool {
    matches!(byte, 7 | 8 | 9 | 10 | 13 | 0 | 27) || byte >= 32 && byte != 127
}
