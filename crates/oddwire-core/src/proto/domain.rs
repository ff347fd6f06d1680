//! The registered domain of a name, by the public suffix list.

/// The domain that somebody registered: `example.co.uk` of `www.example.co.uk`. `None` for a public suffix itself,
/// for a name of one label and for what is no name.
#[must_use]
pub fn registered_domain(name: &str) -> Option<&str> {
    let name = name.strip_suffix('.').unwrap_or(name);
    if !name.contains('.') || name.starts_with('.') || name.contains("..") {
        return None;
    }
    let domain = psl::domain(name.as_bytes())?;
    std::str::from_utf8(domain.as_bytes()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_decides_where_a_domain_ends() {
        assert_eq!(registered_domain("www.example.co.uk"), Some("example.co.uk"));
        assert_eq!(registered_domain("a.b.example.com."), Some("example.com"));
        assert_eq!(registered_domain("x.github.io"), Some("x.github.io"));
        for none in ["com", "co.uk", "", ".", "localhost", "..", "a..b"] {
            assert_eq!(registered_domain(none), None, "{none}");
        }
    }
}
