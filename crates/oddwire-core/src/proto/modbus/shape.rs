//! Whether a message has the shape of a request, of an answer, or of both.

use super::codes::{self, DIAGNOSTICS, ENCAPSULATED, EXCEPTION, UNITY};
use super::head::Head;

const MOST_COILS: u16 = 2_000;
const MOST_REGISTERS: u16 = 125;
/// The last subfunction of diagnostics.
const LAST_DIAGNOSTIC: u16 = 20;
/// The last exception number in use.
const LAST_EXCEPTION: u8 = 11;
/// The encapsulated interface that reads the identification of a device.
const IDENTIFICATION: u8 = 14;

/// What a message can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) request: bool,
    pub(super) answer: bool,
}

impl Shape {
    pub(super) fn of(head: &Head) -> Self {
        let length = head.data_length();
        Self {
            request: is_request(head.function(), length, head.data()),
            answer: is_answer(head.function(), length, head.data()),
        }
    }

    pub(super) const fn is_any(self) -> bool {
        self.request || self.answer
    }
}

/// The word of 16 bits at a place.
pub(super) fn word(data: &[u8], at: usize) -> Option<u16> {
    data.get(at..)?.first_chunk().map(|word| u16::from_be_bytes(*word))
}

fn byte(data: &[u8], at: usize) -> Option<u16> {
    data.get(at).copied().map(u16::from)
}

fn is_request(function: u8, length: u16, data: &[u8]) -> bool {
    let quantity = word(data, 2).unwrap_or(0);
    let counted = |head: u16, at: usize| byte(data, at).is_some_and(|count| length == head + count);
    match function {
        1 | 2 => length == 4 && (1..=MOST_COILS).contains(&quantity),
        3 | 4 => length == 4 && (1..=MOST_REGISTERS).contains(&quantity),
        5 => length == 4 && matches!(quantity, 0 | 0xff00),
        6 => length == 4,
        7 | 11 | 12 | 17 => length == 0,
        DIAGNOSTICS => is_diagnostic(length, data),
        15 => counted(5, 4) && quantity > 0 && byte(data, 4) == Some(quantity.div_ceil(8)),
        16 => counted(5, 4) && quantity > 0 && byte(data, 4) == quantity.checked_mul(2),
        20 | 21 => counted(1, 0) && length > 7,
        22 => length == 6,
        23 => counted(9, 8) && byte(data, 8) == word(data, 6).and_then(|words| words.checked_mul(2)),
        24 => length == 2,
        ENCAPSULATED => match data.first() {
            Some(&IDENTIFICATION) => length == 3 && matches!(data.get(1), Some(1..=4)),
            _ => data.first() == Some(&13) && length > 1,
        },
        UNITY => length >= 2,
        _ => false,
    }
}

fn is_answer(function: u8, length: u16, data: &[u8]) -> bool {
    let count = byte(data, 0);
    let counted = count.is_some_and(|count| length == 1 + count);
    match function {
        1 | 2 | 12 | 17 | 20 | 21 => counted && length > 1,
        3 | 4 | 23 => counted && length > 1 && count.is_some_and(|count| count.is_multiple_of(2)),
        5 | 6 | 22 => is_request(function, length, data),
        7 => length == 1,
        DIAGNOSTICS => is_diagnostic(length, data),
        11 => length == 4,
        15 | 16 => length == 4 && word(data, 2).is_some_and(|quantity| quantity > 0),
        24 => length >= 4 && word(data, 0) == Some(length - 2),
        ENCAPSULATED => match data.first() {
            Some(&IDENTIFICATION) => length >= 6 && matches!(data.get(1), Some(1..=4)),
            _ => data.first() == Some(&13) && length > 1,
        },
        UNITY => length >= 2,
        EXCEPTION.. => {
            let known = codes::function_name(function & !EXCEPTION).is_some();
            known && length == 1 && matches!(data.first(), Some(1..=LAST_EXCEPTION))
        }
        _ => false,
    }
}

fn is_diagnostic(length: u16, data: &[u8]) -> bool {
    length >= 4 && length.is_multiple_of(2) && word(data, 0).is_some_and(|number| number <= LAST_DIAGNOSTIC)
}
