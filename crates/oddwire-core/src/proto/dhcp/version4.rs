//! A message of BOOTP or `DHCPv4`.

use super::options::Options;
use super::text::{address, addresses_4, digits, mac, names, parameters_4, shown};
use super::{Message, Said};
use crate::proto::{Opening, Probe};

/// Bytes before the options: the header, the server's name (64) and the file's name (128).
const HEADER: usize = 236;
const COOKIE: [u8; 4] = [99, 130, 83, 99];
/// The file's name, which option 52 may give to options.
const FILE: std::ops::Range<usize> = 108..236;
/// The server's name, likewise.
const SERVER_NAME: std::ops::Range<usize> = 44..108;

const SERVER_PORT: u16 = 67;
const CLIENT_PORT: u16 = 68;
const ETHERNET: u8 = 1;
const IEEE_802: u8 = 6;

/// Judges a datagram: anywhere by the magic cookie, on the known ports also without.
pub(super) fn probe(opening: &Opening<'_>) -> Probe {
    let &[operation @ (1 | 2), kind, length @ 0..=16, hops, ..] = opening.bytes else { return Probe::No };
    let hint = opening.has_port(SERVER_PORT) || opening.has_port(CLIENT_PORT);
    if opening.bytes.get(HEADER..HEADER + 4) == Some(&COOKIE) {
        return if hint || hops <= 16 { Probe::Yes } else { Probe::No };
    }
    let cut = (opening.wire as usize) > opening.bytes.len();
    let enough = opening.bytes.len() >= HEADER || cut && opening.bytes.len() >= 44;
    let answers = operation == 2;
    let direction = if answers { opening.to_port() != SERVER_PORT || hops > 0 } else { true };
    let plausible = hops <= 16 && kind <= 38 && (length == 6 || kind != ETHERNET);
    if hint && enough && direction && plausible { Probe::Yes } else { Probe::No }
}

/// Reads a message; `None` where not even the header is there. The second value is whether the client sent it.
pub(super) fn read(bytes: &[u8]) -> Option<(Said, bool)> {
    let head = bytes.first_chunk::<44>()?;
    let four =
        |at: usize| head.get(at..).and_then(|rest| rest.first_chunk::<4>()).copied().unwrap_or_default();
    let [operation, hardware, length, ..] = *head;
    let hardware_address: [u8; 6] = head.get(28..).and_then(|rest| rest.first_chunk()).copied()?;
    let has_mac = length == 6 && matches!(hardware, ETHERNET | IEEE_802);
    let options = read_options(bytes);
    let kind = options.first(53).and_then(|value| value.first().copied());
    let message = match (kind, operation) {
        (Some(kind), _) => Message::Version4(kind),
        (None, 1) => Message::BootpRequest,
        (None, _) => Message::BootpReply,
    };
    let mut said = Said {
        message,
        transaction: u32::from_be_bytes(four(4)),
        client_mac: if has_mac { mac(hardware_address) } else { None },
        client_ip: address(four(12)),
        assigned_ip: address(four(16)),
        server_ip: address(four(20)),
        relay_ip: address(four(24)),
        ..Said::default()
    };
    said.take_options_4(&options);
    Some((said, operation == 1))
}

/// The options behind the cookie, and those that option 52 puts into the places of the two names.
fn read_options(bytes: &[u8]) -> Options<'_> {
    let mut options = Options::default();
    if bytes.get(HEADER..HEADER + 4) != Some(&COOKIE) {
        return options;
    }
    options.read_4(bytes.get(HEADER + 4..).unwrap_or(&[]));
    let overload = options.first(52).and_then(|value| value.first().copied()).unwrap_or(0);
    for (bit, place) in [(1, FILE), (2, SERVER_NAME)] {
        if overload & bit != 0 {
            options.read_4(bytes.get(place).unwrap_or(&[]));
        }
    }
    options
}

impl Said {
    fn take_options_4(&mut self, options: &Options<'_>) {
        let text = |code| options.value(code).and_then(|value| shown(&value));
        let list = |code| options.value(code).and_then(|value| addresses_4(&value));
        self.client_id = options.value(61).and_then(|value| digits(&value));
        self.requested_ip = options.start(50).and_then(address);
        self.server_ip = options.start(54).and_then(address).or(self.server_ip);
        self.lease_s = options.start(51).map(u32::from_be_bytes);
        self.router = options.start(3).and_then(address);
        self.subnet_mask = options.start(1).and_then(address);
        self.name_servers = list(6);
        self.domain = text(15);
        self.hostname = text(12);
        self.fqdn = options.value(81).and_then(|value| read_fqdn(&value));
        self.vendor_class = text(60);
        self.parameters = options.value(55).and_then(|value| parameters_4(&value));
        self.time_servers = list(42);
        self.boot_server = text(66);
        self.boot_file = text(67);
        self.proxy = text(252);
        self.status = text(56);
        self.relayed = options.first(82).is_some();
    }
}

/// A full name: flags, two old codes, and the name as text or, by a flag, in the form of DNS.
fn read_fqdn(value: &[u8]) -> Option<Box<str>> {
    let (&[flags, _, _], name) = value.split_first_chunk::<3>()?;
    if flags & 4 != 0 { names(name) } else { shown(name) }
}
