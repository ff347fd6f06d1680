//! How QUIC is told from everything else: by a known version and lengths that fit.

use super::packet::{Content, Packet, google_version};
use super::version::{Kind, Version};
use crate::proto::{Opening, Probe, transport};

/// The least bytes of a datagram with which a client begins (RFC 9000, 14.1).
const LEAST_DATAGRAM: u32 = 1_200;

pub(super) fn probe(opening: &Opening<'_>) -> Probe {
    if opening.is_over(transport::UDP) && is_quic(opening) { Probe::Yes } else { Probe::No }
}

fn is_quic(opening: &Opening<'_>) -> bool {
    if google_version(opening.bytes).is_some() {
        return true;
    }
    let Some((packet, _)) = Packet::read(opening.bytes, opening.wire as usize) else { return false };
    let fixed = opening.bytes.first().is_some_and(|first| first & 0x40 != 0);
    let large = opening.wire >= LEAST_DATAGRAM;
    match packet.content {
        Content::Negotiation => packet.offered().any(Version::is_known),
        Content::Google => fixed,
        Content::Of(Kind::Initial) if packet.version.is_grease() => fixed && large && packet.to.len() >= 8,
        Content::Of(_) => packet.version.is_known() && (fixed || large),
    }
}
