//! The walk through one frame: what is left of it, and the packet that is being described.

use super::fragment::Fragments;
use crate::error::{Damage, DamageKind};
use crate::frame::Frame;
use crate::layer::Layer;
use crate::packet::{Fragment, Packet, Tunnel, TunnelKind};

/// What the header just read says comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// Nothing that is followed.
    Done,
    /// What an Ethernet type number names, or an 802.3 length.
    EtherType(u16),
    /// What an IP protocol number names.
    Protocol(u8),
    /// An Ethernet header.
    Ethernet,
}

/// One walk through the headers of a frame.
pub(super) struct Walk<'a, 'w> {
    /// What was learnt so far.
    pub(super) packet: &'w mut Packet<'a>,
    /// Captured bytes not read yet, without what the headers call padding.
    pub(super) rest: &'a [u8],
    /// Bytes on the wire not read yet; never less than `rest.len()`, more where the frame was cut.
    pub(super) wire: usize,
    /// Where `rest` starts in the frame (or behind it, in a datagram made of fragments).
    pub(super) offset: usize,
    /// Headers that are missing are no damage: the rest of them is in another frame, or the lengths were wrong.
    pub(super) lenient: bool,
    /// This is one fragment of a datagram: tunnels are followed only in the whole.
    pub(super) partial: bool,
    /// When the frame was captured.
    pub(super) time_ns: i64,
    /// The tunnels entered; they count once a packet was found inside.
    pub(super) tunnel: Tunnel,
    /// Fragments of earlier frames.
    pub(super) fragments: &'w mut Fragments,
    /// Free buffers for datagrams made whole.
    pub(super) whole: &'a mut [Vec<u8>],
}

impl<'a, 'w> Walk<'a, 'w> {
    /// A walk that stands at the first byte of the frame.
    #[inline]
    pub(super) fn new(
        packet: &'w mut Packet<'a>,
        frame: &Frame<'a>,
        fragments: &'w mut Fragments,
        whole: &'a mut [Vec<u8>],
    ) -> Self {
        Self {
            packet,
            rest: frame.data,
            wire: frame.data.len().max(frame.length as usize),
            offset: 0,
            lenient: false,
            partial: false,
            time_ns: frame.time_ns,
            tunnel: Tunnel::default(),
            fragments,
            whole,
        }
    }

    /// The next `N` bytes, which stay unread; where they are missing that is noted as damage of `layer`.
    #[inline]
    pub(super) fn peek<const N: usize>(&mut self, layer: Layer) -> Option<&'a [u8; N]> {
        let head = self.rest.first_chunk::<N>();
        if head.is_none() {
            self.short(layer, N);
        }
        head
    }

    /// Takes `count` bytes that were seen to be there as (the start of) a header.
    #[inline]
    pub(super) fn accept(&mut self, layer: Layer, count: usize) -> bool {
        if !self.packet.layers.push(layer) {
            self.damage(layer, self.offset, DamageKind::TooDeep);
            return false;
        }
        self.rest = self.rest.get(count..).unwrap_or_default();
        self.wire = self.wire.saturating_sub(count);
        self.offset += count;
        true
    }

    /// Takes a header of `N` bytes.
    #[inline]
    pub(super) fn header<const N: usize>(&mut self, layer: Layer) -> Option<&'a [u8; N]> {
        let head = self.peek::<N>(layer)?;
        self.accept(layer, N).then_some(head)
    }

    /// Takes a header of `count` bytes.
    pub(super) fn bytes(&mut self, layer: Layer, count: usize) -> Option<&'a [u8]> {
        let Some(head) = self.rest.get(..count) else {
            self.short(layer, count);
            return None;
        };
        self.accept(layer, count).then_some(head)
    }

    /// Adds a layer whose bytes are left unread.
    pub(super) fn name(&mut self, layer: Layer) -> Next {
        self.accept(layer, 0);
        Next::Done
    }

    /// Passes over `count` more bytes of a header of `layer` that starts at `start`; `false` when they are not all there.
    #[inline]
    pub(super) fn skip(&mut self, layer: Layer, start: usize, count: usize) -> bool {
        let (rest, have) = (self.rest.get(count..), self.wire);
        self.rest = rest.unwrap_or_default();
        self.wire = self.wire.saturating_sub(count);
        let read = self.offset - start;
        self.offset += count;
        if rest.is_none() && have < count && !self.lenient {
            let kind = DamageKind::Short { need: (read + count) as u32, have: (read + have) as u32 };
            self.damage(layer, start, kind);
        }
        rest.is_some()
    }

    /// Leaves out what lies beyond `length` bytes. Where fewer were on the wire those count, what lacks behind them
    /// is no further damage, and the answer is `false`.
    #[inline]
    pub(super) fn limit(&mut self, length: usize) -> bool {
        if length > self.wire {
            return std::mem::replace(&mut self.lenient, true);
        }
        self.wire = length;
        self.rest = self.rest.get(..length).unwrap_or(self.rest);
        true
    }

    /// Notes that a header of `need` bytes is not there, unless the capture or a fragment's end cut it off.
    #[cold]
    pub(super) fn short(&mut self, layer: Layer, need: usize) {
        if need > self.wire && !self.lenient {
            let kind = DamageKind::Short { need: need as u32, have: self.wire as u32 };
            self.damage(layer, self.offset, kind);
        }
    }

    /// Notes damage; the first one stands.
    #[cold]
    pub(super) fn damage(&mut self, layer: Layer, offset: usize, kind: DamageKind) {
        self.packet.damage.get_or_insert(Damage { layer, offset: offset as u32, kind });
    }

    /// Notes that a length field makes no sense, and ends the walk.
    #[cold]
    pub(super) fn bad_length(&mut self, layer: Layer, offset: usize, value: usize) -> Next {
        self.damage(layer, offset, DamageKind::BadLength { value: value as u32 });
        Next::Done
    }

    /// Notes that the walk goes into a tunnel.
    #[cold]
    pub(super) fn enter(&mut self, kind: TunnelKind, id: u32) {
        if let Some(place) = self.tunnel.kinds.iter_mut().find(|place| **place == TunnelKind::None) {
            *place = kind;
        }
        if id != 0 {
            self.tunnel.id = id;
        }
    }

    /// Forgets the outer packet where an inner one starts.
    #[inline]
    pub(super) fn begin_packet(&mut self) {
        if self.packet.ip_version != 0 {
            self.forget_outer();
        }
    }

    #[cold]
    fn forget_outer(&mut self) {
        let packet = &mut *self.packet;
        packet.tunnel = self.tunnel;
        packet.ip_version = 0;
        packet.ttl = 0;
        packet.header_length = 0;
        packet.fragment = Fragment::None;
        (packet.src, packet.dst, packet.protocol) = (None, None, None);
        (packet.src_port, packet.dst_port, packet.tcp, packet.icmp) = (None, None, None, None);
        packet.icmp_word = [0; 4];
    }

    /// Ends the walk: what is left is the payload.
    #[inline]
    pub(super) fn finish(self) {
        self.packet.payload = self.rest;
        self.packet.payload_length = self.wire as u32;
    }
}
