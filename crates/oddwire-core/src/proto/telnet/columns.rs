//! The columns of Telnet.

use super::Said;
use crate::column::{Column, Get};
use crate::proto::{Row, put};

macro_rules! c {
    ($name:literal, $unit:literal, $kind:ident, $meaning:literal, $get:expr) => {
        Column::<Row<Said>>::new($name, $unit, Get::$kind($get), $meaning)
    };
}

const COLUMNS: &[Column<Row<Said>>] = &[
    c!(
        "user",
        "",
        Text,
        "Name that was typed where the server asked for one; null where that was not seen.",
        |r, text| { put(text, r.user.as_deref()) }
    ),
    c!(
        "login",
        "",
        Word,
        "How the log-in ended: success, failure or unknown, judged by the server's text that followed; null where \
        there was none.",
        |r| {
            r.attempt.then_some(match r.login {
                Some(true) => "success",
                Some(false) => "failure",
                None => "unknown",
            })
        }
    ),
    c!("login_tries", "", U32, "Log-ins of the session so far, this one among them.", |r| r.tries),
    c!("terminal_type", "", Text, "The client's terminal, as it says.", |r, text| put(
        text,
        r.terminal_type.as_deref()
    )),
    c!(
        "environment_user",
        "",
        Text,
        "Name of the user that the client sent among its environment's variables.",
        |r, text| { put(text, r.environment_user.as_deref()) }
    ),
    c!("server_banner", "", Text, "The first line that the server showed before a log-in.", |r, text| {
        put(text, r.banner.as_deref())
    }),
];

/// The columns of Telnet rows.
pub(super) fn columns() -> Vec<Column<Row<Said>>> {
    COLUMNS.to_vec()
}
