//! Tells IRC by whole lines that only its clients or servers say.

use super::message::{Message, is_channel};
use crate::proto::lines::is_line;
use crate::proto::{Opening, Probe, transport};

/// Bytes of an opening that are waited for.
const MOST_OPENING: usize = 512;
/// Commands with which a client or a server may begin.
const FIRST: [&str; 13] = [
    "NICK",
    "USER",
    "CAP",
    "JOIN",
    "PRIVMSG",
    "PASS",
    "PING",
    "PONG",
    "NOTICE",
    "ERROR",
    "MODE",
    "WHO",
    "AUTHENTICATE",
];
/// What servers pass on from users.
const RELAYED: [&str; 9] = ["NOTICE", "PRIVMSG", "JOIN", "PART", "QUIT", "MODE", "NICK", "TOPIC", "KICK"];

/// Judges first bytes.
pub(super) fn probe(opening: &Opening<'_>) -> Probe {
    if !opening.is_over(transport::TCP) {
        return Probe::No;
    }
    match (judge(opening.bytes), judge(opening.other)) {
        (Probe::Yes, _) | (Probe::More, Probe::Yes) => Probe::Yes,
        (Probe::More, Probe::More) => Probe::More,
        _ => Probe::No,
    }
}

/// Judges one side's lines: one that is certain decides.
fn judge(bytes: &[u8]) -> Probe {
    if !is_line(bytes) {
        return Probe::No;
    }
    let mut rest = bytes;
    while let Some(end) = rest.iter().position(|&byte| byte == b'\n') {
        let (line, behind) = rest.split_at_checked(end + 1).unwrap_or((rest, &[]));
        let Some(message) = Message::read(line.trim_ascii_end()) else { return Probe::No };
        match judge_line(&message) {
            Probe::More => rest = behind,
            certain => return certain,
        }
    }
    if bytes.len() < MOST_OPENING && begins(rest) { Probe::More } else { Probe::No }
}

fn judge_line(message: &Message<'_>) -> Probe {
    if !message.from.is_empty() {
        let host = message.from.iter().all(u8::is_ascii_graphic);
        let relayed = RELAYED.iter().any(|verb| message.is(verb));
        let known = message.code().is_some() || relayed;
        return if host && known && message.parameter(0).is_some() { Probe::Yes } else { Probe::No };
    }
    let parameter = |number| message.parameter(number);
    let certain = match () {
        () if message.is("NICK") => parameter(0).is_some() && parameter(1).is_none(),
        () if message.is("USER") => parameter(3).is_some(),
        () if message.is("CAP") => parameter(0).is_some_and(|word| matches!(word, b"LS" | b"REQ" | b"END")),
        () if message.is("JOIN") => parameter(0).is_some_and(is_channel),
        () if message.is("PRIVMSG") || message.is("NOTICE") => parameter(1).is_some(),
        () if message.is("ERROR") => parameter(0).is_some_and(|text| text.starts_with(b"Closing Link")),
        () => false,
    };
    let open = message.is("PASS") || message.is("PING") || message.is("PONG");
    match (certain, open && parameter(0).is_some()) {
        (true, _) => Probe::Yes,
        (false, true) => Probe::More,
        _ => Probe::No,
    }
}

/// Whether the begin of a line may become one of IRC.
fn begins(line: &[u8]) -> bool {
    let verb = line.split(|&byte| byte == b' ').next().unwrap_or(line);
    let whole = verb.len() < line.len();
    line.is_empty()
        || matches!(line.first(), Some(b':' | b'@'))
        || FIRST.iter().any(|word| {
            let alike =
                word.as_bytes().get(..verb.len()).is_some_and(|start| start.eq_ignore_ascii_case(verb));
            alike && (!whole || verb.len() == word.len())
        })
}
