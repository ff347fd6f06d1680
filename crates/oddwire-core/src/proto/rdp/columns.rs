//! The columns of RDP.

use super::Said;
use crate::column::{Column, Get};
use crate::proto::{Row, put};
use std::fmt::Write;

macro_rules! c {
    ($name:literal, $unit:literal, $kind:ident, $meaning:literal, $get:expr) => {
        Column::<Row<Said>>::new($name, $unit, Get::$kind($get), $meaning)
    };
}

/// Ways of protection that a client may offer, by their bits.
const OFFERS: [(u32, &str); 5] =
    [(1, "tls"), (2, "credssp"), (4, "rdstls"), (8, "credssp_early"), (16, "rdsaad")];

const COLUMNS: &[Column<Row<Said>>] = &[
    c!(
        "cookie_user",
        "",
        Text,
        "Account that the client names in its first packet; often cut to nine letters.",
        |r, text| { put(text, r.user.as_deref()) }
    ),
    c!("routed", "", OptBool, "Whether the client gives a token that a load balancer made.", |r| r.routed),
    c!(
        "requested",
        "",
        Text,
        "Ways of protection that the client offers, joined by commas; rdp is the old one.",
        |r, text| { r.requested.inspect(|&offers| push_offers(offers, text)).is_some() }
    ),
    c!(
        "restricted_admin",
        "",
        OptBool,
        "Whether the client wants to log in without giving its password away.",
        |r| { r.restricted_admin }
    ),
    c!(
        "selected",
        "",
        Text,
        "Way of protection that the server picks: rdp, tls, credssp, rdstls or its number.",
        |r, text| { r.selected.inspect(|&selected| push_offers(selected, text)).is_some() }
    ),
    c!("failure", "", Text, "Why the server refuses.", |r, text| {
        let Some(code) = r.failure else { return false };
        match failure(code) {
            Some(word) => text.push_str(word),
            None => drop(write!(text, "0x{code:08x}")),
        }
        true
    }),
    c!(
        "client_name",
        "",
        Text,
        "Name that the client's computer gives itself; readable only with the old protection.",
        |r, text| { put(text, r.client.as_ref().and_then(|client| client.name.as_deref())) }
    ),
    c!("client_build", "", OptU32, "Build number of the client.", |r| Some(r.client.as_ref()?.build)),
    c!(
        "keyboard_layout",
        "",
        Text,
        "Keyboard layout of the client, as Windows numbers them: 0x00000409 is US English.",
        |r, text| {
            r.client.as_ref().is_some_and(|client| write!(text, "0x{:08x}", client.keyboard).is_ok())
        }
    ),
    c!("desktop", "", Text, "Width and height of the client's desktop.", |r, text| {
        let desktop = r.client.as_ref().map(|client| client.desktop);
        desktop.is_some_and(|(width, height)| write!(text, "{width}x{height}").is_ok())
    }),
    c!("latency_ns", "ns", OptU64, "Time from the request to the answer.", |r| r.latency_ns),
];

fn push_offers(offers: u32, text: &mut String) {
    let unknown = offers & !OFFERS.iter().fold(0, |bits, (bit, _)| bits | bit);
    let mut words: Vec<_> =
        OFFERS.iter().filter(|(bit, _)| offers & bit != 0).map(|(_, word)| (*word).to_owned()).collect();
    if offers == 0 {
        words.push("rdp".to_owned());
    }
    if unknown != 0 {
        words.push(format!("0x{unknown:08x}"));
    }
    text.push_str(&words.join(","));
}

const fn failure(code: u32) -> Option<&'static str> {
    Some(match code {
        1 => "SSL_REQUIRED_BY_SERVER",
        2 => "SSL_NOT_ALLOWED_BY_SERVER",
        3 => "SSL_CERT_NOT_ON_SERVER",
        4 => "INCONSISTENT_FLAGS",
        5 => "HYBRID_REQUIRED_BY_SERVER",
        6 => "SSL_WITH_USER_AUTH_REQUIRED_BY_SERVER",
        _ => return None,
    })
}

/// The columns of RDP rows.
pub(super) fn columns() -> Vec<Column<Row<Said>>> {
    COLUMNS.to_vec()
}
