//! What neighbour and router discovery, redirects and multicast listeners say behind the header.

use super::quoted::Quoted;
use super::{Detail, MOST_NAMED, MOST_OPTIONS};
use crate::packet::{Addr, Mac};
use std::fmt::Write;

const SOURCE_MAC: u8 = 1;
const TARGET_MAC: u8 = 2;
const PREFIX: u8 = 3;
const REDIRECTED: u8 = 4;
const MTU: u8 = 5;
const NAME_SERVERS: u8 = 25;

/// Reads a message of `ICMPv6` whose type has more to say than its header.
pub(super) fn read(kind: u8, word: [u8; 4], bytes: &[u8], detail: &mut Detail) {
    match kind {
        130..=132 => detail.groups = joined(take_address(bytes).map(|(group, _)| group)),
        133 => read_options(bytes, detail),
        134 => read_options(bytes.get(8..).unwrap_or(&[]), detail),
        135 | 136 => {
            if let Some((target, rest)) = take_address(bytes) {
                detail.target = Some(target);
                read_options(rest, detail);
            }
        }
        137 => {
            if let Some((target, rest)) = take_address(bytes) {
                detail.target = Some(target);
                if let Some((destination, rest)) = take_address(rest) {
                    detail.destination = Some(destination);
                    read_options(rest, detail);
                }
            }
        }
        143 => detail.groups = listener_groups(u16::from_be_bytes([word[2], word[3]]), bytes),
        _ => {}
    }
}

/// Whether [`read`] finds anything in messages of this type.
pub(super) const fn has_more(kind: u8) -> bool {
    matches!(kind, 130..=137 | 143)
}

fn take_address(bytes: &[u8]) -> Option<(Addr, &[u8])> {
    let (address, rest) = bytes.split_first_chunk::<16>()?;
    Some((Addr(*address), rest))
}

fn joined(list: impl IntoIterator<Item = Addr>) -> Option<Box<str>> {
    let mut text = String::new();
    for address in list.into_iter().take(MOST_NAMED) {
        separate(&mut text);
        let _ = write!(text, "{address}");
    }
    (!text.is_empty()).then(|| text.into_boxed_str())
}

fn separate(text: &mut String) {
    if !text.is_empty() {
        text.push(',');
    }
}

fn read_options(mut bytes: &[u8], detail: &mut Detail) {
    let (mut prefixes, mut servers) = (String::new(), Vec::new());
    let (mut named, mut options) = (0, 0);
    while let &[kind, units, ..] = bytes {
        let (option, rest) = bytes.split_at_checked(usize::from(units) * 8).unwrap_or((bytes, &[]));
        if units == 0 || options == MOST_OPTIONS {
            break;
        }
        options += 1;
        bytes = rest;
        let value = option.get(2..).unwrap_or(&[]);
        match kind {
            SOURCE_MAC if units == 1 => detail.source_mac = value.first_chunk().copied().map(Mac),
            TARGET_MAC if units == 1 => detail.target_mac = value.first_chunk().copied().map(Mac),
            PREFIX if named < MOST_NAMED => {
                if let (Some(bits), Some((prefix, _))) =
                    (value.first(), value.get(14..).and_then(take_address))
                {
                    separate(&mut prefixes);
                    let _ = write!(prefixes, "{prefix}/{bits}");
                    named += 1;
                }
            }
            REDIRECTED => detail.quoted = value.get(6..).and_then(Quoted::read),
            MTU => {
                detail.mtu =
                    value.get(2..).and_then(|value| value.first_chunk()).copied().map(u32::from_be_bytes);
            }
            NAME_SERVERS => {
                let (list, _) = value.get(6..).unwrap_or(&[]).as_chunks::<16>();
                let room = MOST_NAMED.saturating_sub(servers.len());
                servers.extend(list.iter().take(room).map(|server| Addr(*server)));
            }
            _ => {}
        }
    }
    detail.prefixes = (!prefixes.is_empty()).then(|| prefixes.into_boxed_str());
    detail.name_servers = joined(servers);
}

/// The groups of a report of version 2; those behind a record that is not whole are left out.
fn listener_groups(records: u16, mut bytes: &[u8]) -> Option<Box<str>> {
    let mut groups = Vec::new();
    for _ in 0..usize::from(records).min(MOST_NAMED) {
        let Some((&[_, auxiliary, high, low], rest)) = bytes.split_first_chunk::<4>() else { break };
        let Some((group, rest)) = take_address(rest) else { break };
        groups.push(group);
        let behind = usize::from(u16::from_be_bytes([high, low])) * 16 + usize::from(auxiliary) * 4;
        bytes = rest.get(behind..).unwrap_or(&[]);
    }
    joined(groups)
}
