//! Addresses as text, written without the formatting machinery: they are the bulk of a packet table.

use oddwire_core::packet::{Addr, Mac};
use std::fmt::Write;

const HEX: &[u8; 16] = b"0123456789abcdef";

/// Appends an address in its canonical text form.
pub(crate) fn push_addr(out: &mut String, addr: Addr) {
    if let Some(octets) = addr.as_v4() {
        push_v4(out, octets);
    } else {
        // Writing to a string cannot fail; IPv6 compression is left to the standard library.
        let _ = write!(out, "{}", std::net::Ipv6Addr::from(addr.0));
    }
}

fn push_v4(out: &mut String, octets: [u8; 4]) {
    for (place, octet) in octets.into_iter().enumerate() {
        if place > 0 {
            out.push('.');
        }
        push_octet(out, octet);
    }
}

fn push_octet(out: &mut String, octet: u8) {
    let digit = |value: u8| char::from(b'0' + value % 10);
    if octet >= 100 {
        out.push(digit(octet / 100));
    }
    if octet >= 10 {
        out.push(digit(octet / 10));
    }
    out.push(digit(octet));
}

/// Appends a hardware address as `aa:bb:cc:dd:ee:ff`.
pub(crate) fn push_mac(out: &mut String, mac: Mac) {
    for (place, octet) in mac.0.into_iter().enumerate() {
        if place > 0 {
            out.push(':');
        }
        for nibble in [octet >> 4, octet & 15] {
            out.push(HEX.get(usize::from(nibble)).copied().map_or('?', char::from));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn addresses_read_as_the_core_shows_them(octets: [u8; 4], wide: [u8; 16], mac: [u8; 6]) {
            let mut text = String::new();
            push_addr(&mut text, Addr::v4(octets));
            prop_assert_eq!(&text, &Addr::v4(octets).to_string());
            text.clear();
            push_addr(&mut text, Addr(wide));
            prop_assert_eq!(&text, &Addr(wide).to_string());
            text.clear();
            push_mac(&mut text, Mac(mac));
            prop_assert_eq!(&text, &Mac(mac).to_string());
        }
    }
}
