//! Times as ISO 8601 text in UTC.

use arrow_schema::TimeUnit;

const SECONDS_A_DAY: i64 = 86_400;

/// Writes times; remembers the last day, since neighbouring rows share it.
#[derive(Debug, Clone)]
pub(super) struct Clock {
    day: i64,
    date: String,
}

impl Default for Clock {
    fn default() -> Self {
        Self { day: 0, date: "1970-01-01".to_owned() }
    }
}

impl Clock {
    /// Appends a time with 6 digits of a second, or 9 where its nanoseconds are no whole microseconds.
    pub(super) fn push_time(&mut self, out: &mut Vec<u8>, value: i64, unit: TimeUnit) {
        let (seconds, nanos) = split(value, unit);
        self.push_date(out, seconds.div_euclid(SECONDS_A_DAY));
        let second = seconds.rem_euclid(SECONDS_A_DAY).unsigned_abs();
        out.push(b'T');
        push_digits(out, second / 3600, 2);
        out.push(b':');
        push_digits(out, second / 60 % 60, 2);
        out.push(b':');
        push_digits(out, second % 60, 2);
        out.push(b'.');
        if nanos.is_multiple_of(1000) {
            push_digits(out, nanos / 1000, 6);
        } else {
            push_digits(out, nanos, 9);
        }
        out.push(b'Z');
    }

    /// Appends a date, given in days since the epoch.
    pub(super) fn push_date(&mut self, out: &mut Vec<u8>, day: i64) {
        if day != self.day {
            self.day = day;
            let (year, month, date) = civil(day);
            self.date = format!("{year:04}-{month:02}-{date:02}");
        }
        out.extend_from_slice(self.date.as_bytes());
    }
}

/// Seconds since the epoch, and nanoseconds in that second.
fn split(value: i64, unit: TimeUnit) -> (i64, u64) {
    let (parts, nanos) = match unit {
        TimeUnit::Second => (1, 1_000_000_000),
        TimeUnit::Millisecond => (1_000, 1_000_000),
        TimeUnit::Microsecond => (1_000_000, 1_000),
        TimeUnit::Nanosecond => (1_000_000_000, 1),
    };
    (value.div_euclid(parts), value.rem_euclid(parts).unsigned_abs() * nanos)
}

fn push_digits(out: &mut Vec<u8>, value: u64, count: usize) {
    let mut digits = [b'0'; 9];
    let mut rest = value;
    for digit in digits.iter_mut().take(count).rev() {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    out.extend(digits.iter().take(count));
}

/// Year, month and day of a day since the epoch, in the proleptic Gregorian calendar.
/// The year is taken to begin in March, so that the leap day comes last; 400 years have 146,097 days.
fn civil(day: i64) -> (i64, i64, i64) {
    let shifted = day + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let date = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, date)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: i64, unit: TimeUnit) -> String {
        let mut out = Vec::new();
        Clock::default().push_time(&mut out, value, unit);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn times_read_as_documented() {
        for (value, unit, shown) in [
            (0, TimeUnit::Nanosecond, "1970-01-01T00:00:00.000000Z"),
            (1_710_063_020_741_000_000, TimeUnit::Nanosecond, "2024-03-10T09:30:20.741000Z"),
            (1_710_063_020_741_000_001, TimeUnit::Nanosecond, "2024-03-10T09:30:20.741000001Z"),
            (-1, TimeUnit::Nanosecond, "1969-12-31T23:59:59.999999999Z"),
            (951_782_400, TimeUnit::Second, "2000-02-29T00:00:00.000000Z"),
            (1_500, TimeUnit::Millisecond, "1970-01-01T00:00:01.500000Z"),
            (i64::MAX, TimeUnit::Nanosecond, "2262-04-11T23:47:16.854775807Z"),
            (i64::MIN, TimeUnit::Nanosecond, "1677-09-21T00:12:43.145224192Z"),
        ] {
            assert_eq!(text(value, unit), shown);
        }
    }

    #[test]
    fn extreme_seconds_do_not_overflow() {
        for value in [i64::MAX, i64::MIN] {
            assert!(text(value, TimeUnit::Second).ends_with('Z'));
        }
    }

    #[test]
    fn a_remembered_day_is_forgotten_in_time() {
        let mut clock = Clock::default();
        let mut out = Vec::new();
        for day in [0, 1, 0, 19_792] {
            clock.push_date(&mut out, day);
        }
        assert_eq!(out, b"1970-01-011970-01-021970-01-012024-03-10");
    }
}
