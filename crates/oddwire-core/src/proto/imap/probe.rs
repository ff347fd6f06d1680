//! Tells IMAP by its greeting and its tagged commands.

use crate::proto::lines::{has_word, is_line, words};
use crate::proto::{Opening, Probe, transport};

const PORT: u16 = 143;
/// Bytes of an opening that are waited for.
const MOST_OPENING: usize = 1_024;
/// The longest tag.
const MOST_TAG: usize = 32;
const VERBS: [&[u8]; 18] = [
    b"CAPABILITY",
    b"LOGIN",
    b"AUTHENTICATE",
    b"STARTTLS",
    b"ID",
    b"NOOP",
    b"SELECT",
    b"EXAMINE",
    b"LIST",
    b"LSUB",
    b"STATUS",
    b"FETCH",
    b"UID",
    b"LOGOUT",
    b"IDLE",
    b"NAMESPACE",
    b"ENABLE",
    b"CLOSE",
];
const GREETINGS: [&[u8]; 4] = [b"OK", b"PREAUTH", b"BYE", b"CAPABILITY"];

/// Judges first bytes.
pub(super) fn probe(opening: &Opening<'_>) -> Probe {
    let Opening { bytes, other, .. } = *opening;
    if !opening.is_over(transport::TCP) || !is_line(bytes) || !is_line(other) {
        return Probe::No;
    }
    let hint = opening.has_port(PORT);
    let by_server = bytes.first() == Some(&b'*');
    let (server, client) = if by_server { (bytes, other) } else { (other, bytes) };
    if !may_be_greeting(server) || !may_be_command(client) || server.len() + client.len() > MOST_OPENING {
        return Probe::No;
    }
    let greets = server.contains(&b'\n');
    let commands = client.contains(&b'\n');
    let certain = match (server.is_empty(), client.is_empty()) {
        (false, true) => greets && (hint || has_word(server, b"IMAP")),
        (true, false) => commands && hint,
        _ => commands && greets,
    };
    if certain { Probe::Yes } else { Probe::More }
}

/// Whether a server's first bytes are `* OK` or its kin, or may become that.
fn may_be_greeting(server: &[u8]) -> bool {
    let count = server.len().min(2);
    if server.get(..count) != b"* ".get(..count) {
        return false;
    }
    let Some(behind) = server.get(2..) else { return true };
    let (word, _) = words(behind);
    let whole = word.len() < behind.len();
    GREETINGS
        .iter()
        .any(|known| known.get(..word.len()) == Some(word) && (!whole || known.len() == word.len()))
}

/// Whether a client's first bytes are a tagged command, or may become one.
fn may_be_command(client: &[u8]) -> bool {
    let line = client.split(|&byte| matches!(byte, b'\r' | b'\n')).next().unwrap_or(client);
    let (tag, rest) = words(line);
    if tag.len() > MOST_TAG
        || !tag.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_'))
    {
        return false;
    }
    let (verb, _) = words(rest);
    let whole = tag.len() + 1 + verb.len() < client.len();
    let known = VERBS.iter().any(|word| {
        word.get(..verb.len()).is_some_and(|start| start.eq_ignore_ascii_case(verb))
            && (!whole || verb.len() == word.len())
    });
    known && (tag.len() < client.len() || tag.len() < 12) && (line.len() == client.len() || !verb.is_empty())
}
