//! Addresses and networks.

use std::fmt;
use std::net::IpAddr;

/// A network; a single address is one with all bits fixed. IPv4 is kept as IPv4-mapped IPv6.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Net {
    base: u128,
    /// Fixed bits, of 128.
    bits: u8,
}

impl Net {
    /// Reads `10.0.0.5`, `10.0.0.0/8`, `fe80::1`, `2001:db8::/32`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let widest: u8 = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            Some(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok()?,
            Some(_) => return None,
            None => widest,
        };
        let bits = 128 - widest.checked_sub(prefix)?;
        Some(Self { base: number(address) & mask(bits), bits })
    }

    /// Whether an address, given as text, lies in the network; text that is no address does not.
    pub(super) fn holds(&self, text: &str) -> bool {
        text.parse().is_ok_and(|address: IpAddr| number(address) & mask(self.bits) == self.base)
    }
}

fn mask(bits: u8) -> u128 {
    u128::MAX.checked_shl(128 - u32::from(bits)).unwrap_or_default()
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().to_bits(),
        IpAddr::V6(v6) => v6.to_bits(),
    }
}

impl fmt::Display for Net {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = std::net::Ipv6Addr::from_bits(self.base);
        match address.to_ipv4_mapped() {
            Some(v4) if self.bits >= 96 => write!(f, "{v4}/{}", self.bits - 96),
            _ => write!(f, "{address}/{}", self.bits),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_hold_their_addresses_only() {
        for (net, address, held) in [
            ("10.0.0.0/8", "10.255.0.1", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("10.0.0.0/8", "::ffff:10.1.1.1", true),
            ("0.0.0.0/0", "1.2.3.4", true),
            ("0.0.0.0/0", "2001:db8::1", false),
            ("::/0", "2001:db8::1", true),
            ("2001:db8::/32", "2001:db8:1::9", true),
            ("2001:db8::/32", "2001:db9::", false),
            ("192.168.1.77/24", "192.168.1.1", true),
            ("10.0.0.5", "10.0.0.5", true),
            ("10.0.0.5", "10.0.0.50", false),
            ("fe80::1", "FE80:0::1", true),
            ("10.0.0.5", "no address", false),
        ] {
            assert_eq!(Net::parse(net).unwrap().holds(address), held, "{net} {address}");
        }
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for text in [
            "10.0.0.0/33",
            "::/129",
            "10.0.0",
            "10.0.0.0/",
            "10.0.0.0/+8",
            "1.2.3.4/8/9",
            "00:0c:29:87:b6:45",
        ] {
            assert_eq!(Net::parse(text), None, "{text}");
        }
    }
}
