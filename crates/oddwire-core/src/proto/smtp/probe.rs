//! Tells SMTP from others that greet with "220".

use super::VERBS;
use crate::proto::lines::{has_word, is_line};
use crate::proto::{Opening, Probe, transport};

/// Bytes of an opening that are waited for.
const MOST_OPENING: usize = 512;
const PORTS: [u16; 4] = [25, 587, 24, 2_525];
/// Ports of a protocol that greets alike.
const OTHERS: [u16; 3] = [21, 20, 2_121];

/// Judges first bytes.
pub(super) fn probe(opening: &Opening<'_>) -> Probe {
    if !opening.is_over(transport::TCP) {
        return Probe::No;
    }
    let hint = PORTS.iter().any(|&port| opening.has_port(port));
    let by_server = opening.bytes.first().is_some_and(u8::is_ascii_digit);
    let (server, client) =
        if by_server { (opening.bytes, opening.other) } else { (opening.other, opening.bytes) };
    if is_command(client) && (server.is_empty() || reply_begins(server)) {
        return Probe::Yes;
    }
    if !by_server && server.is_empty() {
        let short = client.len() < 5 && VERBS.iter().any(|verb| alike(verb, client));
        return if short { Probe::More } else { Probe::No };
    }
    probe_greeting(server, client, hint && !OTHERS.iter().any(|&port| opening.has_port(port)))
}

/// Judges a server's first words, and what the client said to them.
fn probe_greeting(server: &[u8], client: &[u8], hint: bool) -> Probe {
    if !is_line(server) || !client.is_empty() && !is_line(client) {
        return Probe::No;
    }
    let code = server.get(..3);
    let welcome = code == Some(b"220");
    let refusal = code == Some(b"554") || code == Some(b"421");
    let behind = server.get(3).is_none_or(|byte| matches!(byte, b' ' | b'-'));
    if !behind || code.is_some() && !welcome && !(refusal && hint) {
        return Probe::No;
    }
    if welcome && (has_word(server, b"SMTP") || has_word(server, b"LMTP")) {
        return Probe::Yes;
    }
    let whole = server.contains(&b'\n');
    if whole && hint && !has_word(server, b"FTP") {
        return Probe::Yes;
    }
    let known = b"220".starts_with(code.unwrap_or(server)) || welcome || refusal;
    let waits = client.is_empty() || client.len() < 5 && VERBS.iter().any(|verb| alike(verb, client));
    if known && waits && server.len() < MOST_OPENING { Probe::More } else { Probe::No }
}

fn reply_begins(server: &[u8]) -> bool {
    matches!(server, [b'2' | b'4' | b'5', b'0'..=b'5', digit, ..] if digit.is_ascii_digit())
}

/// Whether bytes are a command that only clients of SMTP say.
fn is_command(client: &[u8]) -> bool {
    let named = VERBS.iter().any(|verb| starts(client, verb) && client.get(4) == Some(&b' '));
    (named || starts(client, b"MAIL FROM:") || starts(client, b"RCPT TO:")) && is_line(client)
}

fn starts(bytes: &[u8], word: &[u8]) -> bool {
    bytes.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
}

fn alike(word: &[u8], bytes: &[u8]) -> bool {
    word.get(..bytes.len().min(word.len())).is_some_and(|start| starts(bytes, start))
}
