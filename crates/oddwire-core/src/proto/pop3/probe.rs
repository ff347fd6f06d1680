//! Tells POP3 by its status words and commands.

use crate::proto::lines::{has_word, is_line, words};
use crate::proto::{Opening, Probe, transport};

const PORT: u16 = 110;
/// Bytes of an opening that are waited for.
const MOST_OPENING: usize = 512;
const VERBS: [&[u8]; 13] = [
    b"USER", b"PASS", b"CAPA", b"APOP", b"AUTH", b"STLS", b"QUIT", b"STAT", b"LIST", b"UIDL", b"RETR",
    b"DELE", b"NOOP",
];

/// Judges first bytes.
pub(super) fn probe(opening: &Opening<'_>) -> Probe {
    let Opening { bytes, other, .. } = *opening;
    if !opening.is_over(transport::TCP) || !is_line(bytes) || !is_line(other) {
        return Probe::No;
    }
    let hint = opening.has_port(PORT);
    let by_server = matches!(bytes.first(), Some(b'+' | b'-'));
    let (server, client) = if by_server { (bytes, other) } else { (other, bytes) };
    if !may_be_status(server) || !may_be_command(client) || server.len() + client.len() > MOST_OPENING {
        return Probe::No;
    }
    let greets = server.starts_with(b"+OK") && server.contains(&b'\n');
    let commands = client.contains(&b'\n');
    let named = greets && (has_word(server, b"POP3") || has_word(server, b"POP server"));
    let certain = match (server.is_empty(), client.is_empty()) {
        (false, true) => named || hint && greets,
        (true, false) => commands && (hint || client.starts_with(b"CAPA\r") || client.starts_with(b"APOP ")),
        _ => commands && server.contains(&b'\n') && (hint || named || is_own(client)),
    };
    if certain { Probe::Yes } else { Probe::More }
}

/// Whether a command is of POP3 alone: others answer `+OK` to AUTH, LIST and QUIT as well.
fn is_own(client: &[u8]) -> bool {
    let verb = client.split(u8::is_ascii_whitespace).next().unwrap_or(client);
    [&b"USER"[..], b"PASS", b"CAPA", b"APOP", b"STLS", b"STAT", b"UIDL", b"RETR"]
        .iter()
        .any(|word| verb.eq_ignore_ascii_case(word))
}

/// Whether a server's first bytes are `+OK` or `-ERR`, or may become that.
fn may_be_status(server: &[u8]) -> bool {
    [&b"+OK"[..], b"-ERR"].iter().any(|word| {
        let count = server.len().min(word.len());
        server.get(..count) == word.get(..count)
            && matches!(server.get(word.len()), None | Some(b' ' | b'\r' | b'\n'))
    })
}

/// Whether a client's first bytes are a command, or may become one.
fn may_be_command(client: &[u8]) -> bool {
    let line = client.split(|&byte| matches!(byte, b'\r' | b'\n')).next().unwrap_or(client);
    let (verb, _) = words(line);
    let whole = verb.len() < client.len();
    VERBS.iter().any(|word| {
        word.get(..verb.len()).is_some_and(|start| start.eq_ignore_ascii_case(verb))
            && (!whole || verb.len() == word.len())
    })
}
