//! Names for flows: the Community ID (version 1, seed 0) that other tools know, and our own `flow_id`.

use super::key::FlowKey;
use super::record::Record;
use crate::packet::Addr;
use sha1::{Digest, Sha1};

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const HEX: &[u8; 16] = b"0123456789abcdef";

/// The digest behind a flow's Community ID.
#[must_use]
pub fn digest(key: &FlowKey) -> [u8; 20] {
    let mut hash = Sha1::new();
    hash.update([0, 0]);
    update_addr(&mut hash, key.a, key.ip_version);
    update_addr(&mut hash, key.b, key.ip_version);
    hash.update([key.protocol, 0]);
    if key.is_icmp() || matches!(key.protocol, 6 | 17 | 132) {
        hash.update(key.a_port.to_be_bytes());
        hash.update(key.b_port.to_be_bytes());
    }
    hash.finalize().into()
}

fn update_addr(hash: &mut Sha1, addr: Addr, ip_version: u8) {
    match addr.as_v4() {
        Some(octets) if ip_version == 4 => hash.update(octets),
        _ => hash.update(addr.0),
    }
}

/// Appends `1:` and the digest in base 64.
pub fn push_community_id(key: &FlowKey, text: &mut String) {
    text.push_str("1:");
    for chunk in digest(key).chunks(3) {
        let word =
            chunk.iter().fold(0u32, |word, &byte| word << 8 | u32::from(byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let index = (word >> (18 - 6 * place)) as usize & 63;
            let letter = if place > chunk.len() { b'=' } else { BASE64.get(index).copied().unwrap_or(b'=') };
            text.push(char::from(letter));
        }
    }
}

/// The flow's own name, see [`push_flow_id`].
#[must_use]
pub fn flow_name(key: &FlowKey, born_ns: i64) -> String {
    let mut text = String::with_capacity(16);
    push_flow_name(key, born_ns, &mut text);
    text
}

/// Appends the flow's own name: 16 hex digits of a hash over Community ID, VLAN, tunnel and first packet time.
pub fn push_flow_id(record: &Record, text: &mut String) {
    push_flow_name(&record.key, record.born_ns, text);
}

/// Appends the name of a flow: its key, and when its first packet came.
pub fn push_flow_name(key: &FlowKey, born_ns: i64, text: &mut String) {
    let mut hash = Sha1::new();
    hash.update(digest(key));
    for id in key.vlans {
        hash.update(id.to_be_bytes());
    }
    hash.update(key.tunnel.kinds.map(|kind| kind as u8));
    hash.update(key.tunnel.id.to_be_bytes());
    hash.update(born_ns.to_be_bytes());
    for byte in hash.finalize().iter().take(8) {
        for nibble in [byte >> 4, byte & 15] {
            text.push(char::from(HEX.get(usize::from(nibble)).copied().unwrap_or(b'0')));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::key::Directed;
    use super::*;
    use crate::packet::Packet;

    fn id(protocol: u8, src: [u8; 4], src_port: u16, dst: [u8; 4], dst_port: u16) -> String {
        let icmp = (protocol == 1).then_some((src_port as u8, dst_port as u8));
        let packet = Packet {
            ip_version: 4,
            src: Some(Addr::v4(src)),
            dst: Some(Addr::v4(dst)),
            protocol: Some(protocol),
            src_port: (protocol != 46 && icmp.is_none()).then_some(src_port),
            dst_port: (protocol != 46 && icmp.is_none()).then_some(dst_port),
            icmp,
            ..Packet::default()
        };
        let mut text = String::new();
        push_community_id(&Directed::of(&packet).unwrap().key, &mut text);
        text
    }

    #[test]
    fn the_published_examples() {
        let (x, y) = ([1, 2, 3, 4], [5, 6, 7, 8]);
        assert_eq!(id(6, x, 1122, y, 3344), "1:wCb3OG7yAFWelaUydu0D+125CLM=");
        assert_eq!(id(6, y, 3344, x, 1122), "1:wCb3OG7yAFWelaUydu0D+125CLM=");
        assert_eq!(id(17, x, 1122, y, 3344), "1:0Mu9InQx6z4ZiCZM/7HXi2WMhOg=");
        assert_eq!(id(132, y, 3344, x, 1122), "1:EKt4MsxuyaE6mL+hmrEkQ9csDD8=");
        assert_eq!(id(1, x, 8, y, 0), "1:crodRHL2FEsHjbv3UkRrfbs4bZ0=");
        assert_eq!(id(1, y, 0, x, 0), "1:crodRHL2FEsHjbv3UkRrfbs4bZ0=");
        assert_eq!(id(1, x, 11, y, 0), "1:f/YiSyWqczrTgfUCZlBUnvHRcPk=");
        assert_eq!(id(46, y, 0, x, 0), "1:ikv3kmf89luf73WPz1jOs49S768=");
    }
}
