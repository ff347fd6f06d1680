//! The packet that an error quotes: whose it was, and where it was to go.

use crate::packet::Addr;

/// Extension headers of a quoted IPv6 packet that are passed over.
const MOST_EXTENSIONS: usize = 8;

/// Addresses, protocol and ports of a quoted packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Quoted {
    pub(super) protocol: u8,
    pub(super) src: Addr,
    pub(super) dst: Addr,
    pub(super) ports: Option<(u16, u16)>,
}

impl Quoted {
    /// Reads the quoted packet as far as it goes.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        match bytes.first()? >> 4 {
            4 => Self::read_4(bytes),
            6 => Self::read_6(bytes),
            _ => None,
        }
    }

    fn read_4(bytes: &[u8]) -> Option<Self> {
        let &[first, _, _, _, _, _, high, low, _, protocol, _, _, sa, sb, sc, sd, da, db, dc, dd] =
            bytes.first_chunk::<20>()?;
        let header = usize::from(first & 15) * 4;
        if header < 20 {
            return None;
        }
        let begins = u16::from_be_bytes([high & 0x1f, low]) == 0;
        let ports = if begins { read_ports(protocol, bytes.get(header..)) } else { None };
        let (src, dst) = (Addr::v4([sa, sb, sc, sd]), Addr::v4([da, db, dc, dd]));
        Some(Self { protocol, src, dst, ports })
    }

    fn read_6(bytes: &[u8]) -> Option<Self> {
        let (head, mut rest) = bytes.split_first_chunk::<40>()?;
        let mut protocol = head[6];
        let src = Addr(*head.get(8..)?.first_chunk()?);
        let dst = Addr(*head.get(24..)?.first_chunk()?);
        for _ in 0..MOST_EXTENSIONS {
            let Some(&[next, length, fragment, more]) = rest.first_chunk::<4>() else { break };
            let header = match protocol {
                0 | 43 | 60 | 135 | 139 | 140 => (usize::from(length) + 1) * 8,
                51 => (usize::from(length) + 2) * 4,
                44 if u16::from_be_bytes([fragment, more]) >> 3 == 0 => 8,
                44 => {
                    protocol = next;
                    rest = &[];
                    break;
                }
                _ => break,
            };
            protocol = next;
            rest = rest.get(header..).unwrap_or(&[]);
        }
        Some(Self { protocol, src, dst, ports: read_ports(protocol, Some(rest)) })
    }
}

fn read_ports(protocol: u8, bytes: Option<&[u8]>) -> Option<(u16, u16)> {
    if !matches!(protocol, 6 | 17 | 33 | 132 | 136) {
        return None;
    }
    let &[sh, sl, dh, dl] = bytes?.first_chunk::<4>()?;
    Some((u16::from_be_bytes([sh, sl]), u16::from_be_bytes([dh, dl])))
}
