//! What a response says.

use super::MOST_TEXT;
use super::address::{after_scheme, host_and_port};
use super::head::{Head, lower, parameter};
use super::request::{is_chunked, number, version};
use crate::proto::{Moment, clean};

/// A response.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Response {
    /// Its first byte.
    pub(super) at: Moment,
    pub(super) status: u16,
    pub(super) version: Option<&'static str>,
    pub(super) reason: Option<Box<str>>,
    pub(super) server: Option<Box<str>>,
    pub(super) content_type: Option<Box<str>>,
    pub(super) location_host: Option<Box<str>>,
    pub(super) filename: Option<Box<str>>,
    pub(super) body_kind: Option<&'static str>,
    pub(super) body_bytes: u64,
    pub(super) length: Option<u64>,
    pub(super) chunked: bool,
    pub(super) turn: Turn,
    pub(super) cut: bool,
}

/// Where a response leads that does not only answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Turn {
    #[default]
    Nowhere,
    /// It goes on with a talk about who the client is (NTLM, Negotiate).
    MoreProof,
    /// It goes over to HTTP/2.
    Http2,
}

impl Response {
    /// Reads a response; `None` where the first line is no status line.
    pub(super) fn read(head: &Head<'_>, cut: bool) -> Option<Self> {
        let mut words = head.line.splitn(3, |&byte| byte == b' ');
        let version = version(words.next()?)?;
        let status = number(words.next()?.trim_ascii()).filter(|status| (100..=999).contains(status))?;
        let reason = words.next().map(<[u8]>::trim_ascii).filter(|reason| !reason.is_empty());
        let mut response = Self {
            status: u16::try_from(status).ok()?,
            version: Some(version),
            reason: reason.map(|reason| clean(reason, MOST_TEXT)),
            cut,
            ..Self::default()
        };
        for (name, value) in head.fields() {
            response.take(name, value);
        }
        Some(response)
    }

    fn take(&mut self, name: &[u8], value: &[u8]) {
        let text = || Some(clean(value, MOST_TEXT));
        match lower(name, &mut [0; 24]) {
            b"server" if self.server.is_none() => self.server = text(),
            b"content-type" if self.content_type.is_none() => self.content_type = text(),
            b"content-length" if self.length.is_none() => self.length = number(value),
            b"transfer-encoding" => self.chunked |= is_chunked(value),
            b"upgrade" if value.eq_ignore_ascii_case(b"h2c") => self.turn = Turn::Http2,
            b"location" if self.location_host.is_none() => {
                let rest = after_scheme(value).or_else(|| value.strip_prefix(b"//")).unwrap_or(&[]);
                let end = rest.iter().position(|byte| b"/?#".contains(byte)).unwrap_or(rest.len());
                let (host, _) = host_and_port(rest.get(..end).unwrap_or(rest));
                self.location_host = (!host.is_empty()).then(|| clean(&host.to_ascii_lowercase(), MOST_TEXT));
            }
            b"content-disposition" => {
                let name = parameter(value, b"filename", b';').or_else(|| {
                    let coded = parameter(value, b"filename*", b';')?;
                    coded.splitn(3, |&byte| byte == b'\'').nth(2)
                });
                self.filename = name.map(|name| clean(name, MOST_TEXT));
            }
            b"www-authenticate" | b"proxy-authenticate" if is_challenge(value) => self.turn = Turn::MoreProof,
            _ => {}
        }
    }

    /// Whether a proxy says that from here on it passes everything through; for where the request was not
    /// seen.
    pub(super) fn opens_tunnel(&self) -> bool {
        self.status == 200
            && self.length.is_none()
            && self
                .reason
                .as_deref()
                .is_some_and(|reason| reason.eq_ignore_ascii_case("connection established"))
    }

    /// Bytes of memory of its texts.
    pub(super) fn held(&self) -> usize {
        let texts = [&self.reason, &self.server, &self.content_type, &self.location_host, &self.filename];
        texts.into_iter().flatten().map(|text| text.len()).sum()
    }
}

/// Whether a server that wants to know who the client is has begun to talk about it.
fn is_challenge(value: &[u8]) -> bool {
    let begins = |word: &[u8]| value.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    begins(b"ntlm ") || begins(b"negotiate ")
}
