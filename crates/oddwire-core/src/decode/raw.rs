//! Bare IP: the version nibble says which.

use super::walk::{Next, Walk};
use super::{ipv4, ipv6};
use crate::error::DamageKind;
use crate::layer::Layer;

/// Reads IPv4 or IPv6.
pub(super) fn read(walk: &mut Walk) -> Next {
    let Some(first) = walk.rest.first() else {
        walk.short(Layer::Ipv4, 20);
        return Next::Done;
    };
    match first >> 4 {
        4 => ipv4::read(walk),
        6 => ipv6::read(walk),
        value => {
            walk.damage(Layer::Ipv4, walk.offset, DamageKind::BadVersion { value });
            Next::Done
        }
    }
}
