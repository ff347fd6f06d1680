//! Tables written and read back.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail loudly")]

mod places;

use arrow_array::cast::AsArray;
use arrow_array::{
    Array, ArrayRef, BooleanArray, Decimal128Array, Float64Array, Int32Array, Int64Array, ListArray,
    RecordBatch, StringArray, StringViewArray, TimestampNanosecondArray, UInt8Array, UInt16Array,
    UInt32Array, UInt64Array,
};
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use arrow_select::concat::concat_batches;
use oddwire_table::{Format, Options, TableWriter};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use places::{Folder, Shared};
use proptest::prelude::*;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

fn text_of(batch: &RecordBatch, format: Format, options: Options) -> String {
    let out = Shared::default();
    let mut writer = TableWriter::stream(Box::new(out.clone()), format, &batch.schema(), options).unwrap();
    writer.write(batch).unwrap();
    writer.finish().unwrap();
    let bytes = out.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

fn write_file(path: &Path, format: Format, schema: &SchemaRef, batches: &[RecordBatch]) {
    let mut writer = TableWriter::create(path, format, schema, Options::default()).unwrap();
    for batch in batches {
        writer.write(batch).unwrap();
    }
    writer.finish().unwrap();
}

fn one(name: &str, array: ArrayRef) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable([(name, array, true)]).unwrap()
}

fn texts(values: &[Option<&str>]) -> RecordBatch {
    one("t", Arc::new(StringViewArray::from(values.to_vec())))
}

fn schema() -> SchemaRef {
    let field = |name: &str, data_type, nullable| Field::new(name, data_type, nullable);
    let item = Arc::new(Field::new_list_field(DataType::Int64, false));
    Arc::new(Schema::new(vec![
        field("number", DataType::UInt64, false),
        field("time", DataType::Timestamp(TimeUnit::Nanosecond, Some("UTC".into())), false),
        field("ttl", DataType::UInt8, true),
        field("port", DataType::UInt16, true),
        field("seq", DataType::UInt32, true),
        field("same", DataType::UInt32, false),
        field("none", DataType::UInt64, true),
        field("signed", DataType::Int64, false),
        field("small", DataType::Int32, true),
        field("mean", DataType::Float64, true),
        field("flag", DataType::Boolean, false),
        field("maybe", DataType::Boolean, true),
        field("wide", DataType::Decimal128(38, 0), true),
        field("text", DataType::Utf8View, true),
        field("plain", DataType::Utf8, true),
        field("list", DataType::List(item), false),
    ]))
}

/// A row's worth of chance; small values repeat, large ones do not.
type Chance = (u64, i64, Option<String>, Vec<i64>);

fn chance() -> impl Strategy<Value = Chance> {
    let number = prop_oneof![3 => 0_u64..4, 1 => any::<u64>()];
    let signed = prop_oneof![3 => -3_i64..3, 1 => any::<i64>()];
    let text = prop::option::of(prop_oneof![
        "[ab]{0,3}",
        "\\PC{0,30}",
        Just("a text that repeats, longer".to_owned())
    ]);
    (number, signed, text, prop::collection::vec(any::<i64>(), 0..3))
}

fn batch(rows: &[Chance], from: usize) -> RecordBatch {
    fn all<T, A: From<Vec<T>>>(rows: &[Chance], of: impl Fn(&Chance) -> T) -> A {
        A::from(rows.iter().map(of).collect::<Vec<_>>())
    }
    let some = |row: &Chance| row.0 % 4 != 1;
    let item = Arc::new(Field::new_list_field(DataType::Int64, false));
    let offsets = arrow_buffer::OffsetBuffer::from_lengths(rows.iter().map(|row| row.3.len()));
    let values = Int64Array::from(rows.iter().flat_map(|row| row.3.clone()).collect::<Vec<_>>());
    let wide: Decimal128Array = all(rows, |row| some(row).then_some(i128::from(row.1) * i128::from(row.0)));
    let columns: Vec<ArrayRef> = vec![
        Arc::new(UInt64Array::from((from as u64..(from + rows.len()) as u64).collect::<Vec<_>>())),
        Arc::new(all::<_, TimestampNanosecondArray>(rows, |row| row.1).with_timezone("UTC")),
        Arc::new(all::<_, UInt8Array>(rows, |row| some(row).then_some(row.0 as u8))),
        Arc::new(all::<_, UInt16Array>(rows, |row| some(row).then_some(row.0 as u16))),
        Arc::new(all::<_, UInt32Array>(rows, |row| some(row).then_some(row.0 as u32))),
        Arc::new(all::<_, UInt32Array>(rows, |_| 7)),
        Arc::new(all::<_, UInt64Array>(rows, |_| None)),
        Arc::new(all::<_, Int64Array>(rows, |row| row.1)),
        Arc::new(all::<_, Int32Array>(rows, |row| some(row).then_some(row.1 as i32))),
        Arc::new(all::<_, Float64Array>(rows, |row| some(row).then_some(row.1 as f64 / 3.0))),
        Arc::new(all::<_, BooleanArray>(rows, |row| row.0 % 2 == 0)),
        Arc::new(all::<_, BooleanArray>(rows, |row| some(row).then_some(row.0 % 3 == 0))),
        Arc::new(wide.with_precision_and_scale(38, 0).unwrap()),
        Arc::new(rows.iter().map(|row| row.2.as_deref()).collect::<StringViewArray>()),
        Arc::new(rows.iter().map(|row| row.2.as_deref()).collect::<StringArray>()),
        Arc::new(ListArray::new(item, offsets, Arc::new(values), None)),
    ];
    RecordBatch::try_new(schema(), columns).unwrap()
}

fn read_parquet(path: &Path) -> RecordBatch {
    let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
    let schema = builder.schema().clone();
    let batches = builder.build().unwrap().collect::<Result<Vec<_>, _>>().unwrap();
    concat_batches(&schema, &batches).unwrap()
}

fn read_arrow(path: &Path) -> RecordBatch {
    let reader = arrow_ipc::reader::FileReader::try_new(File::open(path).unwrap(), None).unwrap();
    let schema = reader.schema();
    concat_batches(&schema, &reader.collect::<Result<Vec<_>, _>>().unwrap()).unwrap()
}

/// CSV by the letter of RFC 4180; whether a cell was quoted tells empty text from null.
fn read_csv(text: &str) -> Vec<Vec<Option<String>>> {
    let (mut rows, mut row, mut cell) = (Vec::new(), Vec::new(), String::new());
    let (mut inside, mut quoted) = (false, false);
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '"' if inside && characters.peek() == Some(&'"') => cell.extend(characters.next()),
            '"' => {
                inside = !inside;
                quoted = true;
            }
            ',' | '\n' if !inside => {
                let text = std::mem::take(&mut cell);
                row.push(Some(text).filter(|text| quoted || !text.is_empty()));
                quoted = false;
                if c == '\n' {
                    rows.push(std::mem::take(&mut row));
                }
            }
            '\r' if !inside => {}
            other => cell.push(other),
        }
    }
    rows
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn parquet_and_arrow_read_back(rows in prop::collection::vec(chance(), 0..400), cut in 1_usize..200) {
        let folder = Folder::new();
        let batches: Vec<_> = rows.chunks(cut).enumerate().map(|(n, part)| batch(part, n * cut)).collect();
        let whole = concat_batches(&schema(), &batches).unwrap();
        let path = folder.0.join("table");
        write_file(&path, Format::Parquet, &schema(), &batches);
        prop_assert_eq!(&read_parquet(&path), &whole);
        write_file(&path, Format::Arrow, &schema(), &batches);
        prop_assert_eq!(&read_arrow(&path), &whole);
        prop_assert_eq!(folder.names(), ["table"]);
    }

    #[test]
    fn csv_reads_back(values in prop::collection::vec(prop::option::of("[\\PC\r\n\t\",=+@-]{0,12}"), 1..20)) {
        let values: Vec<_> = values.iter().map(Option::as_deref).collect();
        let batch = texts(&values);
        let options = Options { formula_safe: false, ..Options::default() };
        let rows = read_csv(&text_of(&batch, Format::Csv, options));
        let cells: Vec<_> = rows.iter().skip(1).map(|row| row[0].as_deref()).collect();
        prop_assert_eq!(cells, values.clone());
        let safe = read_csv(&text_of(&batch, Format::Csv, Options::default()));
        for (row, value) in safe.iter().skip(1).zip(values) {
            let cell = row[0].as_deref();
            prop_assert!(!cell.is_some_and(|cell| cell.starts_with(['=', '+', '-', '@', '\t', '\r'])));
            prop_assert_eq!(cell.map(|cell| cell.strip_prefix('\'').filter(|_| cell != value.unwrap()).unwrap_or(cell)), value);
        }
    }

    #[test]
    fn json_text_is_escaped(text in "[\\PC\0-\x1f\"\\\\]{0,12}") {
        let line = text_of(&texts(&[Some(&text)]), Format::JsonLines, Options::default());
        prop_assert_eq!(line.matches('\n').count(), 1);
        let inner = line.strip_prefix("{\"t\":\"").unwrap().strip_suffix("\"}\n").unwrap();
        let mut read = String::new();
        let mut characters = inner.chars();
        while let Some(c) = characters.next() {
            prop_assert!(c >= ' ' && c != '"');
            match (c, (c == '\\').then(|| characters.next().unwrap())) {
                (_, Some('u')) => {
                    let code: String = characters.by_ref().take(4).collect();
                    read.extend(char::from_u32(u32::from_str_radix(&code, 16).unwrap()));
                }
                (_, Some(short)) => read.push(match short { 'n' => '\n', 'r' => '\r', 't' => '\t', other => other }),
                (plain, None) => read.push(plain),
            }
        }
        prop_assert_eq!(read, text);
    }
}

#[test]
fn long_columns_change_their_encoding_and_read_back() {
    let mut word = 1_u64;
    let mut chances = Vec::new();
    for row in 0..60_000_u64 {
        word = word.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(row);
        let busy = row > 20_000;
        let text = if busy { format!("host-{word}.example") } else { format!("host-{}.example", word >> 60) };
        chances.push((
            if busy { word } else { word >> 61 },
            word.cast_signed() >> (row % 60),
            Some(text),
            vec![1],
        ));
    }
    let folder = Folder::new();
    let path = folder.0.join("table.parquet");
    let batches: Vec<_> = chances.chunks(7_000).enumerate().map(|(n, part)| batch(part, n * 7_000)).collect();
    write_file(&path, Format::Parquet, &schema(), &batches);
    assert_eq!(read_parquet(&path), concat_batches(&schema(), &batches).unwrap());
}

#[test]
fn texts_around_the_length_of_a_word_are_told_apart() {
    // Up to 12 bytes lie in the view, up to 15 in a word with their length; some end in a zero byte.
    let texts: Vec<String> = (0..40_usize)
        .flat_map(|length| ["x".repeat(length), format!("{}\0", "x".repeat(length)), "\0".repeat(length)])
        .collect();
    let folder = Folder::new();
    let path = folder.0.join("table.parquet");
    let page: Vec<Option<&str>> =
        (0..9_000).map(|row| (row % 7 != 3).then(|| texts[row % texts.len()].as_str())).collect();
    let batches: Vec<_> = (0..3).map(|_| one("t", Arc::new(StringViewArray::from(page.clone())))).collect();
    write_file(&path, Format::Parquet, &batches[0].schema(), &batches);
    assert_eq!(read_parquet(&path), concat_batches(&batches[0].schema(), &batches).unwrap());
}

#[test]
fn a_batch_of_a_slice_reads_back() {
    let rows: Vec<Chance> =
        (0..100_u64).map(|n| (n % 7, n.cast_signed() - 50, Some(n.to_string()), vec![1])).collect();
    let part = batch(&rows, 0).slice(13, 61);
    let folder = Folder::new();
    let path = folder.0.join("table.parquet");
    write_file(&path, Format::Parquet, &schema(), std::slice::from_ref(&part));
    assert_eq!(read_parquet(&path), part);
}

#[test]
fn formulas_are_defused_and_numbers_left_alone() {
    let safe = |text| text_of(&texts(&[Some(text)]), Format::Csv, Options::default());
    for (text, cell) in [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\tx", "'\tx"),
        ("\rx", "\"'\rx\""),
        ("=\"a\",b", "\"'=\"\"a\"\",b\""),
        ("a=1", "a=1"),
        ("", "\"\""),
    ] {
        assert_eq!(safe(text), format!("t\r\n{cell}\r\n"));
    }
    let numbers = one("n", Arc::new(Int64Array::from(vec![-5])));
    assert_eq!(text_of(&numbers, Format::Csv, Options::default()), "n\r\n-5\r\n");
    let open = Options { formula_safe: false, header: false };
    assert_eq!(text_of(&texts(&[Some("=1")]), Format::Csv, open), "=1\r\n");
}

#[test]
fn text_formats_read_as_documented() {
    let row: Chance = (4, 1_710_063_020_741_000_000, Some("a\tb".to_owned()), vec![1, 2]);
    let batch = batch(&[row], 0);
    let cells = "0,2024-03-10T09:30:20.741000Z,4,4,4,7,,1710063020741000000,-825459904,5.700210069136666e+17,\
                 true,false,6840252082964000000,a\tb,a\tb,\"[1,2]\"\r\n";
    assert_eq!(text_of(&batch, Format::Csv, Options { header: false, ..Options::default() }), cells);
    let tsv = text_of(&batch, Format::Tsv, Options::default());
    assert!(
        tsv.starts_with("number\ttime\t") && tsv.ends_with("\t\"a\tb\"\t\"a\tb\"\t\"[1,2]\"\r\n"),
        "{tsv}"
    );
    let json = text_of(&batch, Format::Json, Options::default());
    assert!(
        json.starts_with("[\n{\"number\":0,\"time\":\"2024-03-10T09:30:20.741000Z\",\"ttl\":4,"),
        "{json}"
    );
    assert!(json.ends_with(",\"text\":\"a\\tb\",\"plain\":\"a\\tb\",\"list\":[1,2]}\n]\n"), "{json}");
    let floats = one("f", Arc::new(Float64Array::from(vec![1.5, f64::NAN, f64::NEG_INFINITY])));
    assert_eq!(
        text_of(&floats, Format::JsonLines, Options::default()),
        "{\"f\":1.5}\n{\"f\":null}\n{\"f\":null}\n"
    );
    assert_eq!(text_of(&floats, Format::Csv, Options::default()), "f\r\n1.5\r\nNaN\r\n-inf\r\n");
}

#[test]
fn an_empty_table_is_a_whole_file() {
    let empty = RecordBatch::new_empty(schema());
    assert_eq!(text_of(&empty, Format::Json, Options::default()), "[]\n");
    assert_eq!(text_of(&empty, Format::JsonLines, Options::default()), "");
    assert_eq!(read_csv(&text_of(&empty, Format::Csv, Options::default())).len(), 1);
    let folder = Folder::new();
    let path = folder.0.join("empty.parquet");
    write_file(&path, Format::Parquet, &schema(), &[]);
    assert_eq!(read_parquet(&path).num_rows(), 0);
}

#[test]
fn a_file_gets_its_name_at_the_end() {
    let folder = Folder::new();
    let path = folder.0.join("out.csv");
    std::fs::write(&path, "before").unwrap();
    let batch = texts(&[Some("after")]);
    let mut writer = TableWriter::create(&path, Format::Csv, &batch.schema(), Options::default()).unwrap();
    writer.write(&batch).unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "before");
    drop(writer);
    assert_eq!(folder.names(), ["out.csv"]);
    write_file(&path, Format::Csv, &batch.schema(), &[batch]);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "t\r\nafter\r\n");
    assert_eq!(folder.names(), ["out.csv"]);
}

#[test]
fn errors_name_what_is_wrong() {
    let folder = Folder::new();
    let schema = texts(&[]).schema();
    let error = TableWriter::create(&folder.0, Format::Csv, &schema, Options::default()).err().unwrap();
    assert!(error.to_string().ends_with(": is a folder; name a file"), "{error}");
    let error =
        TableWriter::create(&folder.0.join("no/x"), Format::Csv, &schema, Options::default()).err().unwrap();
    assert!(error.to_string().contains("no/x: "), "{error}");
    let binary = one("raw", arrow_array::new_empty_array(&DataType::Binary));
    let out = Box::new(Shared::default());
    let error = TableWriter::stream(out, Format::Csv, &binary.schema(), Options::default()).err().unwrap();
    assert_eq!(
        error.to_string(),
        "column 'raw' has type Binary, which this format cannot hold; leave it out"
    );
    let error = "xls".parse::<Format>().unwrap_err();
    assert_eq!(error.to_string(), "unknown format 'xls'; one of csv, tsv, json, jsonl, parquet, arrow");
}

#[test]
fn views_survive_the_arrow_stream() {
    let out = Shared::default();
    let batch = texts(&[Some("a"), None, Some("longer than twelve bytes")]);
    let mut writer =
        TableWriter::stream(Box::new(out.clone()), Format::Arrow, &batch.schema(), Options::default())
            .unwrap();
    writer.write(&batch).unwrap();
    writer.finish().unwrap();
    let bytes = out.0.lock().unwrap().clone();
    let mut reader = arrow_ipc::reader::StreamReader::try_new(bytes.as_slice(), None).unwrap();
    let read = reader.next().unwrap().unwrap();
    assert_eq!(read.column(0).as_string_view().value(2), "longer than twelve bytes");
    assert_eq!(read.column(0).null_count(), 1);
}
