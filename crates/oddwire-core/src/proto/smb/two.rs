//! SMB 2 and 3: requests and answers, compounds too.

use super::status::Status;
use super::talk::{Head, Talk};
use super::{Event, MOST_CHAIN, MOST_NAME, Said, is_told, login};
use crate::proto::bytes::{part, path, u16_at, u32_at, u64_at};
use crate::proto::{Moment, Out};
use std::sync::Arc;

const HEADER: usize = 64;
const FROM_SERVER: u32 = 1;
const RELATED: u32 = 4;
const MOST_DIALECTS: usize = 16;

/// Reads a message with all that is chained to it.
pub(super) fn hear(talk: &mut Talk, message: &[u8], from_a: bool, at: Moment, out: &mut Out<'_, Said>) {
    let mut rest = message;
    let mut tree_before = None;
    for _ in 0..MOST_CHAIN {
        let (Some(command), Some(flags)) = (u16_at(rest, 12), u32_at(rest, 16)) else { return };
        let next = u32_at(rest, 20).unwrap_or(0) as usize;
        let one = if next >= HEADER { rest.get(..next).unwrap_or(rest) } else { rest };
        let (Some(id), Some(session)) = (u64_at(one, 24), u64_at(one, 40)) else { return };
        let own_tree = u32_at(one, 36).unwrap_or(0);
        let tree = if flags & RELATED != 0 { tree_before.unwrap_or(own_tree) } else { own_tree };
        tree_before = Some(tree);
        let answers = flags & FROM_SERVER != 0;
        let number = if answers { u32_at(one, 8).unwrap_or(0) } else { 0 };
        let status = Status { number, dos: false };
        let head = Head { at, client_is_a: from_a != answers, id, session, tree, status };
        talk.version = talk.version.filter(|&version| version != "SMB1").or(Some("SMB2"));
        if answers {
            answer(talk, &head, command, one, out);
        } else {
            ask(talk, head, command, one, out);
        }
        if next < HEADER {
            return;
        }
        rest = rest.get(next..).unwrap_or(&[]);
    }
}

fn ask(talk: &mut Talk, head: Head, command: u16, one: &[u8], out: &mut Out<'_, Said>) {
    let body = one.get(HEADER..).unwrap_or(&[]);
    let said = match command {
        0 => Said { offered: offered(body), ..Said::of(Event::Negotiate) },
        1 => login::asked(blob(one, body, 12).unwrap_or(&[])),
        3 => {
            let share = blob(one, body, 4).map(|bytes| Arc::from(path(bytes, true, MOST_NAME)));
            Said { share, ..Said::of(Event::Tree) }
        }
        5 => {
            let Some(bytes) = blob(one, body, 44) else { return };
            let name = path(bytes, true, MOST_NAME);
            if !is_told(&name, talk.has_pipes(head.tree)) {
                return;
            }
            Said { name: Some(name), ..Said::of(Event::Open) }
        }
        _ => return,
    };
    talk.ask(head, said, out);
}

fn answer(talk: &mut Talk, head: &Head, command: u16, one: &[u8], out: &mut Out<'_, Said>) {
    let body = one.get(HEADER..).unwrap_or(&[]);
    let good = head.status.is_success();
    match command {
        0 => {
            if good {
                talk.version = u16_at(body, 4).map(version);
                talk.signing_required = u16_at(body, 2).map(|mode| mode & 2 != 0);
            }
            talk.answer(head, Event::Negotiate, out, |_| {});
        }
        1 => {
            let blob = blob(one, body, 4).unwrap_or(&[]);
            login::challenged(blob, talk);
            let flags = u16_at(body, 2).filter(|_| good);
            talk.answer(head, Event::Login, out, |said| {
                said.encrypted = flags.map(|flags| flags & 4 != 0);
                match flags {
                    Some(flags) if flags & 1 != 0 => said.auth = Some("guest"),
                    Some(flags) if flags & 2 != 0 => said.auth = Some("anonymous"),
                    _ => {}
                }
            });
        }
        3 => talk.answer(head, Event::Tree, out, |said| {
            if good {
                said.encrypted = u32_at(body, 4).map(|flags| flags & 0x8000 != 0);
                said.share_type = match body.get(2) {
                    Some(1) => Some("disk"),
                    Some(2) => Some("pipe"),
                    Some(3) => Some("print"),
                    _ => None,
                };
            }
        }),
        5 => talk.answer(head, Event::Open, out, |said| {
            said.action = u32_at(body, 4).filter(|_| good).and_then(action);
        }),
        _ => {}
    }
}

/// The bytes that an offset and a length in the body point to; the offset counts from the header.
fn blob<'a>(one: &'a [u8], body: &[u8], at: usize) -> Option<&'a [u8]> {
    let (offset, length) = (usize::from(u16_at(body, at)?), usize::from(u16_at(body, at + 2)?));
    let whole = part(one, offset, length);
    whole.or_else(|| one.get(offset..).filter(|front| !front.is_empty()))
}

fn offered(body: &[u8]) -> Option<Box<str>> {
    let count = usize::from(u16_at(body, 2)?).min(MOST_DIALECTS);
    let words = (0..count).map_while(|place| u16_at(body, 36 + 2 * place)).map(version);
    Some(words.collect::<Vec<_>>().join(",").into())
}

/// The word of a dialect.
const fn version(dialect: u16) -> &'static str {
    match dialect {
        0x0202 => "SMB2.0.2",
        0x0210 => "SMB2.1",
        0x0222 => "SMB2.2.2",
        0x0224 => "SMB2.2.4",
        0x0300 => "SMB3.0",
        0x0302 => "SMB3.0.2",
        0x0310 => "SMB3.1",
        0x0311 => "SMB3.1.1",
        _ => "SMB2",
    }
}

/// What opening a file did.
pub(super) const fn action(number: u32) -> Option<&'static str> {
    match number {
        0 => Some("superseded"),
        1 => Some("opened"),
        2 => Some("created"),
        3 => Some("overwritten"),
        _ => None,
    }
}
