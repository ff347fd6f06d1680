//! The names of headers, and the stack of those one frame carries.

macro_rules! layers {
    ($($name:ident $text:literal,)*) => {
        /// One kind of header, or of content that is named but not read further.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
        #[repr(u8)]
        #[allow(missing_docs)]
        pub enum Layer { #[default] $($name,)* }

        impl Layer {
            /// Every layer, in the order of the bits of a layer set.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Its name in lower case, as the tables show it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

layers! {
    Data "data",
    Ethernet "ethernet", Vlan "vlan", Mpls "mpls", Llc "llc", Snap "snap", LinuxSll "sll", LinuxSll2 "sll2",
    BsdLoopback "null", Pppoe "pppoe", Ppp "ppp", Hdlc "hdlc", Radiotap "radiotap", Ieee80211 "802.11", Ppi "ppi",
    Arp "arp", Ipv4 "ipv4", Ipv6 "ipv6", Ipv6Extension "ipv6_ext", Ah "ah", Esp "esp",
    Tcp "tcp", Udp "udp", UdpLite "udplite", Sctp "sctp", Dccp "dccp", Icmp "icmp", Icmpv6 "icmpv6", Igmp "igmp",
    Gre "gre", Vxlan "vxlan", Geneve "geneve", Gtpu "gtpu", Teredo "teredo",
    Ospf "ospf", Eigrp "eigrp", Pim "pim", Vrrp "vrrp", Rsvp "rsvp", L2tp "l2tp",
    Stp "stp", Lldp "lldp", Cdp "cdp", Eapol "eapol", Loopback "loop", Ipx "ipx", Lacp "lacp", Profinet "profinet",
    EtherCat "ethercat", Goose "goose", SampledValues "sv", PtpEthernet "ptp", Wol "wol", Isis "isis",
    MacControl "mac_control", Macsec "macsec", Tag "tag", Nsh "nsh", Nflog "nflog", Pktap "pktap",
}

/// Sets of layers are 64 bits.
const _: () = assert!(Layer::ALL.len() <= 64);

/// How many nested headers are followed before a frame counts as damaged.
pub const MAX_LAYERS: usize = 16;

/// The headers of one frame, outermost first, at most [`MAX_LAYERS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LayerStack {
    items: [Layer; MAX_LAYERS],
    len: u8,
}

impl LayerStack {
    /// The stack of these headers, outermost first; what is beyond [`MAX_LAYERS`] does not compile in a constant.
    #[must_use]
    #[expect(
        clippy::indexing_slicing,
        reason = "only used in constants: a wrong index is an error when compiled"
    )]
    pub(crate) const fn of(headers: &[Layer]) -> Self {
        let mut items = [Layer::Data; MAX_LAYERS];
        let mut len = 0;
        while len < headers.len() {
            items[len] = headers[len];
            len += 1;
        }
        Self { items, len: len as u8 }
    }

    /// Adds the next header; says `false` when the stack is full.
    #[inline]
    pub fn push(&mut self, layer: Layer) -> bool {
        match self.items.get_mut(usize::from(self.len)) {
            Some(place) => {
                *place = layer;
                self.len += 1;
                true
            }
            None => false,
        }
    }

    /// The headers, outermost first.
    #[must_use]
    pub fn as_slice(&self) -> &[Layer] {
        self.items.get(..usize::from(self.len)).unwrap_or(&[])
    }

    /// The innermost header.
    #[must_use]
    pub fn last(&self) -> Option<Layer> {
        self.as_slice().last().copied()
    }

    /// The headers as a set: bit `n` stands for `Layer::ALL[n]`.
    #[must_use]
    pub fn as_set(&self) -> u64 {
        self.as_slice().iter().fold(0, |set, &layer| set | 1 << (layer as u8))
    }
}
