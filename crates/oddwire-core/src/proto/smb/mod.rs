//! SMB 1, 2 and 3 over TCP: negotiations, log-ins, shares, and the opening of pipes and of executable files.
//!
//! Of a message at most [`MOST_MESSAGE`] bytes are read, of most commands only the header; the rest is counted off. Of a
//! flow at most [`MOST_WAITING`] requests wait for their answer, [`MOST_LIST`] sessions and as many shares are known by
//! name, and [`MOST_OPENED`] openings are told; names have at most [`MOST_NAME`] bytes. Proofs of passwords are passed
//! over, and with the first encrypted message listening ends.

mod columns;
mod intake;
mod login;
mod one;
mod status;
mod talk;
mod two;

use crate::column::Column;
use crate::proto::ntlm::{Server, Who};
use crate::proto::{Next, Opening, Out, Parser, Piece, Probe, Row, transport};
pub use intake::MOST_MESSAGE;
use intake::{Intake, begins_message};
use status::Status;
use std::sync::Arc;
use talk::Talk;

/// Requests of one flow that may wait for their answer.
pub const MOST_WAITING: usize = 32;
/// Sessions, and shares, of one flow that are known by name.
pub const MOST_LIST: usize = 16;
/// Different openings of pipes and executable files that one flow tells.
pub const MOST_OPENED: usize = 64;
/// Bytes of a name or path.
pub const MOST_NAME: usize = 255;
/// Commands of one message that are read.
const MOST_CHAIN: usize = 16;

/// Pipes that are told even where their share was not seen being connected.
const PIPES: &[&str] = &[
    "atsvc",
    "browser",
    "efsrpc",
    "epmapper",
    "eventlog",
    "initshutdown",
    "lsarpc",
    "lsass",
    "netdfs",
    "netlogon",
    "ntsvcs",
    "samr",
    "spoolss",
    "srvsvc",
    "svcctl",
    "tsch",
    "winreg",
    "wkssvc",
];
/// Endings of files that can be run.
const EXECUTABLE: &[&str] = &[".exe", ".dll", ".bat", ".ps1", ".sys", ".scr", ".vbs", ".cmd", ".msi"];

/// Listens to SMB.
#[derive(Debug, Default)]
pub struct Smb {
    intakes: [Intake; 2],
    talk: Talk,
}

/// A negotiation, a log-in, a share or an opening, with its answer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Said {
    event: Event,
    version: Option<&'static str>,
    who: Option<Arc<Who>>,
    auth: Option<&'static str>,
    login: Option<bool>,
    status: Option<Status>,
    share: Option<Arc<str>>,
    share_type: Option<&'static str>,
    name: Option<Box<str>>,
    action: Option<&'static str>,
    signing_required: Option<bool>,
    encrypted: Option<bool>,
    server: Option<Arc<Server>>,
    latency_ns: Option<u64>,
    offered: Option<Box<str>>,
}

/// What happened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Event {
    #[default]
    Negotiate,
    Login,
    Tree,
    Open,
    Encrypted,
}

impl Said {
    fn of(event: Event) -> Self {
        Self { event, ..Self::default() }
    }

    fn held(&self) -> usize {
        self.who.as_ref().map_or(0, |who| who.held())
            + self.share.as_ref().map_or(0, |share| share.len())
            + self.name.as_ref().map_or(0, |name| name.len())
            + self.offered.as_ref().map_or(0, |offered| offered.len())
    }
}

/// Whether the opening of a name is told: of pipes each, of files those that can be run.
fn is_told(name: &str, pipes: Option<bool>) -> bool {
    let lower = name.to_ascii_lowercase();
    let known = || PIPES.contains(&lower.rsplit('\\').next().unwrap_or(&lower));
    let runs = || EXECUTABLE.iter().any(|ending| lower.ends_with(ending));
    !name.is_empty() && (pipes.unwrap_or_else(known) || runs())
}

impl Parser for Smb {
    type Said = Said;

    const NAME: &'static str = "smb";
    const ROW: &'static str = "a negotiation, a log-in attempt, a share, or the opening of a pipe or of an executable file, with its answer";
    const BRIEF: &'static [&'static str] = &["version", "event", "user", "login", "share", "name"];

    fn probe(opening: &Opening<'_>) -> Probe {
        if !opening.is_over(transport::TCP) {
            return Probe::No;
        }
        judge(opening.bytes)
    }

    fn push(&mut self, piece: &Piece<'_>, out: &mut Out<'_, Said>) -> Next {
        let Self { intakes, talk } = self;
        let Some(intake) = intakes.get_mut(usize::from(!piece.from_a)) else { return Next::Done };
        if intake.take(piece, &mut |message| hear(talk, message, piece, out)) {
            return Next::More;
        }
        talk.drain(out);
        Next::Done
    }

    fn drain(&mut self, out: &mut Out<'_, Said>) {
        self.talk.drain(out);
    }

    fn held(&self) -> usize {
        self.talk.held() + self.intakes.iter().map(Intake::held).sum::<usize>()
    }

    fn columns() -> Vec<Column<Row<Said>>> {
        columns::columns()
    }
}

/// Takes the front of a message; `false` when no more can be read.
fn hear(talk: &mut Talk, message: &[u8], piece: &Piece<'_>, out: &mut Out<'_, Said>) -> bool {
    let &Piece { from_a, at, .. } = piece;
    match message {
        [0xff, b'S', b'M', b'B', ..] => one::hear(talk, message, from_a, at, out),
        [0xfe, b'S', b'M', b'B', ..] => two::hear(talk, message, from_a, at, out),
        [0xfd, b'S', b'M', b'B', ..] => {
            talk.encrypted(at, is_client(piece), out);
            return false;
        }
        [0xfc, b'S', b'M', b'B', ..] => {}
        _ => return message.len() < 4,
    }
    true
}

/// Whether `a` is the client, where only the ports can tell.
const fn is_client(piece: &Piece<'_>) -> bool {
    let server_is_a = matches!(piece.key.a_port, 139 | 445);
    let server_is_b = matches!(piece.key.b_port, 139 | 445);
    if server_is_a == server_is_b { piece.key.a_port >= piece.key.b_port } else { server_is_b }
}

/// Judges the first bytes: a message of SMB, perhaps behind a request for a session by `NetBIOS` names.
fn judge(bytes: &[u8]) -> Probe {
    match bytes {
        [0x82 | 0x85, 0, 0, 0, rest @ ..] if !rest.is_empty() => judge_message(rest),
        [0x82 | 0x85] | [0x82 | 0x85, 0] | [0x82 | 0x85, 0, 0] | [0x82 | 0x85, 0, 0, 0] => Probe::More,
        [0x81, ..] => judge_request(bytes),
        _ => judge_message(bytes),
    }
}

/// Behind a request for a session by names the first message must come.
fn judge_request(bytes: &[u8]) -> Probe {
    let names = bytes.get(5..37).unwrap_or_else(|| bytes.get(5..).unwrap_or(&[]));
    let fits = [0x81, 0, 0].iter().zip(bytes).all(|(want, have)| want == have)
        && bytes.get(4).is_none_or(|&length| length == 32)
        && names.iter().all(|byte| matches!(byte, b'A'..=b'P'));
    let length = bytes.get(3).map_or(0, |&length| usize::from(length));
    match (fits, bytes.get(4 + length..)) {
        (false, _) => Probe::No,
        (true, Some(rest)) if length > 0 => judge_message(rest),
        (true, _) => Probe::More,
    }
}

fn judge_message(bytes: &[u8]) -> Probe {
    let Some(front) = bytes.first_chunk::<8>() else {
        let fits = bytes.first().is_none_or(|&kind| kind == 0)
            && bytes.get(4).is_none_or(|byte| matches!(byte, 0xfd..=0xff))
            && bytes.iter().skip(5).zip(b"SMB").all(|(have, want)| have == want);
        return if fits { Probe::More } else { Probe::No };
    };
    let length = u32::from_be_bytes([0, front[1], front[2], front[3]]);
    let least = match front[4] {
        0xff => 35,
        0xfe => 66,
        _ => 52,
    };
    if begins_message(bytes) && length >= least { Probe::Yes } else { Probe::No }
}

#[cfg(test)]
mod tests;
