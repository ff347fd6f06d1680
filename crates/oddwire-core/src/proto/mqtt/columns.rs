//! The columns of MQTT.

use super::packet::Connect;
use super::session::Said;
use crate::column::{Column, Get};
use crate::proto::{Row, put};

macro_rules! c {
    ($name:literal, $unit:literal, $kind:ident, $meaning:literal, $get:expr) => {
        Column::<Row<Said>>::new($name, $unit, Get::$kind($get), $meaning)
    };
}

const COLUMNS: &[Column<Row<Said>>] = &[
    c!(
        "message",
        "",
        Word,
        "What was seen: connect, answer, exchange for both, or session for neither.",
        |r| {
            Some(match (&r.connect, &r.answer) {
                (Some(_), Some(_)) => "exchange",
                (Some(_), None) => "connect",
                (None, Some(_)) => "answer",
                (None, None) => "session",
            })
        }
    ),
    c!("client_id", "", Text, "What the client calls itself.", |r, text| {
        put(text, r.asked().and_then(|connect| connect.client_id.as_deref()))
    }),
    c!("user", "", Text, "User that the client says it is.", |r, text| {
        put(text, r.asked().and_then(|connect| connect.user.as_deref()))
    }),
    c!("has_password", "", OptBool, "Whether the client sent a password.", |r| Some(r.asked()?.has_password)),
    c!("login", "", Word, "Whether the broker took the credentials: success or failure.", |r| r.login())
        .by("by the code of the answer; null without credentials that were taken"),
    c!("version", "", Word, "Version of the protocol: 3.1, 3.1.1, 5 or other.", |r| r.said.version()),
    c!("keep_alive_s", "s", OptU16, "Time after which a silent client counts as gone; zero is never.", |r| {
        Some(r.asked()?.keep_alive_s)
    }),
    c!("clean_session", "", OptBool, "Whether the client wants nothing of an earlier session.", |r| {
        Some(r.asked()?.clean_session)
    }),
    c!("will", "", OptBool, "Whether a message is to be published when the client is gone.", |r| Some(
        r.asked()?.will
    )),
    c!("will_topic", "", Text, "Topic of that message.", |r, text| {
        put(text, r.asked().and_then(|connect| connect.will_topic.as_deref()))
    }),
    c!(
        "code",
        "",
        Word,
        "What the broker answered: accepted, bad_user_or_password, not_authorised or the like.",
        |r| { r.code() }
    ),
    c!("session_present", "", OptBool, "Whether the broker knows the session from before.", |r| {
        Some(r.answer?.session_present)
    })
    .on_request(),
    c!("latency_ns", "ns", OptU64, "Time from the CONNECT to its answer.", |r| r.answer?.latency_ns),
    c!("packets", "", U32, "Packets of the session that were looked at, at most 64.", |r| r.packets),
    c!("published_out", "", U32, "Messages among them that the client published.", |r| r.published[0]),
    c!("published_in", "", U32, "Messages among them that the client was sent.", |r| r.published[1]),
    c!("subscribed", "", U32, "Subscriptions among them.", |r| r.subscribed),
    c!("published_topic", "", Text, "Topic of the first message.", |r, text| put(
        text,
        r.published_topic.as_deref()
    ))
    .on_request(),
    c!("subscribed_topic", "", Text, "Topic of the first subscription.", |r, text| {
        put(text, r.subscribed_topic.as_deref())
    })
    .on_request(),
    c!("answer_packet", "", OptU64, "Number of the packet that brought the answer.", |r| Some(
        r.answer?.at.number
    ))
    .on_request(),
];

impl Said {
    fn asked(&self) -> Option<&Connect> {
        self.connect.as_deref()
    }
}

/// The columns of MQTT rows.
pub(super) fn columns() -> Vec<Column<Row<Said>>> {
    COLUMNS.to_vec()
}
