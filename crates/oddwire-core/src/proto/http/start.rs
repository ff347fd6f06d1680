//! How HTTP begins: strict, for what is taken for HTTP is taken from the other parsers.

use crate::proto::Probe;

/// What a client says first that speaks HTTP/2 without having asked for it.
pub(super) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n";
/// Bytes of a target after which the rest of its line is not waited for.
const LONG_TARGET: usize = 512;
/// Likewise where the capture cut the packet: no more will come.
const CUT_TARGET: usize = 12;
/// The longest method.
pub(super) const MOST_METHOD: usize = 24;

/// Methods of HTTP, `WebDAV` and their kin.
const METHODS: &[&str] = &[
    "GET",
    "POST",
    "HEAD",
    "PUT",
    "DELETE",
    "OPTIONS",
    "CONNECT",
    "TRACE",
    "PATCH",
    "PROPFIND",
    "PROPPATCH",
    "MKCOL",
    "COPY",
    "MOVE",
    "LOCK",
    "UNLOCK",
    "REPORT",
    "SEARCH",
    "MKCALENDAR",
    "ACL",
    "BIND",
    "CHECKIN",
    "CHECKOUT",
    "LABEL",
    "MERGE",
    "MKACTIVITY",
    "MKWORKSPACE",
    "UNCHECKOUT",
    "UPDATE",
    "VERSION-CONTROL",
    "NOTIFY",
    "SUBSCRIBE",
    "UNSUBSCRIBE",
    "POLL",
    "BPROPFIND",
    "BPROPPATCH",
    "BCOPY",
    "BMOVE",
    "BDELETE",
    "PURGE",
    "SOURCE",
    "LINK",
    "UNLINK",
    "M-SEARCH",
    "RPC_CONNECT",
    "RPC_IN_DATA",
    "RPC_OUT_DATA",
    "CCM_POST",
    "BITS_POST",
    "QUERY",
];

/// Judges the first bytes of a direction; `cut` says that the capture lacks the bytes right behind them.
pub(super) fn judge(bytes: &[u8], cut: bool) -> Probe {
    if bytes.starts_with(PREFACE) {
        return Probe::Yes;
    }
    if PREFACE.starts_with(bytes) {
        return Probe::More;
    }
    match judge_status(bytes) {
        Probe::No => judge_request(bytes, cut),
        status => status,
    }
}

/// Whether bytes begin with a status line: `HTTP/1.1 200`, or `ICY 200` of streaming servers.
pub(super) fn judge_status(bytes: &[u8]) -> Probe {
    let pattern: &[u8] = if bytes.first() == Some(&b'I') { b"ICY 999" } else { b"HTTP/1.9 999" };
    let fits =
        |(&byte, &wanted): (&u8, &u8)| if wanted == b'9' { byte.is_ascii_digit() } else { byte == wanted };
    if !bytes.iter().zip(pattern).all(fits) {
        return Probe::No;
    }
    match bytes.get(pattern.len()) {
        Some(b' ' | b'\r' | b'\n') => Probe::Yes,
        Some(_) => Probe::No,
        None => Probe::More,
    }
}

/// Whether bytes begin with a request line. It may be odd (more blanks than one, a blank in the target), for
/// what is odd is to be told as well; so the method must be known, or the target one of HTTP.
pub(super) fn judge_request(bytes: &[u8], cut: bool) -> Probe {
    let start = bytes.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
    let bytes = bytes.get(start..).unwrap_or(&[]);
    let end = bytes.iter().take(MOST_METHOD + 1).position(|&byte| byte == b' ');
    let method = bytes.get(..end.unwrap_or(bytes.len())).unwrap_or(&[]);
    if method.len() > MOST_METHOD || !method.iter().all(|&byte| is_method_byte(byte)) {
        return Probe::No;
    }
    let Some(end) = end.filter(|&end| end > 0) else {
        return if end.is_none() { Probe::More } else { Probe::No };
    };
    let known = METHODS.iter().any(|known| known.as_bytes() == method);
    let target = bytes.get(end..).unwrap_or(&[]).trim_ascii_start();
    if let Some(line_end) = target.iter().position(|&byte| byte == b'\n') {
        let line = target.get(..line_end).unwrap_or(&[]);
        return if ends_in_version(line) && (known || is_target(line)) { Probe::Yes } else { Probe::No };
    }
    if target.iter().any(|&byte| byte < b' ' && byte != b'\t' && byte != b'\r') {
        return Probe::No;
    }
    let sure = if cut { CUT_TARGET } else { LONG_TARGET };
    match target {
        [] => Probe::More,
        _ if known && is_target(target) && target.len() >= sure => Probe::Yes,
        [b'/' | b'*' | b'h' | b'H', ..] => Probe::More,
        _ if known && target.len() < LONG_TARGET => Probe::More,
        _ => Probe::No,
    }
}

/// Whether a line ends in a blank and `HTTP/1.1`, or another version 1.
fn ends_in_version(line: &[u8]) -> bool {
    let line = line.trim_ascii_end();
    let start = line.len().saturating_sub(b" HTTP/1.1".len());
    matches!(line.get(start..), Some([b' ' | b'\t', b'H', b'T', b'T', b'P', b'/', b'1', b'.', b'0'..=b'9']))
}

const fn is_method_byte(byte: u8) -> bool {
    byte.is_ascii_uppercase() || matches!(byte, b'-' | b'_')
}

/// Whether a target names something on the server, or an address of the web.
fn is_target(target: &[u8]) -> bool {
    let web =
        |scheme: &[u8]| target.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    target.starts_with(b"/") || target.starts_with(b"* ") || web(b"http://") || web(b"https://")
}
