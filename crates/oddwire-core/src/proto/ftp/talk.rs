//! Commands of FTP, and where they let data flow.

use super::{Action, DataEnd, MOST_PATH, MOST_TEXT};
use crate::packet::Addr;
use crate::proto::clean;
use crate::proto::lines::words;
use std::net::IpAddr;

/// A command, as far as it means something here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Command {
    User(Box<str>),
    Pass,
    Tls,
    Port(Option<DataEnd>),
    Passive,
    RenameFrom(Box<str>),
    RenameTo(Box<str>),
    File(Action, Option<Box<str>>),
    Quit,
    Other,
}

impl Command {
    /// Reads a line. Of what a password may be nothing is kept.
    pub(super) fn read(line: &[u8]) -> Self {
        // Telnet's signals stand before an abort.
        let start = line.iter().position(|&byte| byte < 0xf0).unwrap_or(line.len());
        let (verb, rest) = words(line.get(start..).unwrap_or(line));
        let path = || clean(rest, MOST_PATH);
        let some_path = || (!rest.is_empty()).then(path);
        match verb.to_ascii_uppercase().as_slice() {
            b"USER" => Self::User(clean(rest, MOST_TEXT)),
            b"PASS" | b"ACCT" => Self::Pass,
            b"AUTH" if rest.eq_ignore_ascii_case(b"TLS") || rest.eq_ignore_ascii_case(b"SSL") => Self::Tls,
            b"AUTH" if rest.get(..4).is_some_and(|start| start.eq_ignore_ascii_case(b"TLS-")) => Self::Tls,
            b"PORT" => Self::Port(six_numbers(rest).map(|(ip, port)| DataEnd { passive: false, ip, port })),
            b"EPRT" => Self::Port(extended_port(rest)),
            b"PASV" | b"EPSV" => Self::Passive,
            b"RETR" => Self::File(Action::Download, some_path()),
            b"STOR" | b"STOU" | b"APPE" => Self::File(Action::Upload, some_path()),
            b"LIST" | b"NLST" | b"MLSD" => Self::File(Action::List, some_path()),
            b"DELE" => Self::File(Action::Delete, some_path()),
            b"MKD" | b"XMKD" => Self::File(Action::MakeDir, some_path()),
            b"RMD" | b"XRMD" => Self::File(Action::RemoveDir, some_path()),
            b"SITE" => Self::File(Action::Site, Some(clean(words(rest).0, MOST_TEXT))),
            b"RNFR" => Self::RenameFrom(path()),
            b"RNTO" => Self::RenameTo(path()),
            b"QUIT" => Self::Quit,
            _ => Self::Other,
        }
    }

    /// Bytes of memory.
    pub(super) fn held(&self) -> usize {
        match self {
            Self::User(text) | Self::RenameFrom(text) | Self::RenameTo(text) => text.len(),
            Self::File(_, path) => path.as_deref().map_or(0, str::len),
            _ => 0,
        }
    }
}

/// Where a reply says that data may be fetched: 227 with six numbers, 229 with a port.
pub(super) fn passive_end(code: u16, text: &[u8]) -> Option<DataEnd> {
    match code {
        227 => {
            let start = text.iter().position(u8::is_ascii_digit)?;
            let (ip, port) = six_numbers(text.get(start..)?)?;
            Some(DataEnd { passive: true, ip, port })
        }
        229 => {
            let open = text.iter().rposition(|&byte| byte == b'(')?;
            let inner = text.get(open + 1..)?.split(|&byte| byte == b')').next()?;
            let (&mark, fields) = inner.split_first()?;
            let port = number(fields.split(|&byte| byte == mark).nth(2)?)?;
            Some(DataEnd { passive: true, ip: None, port })
        }
        _ => None,
    }
}

/// `h1,h2,h3,h4,p1,p2`.
fn six_numbers(text: &[u8]) -> Option<(Option<Addr>, u16)> {
    let mut numbers = [0u8; 6];
    let mut parts = text.split(|&byte| byte == b',');
    for place in &mut numbers {
        let part = parts.next()?.trim_ascii();
        let end = part.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(part.len());
        *place = u8::try_from(number(part.get(..end)?)?).ok()?;
    }
    let [a, b, c, d, high, low] = numbers;
    Some((Some(Addr::v4([a, b, c, d])), u16::from_be_bytes([high, low])))
}

/// `|1|132.235.1.2|6275|`.
fn extended_port(text: &[u8]) -> Option<DataEnd> {
    let (&mark, fields) = text.split_first()?;
    let mut fields = fields.split(|&byte| byte == mark).skip(1);
    let ip: IpAddr = std::str::from_utf8(fields.next()?).ok()?.parse().ok()?;
    let port = number(fields.next()?)?;
    let ip = match ip {
        IpAddr::V4(ip) => Addr::v4(ip.octets()),
        IpAddr::V6(ip) => Addr(ip.octets()),
    };
    Some(DataEnd { passive: false, ip: Some(ip), port })
}

fn number(text: &[u8]) -> Option<u16> {
    let digits = !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(text).ok().filter(|_| digits)?.parse().ok()
}
