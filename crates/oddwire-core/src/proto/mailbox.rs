//! What POP3 and IMAP share: a log-in to a mailbox, how it ended, and its columns. What proves a user is never kept.

use super::smtp::login::Method;
use super::{Row, clean, put};
use crate::column::{Column, Get};

/// The longest line that is read to its end.
pub(super) const MOST_LINE: usize = 4_096;
/// The longest text that is kept.
pub(super) const MOST_TEXT: usize = 255;
/// The longest name of a method that is kept.
const MOST_METHOD: usize = 24;
/// What names of methods begin with.
const METHODS: [&[u8]; 16] = [
    b"USER",
    b"APOP",
    b"LOGIN",
    b"PLAIN",
    b"CRAM-MD5",
    b"DIGEST-MD5",
    b"NTLM",
    b"GSSAPI",
    b"GSS-SPNEGO",
    b"SCRAM-SHA-",
    b"XOAUTH",
    b"OAUTHBEARER",
    b"EXTERNAL",
    b"ANONYMOUS",
    b"KERBEROS_V4",
    b"OTP",
];
/// Bytes of a session without a log-in that are read: it began before the capture.
pub(super) const MOST_READ: u64 = 64 << 10;

/// What a session says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    pub(super) banner: Option<Box<str>>,
    pub(super) tries: u32,
    pub(super) failures: u32,
    pub(super) let_in: bool,
    pub(super) auth_method: Option<Box<str>>,
    pub(super) user: Option<Box<str>>,
    pub(super) tls: bool,
}

/// Answers of a client that are still to come in a log-in by SASL.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Answers {
    method: Method,
    left: u8,
}

impl Said {
    /// A log-in begins.
    pub(super) fn try_login(&mut self, method: &[u8]) {
        let method = method.to_ascii_uppercase();
        // What is no known method may be a secret.
        let known = METHODS.iter().any(|known| method.starts_with(known));
        self.auth_method = Some(if known { clean(&method, MOST_METHOD) } else { "OTHER".into() });
        self.tries = self.tries.saturating_add(1);
    }

    /// A log-in ends.
    pub(super) const fn end_login(&mut self, good: bool) {
        self.let_in |= good;
        self.failures = self.failures.saturating_add(!good as u32);
    }

    /// Bytes of memory of its texts.
    pub(super) fn held(&self) -> usize {
        let texts = [&self.banner, &self.auth_method, &self.user];
        texts.iter().filter_map(|text| text.as_deref()).map(str::len).sum::<usize>() + size_of::<Self>()
    }
}

impl Answers {
    /// Those of a method; `first` came with the command.
    pub(super) fn of(method: &[u8], first: &[u8], said: &mut Said) -> Self {
        let method = Method::of(method);
        let mut answers = Self { method, left: method.answers() };
        said.user = None;
        if !first.is_empty() {
            answers.take(if first == b"=" { b"" } else { first }, said);
        }
        answers
    }

    /// Whether the client's next line is one.
    pub(super) const fn wait(self) -> bool {
        self.left > 0
    }

    /// Takes an answer; of the first one the user's name is kept.
    pub(super) fn take(&mut self, answer: &[u8], said: &mut Said) {
        if self.left == self.method.answers() {
            said.user = self.method.user(answer);
        }
        self.left = if answer == b"*" { 0 } else { self.left.saturating_sub(1) };
    }
}

macro_rules! c {
    ($name:literal, $unit:literal, $kind:ident, $meaning:literal, $get:expr) => {
        Column::<Row<Said>>::new($name, $unit, Get::$kind($get), $meaning)
    };
}

const COLUMNS: &[Column<Row<Said>>] = &[
    c!("server_banner", "", Text, "What the server says first.", |r, text| put(text, r.banner.as_deref())),
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
    c!(
        "starttls",
        "",
        Bool,
        "Whether the session went on encrypted; then nothing behind that is known here.",
        |r| r.tls
    ),
];

/// The columns of their rows.
pub(super) fn columns() -> Vec<Column<Row<Said>>> {
    COLUMNS.to_vec()
}
