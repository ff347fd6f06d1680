//! The columns of FTP.

use super::{Action, Said};
use crate::column::{Column, Get};
use crate::proto::{Row, put};

macro_rules! c {
    ($name:literal, $unit:literal, $kind:ident, $meaning:literal, $get:expr) => {
        Column::<Row<Said>>::new($name, $unit, Get::$kind($get), $meaning)
    };
}

const COLUMNS: &[Column<Row<Said>>] = &[
    c!(
        "action",
        "",
        Word,
        "What was done: login, download, upload, list, delete, rename, make_dir, remove_dir, site, tls (went on \
        encrypted), or connect for a session with none of these.",
        |r| Some(match r.action {
            Action::Connect => "connect",
            Action::Login => "login",
            Action::Tls => "tls",
            Action::Download => "download",
            Action::Upload => "upload",
            Action::List => "list",
            Action::Delete => "delete",
            Action::Rename => "rename",
            Action::MakeDir => "make_dir",
            Action::RemoveDir => "remove_dir",
            Action::Site => "site",
        })
    ),
    c!("user", "", Text, "Name that the client logged in with, or wants to.", |r, text| put(
        text,
        r.user.as_deref()
    )),
    c!(
        "login",
        "",
        Word,
        "How the log-in ended: success, failure, or unknown without a reply; null for other actions.",
        |r| {
            (r.action == Action::Login).then_some(match r.login {
                Some(true) => "success",
                Some(false) => "failure",
                None => "unknown",
            })
        }
    ),
    c!("path", "", Text, "Path of the command, as it was sent; of a site command its name.", |r, text| {
        put(text, r.path.as_deref())
    }),
    c!("new_path", "", Text, "Path that a file was renamed to.", |r, text| put(text, r.new_path.as_deref())),
    c!("code", "", OptU16, "Code of the last reply to it; null where it was not seen.", |r| r.code),
    c!(
        "data_mode",
        "",
        Word,
        "Who opens the connection for data: active (the server) or passive (the client).",
        |r| { r.data.map(|end| if end.passive { "passive" } else { "active" }) }
    ),
    c!("data_ip", "", Addr, "Address for the data, as it was said.", |r| r.data?.ip),
    c!("data_port", "", OptU16, "Port for the data, as it was said.", |r| Some(r.data?.port)),
    c!("tls", "", Bool, "Whether the session goes on encrypted from here.", |r| r.action == Action::Tls),
    c!(
        "server_banner",
        "",
        Text,
        "What the server said first, without its code; on the first row of a session.",
        |r, text| { put(text, r.banner.as_deref()) }
    ),
];

/// The columns of FTP rows.
pub(super) fn columns() -> Vec<Column<Row<Said>>> {
    COLUMNS.to_vec()
}
