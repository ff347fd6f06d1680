//! The columns of NTP.

use super::Said;
use super::message::{Message, Time};
use crate::column::{Column, Get};
use crate::packet::Addr;
use crate::proto::{Row, clean};
use std::fmt::Write;

/// Request codes of the private mode that list who asked lately.
const MONLIST: [u8; 2] = [20, 42];

macro_rules! c {
    ($name:literal, $unit:literal, $kind:ident, $meaning:literal, $get:expr) => {
        Column::<Row<Said>>::new($name, $unit, Get::$kind($get), $meaning)
    };
}

const COLUMNS: &[Column<Row<Said>>] = &[
    c!("mode", "", Word, "Mode of the request, or of the message that stands alone.", |r| Some(r.mode())),
    c!("version", "", U8, "Version of the protocol.", |r| match r.message {
        Message::Time(time) => time.version,
        Message::Control(control) => control.version,
        Message::Private(private) => private.version,
    }),
    c!(
        "stratum",
        "",
        OptU8,
        "Distance of the server from a clock; of a request alone that of the client.",
        |r| { r.time().map(|time| time.stratum) }
    ),
    c!(
        "reference",
        "",
        Text,
        "What the server's time comes from: a word of up to four letters, or an address.",
        |r, text| { r.time().is_some_and(|time| push_reference(&time, r.flow.key.ip_version == 6, text)) }
    ),
    c!("request_bytes", "bytes", OptU32, "Bytes of the request.", |r| r.request_bytes),
    c!("answer_bytes", "bytes", OptU64, "Bytes of all answers.", |r| r.answer_bytes),
    c!("answers", "", U32, "Answers that were counted.", |r| r.answers),
    c!("amplification", "", OptF64, "Bytes of the answers for each byte of the request.", |r| {
        let asked = r.request_bytes.filter(|&bytes| bytes > 0)?;
        Some(r.answer_bytes? as f64 / f64::from(asked))
    })
    .by("answer_bytes / request_bytes"),
    c!("latency_ns", "ns", OptU64, "Time from the request to its first answer.", |r| r.latency_ns),
    c!("private_code", "", OptU8, "Request code of the private mode.", |r| r.private_code()),
    c!(
        "monlist",
        "",
        Bool,
        "Whether it asks for the list of who asked lately, which is abused to amplify.",
        |r| { r.private_code().is_some_and(|code| MONLIST.contains(&code)) }
    ),
    c!(
        "control_operation",
        "",
        OptU8,
        "Operation of the control mode: 1 is the status, 2 reads variables.",
        |r| {
            match r.message {
                Message::Control(control) => Some(control.operation),
                _ => None,
            }
        }
    ),
    c!("leap", "", OptU8, "Leap indicator: 3 says that the clock is not set.", |r| r
        .time()
        .map(|time| time.leap))
    .on_request(),
    c!("poll", "log2 s", Text, "Power of two of the seconds between two requests.", |r, text| {
        push_number(r.time().map(|time| time.poll), text)
    })
    .on_request(),
    c!("precision", "log2 s", Text, "Power of two of the seconds that the clock is exact to.", |r, text| {
        push_number(r.time().map(|time| time.precision), text)
    })
    .on_request(),
    c!(
        "extension_bytes",
        "bytes",
        OptU32,
        "Bytes behind the time message: fields and authentication.",
        |r| { matches!(r.message, Message::Time(_)).then_some(r.extensions.bytes) }
    )
    .on_request(),
    c!("secured", "", Bool, "Whether the request carries fields of Network Time Security.", |r| r
        .extensions
        .secured)
    .on_request(),
];

impl Said {
    pub(super) const fn mode(&self) -> &'static str {
        match self.message {
            Message::Control(_) => "control",
            Message::Private(_) => "private",
            Message::Time(time) => match time.mode {
                1 => "symmetric_active",
                2 => "symmetric_passive",
                3 => "client",
                4 => "server",
                _ => "broadcast",
            },
        }
    }

    /// The time message that says most: the answer, else the request.
    fn time(&self) -> Option<Time> {
        match (self.answer, self.message) {
            (Some(time), _) | (None, Message::Time(time)) => Some(time),
            _ => None,
        }
    }

    const fn private_code(&self) -> Option<u8> {
        match self.message {
            Message::Private(private) => Some(private.code),
            _ => None,
        }
    }
}

/// A reference: letters near a clock, an IPv4 address further away; over IPv6 it is a part of a digest.
fn push_reference(time: &Time, over_6: bool, text: &mut String) -> bool {
    let [a, b, c, d] = time.reference;
    if time.reference == [0; 4] {
        return false;
    }
    if time.stratum <= 1 || time.stratum == 16 {
        let end = time.reference.iter().rposition(|&byte| byte != 0).map_or(0, |at| at + 1);
        text.push_str(&clean(time.reference.get(..end).unwrap_or(&[]), 16));
    } else if over_6 {
        let _ = write!(text, "{a:02x}{b:02x}{c:02x}{d:02x}");
    } else {
        let _ = write!(text, "{}", Addr::v4(time.reference));
    }
    true
}

fn push_number(number: Option<i8>, text: &mut String) -> bool {
    number.is_some_and(|number| write!(text, "{number}").is_ok())
}

/// The columns of NTP rows.
pub(super) fn columns() -> Vec<Column<Row<Said>>> {
    COLUMNS.to_vec()
}
