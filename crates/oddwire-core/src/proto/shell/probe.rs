//! Tells a shell from other text: by its own signs, and only while both sides say nothing but text.

use super::screen::Screen;
use super::signs::{Kind, Prompt, prompt};
use crate::proto::{Opening, Probe, transport};

/// Bytes of one side that are waited for.
const MOST_OPENING: usize = 1_024;
/// Likewise where the other side says nothing.
const MOST_ALONE: usize = 512;
/// A shell's text has a blank or the end of a line within so many bytes.
const MOST_WORD: usize = 64;
const TELNET: [u16; 2] = [23, 2_323];
/// What asks for a log-in is Telnet or its kin.
const LOGINS: [&[u8]; 4] = [b"login:", b"username:", b"password:", b"login as:"];

/// Judges first bytes.
pub(super) fn probe(opening: &Opening<'_>) -> Probe {
    let Opening { bytes, other, .. } = *opening;
    if !opening.is_over(transport::TCP) || !is_text(bytes) || !is_text(other) {
        return Probe::No;
    }
    if TELNET.iter().any(|&port| opening.has_port(port)) {
        return Probe::No;
    }
    if bytes.len() > MOST_OPENING || other.len() > 2 * MOST_OPENING {
        return Probe::No;
    }
    let (own, its) = read(bytes, other);
    if asks_login(own.0.line()) || asks_login(its.0.line()) {
        return Probe::No;
    }
    if is_shell(&own, &its) || is_shell(&its, &own) {
        return Probe::Yes;
    }
    let alone = other.is_empty() && bytes.len() > MOST_ALONE;
    if alone || is_document(bytes) || is_document(other) { Probe::No } else { Probe::More }
}

/// What a side shows, and the first sign of a shell in its whole lines.
type Shown = (Screen, Option<Kind>);

/// Reads both sides; in which order they spoke is not known here.
fn read(bytes: &[u8], other: &[u8]) -> (Shown, Shown) {
    let (mut own, mut its) = (Screen::default(), Screen::default());
    signs(&mut its, other, &own);
    let sign = signs(&mut own, bytes, &its);
    let mut again = Screen::default();
    let other_sign = signs(&mut again, other, &own);
    ((own, sign), (again, other_sign))
}

/// The first sign that is a whole line: a prompt in the middle of a text is none.
fn signs(screen: &mut Screen, bytes: &[u8], other: &Screen) -> Option<Kind> {
    let mut sign = None;
    for &byte in bytes {
        let found = screen.take(byte, other.asked());
        if sign.is_none() && matches!(byte, b'\r' | b'\n') {
            sign = found;
        }
    }
    sign
}

/// Whether a side is a shell's.
fn is_shell((shown, sign): &Shown, (other, _): &Shown) -> bool {
    if sign.is_some() {
        return true;
    }
    match prompt(shown.line()) {
        Some(Prompt::Sure(_)) => true,
        Some(Prompt::Bare) => other.lines > 0,
        None => false,
    }
}

/// Whether bytes are text, control sequences of terminals included. What is binary shows at once.
fn is_text(bytes: &[u8]) -> bool {
    bytes.iter().all(|&byte| matches!(byte, 7..=10 | 13 | 27) || byte >= b' ' && byte != 127 && byte < 0xf8)
}

/// Whether text is a page, a record of data or an endless word.
fn is_document(bytes: &[u8]) -> bool {
    let start = bytes.trim_ascii_start();
    let long = |part: &[u8]| part.len() >= MOST_WORD && !part.iter().any(u8::is_ascii_whitespace);
    matches!(start.first(), Some(b'<' | b'{')) || start.get(..MOST_WORD).is_some_and(long)
}

fn asks_login(line: &[u8]) -> bool {
    let line = line.trim_ascii_end();
    LOGINS.iter().any(|words| {
        let start = line.len().saturating_sub(words.len());
        line.get(start..).is_some_and(|end| end.eq_ignore_ascii_case(words))
    })
}
