//! Well known services by port.

use super::services::{SCTP, SERVICES, TCP, UDP};

/// A power of two, several times the number of services, so that nearly every search ends at its first place.
const SLOTS: usize = 1024;

/// Services of one transport by a hash of the port; collisions lie in the places behind. 0 is an empty place, else
/// the place in [`SERVICES`] plus one.
struct Table([(u16, u8); SLOTS]);

static TCP_TABLE: Table = Table::build(TCP);
static UDP_TABLE: Table = Table::build(UDP);
static SCTP_TABLE: Table = Table::build(SCTP);

impl Table {
    #[expect(clippy::indexing_slicing, reason = "runs when compiled: a wrong index is an error there")]
    const fn build(transport: u8) -> Self {
        assert!(SERVICES.len() < 255);
        let mut slots = [(0, 0); SLOTS];
        let mut index = 0;
        while index < SERVICES.len() {
            let (port, transports, _) = SERVICES[index];
            if transports & transport != 0 {
                let mut at = place(port);
                while slots[at].1 != 0 {
                    at = (at + 1) % SLOTS;
                }
                slots[at] = (port, index as u8 + 1);
            }
            index += 1;
        }
        Self(slots)
    }

    #[inline]
    fn find(&self, port: u16) -> Option<u8> {
        let mut at = place(port);
        loop {
            match self.0.get(at) {
                Some(&(_, 0)) | None => return None,
                Some(&(there, index)) if there == port => return Some(index - 1),
                Some(_) => at = (at + 1) % SLOTS,
            }
        }
    }
}

const fn place(port: u16) -> usize {
    (port.wrapping_mul(0x9e37) >> 6) as usize
}

#[inline]
fn table(protocol: u8) -> Option<&'static Table> {
    match protocol {
        6 => Some(&TCP_TABLE),
        17 => Some(&UDP_TABLE),
        132 => Some(&SCTP_TABLE),
        _ => None,
    }
}

/// The service that the ports of an IP protocol suggest; where both ports are known ones, the lower one's. It is
/// the same for both directions.
#[inline]
#[must_use]
pub fn app_by_port(protocol: u8, src_port: u16, dst_port: u16) -> Option<&'static str> {
    let table = table(protocol)?;
    let (low, high) = if src_port < dst_port { (src_port, dst_port) } else { (dst_port, src_port) };
    let index = table.find(low).or_else(|| table.find(high))?;
    SERVICES.get(usize::from(index)).map(|&(_, _, name)| name)
}

/// Whether a port of an IP protocol is that of a known service.
#[inline]
#[must_use]
pub fn is_known_service_port(protocol: u8, port: u16) -> bool {
    table(protocol).is_some_and(|table| table.find(port).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_service_is_found_on_its_transports_only() {
        for &(port, transports, name) in SERVICES {
            for (bit, protocol) in [(TCP, 6), (UDP, 17), (SCTP, 132)] {
                let listed = transports & bit != 0;
                let elsewhere = SERVICES.iter().any(|&(p, t, n)| p == port && n != name && t & bit != 0);
                assert_eq!(app_by_port(protocol, 0, port) == Some(name), listed, "{name} {protocol}");
                assert_eq!(is_known_service_port(protocol, port), listed || elsewhere, "{name} {protocol}");
            }
        }
    }

    #[test]
    fn no_port_has_two_names() {
        for (i, a) in SERVICES.iter().enumerate() {
            assert!(SERVICES.iter().skip(i + 1).all(|b| a.0 != b.0 || a.1 & b.1 == 0), "{a:?}");
        }
    }

    #[test]
    fn direction_does_not_matter_and_the_lower_known_port_wins() {
        let cases = [
            (6, 51000, 443, Some("https")),
            (17, 51000, 443, Some("quic")),
            (17, 53, 123, Some("dns")),
            (6, 514, 1023, Some("rsh")),
            (17, 514, 514, Some("syslog")),
            (6, 40001, 40002, None),
            (1, 53, 53, None),
        ];
        for (protocol, a, b, app) in cases {
            assert_eq!(app_by_port(protocol, a, b), app, "{a} {b}");
            assert_eq!(app_by_port(protocol, b, a), app, "{b} {a}");
        }
    }
}
