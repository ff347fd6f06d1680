//! The first two packets: who connects with which ways of protection, and what the server picks.

use crate::proto::Probe;
use crate::proto::clean;

/// Bytes of a name that are kept.
const MOST_NAME: usize = 255;

/// Bytes of TPKT and of the fixed part of X.224 behind it.
const FIXED: usize = 11;
const CONNECT: u8 = 0xe0;
const CONFIRM: u8 = 0xd0;
const USER: &[u8] = b"Cookie: mstshash=";
const TOKENS: [&[u8]; 3] = [b"Cookie: msts=", b"tsv://", b"mth://"];
/// A data packet of X.224 with the begin of a conference: tag 101 of application class.
const INITIAL: [u8; 5] = [2, 0xf0, 0x80, 0x7f, 0x65];

/// What a client asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) user: Option<Box<str>>,
    pub(super) routed: bool,
    /// Flags and protocols of the negotiation, if there is one.
    pub(super) negotiation: Option<(u8, u32)>,
}

/// What the server answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Confirm {
    Selected(u32),
    Failure(u32),
}

/// The length that a packet of TPKT gives itself; `None` where it is none, or not begun.
pub(super) fn packet_length(bytes: &[u8]) -> Option<usize> {
    match bytes {
        [3, 0, high, low, ..] => Some(usize::from(u16::from_be_bytes([*high, *low]))),
        _ => None,
    }
}

/// The variable part of an X.224 packet of this kind that is alone in its TPKT packet.
fn variable(packet: &[u8], kind: u8) -> Option<&[u8]> {
    let [3, 0, _, _, length, code, _, _, _, _, class, variable @ ..] = packet else { return None };
    let whole = usize::from(*length) + 5 == packet.len() && packet_length(packet) == Some(packet.len());
    (whole && code & 0xf0 == kind && *class == 0).then_some(variable)
}

/// A block of the negotiation: its flags and its number.
fn block(bytes: &[u8], kind: u8) -> Option<(u8, u32)> {
    match *bytes.first_chunk::<8>()? {
        [first, flags, 8, 0, a, b, c, d] if first == kind => Some((flags, u32::from_le_bytes([a, b, c, d]))),
        _ => None,
    }
}

impl Request {
    /// Reads a connection request; `None` where it is another protocol's.
    pub(super) fn read(packet: &[u8]) -> Option<Self> {
        let variable = variable(packet, CONNECT)?;
        let end = variable.windows(2).position(|pair| pair == b"\r\n");
        let (line, behind) = match end {
            Some(end) => (variable.get(..end)?, variable.get(end + 2..)?),
            None => (&[][..], variable),
        };
        let negotiation = block(behind, 1);
        let user = line.strip_prefix(USER);
        let token = TOKENS.iter().any(|token| line.starts_with(token));
        let known = user.is_some() || token || negotiation.is_some() || variable.is_empty();
        let fits = negotiation.is_some() || behind.is_empty();
        (known && fits).then(|| Self {
            user: user.filter(|user| !user.is_empty()).map(|user| clean(user, MOST_NAME)),
            routed: end.is_some() && user.is_none(),
            negotiation,
        })
    }

    /// Whether it could as well be another protocol that begins with X.224.
    const fn is_bare(&self) -> bool {
        self.user.is_none() && !self.routed && self.negotiation.is_none()
    }
}

impl Confirm {
    /// Reads a connection confirm; without negotiation the old protection was picked.
    pub(super) fn read(packet: &[u8]) -> Option<Self> {
        let variable = variable(packet, CONFIRM)?;
        match (block(variable, 2), block(variable, 3)) {
            (Some((_, selected)), _) => Some(Self::Selected(selected)),
            (_, Some((_, code))) => Some(Self::Failure(code)),
            _ => variable.is_empty().then_some(Self::Selected(0)),
        }
    }
}

/// Whether a packet begins a conference.
pub(super) fn begins_conference(packet: &[u8]) -> bool {
    packet.get(4..).is_some_and(|rest| rest.starts_with(&INITIAL))
}

/// Judges the first bytes of one direction; `other` is what the other said.
pub(super) fn judge(bytes: &[u8], other: &[u8]) -> Probe {
    let Some(head) = bytes.first_chunk::<6>() else {
        return if b"\x03\0\0".starts_with(bytes.get(..3).unwrap_or(bytes)) {
            Probe::More
        } else {
            Probe::No
        };
    };
    let Some(length) = packet_length(head).filter(|&length| (FIXED..=259).contains(&length)) else {
        return Probe::No;
    };
    if usize::from(head[4]) + 5 != length || !matches!(head[5] & 0xf0, CONNECT | CONFIRM) {
        return Probe::No;
    }
    let Some((packet, behind)) = bytes.split_at_checked(length) else {
        return if bytes.get(FIXED..).is_none_or(may_be_variable) { Probe::More } else { Probe::No };
    };
    match (Request::read(packet), Confirm::read(packet)) {
        (Some(request), _) if !request.is_bare() => Probe::Yes,
        (Some(_), _) => judge_conference(behind),
        (_, Some(_)) if length > FIXED => Probe::Yes,
        (_, Some(_)) => match Request::read(other.get(..FIXED).unwrap_or(other)) {
            Some(_) => judge_conference(other.get(FIXED..).unwrap_or(&[])),
            None => Probe::No,
        },
        _ => Probe::No,
    }
}

/// Behind a bare request only the begin of a conference tells that it is remote desktop.
fn judge_conference(bytes: &[u8]) -> Probe {
    if begins_conference(bytes) {
        return Probe::Yes;
    }
    let begun = bytes.get(4..).is_none_or(|rest| INITIAL.starts_with(rest));
    let framed = bytes.iter().zip([3, 0]).all(|(have, want)| *have == want);
    if begun && framed { Probe::More } else { Probe::No }
}

/// Whether the variable part could still become one of remote desktop.
fn may_be_variable(bytes: &[u8]) -> bool {
    let starts = [USER, TOKENS[0], TOKENS[1], TOKENS[2], &[1], &[2], &[3]];
    starts.iter().any(|start| bytes.starts_with(start) || start.starts_with(bytes))
}
