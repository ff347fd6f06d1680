//! ISO 8601 times to nanoseconds since the epoch.

const NS: i128 = 1_000_000_000;

/// Reads `2024-03-10`, `2024-03-10T09:30`, `2024-03-10 09:30:20.741Z`, `2024-03-10T09:30:20+01:00`; without an
/// offset it is UTC.
pub(super) fn parse(text: &str) -> Option<i128> {
    let text = text.trim();
    let (date, rest) = text.split_at_checked(10)?;
    let days = days(date)?;
    let Some(clock) = rest.strip_prefix(['T', 't', ' ']) else {
        return rest.is_empty().then_some(days * 86_400 * NS);
    };
    let (clock, offset_minutes) = split_offset(clock)?;
    Some((days * 86_400 - offset_minutes * 60) * NS + nanos_of_day(clock)?)
}

fn days(date: &str) -> Option<i128> {
    let mut parts = date.split('-');
    let (year, month, day) =
        (digits(parts.next()?, 4)?, digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
    if parts.next().is_some() || !(1..=12).contains(&month) || day < 1 || day > days_in(year, month) {
        return None;
    }
    // The year is taken to begin in March, so that the leap day comes last.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    Some(year * 365 + leap_days + (153 * month + 2) / 5 + day - 1 - 719_468)
}

fn days_in(year: i128, month: i128) -> i128 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn digits(text: &str, count: usize) -> Option<i128> {
    let plain = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok())?
}

/// The clock, and the minutes it is ahead of UTC.
fn split_offset(clock: &str) -> Option<(&str, i128)> {
    if let Some(clock) = clock.strip_suffix(['Z', 'z']) {
        return Some((clock, 0));
    }
    let Some(place) = clock.find(['+', '-']) else { return Some((clock, 0)) };
    let (clock, offset) = clock.split_at_checked(place)?;
    let sign = if offset.starts_with('-') { -1 } else { 1 };
    let (hours, minutes) = offset.get(1..)?.split_once(':')?;
    Some((clock, sign * (digits(hours, 2)? * 60 + digits(minutes, 2)?)))
}

fn nanos_of_day(clock: &str) -> Option<i128> {
    let mut parts = clock.split(':');
    let (hour, minute) = (digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
    let (second, nanos) = match parts.next() {
        Some(text) => seconds(text)?,
        None => (0, 0),
    };
    let fits = parts.next().is_none() && hour < 24 && minute < 60 && second < 60;
    fits.then_some((hour * 3600 + minute * 60 + second) * NS + nanos)
}

fn seconds(text: &str) -> Option<(i128, i128)> {
    let Some((whole, part)) = text.split_once('.') else { return Some((digits(text, 2)?, 0)) };
    if part.is_empty() || part.len() > 9 {
        return None;
    }
    Some((digits(whole, 2)?, digits(&format!("{part:0<9}"), 9)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read() {
        for (text, ns) in [
            ("1970-01-01", 0),
            ("2024-03-10T09:30:20.741000Z", 1_710_063_020_741_000_000),
            ("2024-03-10 09:30:20.741000001", 1_710_063_020_741_000_001),
            ("2024-03-10T10:30:20.741+01:00", 1_710_063_020_741_000_000),
            ("2000-02-29T00:00", 951_782_400_000_000_000),
            ("1969-12-31T23:59:59.999999999Z", -1),
        ] {
            assert_eq!(parse(text), Some(ns), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "2023-02-29",
            "2024-13-01",
            "2024-03-10T25:00",
            "2024-03-10T09",
            "2024-03-10X",
            "10.3.2024",
            "é024-03-10",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
