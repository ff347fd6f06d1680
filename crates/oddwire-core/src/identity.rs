//! Who a host is: its hardware address and its names, as leases, announcements and answers tell them.

use crate::column::{Column, Get};
use crate::packet::{Addr, Mac, Packet};
use crate::proto::{Row, dns, put};
use foldhash::fast::FixedState;
use hashbrown::HashMap;

/// Hosts that are remembered; those that come later stay nameless, which is counted.
pub const MAX_HOSTS: usize = 65_536;
/// Further names of one host.
const MAX_NAMES: usize = 8;

/// How a name became known; the later one is believed more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Told {
    /// It did not.
    #[default]
    Nobody,
    /// A name server answered a question with the host's address.
    Dns,
    /// The host answered for its name over `NetBIOS`.
    Nbns,
    /// The host answered for its name over LLMNR.
    Llmnr,
    /// The host announced its name over mDNS.
    Mdns,
    /// The host said its name when it asked for a lease.
    Dhcp,
}

impl Told {
    /// The word that tables show; `None` where there is no name.
    #[must_use]
    pub const fn word(self) -> Option<&'static str> {
        match self {
            Self::Nobody => None,
            Self::Dns => Some("dns"),
            Self::Nbns => Some("nbns"),
            Self::Llmnr => Some("llmnr"),
            Self::Mdns => Some("mdns"),
            Self::Dhcp => Some("dhcp"),
        }
    }
}

/// What is known of one host.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identity {
    /// Its address.
    pub address: Addr,
    /// The hardware address that it claims, by lease or ARP; the latest.
    pub mac: Option<Mac>,
    /// Whether it has claimed another one before.
    pub mac_changed: bool,
    /// Its best name.
    pub name: Option<Box<str>>,
    /// How that became known.
    pub told: Told,
    /// Its other names.
    pub others: Vec<Box<str>>,
    /// What it says it is made by or runs, when it asks for a lease.
    pub vendor: Option<Box<str>>,
    /// Start of its last lease.
    pub lease_ns: Option<i64>,
    /// When something was told of it first.
    pub first_ns: i64,
    /// When something was told of it last.
    pub last_ns: i64,
}

/// What a client says of itself while it asks for a lease.
#[derive(Debug, Clone, Default)]
struct Applicant {
    name: Option<Box<str>>,
    vendor: Option<Box<str>>,
}

/// A message about a lease.
#[derive(Debug, Clone, Copy)]
pub struct Lease<'a> {
    /// The client.
    pub mac: Mac,
    /// The address that it was given, in the message that confirms it.
    pub granted: Option<Addr>,
    /// The name that the client says it has.
    pub name: Option<&'a str>,
    /// What it says it is.
    pub vendor: Option<&'a str>,
}

/// The hosts of a capture.
#[derive(Debug, Default)]
pub struct Identities {
    hosts: HashMap<Addr, Identity, FixedState>,
    applicants: HashMap<Mac, Applicant, FixedState>,
    nameless: u64,
}

impl Identities {
    /// Learns from an ARP packet: who says that it has an address.
    pub fn see_arp(&mut self, time_ns: i64, packet: &Packet<'_>) {
        let (Some(arp), Some(address)) = (packet.arp, packet.src) else { return };
        if address != Addr::v4([0; 4]) && arp.sender_mac != Mac::default() {
            self.claim(address, arp.sender_mac, time_ns);
        }
    }

    /// Learns from DNS and its kin.
    pub fn see_dns(&mut self, row: &Row<dns::Said>) {
        let told = match row.service() {
            "mdns" => Told::Mdns,
            "llmnr" => Told::Llmnr,
            "nbns" => Told::Nbns,
            _ => Told::Dns,
        };
        for (name, address) in row.named_addresses() {
            if told != Told::Dns || address.is_private() {
                self.call(address, name, told, row.at.time_ns);
            }
        }
    }

    /// Learns from a message about a lease.
    pub fn see_lease(&mut self, time_ns: i64, lease: &Lease<'_>) {
        if self.applicants.len() < MAX_HOSTS || self.applicants.contains_key(&lease.mac) {
            let applicant = self.applicants.entry(lease.mac).or_default();
            replace(&mut applicant.name, lease.name);
            replace(&mut applicant.vendor, lease.vendor);
        }
        let Some(address) = lease.granted else { return };
        let applicant = self.applicants.get(&lease.mac).cloned().unwrap_or_default();
        self.claim(address, lease.mac, time_ns);
        if let Some(host) = self.host(address, time_ns) {
            host.lease_ns = Some(time_ns);
            replace(&mut host.vendor, applicant.vendor.as_deref());
        }
        if let Some(name) = &applicant.name {
            self.call(address, name, Told::Dhcp, time_ns);
        }
    }

    fn claim(&mut self, address: Addr, mac: Mac, time_ns: i64) {
        let Some(host) = self.host(address, time_ns) else { return };
        host.mac_changed |= host.mac.is_some_and(|before| before != mac);
        host.mac = Some(mac);
    }

    fn call(&mut self, address: Addr, name: &str, told: Told, time_ns: i64) {
        let name = name.strip_suffix('.').unwrap_or(name);
        let Some(host) = self.host(address, time_ns).filter(|_| !name.is_empty()) else { return };
        if host.name.as_deref().is_some_and(|known| known.eq_ignore_ascii_case(name)) {
            host.told = host.told.max(told);
            return;
        }
        let further = if told > host.told {
            host.told = told;
            host.name.replace(name.into())
        } else {
            Some(name.into())
        };
        let is_new = |other: &str| !host.others.iter().any(|known| known.eq_ignore_ascii_case(other));
        if let Some(other) = further.filter(|other| is_new(other))
            && host.others.len() < MAX_NAMES
        {
            host.others.push(other);
        }
    }

    fn host(&mut self, address: Addr, time_ns: i64) -> Option<&mut Identity> {
        if self.hosts.len() >= MAX_HOSTS && !self.hosts.contains_key(&address) {
            self.nameless += 1;
            return None;
        }
        let host = self.hosts.entry(address).or_insert_with(|| Identity {
            address,
            first_ns: time_ns,
            last_ns: time_ns,
            ..Identity::default()
        });
        host.first_ns = host.first_ns.min(time_ns);
        host.last_ns = host.last_ns.max(time_ns);
        Some(host)
    }

    /// What is known of a host.
    #[must_use]
    pub fn of(&self, address: Addr) -> Option<&Identity> {
        self.hosts.get(&address)
    }

    /// Things that were told of hosts that could not be remembered.
    #[must_use]
    pub const fn nameless(&self) -> u64 {
        self.nameless
    }

    /// All hosts, by address.
    #[must_use]
    pub fn into_rows(self) -> Vec<Identity> {
        let mut rows: Vec<Identity> = self.hosts.into_values().collect();
        rows.sort_by_key(|host| host.address);
        rows
    }
}

fn replace(place: &mut Option<Box<str>>, text: Option<&str>) {
    if let Some(text) = text.filter(|text| !text.is_empty()) {
        *place = Some(text.into());
    }
}

macro_rules! c {
    ($name:literal, $unit:literal, $kind:ident, $meaning:literal, $get:expr) => {
        Column::<Identity>::new($name, $unit, Get::$kind($get), $meaning)
    };
}

const COLUMNS: &[Column<Identity>] = &[
    c!("ip", "", Addr, "Address of the host.", |r| Some(r.address)),
    c!("mac", "", Mac, "Hardware address that it claims, by its lease or by ARP; the latest.", |r| r.mac),
    c!("mac_changed", "", Bool, "Whether another hardware address has claimed it before.", |r| r.mac_changed),
    c!(
        "name",
        "",
        Text,
        "Its name: from its lease, else announced by itself, else by a name server.",
        |r, text| { put(text, r.name.as_deref()) }
    ),
    c!("told_by", "", Word, "How the name became known: dhcp, mdns, llmnr, nbns or dns.", |r| r.told.word()),
    c!("other_names", "", Text, "Its other names, at most eight, joined by commas.", |r, text| {
        text.push_str(&r.others.join(","));
        !r.others.is_empty()
    }),
    c!("vendor", "", Text, "Vendor class, as the host says it when it asks for a lease.", |r, text| {
        put(text, r.vendor.as_deref())
    }),
    c!("leased", "", Bool, "Whether it was given its address by DHCP.", |r| r.lease_ns.is_some()),
    c!("first", "", Time, "When something was told of it first.", |r| r.first_ns),
    c!("last", "", Time, "When something was told of it last.", |r| r.last_ns),
];

/// The columns of the table of hosts.
#[must_use]
pub fn host_columns() -> Vec<Column<Identity>> {
    COLUMNS.to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAC: Mac = Mac([2, 0, 0, 0, 0, 7]);

    #[test]
    fn the_name_in_a_lease_is_that_of_its_request() {
        let mut identities = Identities::default();
        let asks = Lease { mac: MAC, granted: None, name: Some("printer"), vendor: Some("MSFT 5.0") };
        let address = Addr::v4([10, 0, 0, 7]);
        identities.see_lease(1, &asks);
        identities.see_lease(2, &Lease { granted: Some(address), name: None, vendor: None, ..asks });
        let host = identities.of(address).unwrap();
        assert_eq!((host.name.as_deref(), host.mac, host.told), (Some("printer"), Some(MAC), Told::Dhcp));
        assert_eq!((host.vendor.as_deref(), host.lease_ns), (Some("MSFT 5.0"), Some(2)));
    }

    #[test]
    fn a_better_source_takes_the_place_and_the_other_name_stays() {
        let mut identities = Identities::default();
        let address = Addr::v4([10, 0, 0, 7]);
        identities.call(address, "host7.example.com.", Told::Dns, 1);
        identities.call(address, "kitchen.local", Told::Mdns, 2);
        identities.call(address, "KITCHEN.local", Told::Llmnr, 3);
        let host = identities.of(address).unwrap();
        assert_eq!((host.name.as_deref(), host.told), (Some("kitchen.local"), Told::Mdns));
        assert_eq!(host.others, ["host7.example.com".into()]);
    }

    #[test]
    fn there_is_room_for_so_many() {
        let mut identities = Identities::default();
        for number in 0..(MAX_HOSTS as u32 + 9) {
            identities.claim(Addr::v4(number.to_be_bytes()), MAC, 0);
        }
        assert_eq!((identities.nameless(), identities.into_rows().len()), (9, MAX_HOSTS));
    }
}
