//! Values as they are written in an expression.

use super::net::Net;
use std::fmt;

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Int(i128),
    Float(f64),
    /// A length of time in nanoseconds.
    Span(i128),
    Text(String),
    Bool(bool),
    Net(Net),
}

/// Units of counts.
const SIZES: [(&str, i128); 8] = [
    ("k", 1_000),
    ("M", 1_000_000),
    ("G", 1_000_000_000),
    ("T", 1_000_000_000_000),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
];

/// Units of time, in nanoseconds.
const SPANS: [(&str, i128); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("min", 60_000_000_000),
    ("h", 3_600_000_000_000),
    ("d", 86_400_000_000_000),
];

/// Nanoseconds in a unit of time, as columns name it.
pub(super) fn nanos_in(unit: &str) -> Option<i128> {
    SPANS.iter().find(|(name, _)| *name == unit).map(|(_, ns)| *ns)
}

impl Value {
    /// What a word without quotes means where a value is expected.
    pub(super) fn of_word(word: &str) -> Self {
        if let Some(number) = number(word) {
            return number;
        }
        if let Some(net) = Net::parse(word) {
            return Self::Net(net);
        }
        match word {
            "true" => Self::Bool(true),
            "false" => Self::Bool(false),
            _ if is_mac(word) => Self::Text(word.to_ascii_lowercase()),
            _ => Self::Text(word.to_owned()),
        }
    }

    /// What it is, for messages.
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::Int(_) | Self::Float(_) => "a number",
            Self::Span(_) => "a length of time",
            Self::Text(_) => "text",
            Self::Bool(_) => "true or false",
            Self::Net(_) => "an address",
        }
    }
}

fn is_mac(word: &str) -> bool {
    let octet = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    word.split(':').count() == 6 && word.split(':').all(octet)
}

fn number(word: &str) -> Option<Value> {
    let (sign, digits) = word.strip_prefix('-').map_or((1, word), |digits| (-1, digits));
    if !digits.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    if let Some(hex) = digits.strip_prefix("0x") {
        return Some(Value::Int(sign * i128::from(u64::from_str_radix(hex, 16).ok()?)));
    }
    let plain = digits.replace('_', "");
    let end = plain.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(plain.len());
    let (amount, unit) = plain.split_at_checked(end)?;
    let of = |table: &[(&str, i128)]| table.iter().find(|(name, _)| *name == unit).map(|(_, factor)| *factor);
    if unit.is_empty() {
        return Some(
            scaled(amount, sign)?.map_or_else(|_| float(&plain, sign), |value| Some(Value::Int(value))),
        )?;
    }
    if let Some(factor) = of(&SIZES) {
        let value = scaled(amount, sign * factor)?;
        return Some(value.map_or_else(Value::Float, Value::Int));
    }
    if let Some(factor) = of(&SPANS) {
        let value = scaled(amount, sign * factor)?;
        return Some(Value::Span(value.unwrap_or_else(|float| float as i128)));
    }
    plain.starts_with(|c: char| c.is_ascii_digit()).then(|| float(&plain, sign))?
}

fn float(plain: &str, sign: i128) -> Option<Value> {
    let value: f64 = plain.parse().ok()?;
    value.is_finite().then_some(Value::Float(sign as f64 * value))
}

/// `amount` times `factor`: exact where that is a whole number, else the nearest float. `None`: no number.
fn scaled(amount: &str, factor: i128) -> Option<Result<i128, f64>> {
    let (whole, part) = amount.split_once('.').unwrap_or((amount, ""));
    if whole.len() > 30 || part.len() > 18 || part.contains('.') || amount.ends_with('.') {
        return None;
    }
    let scale = 10_i128.pow(part.len() as u32);
    let digits: i128 = format!("{whole}{part}").parse().ok()?;
    let product = digits.checked_mul(factor)?;
    Some(if product % scale == 0 { Ok(product / scale) } else { Err(product as f64 / scale as f64) })
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(value) => write!(f, "{value}"),
            Self::Float(value) => write!(f, "{value:?}"),
            Self::Span(ns) => write!(f, "{ns}ns"),
            Self::Text(text) => quoted(f, text, '"'),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Net(net) => write!(f, "{net}"),
        }
    }
}

/// Text in quotes, as the reader of tokens takes it.
pub(super) fn quoted(f: &mut fmt::Formatter<'_>, text: &str, quote: char) -> fmt::Result {
    write!(f, "{quote}")?;
    for c in text.chars() {
        if c == quote || c == '\\' {
            f.write_str("\\")?;
        }
        write!(f, "{c}")?;
    }
    write!(f, "{quote}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_values() {
        for (word, value) in [
            ("5", Value::Int(5)),
            ("-5", Value::Int(-5)),
            ("0x1f", Value::Int(31)),
            ("1_000", Value::Int(1000)),
            ("1k", Value::Int(1000)),
            ("1.5M", Value::Int(1_500_000)),
            ("2KiB", Value::Int(2048)),
            ("1.5", Value::Float(1.5)),
            ("1e3", Value::Float(1000.0)),
            ("10ms", Value::Span(10_000_000)),
            ("2min", Value::Span(120_000_000_000)),
            ("18446744073709551615", Value::Int(18_446_744_073_709_551_615)),
            ("true", Value::Bool(true)),
            ("tcp", Value::Text("tcp".into())),
            ("00:0C:29:87:B6:45", Value::Text("00:0c:29:87:b6:45".into())),
            ("10.0.0.5", Value::Net(Net::parse("10.0.0.5").unwrap())),
            ("fe80::/10", Value::Net(Net::parse("fe80::/10").unwrap())),
            ("8f3c", Value::Text("8f3c".into())),
            ("1.2.3", Value::Text("1.2.3".into())),
        ] {
            assert_eq!(Value::of_word(word), value, "{word}");
        }
    }
}
