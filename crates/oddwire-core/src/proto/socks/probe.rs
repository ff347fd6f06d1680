//! How SOCKS is told from everything else.

use super::message::{Read, Request, Target};
use super::{SOCKS_PORT, codes};
use crate::proto::{Opening, Probe};

/// The most methods that a greeting offers, for all that is known of programs.
const MOST_METHODS: usize = 8;

/// Judges first bytes, whoever says them.
pub(super) fn judge(opening: &Opening<'_>) -> Probe {
    let &Opening { bytes, other, .. } = opening;
    let usual = opening.to_port() == SOCKS_PORT;
    match as_dialogue(bytes, other, usual) {
        Probe::No => {}
        probe => return probe,
    }
    let from_usual = opening.has_port(SOCKS_PORT) && !usual;
    if other.is_empty() {
        return if from_usual && is_answer_alone(bytes) { Probe::Yes } else { Probe::No };
    }
    as_dialogue(other, bytes, from_usual)
}

/// Judges what a client and a proxy said. A greeting is so short that off the usual port it needs its answer.
fn as_dialogue(client: &[u8], server: &[u8], usual: bool) -> Probe {
    match client {
        [4 | 5] if server.is_empty() => Probe::More,
        [5, count, methods @ ..] => {
            let count = usize::from(*count);
            if count == 0 || count > MOST_METHODS || !methods.iter().take(count).copied().all(is_method) {
                return Probe::No;
            }
            let Some((methods, behind)) = methods.split_at_checked(count) else {
                return if server.is_empty() { Probe::More } else { Probe::No };
            };
            new_dialogue(methods, behind, server, usual)
        }
        [4, 1 | 2, ..] => old_dialogue(client, server, usual),
        _ => Probe::No,
    }
}

/// SOCKS 5: whole greeting, what follows it, and the answer.
fn new_dialogue(methods: &[u8], behind: &[u8], server: &[u8], usual: bool) -> Probe {
    let follows = matches!(behind, [] | [1 | 5, ..]);
    match server {
        _ if !follows => Probe::No,
        [] if usual => Probe::Yes,
        [] | [5] => Probe::More,
        [5, method] | [5, method, 1 | 5, ..] if *method == codes::REFUSED || methods.contains(method) => {
            Probe::Yes
        }
        _ => Probe::No,
    }
}

/// SOCKS 4: the request, and its answer. A request without any text proves little.
fn old_dialogue(client: &[u8], server: &[u8], usual: bool) -> Probe {
    match Request::read_old(client) {
        Read::Short if is_part(client) && server.is_empty() => Probe::More,
        Read::Short | Read::Wrong => Probe::No,
        Read::Whole(request, length) => {
            let (texts, telling) = match (&request.target, &request.user) {
                (Target::Name(name), user) => (is_name(name) && user.as_deref().is_none_or(is_word), true),
                (Target::Written(_), user) => (user.as_deref().is_none_or(is_word), true),
                (Target::Four(address), user) => (
                    !matches!(address.octets()[0], 0 | 224..) && user.as_deref().is_none_or(is_word),
                    user.as_ref().is_some_and(|user| user.len() > 2),
                ),
                (Target::Six(_), _) => (false, false),
            };
            match server {
                _ if !texts || request.port == 0 => Probe::No,
                [0, 90..=93, ..] => Probe::Yes,
                [] if length == client.len() && (telling || usual) => Probe::Yes,
                [] | [0] => Probe::More,
                _ => Probe::No,
            }
        }
    }
}

/// Whether a request that is not whole may become one: its texts are printable so far.
fn is_part(client: &[u8]) -> bool {
    let port_is_none = matches!(client, [_, _, 0, 0, ..]);
    let texts = client.get(8..).unwrap_or_default();
    !port_is_none && texts.iter().all(|&byte| byte == 0 || byte.is_ascii_graphic())
}

/// Whether only the proxy was heard, from its usual port.
const fn is_answer_alone(bytes: &[u8]) -> bool {
    matches!(bytes, [5, 0 | codes::PASSWORD | codes::REFUSED] | [0, 90..=93, _, _, _, _, _, _])
}

const fn is_method(method: u8) -> bool {
    matches!(method, 0..=9 | 0x80..=0xfe)
}

fn is_word(text: &str) -> bool {
    text.chars().all(|one| one.is_ascii_graphic() && one != '\\')
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|one| one.is_ascii_alphanumeric() || matches!(one, '.' | '-' | '_'))
}
