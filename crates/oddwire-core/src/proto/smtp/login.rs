//! Who logs in by SASL: the name out of what the client sends, never what proves it.

use crate::proto::clean;

/// The longest name of a user that is kept.
const MOST_USER: usize = 255;
/// The longest answer in a log-in that is decoded.
const MOST_ENCODED: usize = 4_096;

/// The methods that a name is read from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::proto) enum Method {
    Plain,
    Login,
    CramMd5,
    Bearer,
    #[default]
    Other,
}

impl Method {
    /// A method by its name.
    pub(in crate::proto) fn of(name: &[u8]) -> Self {
        let is = |other: &[u8]| name.eq_ignore_ascii_case(other);
        if is(b"PLAIN") {
            Self::Plain
        } else if is(b"LOGIN") {
            Self::Login
        } else if is(b"CRAM-MD5") {
            Self::CramMd5
        } else if is(b"XOAUTH2") || is(b"OAUTHBEARER") {
            Self::Bearer
        } else {
            Self::Other
        }
    }

    /// How many answers a client gives.
    pub(in crate::proto) const fn answers(self) -> u8 {
        if matches!(self, Self::Login) { 2 } else { 1 }
    }

    /// The name of the user out of the first answer in base64.
    pub(in crate::proto) fn user(self, answer: &[u8]) -> Option<Box<str>> {
        let mut bytes = decode(answer)?;
        let name = match self {
            Self::Plain => bytes.split(|&byte| byte == 0).nth(1),
            Self::Login => Some(&bytes[..]),
            Self::CramMd5 => bytes.iter().rposition(|&byte| byte == b' ').and_then(|end| bytes.get(..end)),
            Self::Bearer => bearer_user(&bytes),
            Self::Other => None,
        };
        let user = name.filter(|name| !name.is_empty()).map(|name| clean(name, MOST_USER));
        bytes.fill(0);
        user
    }
}

/// `user=name`, or `n,a=name,`; up to the first separator.
fn bearer_user(bytes: &[u8]) -> Option<&[u8]> {
    let start = [&b"user="[..], b"n,a="].iter().find_map(|mark| bytes.strip_prefix(*mark))?;
    start.split(|&byte| byte == 1 || byte == b',').next()
}

/// Decodes base64; `None` where it is none.
fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let text = text.trim_ascii();
    if text.len() > MOST_ENCODED {
        return None;
    }
    let end = text.iter().rposition(|&byte| byte != b'=').map_or(0, |last| last + 1);
    let mut bytes = Vec::with_capacity(end);
    let (mut bits, mut count) = (0u32, 0);
    for &letter in text.get(..end)? {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_read_and_nothing_else() {
        assert_eq!(Method::Plain.user(b"AGFsaWNlAHNlY3JldA==").as_deref(), Some("alice"));
        assert_eq!(Method::Login.user(b"YWxpY2U=").as_deref(), Some("alice"));
        assert_eq!(Method::CramMd5.user(b"YWxpY2UgZGVhZGJlZWY=").as_deref(), Some("alice"));
        assert_eq!(Method::Bearer.user(b"dXNlcj1hbGljZQFhdXRoPUJlYXJlciB4AQE=").as_deref(), Some("alice"));
        assert_eq!(Method::Plain.user(b"bm90aGluZw=="), None);
        assert_eq!(Method::Login.user(b"not base64!"), None);
    }
}
