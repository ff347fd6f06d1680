//! The columns of SMTP.

use super::Said;
use crate::column::{Column, Get};
use crate::proto::{Row, put};

macro_rules! c {
    ($name:literal, $unit:literal, $kind:ident, $meaning:literal, $get:expr) => {
        Column::<Row<Said>>::new($name, $unit, Get::$kind($get), $meaning)
    };
}

const COLUMNS: &[Column<Row<Said>>] = &[
    c!("service", "", Word, "Which of its kin it is: smtp, or lmtp by the client's greeting.", |r| {
        Some(if r.lmtp { "lmtp" } else { "smtp" })
    }),
    c!("helo", "", Text, "What the client calls itself; the last greeting counts.", |r, text| put(
        text,
        r.helo.as_deref()
    )),
    c!("server_banner", "", Text, "What the server says first, without its code.", |r, text| {
        put(text, r.banner.as_deref())
    }),
    c!(
        "login",
        "",
        Word,
        "How the log-in ended: success, failure, or unknown without a reply; null where there was none.",
        |r| {
            (r.tries > 0).then_some(match (r.let_in, r.failures) {
                (true, _) => "success",
                (false, 0) => "unknown",
                (false, _) => "failure",
            })
        }
    ),
    c!("login_tries", "", U32, "Log-ins that were begun.", |r| r.tries),
    c!("login_failures", "", U32, "Log-ins that were refused.", |r| r.failures),
    c!("auth_method", "", Text, "Method of the last log-in, in upper case.", |r, text| put(
        text,
        r.auth_method.as_deref()
    )),
    c!(
        "user",
        "",
        Text,
        "Name of the user who logged in last; null where the method does not show it.",
        |r, text| { put(text, r.user.as_deref()) }
    ),
    c!("mails", "", U32, "Mails whose sender the server accepted.", |r| r.mails),
    c!("delivered", "", U32, "Messages that the server accepted to their end.", |r| r.delivered),
    c!("mail_from", "", Text, "Address of the sender of the first mail; empty for bounces.", |r, text| {
        put(text, r.mail_from.as_deref())
    }),
    c!("recipients", "", U32, "Recipients that the server accepted.", |r| r.recipients),
    c!("recipients_refused", "", U32, "Recipients that the server refused.", |r| r.refused),
    c!(
        "message_bytes",
        "bytes",
        U64,
        "Bytes of all messages, as they were sent, with the line that ends each.",
        |r| { r.message_bytes }
    ),
    c!(
        "starttls",
        "",
        Bool,
        "Whether the session went on encrypted; then nothing behind that is known here.",
        |r| r.tls
    ),
    c!("starttls_offered", "", OptBool, "Whether the server offered to go on encrypted.", |r| r.tls_offered),
    c!("last_code", "", OptU16, "Code of the server's last reply.", |r| r.last_code),
    c!("errors", "", U32, "Replies with a code of 500 or more.", |r| r.errors),
];

/// The columns of SMTP rows.
pub(super) fn columns() -> Vec<Column<Row<Said>>> {
    COLUMNS.to_vec()
}
