//! What a request says. Of what may be secret only the shape is kept: names of parameters, a scheme, a count.

use super::address::{after_scheme, authority_end, bare, host_and_port, without_session};
use super::head::{Head, lower, parameter};
use super::signs::Signs;
use super::start::{MOST_METHOD, judge_request};
use super::{MOST_AGENT, MOST_PATH, MOST_TEXT};
use crate::proto::{Moment, Probe, clean};
use std::net::{Ipv4Addr, Ipv6Addr};

/// Names of parameters that are kept.
const MOST_NAMES: usize = 32;

/// A request.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Request {
    /// Its first byte.
    pub(super) at: Moment,
    /// Its last byte so far.
    pub(super) last_ns: i64,
    pub(super) method: Box<str>,
    pub(super) host: Option<Box<str>>,
    pub(super) host_port: Option<u16>,
    pub(super) path: Box<str>,
    pub(super) query_bytes: Option<u32>,
    pub(super) query_names: Option<Box<str>>,
    pub(super) attack_signs: Signs,
    pub(super) version: Option<&'static str>,
    pub(super) agent: Option<Box<str>>,
    pub(super) referrer: Option<Box<str>>,
    pub(super) content_type: Option<Box<str>>,
    pub(super) auth: Option<&'static str>,
    pub(super) user: Option<Box<str>>,
    pub(super) cookies: u16,
    pub(super) proxied: bool,
    pub(super) body_bytes: u64,
    pub(super) length: Option<u64>,
    pub(super) chunked: bool,
    pub(super) cut: bool,
}

impl Request {
    /// Reads a request; `None` where the first line is no request line of HTTP/1.
    pub(super) fn read(head: &Head<'_>, cut: bool) -> Option<Self> {
        let space = head.line.iter().position(|&byte| byte == b' ')?;
        let (method, rest) = head.line.split_at_checked(space)?;
        let rest = rest.trim_ascii();
        let (target, version) = match rest.iter().rposition(|&byte| byte == b' ') {
            Some(end) => (rest.get(..end)?.trim_ascii_end(), version(rest.get(end + 1..)?)),
            None => (rest, None),
        };
        let doubtful = version.is_none() && (!cut || judge_request(head.line, true) == Probe::No);
        if doubtful || method.is_empty() || method.len() > MOST_METHOD {
            return None;
        }
        let method = clean(method, MOST_METHOD);
        // A blank may stand in a target that is none of honest programs.
        let attack_signs = Signs::of_target(target);
        let mut request = Self { method, attack_signs, version, cut, ..Self::default() };
        for (name, value) in head.fields() {
            request.take(name, value);
            request.attack_signs.add_field(value);
        }
        request.aim(if version.is_none() { first_word(rest) } else { target });
        Some(request)
    }

    fn take(&mut self, name: &[u8], value: &[u8]) {
        let text = || Some(clean(value, MOST_TEXT));
        match lower(name, &mut [0; 24]) {
            b"host" if self.host.is_none() => self.ask_host(value),
            b"user-agent" if self.agent.is_none() => self.agent = Some(clean(value, MOST_AGENT)),
            b"referer" if self.referrer.is_none() => self.referrer = Some(clean(&bare(value), MOST_PATH)),
            b"content-type" if self.content_type.is_none() => self.content_type = text(),
            b"content-length" if self.length.is_none() => self.length = number(value),
            b"transfer-encoding" => self.chunked |= is_chunked(value),
            b"authorization" | b"proxy-authorization" if self.auth.is_none() => self.take_auth(value),
            b"cookie" => {
                let cookies = value.split(|&byte| byte == b';').filter(|one| !one.trim_ascii().is_empty());
                self.cookies = self.cookies.saturating_add(cookies.count() as u16);
            }
            _ => {}
        }
    }

    /// Keeps the scheme, and the name of the user where it is plain to read; never what proves it.
    fn take_auth(&mut self, value: &[u8]) {
        let end = value.iter().position(u8::is_ascii_whitespace).unwrap_or(value.len());
        let (scheme, rest) = value.split_at_checked(end).unwrap_or((value, &[]));
        let scheme = scheme_name(scheme);
        self.auth = Some(scheme);
        self.user = match scheme {
            "basic" => basic_user(rest.trim_ascii()),
            "digest" => parameter(rest, b"username", b',').map(|user| clean(user, MOST_TEXT)),
            _ => None,
        };
    }

    fn ask_host(&mut self, authority: &[u8]) {
        let (host, port) = host_and_port(authority);
        if !host.is_empty() {
            self.host = Some(clean(&host.to_ascii_lowercase(), MOST_TEXT));
            self.host_port = port;
        }
    }

    /// Takes the target apart: `/path?query`, an address with scheme and host, or of CONNECT host and port.
    fn aim(&mut self, target: &[u8]) {
        let end = target.iter().position(|byte| matches!(byte, b'?' | b'#')).unwrap_or(target.len());
        let (place, behind) = target.split_at_checked(end).unwrap_or((target, &[]));
        if let Some(query) = behind.strip_prefix(b"?") {
            self.query_bytes = Some(query.len() as u32);
            self.query_names = names(query);
        }
        let connect = &*self.method == "CONNECT";
        let (authority, path) = match after_scheme(place) {
            _ if connect => (place, place.rsplit(|&byte| byte == b'@').next().unwrap_or(place)),
            Some(rest) => rest.split_at_checked(authority_end(rest)).unwrap_or((rest, &[])),
            None => (&[][..], place),
        };
        self.proxied = connect || !authority.is_empty();
        if self.host.is_none() {
            self.ask_host(authority);
        }
        let path = if path.is_empty() && self.proxied { b"/" } else { path };
        self.path = clean(&without_session(path), MOST_PATH);
    }

    /// Whether the host is an address.
    pub(super) fn asks_address(&self) -> Option<bool> {
        let host = self.host.as_deref()?;
        Some(host.parse::<Ipv4Addr>().is_ok() || host.parse::<Ipv6Addr>().is_ok())
    }

    /// Bytes of memory of its texts.
    pub(super) fn held(&self) -> usize {
        let texts =
            [&self.host, &self.query_names, &self.agent, &self.referrer, &self.content_type, &self.user];
        let texts = texts.into_iter().flatten().map(|text| text.len()).sum::<usize>();
        texts + self.method.len() + self.path.len()
    }
}

fn first_word(text: &[u8]) -> &[u8] {
    text.split(|&byte| byte == b' ').next().unwrap_or(text)
}

/// The word for `HTTP/1.1`.
pub(super) fn version(text: &[u8]) -> Option<&'static str> {
    match text {
        b"HTTP/1.1" => Some("1.1"),
        b"HTTP/1.0" => Some("1.0"),
        [b'H', b'T', b'T', b'P', b'/', b'1', b'.', b'0'..=b'9'] => Some("other"),
        [b'I', b'C', b'Y'] => Some("icy"),
        _ => None,
    }
}

/// A length: digits and nothing else.
pub(super) fn number(text: &[u8]) -> Option<u64> {
    let digits = !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    digits.then(|| std::str::from_utf8(text).ok()?.parse().ok()).flatten()
}

/// Whether the last coding is `chunked`.
pub(super) fn is_chunked(value: &[u8]) -> bool {
    let last = value.rsplit(|&byte| byte == b',').next().unwrap_or(value);
    last.trim_ascii().eq_ignore_ascii_case(b"chunked")
}

fn scheme_name(scheme: &[u8]) -> &'static str {
    match lower(scheme, &mut [0; 24]) {
        b"basic" => "basic",
        b"digest" => "digest",
        b"bearer" => "bearer",
        b"ntlm" => "ntlm",
        b"negotiate" => "negotiate",
        _ => "other",
    }
}

/// The user of Basic credentials. What lies behind the colon is not decoded.
fn basic_user(text: &[u8]) -> Option<Box<str>> {
    let mut user = Vec::new();
    let (mut bits, mut count) = (0u32, 0);
    for &byte in text.iter().take(4 * MOST_TEXT) {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        (bits, count) = (bits << 6 | u32::from(value), count + 6);
        if count >= 8 {
            count -= 8;
            match (bits >> count) as u8 {
                b':' => return Some(clean(&user, MOST_TEXT)),
                byte => user.push(byte),
            }
        }
    }
    None
}

/// The names of a query's parameters. A word without a value may be a value itself, and is left out.
fn names(query: &[u8]) -> Option<Box<str>> {
    let names = query.split(|byte| matches!(byte, b'&' | b';')).filter_map(|part| {
        let end = part.iter().position(|&byte| byte == b'=')?;
        part.get(..end)
    });
    let names: Vec<&[u8]> = names.filter(|name| !name.is_empty()).take(MOST_NAMES).collect();
    (!names.is_empty()).then(|| clean(&names.join(&b','), MOST_TEXT))
}
