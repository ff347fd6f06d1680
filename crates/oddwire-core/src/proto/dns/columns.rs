//! The columns of DNS.

use super::{Answered, Part, Said, codes};
use crate::column::{Column, Get};
use crate::proto::{Row, put, registered_domain};
use std::fmt::Write;

/// Bytes of text that all answers of a row may take together.
const MOST_ANSWERS_TEXT: usize = 2_048;

macro_rules! c {
    ($name:literal, $unit:literal, $kind:ident, $meaning:literal, $get:expr) => {
        Column::<Row<Said>>::new($name, $unit, Get::$kind($get), $meaning)
    };
}

const COLUMNS: &[Column<Row<Said>>] = &[
    c!("service", "", Word, "Which of its kin it is: dns, mdns, llmnr or nbns.", |r| Some(r.flavour.name())),
    c!("message", "", Word, "What was seen: query, response, or exchange for both.", |r| Some(
        match r.part {
            Part::Query => "query",
            Part::Response => "response",
            Part::Exchange => "exchange",
        }
    )),
    c!("transaction", "", U16, "Transaction identifier.", |r| r.id),
    c!("operation", "", Text, "Operation: query, notify, update, or its number.", |r, text| {
        number_or(codes::operation_name(r.operation), u16::from(r.operation), text)
    }),
    c!(
        "query",
        "",
        Text,
        "Name that was asked for, as it was sent; of an answer without question the first name.",
        |r, text| {
            text.push_str(&r.question.name);
            true
        }
    ),
    c!("query_type", "", Text, "Record type that was asked for.", |r, text| {
        let netbios = r.flavour == super::Flavour::Nbns;
        let kind = r.question.kind;
        let name = if netbios { codes::netbios_type_name(kind) } else { codes::type_name(kind) };
        number_or(name, kind, text)
    }),
    c!("query_class", "", U16, "Class that was asked for: 1 is the Internet.", |r| r.question.class)
        .on_request(),
    c!("questions", "", U16, "Questions in the message; only the first is shown.", |r| r.questions)
        .on_request(),
    c!(
        "domain",
        "",
        Text,
        "Registered domain of the name, in lower case; null where there is none.",
        |r, text| {
            let lower = r.question.name.to_ascii_lowercase();
            put(text, registered_domain(&lower))
        }
    )
    .by("by the public suffix list"),
    c!("code", "", Text, "Response code; null without an answer.", |r, text| {
        r.answered()
            .is_some_and(|answer| number_or(codes::code_name(answer.code), u16::from(answer.code), text))
    }),
    c!(
        "answers",
        "",
        Text,
        "What the answer records say, joined by commas; of a TXT record its text.",
        |r, text| { r.answered().is_some_and(|answer| push_answers(answer, text)) }
    ),
    c!("answer_types", "", Text, "Record types of the answers, joined by commas.", |r, text| {
        r.answered().is_some_and(|answer| {
            for (place, one) in answer.answers.iter().enumerate() {
                if place > 0 {
                    text.push(',');
                }
                number_or(codes::type_name(one.kind), one.kind, text);
            }
            true
        })
    }),
    c!("answer_count", "", OptU16, "Answer records, by the header.", |r| r
        .answered()
        .map(|answer| answer.counts[1])),
    c!("authority_count", "", OptU16, "Authority records, by the header.", |r| {
        r.answered().map(|answer| answer.counts[2])
    })
    .on_request(),
    c!("additional_count", "", OptU16, "Additional records, by the header.", |r| {
        r.answered().map(|answer| answer.counts[3])
    })
    .on_request(),
    c!("ttl_min", "s", OptU32, "Smallest time to live of the answers.", |r| r.answered()?.ttl_min),
    c!("latency_ns", "ns", OptU64, "Time from the question to its answer.", |r| r.answered()?.latency_ns),
    c!("tries", "", OptU32, "How often the same question was sent until it was answered or given up.", |r| {
        (r.tries > 0).then_some(r.tries)
    }),
    c!("query_bytes", "bytes", OptU32, "Bytes of the question message.", |r| r.query_bytes),
    c!("answer_bytes", "bytes", OptU32, "Bytes of the answer message.", |r| r
        .answered()
        .map(|answer| answer.bytes)),
    c!("authoritative", "", OptBool, "Whether the answer is from the name's own server.", |r| flag(
        r, 0x0400
    )),
    c!("truncated", "", OptBool, "Whether the answer was cut short.", |r| flag(r, 0x0200)),
    c!("recursion_desired", "", Bool, "Whether the client asked for recursion.", |r| r.recursion_desired)
        .on_request(),
    c!("recursion_available", "", OptBool, "Whether the server offers recursion.", |r| flag(r, 0x0080))
        .on_request(),
    c!("labels", "", U8, "Labels of the name.", |r| r.question.labels),
    c!("longest_label", "bytes", U8, "Bytes of the longest label.", |r| r.question.longest),
    c!("name_length", "characters", U32, "Length of the name.", |r| r.question.name.len() as u32),
    c!(
        "name_entropy",
        "bits per character",
        OptF64,
        "Shannon entropy of the part before the registered domain.",
        |r| { entropy(below_domain(&r.question.name)) }
    ),
    c!("name_digits", "", OptF64, "Share of digits in the part before the registered domain.", |r| {
        let part = below_domain(&r.question.name);
        let digits = part.bytes().filter(u8::is_ascii_digit).count();
        (!part.is_empty()).then(|| digits as f64 / part.len() as f64)
    }),
    c!("answer_packet", "", OptU64, "Number of the packet that brought the answer.", |r| {
        r.answered().map(|answer| answer.at.number)
    })
    .on_request(),
];

impl Said {
    fn answered(&self) -> Option<&Answered> {
        self.answer.as_deref()
    }
}

fn flag(said: &Said, bit: u16) -> Option<bool> {
    said.answered().map(|answer| answer.flags & bit != 0)
}

fn number_or(name: Option<&str>, number: u16, text: &mut String) -> bool {
    match name {
        Some(name) => text.push_str(name),
        None => drop(write!(text, "{number}")),
    }
    true
}

fn push_answers(answer: &Answered, text: &mut String) -> bool {
    for (place, one) in answer.answers.iter().enumerate() {
        if text.len() + one.data.len() > MOST_ANSWERS_TEXT {
            text.push_str(",...");
            break;
        }
        if place > 0 {
            text.push(',');
        }
        text.push_str(&one.data);
    }
    !answer.answers.is_empty()
}

/// The part of a name that its owner is free to choose; all of it where there is no registered domain.
fn below_domain(name: &str) -> &str {
    let lower = name.to_ascii_lowercase();
    let domain = registered_domain(&lower).map_or(0, str::len);
    let below = name.strip_suffix('.').unwrap_or(name);
    below.get(..below.len().saturating_sub(domain)).unwrap_or(below).trim_end_matches('.')
}

fn entropy(text: &str) -> Option<f64> {
    if text.is_empty() {
        return None;
    }
    let mut counts = [0u32; 256];
    for byte in text.bytes() {
        if let Some(count) = counts.get_mut(usize::from(byte.to_ascii_lowercase())) {
            *count += 1;
        }
    }
    let total = text.len() as f64;
    let part = |&count: &u32| f64::from(count) / total;
    Some(counts.iter().filter(|&&count| count > 0).map(|count| -part(count) * part(count).log2()).sum())
}

/// The columns of DNS rows.
pub(super) fn columns() -> Vec<Column<Row<Said>>> {
    COLUMNS.to_vec()
}
