//! Filters over a small table: what they keep, what they refuse, and that nothing makes them panic.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail loudly")]

use arrow_array::{
    ArrayRef, BooleanArray, Decimal128Array, Float64Array, RecordBatch, StringViewArray,
    TimestampNanosecondArray, UInt16Array, UInt64Array,
};
use arrow_schema::{DataType, Field, Schema, TimeUnit};
use oddwire_table::{Filter, filter_batch};
use proptest::prelude::*;
use std::sync::Arc;

fn table() -> RecordBatch {
    let unit = |unit: &str| std::collections::HashMap::from([("unit".to_owned(), unit.to_owned())]);
    let utc = DataType::Timestamp(TimeUnit::Nanosecond, Some("UTC".into()));
    let schema = Schema::new(vec![
        Field::new("length", DataType::UInt64, false).with_metadata(unit("bytes")),
        Field::new("dst_port", DataType::UInt16, true),
        Field::new("src_ip", DataType::Utf8View, true),
        Field::new("app", DataType::Utf8View, true),
        Field::new("gap", DataType::UInt64, false).with_metadata(unit("ns")),
        Field::new("mean", DataType::Float64, true).with_metadata(unit("s")),
        Field::new("private", DataType::Boolean, true),
        Field::new("time", utc, false),
        Field::new("wide", DataType::Decimal128(38, 0), false),
    ]);
    let second = 1_710_063_020_000_000_000;
    let times = TimestampNanosecondArray::from(vec![
        second,
        second + 1,
        second + 1_000_000_000,
        second + second / 1_000,
    ]);
    let columns: Vec<ArrayRef> = vec![
        Arc::new(UInt64Array::from(vec![60, 1500, 99, u64::MAX])),
        Arc::new(UInt16Array::from(vec![Some(53), Some(443), None, Some(65535)])),
        Arc::new(StringViewArray::from(vec![
            Some("10.0.0.5"),
            Some("192.168.1.1"),
            None,
            Some("2001:db8::1"),
        ])),
        Arc::new(StringViewArray::from(vec![Some("dns"), Some("tls"), Some(""), None])),
        Arc::new(UInt64Array::from(vec![0, 5_000_000, 5_000_000_000, 7_000_000_000])),
        Arc::new(Float64Array::from(vec![Some(0.5), Some(f64::NAN), None, Some(90.0)])),
        Arc::new(BooleanArray::from(vec![Some(true), Some(false), None, Some(false)])),
        Arc::new(times.with_timezone("UTC")),
        Arc::new(
            Decimal128Array::from(vec![0, -1, 10_i128.pow(37), 5]).with_precision_and_scale(38, 0).unwrap(),
        ),
    ];
    RecordBatch::try_new(Arc::new(schema), columns).unwrap()
}

fn kept(text: &str) -> Vec<usize> {
    let batch = table();
    let bound = Filter::parse(text).unwrap_or_else(|e| panic!("{text}: {e}")).bind(&batch.schema());
    let mask = bound.unwrap_or_else(|e| panic!("{text}: {e}")).mask(&batch).unwrap();
    (0..batch.num_rows()).filter(|row| mask.value(*row)).collect()
}

#[test]
fn keeps_the_rows_that_fit() {
    let cases: &[(&str, &[usize])] = &[
        ("length > 99", &[1, 3]),
        ("length >= 99 and length < 1.5k", &[2]),
        ("length <= 1.5k", &[0, 1, 2]),
        ("length == 18446744073709551615", &[3]),
        ("length > 59.5 and length < 60.5", &[0]),
        ("length == 60.5", &[]),
        ("length > -1", &[0, 1, 2, 3]),
        ("length < -1", &[]),
        ("dst_port in (53, 443)", &[0, 1]),
        ("dst_port not in (53, 443)", &[3]),
        ("not dst_port in (53, 443)", &[2, 3]),
        ("dst_port = 53", &[0]),
        ("dst_port != 53", &[1, 3]),
        ("dst_port <> 53", &[1, 3]),
        ("dst_port == 70000", &[]),
        ("dst_port == 0x35", &[0]),
        ("dst_port is null", &[2]),
        ("dst_port is not null", &[0, 1, 3]),
        ("src_ip == 10.0.0.5", &[0]),
        ("src_ip != 10.0.0.5", &[1, 3]),
        ("src_ip in 10.0.0.0/8", &[0]),
        ("src_ip in (10.0.0.0/8, 2001:db8::/32, '192.168.1.1')", &[0, 1, 3]),
        ("src_ip == 2001:DB8:0::1", &[3]),
        ("app == dns or app == 'tls'", &[0, 1]),
        ("app == ''", &[2]),
        ("app in (dns, tls) AND NOT private", &[1]),
        ("app contains 'l'", &[1]),
        ("app not contains 'l'", &[0, 2]),
        ("app starts_with d", &[0]),
        ("app ends_with s", &[0, 1]),
        ("app matches '^(dns|tls)$'", &[0, 1]),
        ("app ~ '^t'", &[1]),
        ("app < 'e'", &[0, 2]),
        ("gap >= 5ms", &[1, 2, 3]),
        ("gap == 5s", &[2]),
        ("gap > 0.1min", &[3]),
        ("gap in (5s, 0)", &[0, 2]),
        ("mean < 1min", &[0]),
        ("mean >= 1min", &[3]),
        ("mean != 0.5", &[1, 3]),
        ("private", &[0]),
        ("not private", &[1, 2, 3]),
        ("private == false", &[1, 3]),
        ("private != true", &[1, 3]),
        ("time >= \"2024-03-10T09:30:20.000000001Z\" and time < '2024-03-10 09:30:22'", &[1, 2]),
        ("time < 2024-03-11", &[0, 1, 2]),
        ("wide > 1k", &[2]),
        ("wide == -1", &[1]),
        ("(length > 99 or dst_port == 53) and !(app == tls)", &[0, 3]),
        ("`length` > 99 && dst_port > 500 || app == dns", &[0, 3]),
    ];
    for (text, rows) in cases {
        assert_eq!(kept(text), *rows, "{text}");
    }
}

#[test]
fn refuses_with_a_place_and_a_hint() {
    let batch = table();
    for (text, message) in [
        ("length > 5 dstport == 1", "column 12: 'and' or 'or' is expected here, not 'dstport'"),
        ("length > 5 and dstport == 1", "column 16: unknown column 'dstport'; did you mean 'dst_port'?"),
        ("dst_port == 'a'", "column 13: column 'dst_port' compares with a number; this is text"),
        ("app == 5", "column 8: column 'app' compares with text in quotes; this is a number"),
        ("length > 5s", "column 10: column 'length' compares with a number; this is a length of time"),
        (
            "time > 5",
            "column 8: column 'time' compares with a time in quotes such as \"2024-03-10T09:30:20\"; this is a number",
        ),
        ("time > 'soon'", "column 8: 'soon' is no time; write \"2024-03-10T09:30:20\""),
        (
            "length > dst_port",
            "column 10: 'dst_port' is a column, and columns compare only with values; put text in quotes",
        ),
        ("(length > 5", "column 1: the bracket ( is never closed"),
        ("app == 'dns", "column 8: the quote ' is never closed"),
        ("length", "column 1: a comparison is expected after 'length', which is not true or false"),
        ("", "column 1: a column is expected here, not the end"),
        ("length >", "column 9: a value is expected here, not the end"),
        ("length == null", "column 11: nothing equals null; write 'is null' or 'is not null'"),
        ("app is 5", "column 8: 'null' or 'not null' is expected after 'is'"),
        (
            "app not 5",
            "column 9: 'in', 'contains', 'starts_with', 'ends_with' or 'matches' is expected after 'not'",
        ),
        ("length contains 5", "column 1: 'length' is not text"),
        ("app matches '('", "column 13: the regular expression cannot be read: error: unclosed group"),
        ("length # 5", "column 8: unexpected '#'; text belongs in quotes"),
        ("dst_port in (1, 2", "column 18: ',' or ')' is expected in the list"),
    ] {
        let error = Filter::parse(text).and_then(|filter| filter.bind(&batch.schema())).unwrap_err();
        assert_eq!(error.to_string(), message, "{text}");
    }
}

#[test]
fn names_the_columns_it_needs() {
    let filter = Filter::parse("b == 1 or (a > 2 and not `c d` is null) or b in (4)").unwrap();
    assert_eq!(filter.columns_used(), ["a", "b", "c d"]);
}

#[test]
fn deep_nesting_is_refused() {
    for text in ["(".repeat(30_000), "not ".repeat(15_000), "!".repeat(60_000)] {
        assert!(Filter::parse(&text).unwrap_err().to_string().contains("nest deeper"));
    }
    assert!(Filter::parse(&"x ".repeat(40_000)).unwrap_err().to_string().contains("longer than"));
    let wide = vec!["a == 1"; 5_000].join(" and ");
    assert!(Filter::parse(&wide).is_ok());
}

#[test]
fn a_hostile_pattern_is_refused() {
    let batch = table();
    let filter = Filter::parse(r"app matches '(\w{1000}){1000}'").unwrap();
    assert!(
        filter
            .bind(&batch.schema())
            .unwrap_err()
            .to_string()
            .starts_with("column 13: the regular expression")
    );
}

#[test]
fn filtering_keeps_schema_and_rows() {
    let batch = filter_batch(&"length > 99".parse().unwrap(), &table()).unwrap();
    assert_eq!((batch.num_rows(), batch.schema()), (2, table().schema()));
}

/// Expressions as text, built from the parts of the language.
fn expression() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        any::<i64>().prop_map(|n| n.to_string()),
        any::<f64>().prop_filter("finite", |f| f.is_finite()).prop_map(|f| format!("{f:?}")),
        any::<u32>().prop_map(|n| format!("{n}ms")),
        any::<[u8; 4]>().prop_map(|a| std::net::Ipv4Addr::from(a).to_string()),
        (any::<u128>(), 0_u8..=128).prop_map(|(a, n)| format!("{}/{n}", std::net::Ipv6Addr::from(a))),
        "[^'\\\\]{0,12}".prop_map(|text| format!("'{text}'")),
        Just("\"a\\\\b\\\"c\"".to_owned()),
        Just("true".to_owned()),
    ];
    let sign = prop_oneof![
        "==|!=|<>|<=|>=|=|<|>| in | not in | contains | matches |~| not ends_with | starts_with "
    ];
    let test = prop_oneof![
        ("[a-z_]{2}x", sign, value.clone()).prop_map(|(name, sign, value)| format!("{name} {sign} {value}")),
        ("[a-z_]{2}x", prop::collection::vec(value, 1..4))
            .prop_map(|(n, list)| format!("{n} in ({})", list.join(","))),
        "[a-z_]{2}x( is null| is not null)?",
        Just("`odd \\` name` is null".to_owned()),
    ];
    test.prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(|parts| format!("({})", parts.join(" and "))),
            prop::collection::vec(inner.clone(), 2..4).prop_map(|parts| format!("({})", parts.join(" or "))),
            inner.prop_map(|part| format!("not {part}")),
        ]
    })
}

proptest! {
    #[test]
    fn printed_expressions_read_back(text in expression()) {
        let filter = Filter::parse(&text).map_err(|e| TestCaseError::fail(format!("{text}: {e}")))?;
        let again = Filter::parse(&filter.to_string()).map_err(|e| TestCaseError::fail(format!("{filter}: {e}")))?;
        prop_assert_eq!(&again, &filter);
        prop_assert_eq!(again.to_string(), filter.to_string());
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,60}") {
        let _ = Filter::parse(&text).and_then(|filter| filter.bind(&table().schema()));
    }

    #[test]
    fn no_broken_expression_panics(text in expression(), cut in 0_usize..80, put in "\\PC?") {
        let cut = text.char_indices().map(|(place, _)| place).nth(cut).unwrap_or(text.len());
        let broken = format!("{}{put}{}", &text[..cut], &text[cut..]);
        if let Ok(filter) = Filter::parse(&broken).and_then(|filter| filter.bind(&table().schema())) {
            let _ = filter.mask(&table());
        }
        let _ = Filter::parse(&text[..cut]);
    }

    #[test]
    fn whole_numbers_compare_like_numbers(value in -2000_i64..2000, half: bool, length in 0_u64..1000) {
        let wanted = value as f64 / if half { 2.0 } else { 1.0 };
        let schema = Arc::new(Schema::new(vec![Field::new("n", DataType::UInt64, false)]));
        let batch = RecordBatch::try_new(schema, vec![Arc::new(UInt64Array::from(vec![length]))]).unwrap();
        let number = length as f64;
        for (sign, fits) in [("<", number < wanted), ("<=", number <= wanted), (">", number > wanted),
            (">=", number >= wanted), ("==", (number - wanted).abs() < 0.1), ("!=", (number - wanted).abs() > 0.1)] {
            let filter = Filter::parse(&format!("n {sign} {wanted:?}")).unwrap();
            prop_assert_eq!(filter_batch(&filter, &batch).unwrap().num_rows() == 1, fits, "{} {}", sign, wanted);
        }
    }
}
