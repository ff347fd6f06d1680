//! A message of `DHCPv6`, out of the envelopes that relays put around it.

use super::options::Options;
use super::text::{addresses_6, digits, joined, mac, names, parameters_6, shown};
use super::{MOST_RELAYS, Message, Said};
use crate::packet::{Addr, Mac};
use crate::proto::{Opening, Probe};

/// Bytes of a relay's header.
const RELAY_HEADER: usize = 34;
/// Delegated prefixes and words of a class that are kept.
const MOST_LISTED: usize = 8;

const CLIENT_PORT: u16 = 546;
const SERVER_PORT: u16 = 547;
const RELAY_FORWARD: u8 = 12;
const RELAY_REPLY: u8 = 13;

const CLIENT_ID: u16 = 1;
const SERVER_ID: u16 = 2;
const ADDRESS_SET: u16 = 3;
const TEMPORARY_SET: u16 = 4;
const ADDRESS: u16 = 5;
const RELAYED_MESSAGE: u16 = 9;
const PREFIX_SET: u16 = 25;
const PREFIX: u16 = 26;

/// Judges a datagram. Off the known ports it must name a client or server properly, and every option must be
/// known.
pub(super) fn probe(opening: &Opening<'_>) -> Probe {
    let hint = opening.has_port(CLIENT_PORT) || opening.has_port(SERVER_PORT);
    let &[kind @ 1..=36, ref rest @ ..] = opening.bytes else { return Probe::No };
    let header = if matches!(kind, RELAY_FORWARD | RELAY_REPLY) { RELAY_HEADER - 1 } else { 3 };
    let Some(body) = rest.get(header..) else { return Probe::No };
    if !hint && !matches!(body, [0, 1..=150, ..]) {
        return Probe::No;
    }
    let options = Options::read_6(body);
    let known = options.codes().all(|code| matches!(code, 1..=150));
    let cut = opening.wire as usize > opening.bytes.len();
    if !known || options.count() == 0 && !(hint && options.whole) {
        return Probe::No;
    }
    let identified =
        [CLIENT_ID, SERVER_ID].into_iter().any(|code| options.first(code).is_some_and(is_identifier));
    let enveloped = options.first(RELAYED_MESSAGE).is_some_and(|inner| matches!(inner.first(), Some(1..=36)));
    if hint && (options.whole || cut || identified)
        || options.whole && kind <= 13 && (identified || enveloped)
    {
        Probe::Yes
    } else {
        Probe::No
    }
}

/// Whether it is a DUID of one of the four types.
fn is_identifier(value: &[u8]) -> bool {
    matches!((value, value.len()), ([0, 1..=4, ..], 6..=130))
}

/// Whether a client (or the relay that speaks for it) sends messages of this type.
const fn is_from_client(kind: u8) -> bool {
    !matches!(kind, 2 | 7 | 10 | RELAY_REPLY | 15 | 16 | 17 | 19 | 21)
}

/// Reads a message; the second value is whether the client sent it.
pub(super) fn read(mut bytes: &[u8]) -> Option<(Said, bool)> {
    let from_client = is_from_client(*bytes.first()?);
    let mut said = Said { version_6: true, ..Said::default() };
    for _ in 0..MOST_RELAYS {
        let &[kind @ (RELAY_FORWARD | RELAY_REPLY), ..] = bytes else { break };
        let Some((head, rest)) = bytes.split_first_chunk::<RELAY_HEADER>() else { break };
        let options = Options::read_6(rest);
        said.message = Message::Version6(kind);
        said.relayed = true;
        said.relay_ip = head.get(2..).and_then(|link| link.first_chunk()).copied().map(Addr);
        said.client_mac = options.first(79).and_then(read_link_address).or(said.client_mac);
        match options.first(RELAYED_MESSAGE) {
            Some(inner) if !inner.is_empty() => bytes = inner,
            _ => return Some((said, from_client)),
        }
    }
    let &[kind, high, middle, low, ref rest @ ..] = bytes else { return None };
    said.message = Message::Version6(kind);
    if !matches!(kind, RELAY_FORWARD | RELAY_REPLY) {
        said.transaction = u32::from_be_bytes([0, high, middle, low]);
        said.take_options_6(&Options::read_6(rest), is_from_client(kind));
    }
    Some((said, from_client))
}

impl Said {
    fn take_options_6(&mut self, options: &Options<'_>, asks: bool) {
        let identifier = options.first(CLIENT_ID);
        self.client_id = identifier.and_then(digits);
        self.server_id = options.first(SERVER_ID).and_then(digits);
        self.client_mac = self.client_mac.or_else(|| identifier.and_then(read_identifier_mac));
        let lease = read_lease(options);
        if let Some((address, lifetime)) = lease {
            if asks {
                self.requested_ip = Some(address);
            } else {
                self.assigned_ip = Some(address);
            }
            self.lease_s = Some(lifetime);
        }
        let prefixes =
            options.all(PREFIX_SET).filter_map(|set| Options::read_6(set.get(12..)?).first(PREFIX));
        let prefixes = prefixes.filter_map(|prefix| {
            let (bits, address) = (prefix.get(8)?, prefix.get(9..)?.first_chunk::<16>()?);
            Some(format!("{}/{bits}", Addr(*address)))
        });
        self.prefixes = joined(prefixes, MOST_LISTED);
        self.server_ip = options.start(12).map(Addr);
        self.name_servers = options.value(23).and_then(|value| addresses_6(&value));
        self.domain = options.value(24).and_then(|value| names(&value));
        self.fqdn = options.first(39).and_then(|value| names(value.get(1..)?));
        self.vendor_class = options.first(16).and_then(read_class);
        self.parameters = options.value(6).and_then(|value| parameters_6(&value));
        self.time_servers = options.first(56).and_then(read_time_servers);
        self.time_servers = self.time_servers.take().or_else(|| addresses_6(&options.value(31)?));
        self.boot_file = options.first(59).and_then(shown);
        self.status = read_status(options).or_else(|| {
            let mut sets = options.all(ADDRESS_SET).chain(options.all(PREFIX_SET)).take(MOST_LISTED);
            sets.find_map(|set| read_status(&Options::read_6(set.get(12..)?)))
        });
    }
}

/// The first leased address, with its valid lifetime.
fn read_lease(options: &Options<'_>) -> Option<(Addr, u32)> {
    let sets = options.all(ADDRESS_SET).map(|set| set.get(12..));
    let mut sets = sets.chain(options.all(TEMPORARY_SET).map(|set| set.get(4..))).take(MOST_LISTED);
    sets.find_map(|set| {
        let lease = Options::read_6(set?).first(ADDRESS)?;
        let (address, rest) = lease.split_first_chunk::<16>()?;
        Some((Addr(*address), u32::from_be_bytes(*rest.get(4..)?.first_chunk()?)))
    })
}

/// The Ethernet address in a DUID that is made of one.
fn read_identifier_mac(identifier: &[u8]) -> Option<Mac> {
    match identifier {
        [0, 1, 0, 1, _, _, _, _, rest @ ..] | [0, 3, 0, 1, rest @ ..] if rest.len() == 6 => {
            mac(rest.first_chunk().copied()?)
        }
        _ => None,
    }
}

/// The Ethernet address that a relay saw.
fn read_link_address(value: &[u8]) -> Option<Mac> {
    match value {
        [0, 1, rest @ ..] if rest.len() == 6 => mac(rest.first_chunk().copied()?),
        _ => None,
    }
}

/// A vendor class: the enterprise's number, then its words.
fn read_class(value: &[u8]) -> Option<Box<str>> {
    let (enterprise, mut rest) = value.split_first_chunk::<4>()?;
    let mut class = vec![u32::from_be_bytes(*enterprise).to_string()];
    while let ([high, low, behind @ ..], true) = (rest, class.len() < MOST_LISTED) {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let (word, behind) = behind.split_at_checked(length).unwrap_or((behind, &[]));
        class.extend(shown(word).map(String::from));
        rest = behind;
    }
    Some(class.join(",").into_boxed_str())
}

/// Time servers: addresses, multicast addresses or a name.
fn read_time_servers(value: &[u8]) -> Option<Box<str>> {
    let parts = Options::read_6(value);
    let address = parts.first(1).or_else(|| parts.first(2)).and_then(addresses_6);
    address.or_else(|| names(parts.first(3)?))
}

/// A status: its code, and what the server says of it.
fn read_status(options: &Options<'_>) -> Option<Box<str>> {
    let (code, text) = options.first(13)?.split_first_chunk::<2>()?;
    let code = u16::from_be_bytes(*code);
    let word = match code {
        0 => "success",
        1 => "unspecified_failure",
        2 => "no_addresses_available",
        3 => "no_binding",
        4 => "not_on_link",
        5 => "use_multicast",
        6 => "no_prefix_available",
        _ => return Some(format!("{code}").into_boxed_str()),
    };
    Some(shown(text).map_or_else(|| word.into(), |text| format!("{word}: {text}").into_boxed_str()))
}
