//! Tells FTP from others that greet with "220".

use crate::proto::lines::{has_word, is_line, words};
use crate::proto::{Opening, Probe, transport};

const FTP_PORT: u16 = 21;
/// Words of servers that say what they are.
const NAMES: [&[u8]; 4] = [b"FTP", b"FileZilla", b"Serv-U", b"vsftpd"];
/// Commands that a client of FTP begins with, and no other protocol has.
const FIRST: [&[u8]; 5] = [b"USER", b"FEAT", b"SYST", b"PASS", b"ACCT"];
/// Commands in the middle of a session.
const LATER: [&[u8]; 9] = [b"PASV", b"EPSV", b"RETR", b"STOR", b"CWD", b"PWD", b"TYPE", b"EPRT", b"MLSD"];
/// Bytes of an opening that are waited for.
const MOST_OPENING: usize = 512;

/// Judges first bytes.
pub(super) fn probe(opening: &Opening<'_>) -> Probe {
    if !opening.is_over(transport::TCP) {
        return Probe::No;
    }
    let by_server = opening.bytes.first().is_some_and(u8::is_ascii_digit);
    let (server, client) =
        if by_server { (opening.bytes, opening.other) } else { (opening.other, opening.bytes) };
    if !is_line(server) || !is_line(client) {
        return Probe::No;
    }
    let hint = opening.has_port(FTP_PORT);
    if server.is_empty() {
        return by_client(client, hint);
    }
    let code = server.get(..3);
    let behind = server.get(3).is_none_or(|byte| matches!(byte, b' ' | b'-'));
    let known = match code {
        Some(b"220" | b"120") => true,
        Some(b"421" | b"530" | b"331" | b"227" | b"150") => hint,
        Some(_) => false,
        None => b"220".starts_with(server),
    };
    if !known || !behind || is_mail(server) {
        return Probe::No;
    }
    let named = NAMES.iter().any(|name| has_word(server, name));
    if named || hint && server.contains(&b'\n') || is_client(client) {
        return Probe::Yes;
    }
    let waits = client.is_empty() || !client.contains(&b'\n');
    if waits && server.len() + client.len() < MOST_OPENING { Probe::More } else { Probe::No }
}

/// Judges a client whose server was not heard (yet).
fn by_client(client: &[u8], hint: bool) -> Probe {
    let (verb, _) = words(client.split(|&byte| byte == b'\r' || byte == b'\n').next().unwrap_or(client));
    let knows = |list: &[&[u8]]| list.iter().any(|word| verb.eq_ignore_ascii_case(word));
    let whole = client.contains(&b'\n');
    if hint && whole && (knows(&FIRST) || knows(&LATER) || is_tls(client)) {
        return Probe::Yes;
    }
    let begins = FIRST.iter().any(|word| {
        let length = verb.len().min(word.len());
        word.get(..length).is_some_and(|start| verb.eq_ignore_ascii_case(start))
    });
    if begins && client.len() < MOST_OPENING && (hint || !whole || knows(&FIRST)) {
        Probe::More
    } else {
        Probe::No
    }
}

/// Whether a client says what only clients of FTP say to such a greeting.
fn is_client(client: &[u8]) -> bool {
    let line = client.split(|&byte| byte == b'\r' || byte == b'\n').next().unwrap_or(client);
    let (verb, rest) = words(line);
    let first = FIRST.iter().any(|word| verb.eq_ignore_ascii_case(word));
    let whole = client.len() > line.len();
    whole && (first && (verb.len() < line.len() || rest.is_empty()) || is_tls(client))
}

fn is_tls(client: &[u8]) -> bool {
    client.get(..8).is_some_and(|start| {
        start.eq_ignore_ascii_case(b"AUTH TLS") || start.eq_ignore_ascii_case(b"AUTH SSL")
    })
}

fn is_mail(server: &[u8]) -> bool {
    has_word(server, b"SMTP") || has_word(server, b"LMTP")
}
