//! A frame: the bytes one capture record holds, before anything is decoded.

use std::fmt;

/// One frame as a capture or an interface gave it.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    /// Which input it came from, counted from 0 in the order the inputs were given.
    pub input: u32,
    /// Its number inside that input, counted from 1, as Wireshark counts.
    pub number: u64,
    /// When it was captured: nanoseconds since the epoch, UTC.
    pub time_ns: i64,
    /// What the first byte belongs to.
    pub link: LinkType,
    /// Bytes on the wire; more than `data.len()` when the capture was cut at a snap length.
    pub length: u32,
    /// The captured bytes.
    pub data: &'a [u8],
}

/// A link-layer header type, by its number in the registry that pcap and pcapng share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LinkType(pub u16);

macro_rules! link_types {
    ($($(#[$doc:meta])* $name:ident = $number:literal, $text:literal;)*) => {
        impl LinkType {
            $($(#[$doc])* pub const $name: Self = Self($number);)*

            /// The registry's name in lower case, or `None` for a type that is not decoded.
            #[must_use]
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($number => Some($text),)*
                    _ => None,
                }
            }
        }
    };
}

link_types! {
    /// BSD loopback: a four-byte address family in the writer's byte order.
    NULL = 0, "null";
    /// Ethernet II and 802.3.
    ETHERNET = 1, "ethernet";
    /// PPP, possibly with HDLC-like framing.
    PPP = 9, "ppp";
    /// PPP with HDLC framing.
    PPP_HDLC = 50, "ppp_hdlc";
    /// PPP over Ethernet session packets.
    PPP_ETHER = 51, "ppp_ether";
    /// Raw IPv4 or IPv6 as some BSD systems number it.
    RAW_BSD = 12, "raw";
    /// Raw IPv4 or IPv6 as `OpenBSD` numbers it.
    RAW_OPENBSD = 14, "raw";
    /// Raw IPv4 or IPv6, told apart by the version nibble.
    RAW = 101, "raw";
    /// Cisco HDLC.
    C_HDLC = 104, "c_hdlc";
    /// IEEE 802.11 without a radio header.
    IEEE802_11 = 105, "ieee802_11";
    /// `OpenBSD` loopback: a four-byte address family in network byte order.
    LOOP = 108, "loop";
    /// Linux cooked capture, version 1.
    LINUX_SLL = 113, "linux_sll";
    /// IEEE 802.11 behind a Prism header.
    IEEE802_11_PRISM = 119, "ieee802_11_prism";
    /// IEEE 802.11 behind a radiotap header.
    IEEE802_11_RADIOTAP = 127, "ieee802_11_radiotap";
    /// IEEE 802.11 behind an AVS header.
    IEEE802_11_AVS = 163, "ieee802_11_avs";
    /// Per-packet information in front of another link type.
    PPI = 192, "ppi";
    /// Raw IPv4.
    IPV4 = 228, "ipv4";
    /// Raw IPv6.
    IPV6 = 229, "ipv6";
    /// Linux netfilter log.
    NFLOG = 239, "nflog";
    /// Apple's process information in front of another link type.
    PKTAP = 258, "pktap";
    /// Linux cooked capture, version 2.
    LINUX_SLL2 = 276, "linux_sll2";
}

impl fmt::Display for LinkType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "link type {}", self.0),
        }
    }
}
