//! Addresses of the web, without what may be secret in them.

use super::request::number;

/// What lies behind `scheme://`.
pub(in crate::proto) fn after_scheme(place: &[u8]) -> Option<&[u8]> {
    let end = place.windows(3).position(|three| three == b"://")?;
    let (scheme, rest) = place.split_at_checked(end)?;
    let is_word =
        !scheme.is_empty() && scheme.iter().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(byte));
    if is_word { rest.get(3..) } else { None }
}

/// Where the authority ends.
pub(super) fn authority_end(place: &[u8]) -> usize {
    place.iter().position(|&byte| byte == b'/').unwrap_or(place.len())
}

/// Host and port of `user:secret@host:port`; an address of IPv6 without its brackets.
pub(in crate::proto) fn host_and_port(authority: &[u8]) -> (&[u8], Option<u16>) {
    let host = authority.rsplit(|&byte| byte == b'@').next().unwrap_or(authority);
    if let Some(inner) = host.strip_prefix(b"[") {
        let end = inner.iter().position(|&byte| byte == b']').unwrap_or(inner.len());
        let (host, rest) = inner.split_at_checked(end).unwrap_or((inner, &[]));
        return (host, rest.strip_prefix(b"]:").and_then(port));
    }
    let mut parts = host.splitn(3, |&byte| byte == b':');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(host), Some(behind), None) => (host, port(behind)),
        _ => (host, None),
    }
}

fn port(text: &[u8]) -> Option<u16> {
    number(text)?.try_into().ok()
}

/// An address of the web without user, query and fragment.
pub(in crate::proto) fn bare(address: &[u8]) -> Vec<u8> {
    let end = address.iter().position(|byte| matches!(byte, b'?' | b'#')).unwrap_or(address.len());
    let place = address.get(..end).unwrap_or(address);
    let Some(rest) = after_scheme(place) else { return without_session(place) };
    let scheme = place.get(..place.len() - rest.len()).unwrap_or(&[]);
    let (authority, path) = rest.split_at_checked(authority_end(rest)).unwrap_or((rest, &[]));
    let host = authority.rsplit(|&byte| byte == b'@').next().unwrap_or(authority);
    [scheme, host, &without_session(path)].concat()
}

/// A path whose session identifier, which is as good as a password, is left out.
pub(super) fn without_session(path: &[u8]) -> Vec<u8> {
    const MARK: &[u8] = b";jsessionid=";
    let Some(start) = path.windows(MARK.len()).position(|part| part.eq_ignore_ascii_case(MARK)) else {
        return path.to_vec();
    };
    let (before, value) = path.split_at_checked(start + MARK.len()).unwrap_or((path, &[]));
    let end = value.iter().position(|byte| matches!(byte, b'/' | b';')).unwrap_or(value.len());
    [before, value.get(end..).unwrap_or(&[])].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_ports_are_told_apart() {
        let cases: [(&[u8], &[u8], Option<u16>); 6] = [
            (b"a.example", b"a.example", None),
            (b"joe:pw@a.example:81", b"a.example", Some(81)),
            (b"[2001:db8::1]:8080", b"2001:db8::1", Some(8_080)),
            (b"2001:db8::1", b"2001:db8::1", None),
            (b"a:99999", b"a", None),
            (b"[::1", b"::1", None),
        ];
        for (authority, host, port) in cases {
            assert_eq!(host_and_port(authority), (host, port));
        }
    }

    #[test]
    fn an_address_is_bare_without_user_query_and_session() {
        assert_eq!(bare(b"http://joe:pw@a.example/x?q#f"), b"http://a.example/x");
        assert_eq!(bare(b"/x;jsessionid=77;y"), b"/x;jsessionid=;y");
        assert_eq!(bare(b"about:blank"), b"about:blank");
    }
}
