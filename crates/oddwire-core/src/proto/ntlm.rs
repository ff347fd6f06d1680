//! NTLMSSP: who logs in, and what the server says of itself. Responses and hashes are passed over.

use super::bytes::{part, text, u16_at, u32_at};
use std::sync::Arc;

/// Bytes of a name that are kept.
const MOST_NAME: usize = 255;
/// Names in the server's description of itself that are read.
const MOST_NAMES: usize = 16;

const SIGNATURE: &[u8] = b"NTLMSSP\0";
const UNICODE: u32 = 1;
const VERSION: u32 = 0x0200_0000;

/// A message of NTLMSSP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::proto) enum Ntlm {
    /// The client begins.
    Negotiate,
    /// The server's challenge, with its names.
    Challenge(Arc<Server>),
    /// The client's answer, with the name of the account.
    Authenticate(Arc<Who>),
}

/// What a server says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::proto) struct Server {
    pub(in crate::proto) name: Option<Box<str>>,
    pub(in crate::proto) domain: Option<Box<str>>,
    pub(in crate::proto) dns_name: Option<Box<str>>,
    pub(in crate::proto) dns_domain: Option<Box<str>>,
    /// Version of its operating system.
    pub(in crate::proto) system: Option<Box<str>>,
}

/// Who logs in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::proto) struct Who {
    pub(in crate::proto) user: Option<Box<str>>,
    pub(in crate::proto) domain: Option<Box<str>>,
    pub(in crate::proto) workstation: Option<Box<str>>,
    /// Whether no account was named and nothing was proved.
    pub(in crate::proto) anonymous: bool,
}

impl Server {
    /// Bytes of memory that its names take.
    pub(in crate::proto) fn held(&self) -> usize {
        let texts = [&self.name, &self.domain, &self.dns_name, &self.dns_domain, &self.system];
        size_of::<Self>() + texts.into_iter().flatten().map(|text| text.len()).sum::<usize>()
    }
}

impl Who {
    /// Bytes of memory that its names take.
    pub(in crate::proto) fn held(&self) -> usize {
        let texts = [&self.user, &self.domain, &self.workstation];
        size_of::<Self>() + texts.into_iter().flatten().map(|text| text.len()).sum::<usize>()
    }
}

/// Finds a message of NTLMSSP in a security blob, whatever wraps it.
pub(in crate::proto) fn find(blob: &[u8]) -> Option<Ntlm> {
    let start = blob.windows(SIGNATURE.len()).position(|window| window == SIGNATURE)?;
    let message = blob.get(start..)?;
    match u32_at(message, 8)? {
        1 => Some(Ntlm::Negotiate),
        2 => Some(Ntlm::Challenge(Arc::new(challenge(message)))),
        3 => Some(Ntlm::Authenticate(Arc::new(authenticate(message)))),
        _ => None,
    }
}

/// The bytes that a length and an offset at this place point to.
fn field(message: &[u8], at: usize) -> Option<&[u8]> {
    let length = usize::from(u16_at(message, at)?);
    part(message, u32_at(message, at + 4)? as usize, length)
}

/// A name that is not empty.
pub(in crate::proto) fn name(bytes: &[u8], wide: bool) -> Option<Box<str>> {
    Some(text(bytes, wide, MOST_NAME)).filter(|name| !name.is_empty())
}

fn authenticate(message: &[u8]) -> Who {
    let wide = u32_at(message, 60).is_none_or(|flags| flags & UNICODE != 0);
    let named = |at| field(message, at).and_then(|bytes| name(bytes, wide));
    let nothing_proved = u16_at(message, 20) == Some(0);
    let (domain, user, workstation) = (named(28), named(36), named(44));
    let anonymous = nothing_proved && u16_at(message, 36) == Some(0);
    Who { user, domain, workstation, anonymous }
}

fn challenge(message: &[u8]) -> Server {
    let flags = u32_at(message, 20).unwrap_or(0);
    let mut server = Server::default();
    if flags & VERSION != 0
        && let (Some(&[major, minor]), Some(build)) = (part(message, 48, 2), u16_at(message, 50))
    {
        server.system = Some(format!("{major}.{minor}.{build}").into());
    }
    let mut rest = field(message, 40).unwrap_or(&[]);
    for _ in 0..MOST_NAMES {
        let (Some(kind), Some(length)) = (u16_at(rest, 0), u16_at(rest, 2)) else { break };
        let Some(value) = part(rest, 4, usize::from(length)) else { break };
        let place = match kind {
            1 => &mut server.name,
            2 => &mut server.domain,
            3 => &mut server.dns_name,
            4 => &mut server.dns_domain,
            0 => break,
            _ => &mut None,
        };
        *place = name(value, true);
        rest = rest.get(4 + usize::from(length)..).unwrap_or(&[]);
    }
    server
}
