//! A packet: what the headers of one frame say.

use crate::error::Damage;
use crate::layer::LayerStack;

/// An IP address in 16 bytes; IPv4 is stored IPv4-mapped (`::ffff:a.b.c.d`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Addr(pub [u8; 16]);

/// A 48-bit hardware address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Mac(pub [u8; 6]);

/// Up to two VLAN tags, the outer first; `count` may be larger when there were more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Vlans {
    /// The VLAN identifiers (12 bits), outer first; unused places are 0.
    pub ids: [u16; 2],
    /// How many tags the frame carried.
    pub count: u8,
}

/// What an inner packet is wrapped in; part of the flow key, so it is the same in both directions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Tunnel {
    /// The kinds of wrapping, outermost first; unused places are [`TunnelKind::None`].
    pub kinds: [TunnelKind; 3],
    /// The innermost network identifier that both directions share (VXLAN/GENEVE VNI, GRE key); else 0.
    pub id: u32,
}

/// One kind of wrapping.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[repr(u8)]
pub enum TunnelKind {
    /// No (further) tunnel.
    #[default]
    None = 0,
    /// Generic routing encapsulation.
    Gre,
    /// VXLAN, identified by its VNI.
    Vxlan,
    /// GENEVE, identified by its VNI.
    Geneve,
    /// IPv4 in IPv4, IPv6 in IPv6 or IPv4 in IPv6.
    IpInIp,
    /// IPv6 directly in IPv4.
    SixInFour,
    /// IPv6 in UDP (Teredo).
    Teredo,
    /// GTP-U; its tunnel identifiers differ by direction and are no part of the key.
    Gtpu,
}

/// The nine TCP flags as the bits of the header.
pub mod tcp_flag {
    /// No more data from the sender.
    pub const FIN: u16 = 0x001;
    /// Synchronise sequence numbers.
    pub const SYN: u16 = 0x002;
    /// Reset the connection.
    pub const RST: u16 = 0x004;
    /// Push buffered data.
    pub const PSH: u16 = 0x008;
    /// The acknowledgement field counts.
    pub const ACK: u16 = 0x010;
    /// The urgent pointer counts.
    pub const URG: u16 = 0x020;
    /// Congestion experienced, echoed.
    pub const ECE: u16 = 0x040;
    /// Congestion window reduced.
    pub const CWR: u16 = 0x080;
    /// Accurate ECN (formerly nonce sum).
    pub const AE: u16 = 0x100;
}

/// What the TCP header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tcp {
    /// Sequence number.
    pub seq: u32,
    /// Acknowledgement number.
    pub ack: u32,
    /// The nine flags, see [`tcp_flag`].
    pub flags: u16,
    /// Window field, not scaled.
    pub window: u16,
}

/// Where a packet stands in a fragmented datagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Fragment {
    /// Not a fragment.
    #[default]
    None,
    /// A fragment whose datagram is not complete (its upper headers are given when it is the first one).
    Part,
    /// The fragment that completed a datagram; upper layers are decoded from the whole.
    Completed,
}

/// What the headers of one frame say. Of nested packets the innermost is described, but for the inside of ICMP
/// errors, which belongs to another packet. Where decoding stopped early the fields read so far stand and
/// `damage` says where and why.
#[derive(Debug, Clone, Default)]
pub struct Packet<'a> {
    /// The headers walked, outermost first.
    pub layers: LayerStack,
    /// Hardware addresses of the outermost link header that has them.
    pub src_mac: Option<Mac>,
    /// See `src_mac`.
    pub dst_mac: Option<Mac>,
    /// VLAN tags of the outermost link header.
    pub vlans: Vlans,
    /// What the described packet is wrapped in.
    pub tunnel: Tunnel,
    /// 4 or 6; 0 when there is no IP header.
    pub ip_version: u8,
    /// Source address: of the IP header, or the sender's protocol address of an IPv4 ARP packet.
    pub src: Option<Addr>,
    /// Destination address: of the IP header, or the target's protocol address of an IPv4 ARP packet.
    pub dst: Option<Addr>,
    /// The protocol number of the transport: the last one in the chain of IPv6 extension headers or behind AH.
    pub protocol: Option<u8>,
    /// Time to live, or hop limit.
    pub ttl: u8,
    /// Source port of TCP, UDP, SCTP and UDP-Lite.
    pub src_port: Option<u16>,
    /// Destination port, likewise.
    pub dst_port: Option<u16>,
    /// The TCP header, when it was read whole.
    pub tcp: Option<Tcp>,
    /// ICMP or `ICMPv6` type and code.
    pub icmp: Option<(u8, u8)>,
    /// The four bytes behind the checksum of ICMP and `ICMPv6`: identifier and sequence number, a gateway, flags.
    pub icmp_word: [u8; 4],
    /// ARP operation code (1 request, 2 reply) and the hardware addresses inside the packet.
    pub arp: Option<Arp>,
    /// Where it stands in a fragmented datagram.
    pub fragment: Fragment,
    /// Payload bytes of the transport (or of IP, where there is no known transport, or of the last header read, where
    /// there is no IP) by the headers' own lengths, but not more than the frame had on the wire.
    pub payload_length: u32,
    /// Header bytes of transport and IP together, for "header length" features.
    pub header_length: u16,
    /// The captured part of that payload.
    pub payload: &'a [u8],
    /// Why decoding stopped early, if it did; a cut by the snap length is no damage.
    pub damage: Option<Damage>,
}

/// What an Ethernet/IPv4 ARP packet says of hardware addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Arp {
    /// 1 request, 2 reply.
    pub operation: u16,
    /// Sender's hardware address.
    pub sender_mac: Mac,
    /// Target's hardware address.
    pub target_mac: Mac,
}

impl Tunnel {
    /// The tunnel as one number: 0 for none.
    #[must_use]
    pub const fn as_number(&self) -> u64 {
        let [first, second, third] = self.kinds;
        (self.id as u64) << 24 | (first as u64) << 16 | (second as u64) << 8 | third as u64
    }

    /// The tunnel that has this number.
    #[must_use]
    pub fn from_number(number: u64) -> Self {
        let kinds = [16, 8, 0].map(|shift| TunnelKind::from_number((number >> shift) as u8));
        Self { kinds, id: (number >> 24) as u32 }
    }
}

impl TunnelKind {
    const fn from_number(number: u8) -> Self {
        match number {
            1 => Self::Gre,
            2 => Self::Vxlan,
            3 => Self::Geneve,
            4 => Self::IpInIp,
            5 => Self::SixInFour,
            6 => Self::Teredo,
            7 => Self::Gtpu,
            _ => Self::None,
        }
    }
}

impl Addr {
    /// An IPv4 address.
    #[must_use]
    pub const fn v4(octets: [u8; 4]) -> Self {
        // One wide number instead of 16 bytes: it is built for every packet, twice.
        Self((0xffff_0000_0000 | u32::from_be_bytes(octets) as u128).to_be_bytes())
    }

    /// The four octets, when this is an IPv4-mapped address.
    #[must_use]
    pub const fn as_v4(&self) -> Option<[u8; 4]> {
        // As one number: byte by byte it is twelve comparisons, for every address of every row.
        let word = u128::from_be_bytes(self.0);
        if word >> 32 == 0xffff { Some((word as u32).to_be_bytes()) } else { None }
    }

    /// Whether it is of the private, unique-local, link-local or loopback ranges.
    #[must_use]
    pub const fn is_private(&self) -> bool {
        if let Some([a, b, ..]) = self.as_v4() {
            matches!((a, b), (10 | 127, _) | (172, 16..=31) | (192, 168) | (169, 254))
        } else {
            let [a, b, ..] = self.0;
            a & 0xfe == 0xfc || (a == 0xfe && b & 0xc0 == 0x80) || u128::from_be_bytes(self.0) == 1
        }
    }
}

impl std::fmt::Display for Addr {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.as_v4() {
            Some([a, b, c, d]) => write!(f, "{a}.{b}.{c}.{d}"),
            None => std::net::Ipv6Addr::from(self.0).fmt(f),
        }
    }
}

impl std::fmt::Display for Mac {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}
