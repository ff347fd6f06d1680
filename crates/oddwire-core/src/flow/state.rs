//! How a TCP conversation stands, as a set of bits that only ever grows.

use crate::packet::{Tcp, tcp_flag};

/// What was seen of a conversation; the union of two sets is the set of both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct State(pub u32);

macro_rules! bits {
    ($($(#[$doc:meta])* $name:ident = $bit:literal;)*) => {
        impl State { $($(#[$doc])* pub const $name: u32 = 1 << $bit;)* }
    };
}

bits! {
    /// `a` sent a SYN without ACK.
    SYN_A = 0;
    /// `b` sent a SYN without ACK.
    SYN_B = 1;
    /// `a` sent a SYN with ACK.
    SYNACK_A = 2;
    /// `b` sent a SYN with ACK.
    SYNACK_B = 3;
    /// `a` sent a FIN.
    FIN_A = 4;
    /// `b` sent a FIN.
    FIN_B = 5;
    /// `a` sent a RST.
    RST_A = 6;
    /// `b` sent a RST.
    RST_B = 7;
    /// `a` sent payload.
    DATA_A = 8;
    /// `b` sent payload.
    DATA_B = 9;
    /// `a` acknowledged something without SYN.
    ACK_A = 10;
    /// `b` acknowledged something without SYN.
    ACK_B = 11;
    /// The first packet came from `a`.
    FIRST_A = 12;
    /// The first packet came from `b`.
    FIRST_B = 13;
    /// `a` acknowledged bytes that were never seen: the capture lacks packets of `b`.
    UNSEEN_A = 14;
    /// `b` acknowledged bytes that were never seen.
    UNSEEN_B = 15;
    /// Some packet was cut by the snap length.
    CUT = 16;
    /// Some packet was a fragment.
    FRAGMENT = 17;
    /// Some packet was larger than a link carries: segments joined by the capturing host.
    OFFLOAD = 18;
    /// Some packet came with an earlier time than one before it.
    DISORDER = 19;
}

impl State {
    /// Adds what one TCP header shows.
    #[inline]
    pub fn add_tcp(&mut self, tcp: &Tcp, from_a: bool, payload: bool) {
        let shift = u32::from(!from_a);
        let flags = tcp.flags;
        let has = |flag: u16| u32::from(flags & flag != 0);
        let (syn, ack) = (has(tcp_flag::SYN), has(tcp_flag::ACK));
        let bits = (syn & !ack & 1) | (syn & ack) << 2 | has(tcp_flag::FIN) << 4 | has(tcp_flag::RST) << 6;
        self.0 |= (bits | u32::from(payload) << 8 | (ack & !syn & 1) << 10) << shift;
    }

    /// Whether any of the bits is set.
    #[inline]
    #[must_use]
    pub const fn any(self, bits: u32) -> bool {
        self.0 & bits != 0
    }

    /// Whether all of the bits are set.
    #[inline]
    #[must_use]
    pub const fn all(self, bits: u32) -> bool {
        self.0 & bits == bits
    }

    /// Whether the conversation is over: both ends sent a FIN, or one sent a RST.
    #[inline]
    #[must_use]
    pub const fn is_closed(self) -> bool {
        self.all(Self::FIN_A | Self::FIN_B) || self.any(Self::RST_A | Self::RST_B)
    }

    /// Whether it got past the SYN, so that another SYN means another conversation.
    #[inline]
    #[must_use]
    pub const fn is_under_way(self) -> bool {
        self.any(Self::SYNACK_A | Self::SYNACK_B | Self::DATA_A | Self::DATA_B)
    }

    /// What was seen by the end of a later part; who was first stays as it was.
    #[must_use]
    pub const fn and_then(self, later: Self) -> Self {
        let first = Self::FIRST_A | Self::FIRST_B;
        if self.any(first) { Self(self.0 | later.0 & !first) } else { later }
    }

    /// The same with the ends exchanged when `flip`: bit pairs become (originator, responder).
    #[must_use]
    pub const fn seen_from(self, originator_is_a: bool) -> Self {
        if originator_is_a {
            return self;
        }
        let low = self.0 & 0xffff;
        Self(self.0 & !0xffff | (low & 0x5555) << 1 | (low & 0xaaaa) >> 1)
    }

    /// The state in the words of Zeek's `conn_state`, for a set that is seen from its originator.
    #[must_use]
    pub const fn conn_state(self) -> &'static str {
        let established = self.any(Self::SYN_A) && self.any(Self::SYNACK_B);
        match (self.any(Self::RST_A), self.any(Self::RST_B), self.any(Self::FIN_A), self.any(Self::FIN_B)) {
            (false, true, ..) if established => "RSTR",
            (true, ..) if established => "RSTO",
            (_, true, ..) if self.any(Self::SYN_A) => "REJ",
            (true, ..) if self.any(Self::SYN_A) => "RSTOS0",
            (_, true, ..) if self.any(Self::SYNACK_B) => "RSTRH",
            (_, _, true, true) if established => "SF",
            (_, _, true, false) if established => "S2",
            (_, _, false, true) if established => "S3",
            _ if established => "S1",
            (_, _, true, _) if self.any(Self::SYN_A) => "SH",
            (_, _, _, true) if self.any(Self::SYNACK_B) && !self.any(Self::SYN_A) => "SHR",
            _ if self.any(Self::SYN_A) && !self.any(Self::DATA_A | Self::DATA_B) => "S0",
            _ => "OTH",
        }
    }
}
