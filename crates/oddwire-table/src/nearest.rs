//! The name that was probably meant.

/// Longer names are not compared: nobody mistypes them, and the work stays bounded.
const LONGEST: usize = 64;

/// The candidate nearest to `name`, if one is near enough to be what was meant.
pub(crate) fn nearest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    if name.len() > LONGEST {
        return None;
    }
    let plain =
        |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    let wanted = plain(name);
    let limit = (wanted.len() / 3).max(1);
    candidates
        .filter(|candidate| candidate.len() <= LONGEST)
        .map(|candidate| (distance(wanted.as_bytes(), plain(candidate).as_bytes()), candidate))
        .filter(|(far, _)| *far <= limit)
        .min_by_key(|(far, _)| *far)
        .map(|(_, candidate)| candidate)
}

/// Levenshtein distance by the two-row method.
fn distance(left: &[u8], right: &[u8]) -> usize {
    let mut above: Vec<usize> = (0..=right.len()).collect();
    for (row, a) in left.iter().enumerate() {
        let mut corner = row;
        let mut before = row + 1;
        if let Some(first) = above.first_mut() {
            *first = before;
        }
        for (cell, b) in above.iter_mut().skip(1).zip(right) {
            let here = (corner + usize::from(a != b)).min(*cell + 1).min(before + 1);
            corner = std::mem::replace(cell, here);
            before = here;
        }
    }
    above.last().copied().unwrap_or(left.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_meant() {
        let names = ["src_ip", "dst_ip", "dst_port", "src_port", "packets_out"];
        for (typed, meant) in [
            ("dstport", Some("dst_port")),
            ("SRC_IP", Some("src_ip")),
            ("packet_out", Some("packets_out")),
            ("banana", None),
            ("", None),
        ] {
            assert_eq!(nearest(typed, names.into_iter()), meant, "{typed}");
        }
    }

    #[test]
    fn counts_edits() {
        for (a, b, edits) in
            [("", "", 0), ("", "abc", 3), ("abc", "", 3), ("kitten", "sitting", 3), ("ab", "ba", 2)]
        {
            assert_eq!(distance(a.as_bytes(), b.as_bytes()), edits, "{a} {b}");
        }
    }
}
