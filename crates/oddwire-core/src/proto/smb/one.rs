//! SMB 1: requests and answers, with the chains of commands that it calls `AndX`.

use super::status::Status;
use super::talk::{Head, Talk};
use super::two::action;
use super::{Event, MOST_CHAIN, MOST_NAME, Said, is_told, login};
use crate::proto::bytes::{part, path, text, u16_at, u32_at, up_to_zero};
use crate::proto::ntlm::{Server, Who, name};
use crate::proto::{Moment, Out};
use std::sync::Arc;

const HEADER: usize = 32;
const FROM_SERVER: u8 = 0x80;
const UNICODE: u16 = 0x8000;
const NT_STATUS: u16 = 0x4000;
const WIDE_TEXTS: u32 = 4;
const EXTENDED_SECURITY: u32 = 0x8000_0000;
/// Bytes of a response to a challenge; what is shorter is the password itself.
const RESPONSE: usize = 24;

/// One command of a chain: its words, its bytes, and where those begin in the message.
struct Block<'a> {
    words: &'a [u8],
    bytes: &'a [u8],
    start: usize,
    wide: bool,
}

/// Reads a message with all commands that are chained in it.
pub(super) fn hear(talk: &mut Talk, message: &[u8], from_a: bool, at: Moment, out: &mut Out<'_, Said>) {
    let (Some(&first), Some(&flags), Some(more)) = (message.get(4), message.get(9), u16_at(message, 10))
    else {
        return;
    };
    let answers = flags & FROM_SERVER != 0;
    let field = |at| u64::from(u16_at(message, at).unwrap_or(0));
    let status = Status { number: u32_at(message, 5).unwrap_or(0), dos: more & NT_STATUS == 0 };
    let status = if answers { status } else { Status::default() };
    let (tree, session) = (field(24) as u32, field(28));
    let head =
        Head { at, client_is_a: from_a != answers, id: field(26) << 16 | field(30), session, tree, status };
    talk.version = Some("SMB1");
    let (mut command, mut place) = (first, HEADER);
    for _ in 0..MOST_CHAIN {
        let block = block(message, place, more & UNICODE != 0);
        if answers {
            answer(talk, &head, command, &block, out);
        } else {
            ask(talk, head, command, &block, out);
        }
        let chained = matches!(command, 0x24 | 0x2d | 0x2e | 0x2f | 0x73 | 0x74 | 0x75 | 0xa2);
        let (Some(&next), Some(offset)) = (block.words.first(), u16_at(block.words, 2)) else { return };
        if !chained || next == 0xff || usize::from(offset) <= place {
            return;
        }
        (command, place) = (next, usize::from(offset));
    }
}

fn block(message: &[u8], place: usize, wide: bool) -> Block<'_> {
    let length = message.get(place).map_or(0, |&count| usize::from(count) * 2);
    let words = part(message, place + 1, length).unwrap_or(&[]);
    let start = place + 3 + length;
    let count = u16_at(message, place + 1 + length).map_or(0, usize::from);
    let rest = message.get(start..).unwrap_or(&[]);
    Block { words, bytes: rest.get(..count).unwrap_or(rest), start, wide }
}

impl<'a> Block<'a> {
    /// The bytes from a place on; wide texts begin at an even place of the message.
    fn text_from(&self, at: usize) -> &'a [u8] {
        let at = if self.wide { at + (self.start + at) % 2 } else { at };
        self.bytes.get(at..).unwrap_or(&[])
    }
}

fn ask(talk: &mut Talk, head: Head, command: u8, block: &Block<'_>, out: &mut Out<'_, Said>) {
    let said = match command {
        0x72 => Said { offered: offered(block.bytes), ..Said::of(Event::Negotiate) },
        0x73 => asked_login(block),
        0x75 => {
            let password = usize::from(u16_at(block.words, 6).unwrap_or(0));
            let (share, _) = up_to_zero(block.text_from(password), block.wide);
            Said { share: Some(Arc::from(path(share, block.wide, MOST_NAME))), ..Said::of(Event::Tree) }
        }
        0x25 | 0x2d | 0xa2 => {
            let Some(name) = opened(command, block) else { return };
            let pipes = talk.has_pipes(head.tree);
            let told = command == 0x25 || is_told(&name, pipes);
            if !told {
                return;
            }
            Said { name: Some(name), ..Said::of(Event::Open) }
        }
        _ => return,
    };
    talk.ask(head, said, out);
}

/// The name that is opened; of a transaction that of its pipe.
fn opened(command: u8, block: &Block<'_>) -> Option<Box<str>> {
    let (bytes, _) = up_to_zero(block.text_from(0), block.wide);
    let name = path(bytes, block.wide, MOST_NAME);
    if command != 0x25 {
        return Some(name);
    }
    let bare = name.trim_start_matches('\\');
    let pipe = bare.get(..5).is_some_and(|front| front.eq_ignore_ascii_case("PIPE\\"));
    (pipe && bare.len() > 5).then_some(name)
}

fn asked_login(block: &Block<'_>) -> Said {
    let Block { words, bytes, wide, .. } = *block;
    let length = |at| usize::from(u16_at(words, at).unwrap_or(0));
    if words.len() == 24 {
        return login::asked(bytes.get(..length(14)).unwrap_or(bytes));
    }
    let (proofs, wide) = match words.len() {
        26 => ([length(14), length(16)], wide),
        _ => ([length(14), 0], false),
    };
    let block = Block { wide, ..*block };
    let (user, rest) = up_to_zero(block.text_from(proofs.iter().sum()), wide);
    let (domain, _) = up_to_zero(rest, wide);
    let (user, domain) = (name(user, wide), name(domain, wide));
    let longest = proofs.into_iter().max().unwrap_or(0);
    let anonymous = user.is_none() && longest <= 1;
    let auth = match longest {
        _ if anonymous => Some("anonymous"),
        RESPONSE.. => Some("ntlm"),
        2.. => Some("plain"),
        _ => None,
    };
    let who = Arc::new(Who { user, domain, workstation: None, anonymous });
    Said { who: Some(who), auth, ..Said::of(Event::Login) }
}

fn answer(talk: &mut Talk, head: &Head, command: u8, block: &Block<'_>, out: &mut Out<'_, Said>) {
    let good = head.status.is_success();
    match command {
        0x72 => {
            negotiated(talk, block);
            talk.answer(head, Event::Negotiate, out, |_| {});
        }
        0x73 => {
            let guest = u16_at(block.words, 4).is_some_and(|action| action & 1 != 0);
            if block.words.len() == 8 {
                let length = u16_at(block.words, 6).map_or(0, usize::from);
                login::challenged(block.bytes.get(..length).unwrap_or(block.bytes), talk);
                tell_system(talk, block.text_from(length), block.wide);
            } else if block.words.len() == 6 {
                tell_system(talk, block.text_from(0), block.wide);
            }
            talk.answer(head, Event::Login, out, |said| {
                if guest && good {
                    said.auth = Some("guest");
                }
            });
        }
        0x75 => talk.answer(head, Event::Tree, out, |said| {
            let (service, _) = up_to_zero(block.bytes, false);
            said.share_type = match service {
                b"A:" => Some("disk"),
                b"IPC" => Some("pipe"),
                b"LPT1:" => Some("print"),
                _ => None,
            };
        }),
        0x25 | 0x2d | 0xa2 => talk.answer(head, Event::Open, out, |said| {
            let done = if command == 0xa2 { u32_at(block.words.get(7..).unwrap_or(&[]), 0) } else { None };
            said.action = done.filter(|_| good).and_then(action);
        }),
        _ => {}
    }
}

/// What the server says of itself when the dialect is agreed upon.
fn negotiated(talk: &mut Talk, block: &Block<'_>) {
    let &Block { words, bytes, .. } = block;
    let (Some(mode), Some(capabilities), 34) = (words.get(2), u32_at(words, 19), words.len()) else { return };
    talk.signing_required = Some(mode & 8 != 0);
    if capabilities & EXTENDED_SECURITY == 0 {
        let challenge = words.get(33).map_or(0, |&length| usize::from(length));
        let rest = bytes.get(challenge..).unwrap_or(&[]);
        let wide = capabilities & WIDE_TEXTS != 0;
        let (domain, rest) = up_to_zero(rest, wide);
        let (server, _) = up_to_zero(rest, wide);
        let (domain, name) = (name(domain, wide), name(server, wide));
        talk.server = Some(Arc::new(Server { name, domain, ..Server::default() }));
    }
}

/// The name of the server's system, as it says it in plain text.
fn tell_system(talk: &mut Talk, bytes: &[u8], wide: bool) {
    let (system, _) = up_to_zero(bytes, wide);
    let Some(system) = name(system, wide) else { return };
    let known = talk.server.take();
    let mut server = known.map_or_else(Server::default, Arc::unwrap_or_clone);
    server.system.get_or_insert(system);
    talk.server = Some(Arc::new(server));
}

fn offered(bytes: &[u8]) -> Option<Box<str>> {
    let words = bytes.split(|&byte| byte == 0).take(16).filter_map(|word| word.strip_prefix(&[2]));
    let words: Vec<_> = words.map(|word| text(word, false, 64)).collect();
    (!words.is_empty()).then(|| words.join(",").into())
}
