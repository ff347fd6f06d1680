//! What a security blob says of a log-in.

use super::talk::Talk;
use super::{Event, Said};
use crate::proto::ntlm::{Ntlm, find};
use std::sync::Arc;

/// The object identifier of Kerberos with the mark of its first message behind it.
const KERBEROS: [u8; 13] = [6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 1, 2, 2, 1, 0];

/// A log-in by a security blob.
pub(super) fn asked(blob: &[u8]) -> Said {
    let mut said = Said::of(Event::Login);
    match find(blob) {
        Some(Ntlm::Authenticate(who)) => {
            said.auth = Some(if who.anonymous { "anonymous" } else { "ntlm" });
            said.who = Some(who);
        }
        Some(_) => said.auth = Some("ntlm"),
        None if blob.windows(KERBEROS.len()).any(|window| window == KERBEROS) => said.auth = Some("kerberos"),
        None => {}
    }
    said
}

/// What the server says of itself in its challenge is kept for the rows that follow.
pub(super) fn challenged(blob: &[u8], talk: &mut Talk) {
    if let Some(Ntlm::Challenge(server)) = find(blob) {
        talk.server = Some(Arc::clone(&server));
    }
}
