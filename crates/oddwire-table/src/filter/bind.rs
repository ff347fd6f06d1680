//! A tree fitted to a schema: names are looked up, values are turned into the column's own terms.

use super::literal::{Value, nanos_in};
use super::parse::columns_differ;
use super::refuse;
use super::run::{Leaf, Node, Range, TextTest};
use super::time;
use super::tree::{Literal, Name, Order, Test, Tree};
use crate::error::TableError;
use crate::nearest::nearest;
use arrow_schema::{DataType, Field, Schema, TimeUnit};

/// The largest compiled size of a regular expression.
const REGEX_BYTES: usize = 1 << 20;

pub(super) fn bind(tree: &Tree, schema: &Schema) -> Result<Node, TableError> {
    let each = |parts: &[Tree]| parts.iter().map(|part| bind(part, schema)).collect::<Result<Vec<_>, _>>();
    Ok(match tree {
        Tree::All(parts) => Node::All(each(parts)?),
        Tree::Any(parts) => Node::Any(each(parts)?),
        Tree::Not(inner) => Node::Not(Box::new(bind(inner, schema)?)),
        Tree::Test { column, not, test } => bind_test(column, *not, test, schema)?,
    })
}

/// What a column's values are to a filter.
enum Class {
    Bool,
    /// Whole numbers; nanoseconds in one of them where it counts time.
    Whole(Option<i128>),
    /// Likewise.
    Float(Option<i128>),
    /// Nanoseconds in its unit.
    Time(i128),
    Text,
    Other,
}

fn class_of(field: &Field) -> Class {
    let unit = || field.metadata().get("unit").and_then(|unit| nanos_in(unit));
    match field.data_type() {
        DataType::Boolean => Class::Bool,
        DataType::Timestamp(unit, _) => Class::Time(nanos(*unit)),
        DataType::Duration(unit) => Class::Whole(Some(nanos(*unit))),
        DataType::Decimal128(_, 0) => Class::Whole(unit()),
        DataType::Float32 | DataType::Float64 => Class::Float(unit()),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Class::Text,
        whole if whole.is_integer() => Class::Whole(unit()),
        _ => Class::Other,
    }
}

const fn nanos(unit: TimeUnit) -> i128 {
    match unit {
        TimeUnit::Second => 1_000_000_000,
        TimeUnit::Millisecond => 1_000_000,
        TimeUnit::Microsecond => 1_000,
        TimeUnit::Nanosecond => 1,
    }
}

/// A column found in the schema.
struct Found<'a> {
    index: usize,
    name: &'a Name,
    class: Class,
    schema: &'a Schema,
}

fn find<'a>(name: &'a Name, schema: &'a Schema) -> Result<Found<'a>, TableError> {
    let Some((index, field)) = schema.column_with_name(&name.text) else {
        let near = nearest(&name.text, schema.fields().iter().map(|field| field.name().as_str()));
        let hint = near.map_or_else(String::new, |near| format!("; did you mean '{near}'?"));
        return Err(refuse(name.at.0, format!("unknown column '{}'{hint}", name.text)));
    };
    Ok(Found { index, name, class: class_of(field), schema })
}

fn bind_test(column: &Name, not: bool, test: &Test, schema: &Schema) -> Result<Node, TableError> {
    let found = find(column, schema)?;
    let (leaf, not) = match test {
        Test::IsNull => return Ok(Node::Null { index: found.index, not }),
        Test::Holds if matches!(found.class, Class::Bool) => (Leaf::Bool(true), not),
        Test::Holds => {
            let message =
                format!("a comparison is expected after '{}', which is not true or false", column.text);
            return Err(refuse(column.at.0, message));
        }
        Test::Compare(Order::Differs, literal) => (found.compare(Order::Equal, literal)?, true),
        Test::Compare(order, literal) => (found.compare(*order, literal)?, false),
        Test::In(list) => (found.among(list)?, not),
        Test::Contains(literal) => (found.text(literal, TextTest::Contains)?, not),
        Test::StartsWith(literal) => (found.text(literal, TextTest::StartsWith)?, not),
        Test::EndsWith(literal) => (found.text(literal, TextTest::EndsWith)?, not),
        Test::Matches(literal) => (found.matches(literal)?, not),
    };
    Ok(Node::Leaf { index: found.index, not, leaf })
}

impl Found<'_> {
    fn compare(&self, order: Order, literal: &Literal) -> Result<Leaf, TableError> {
        self.refuse_columns(literal)?;
        match (&self.class, &literal.value) {
            (Class::Bool, Value::Bool(wanted)) if order == Order::Equal => Ok(Leaf::Bool(*wanted)),
            (Class::Whole(_), Value::Int(value)) => Ok(whole(Range::of(order, *value))),
            (Class::Whole(_), Value::Float(value)) => Ok(whole(Range::of_float(order, *value))),
            (Class::Whole(Some(unit)), Value::Span(ns)) => Ok(whole(Range::of(order, *ns).in_units(*unit))),
            (Class::Float(_), Value::Int(value)) => Ok(Leaf::Float(vec![(order, *value as f64)])),
            (Class::Float(_), Value::Float(value)) => Ok(Leaf::Float(vec![(order, *value)])),
            (Class::Float(Some(unit)), Value::Span(ns)) => {
                Ok(Leaf::Float(vec![(order, *ns as f64 / *unit as f64)]))
            }
            (Class::Time(unit), Value::Text(text)) => match time::parse(text) {
                Some(ns) => Ok(whole(Range::of(order, ns).in_units(*unit))),
                None => {
                    Err(refuse(literal.at.0, format!("'{text}' is no time; write \"2024-03-10T09:30:20\"")))
                }
            },
            (Class::Text, Value::Text(text)) => Ok(Leaf::Text(vec![TextTest::Compare(order, text.clone())])),
            (Class::Text, Value::Net(net)) if order == Order::Equal => {
                Ok(Leaf::Text(vec![TextTest::Net(*net)]))
            }
            _ => Err(self.misfit(literal)),
        }
    }

    /// Equal to one of the values.
    fn among(&self, list: &[Literal]) -> Result<Leaf, TableError> {
        let mut all: Option<Leaf> = None;
        for literal in list {
            let leaf = self.compare(Order::Equal, literal)?;
            all = Some(match (all, leaf) {
                (Some(Leaf::Whole(mut some)), Leaf::Whole(more)) => {
                    some.extend(more);
                    Leaf::Whole(some)
                }
                (Some(Leaf::Float(mut some)), Leaf::Float(more)) => {
                    some.extend(more);
                    Leaf::Float(some)
                }
                (Some(Leaf::Text(mut some)), Leaf::Text(more)) => {
                    some.extend(more);
                    Leaf::Text(some)
                }
                (Some(_), _) => return Err(refuse(literal.at.0, "one value is enough here; use '=='")),
                (None, leaf) => leaf,
            });
        }
        all.ok_or_else(|| refuse(self.name.at.0, "the list is empty"))
    }

    fn text(&self, literal: &Literal, ask: fn(String) -> TextTest) -> Result<Leaf, TableError> {
        match (&self.class, &literal.value) {
            (Class::Text, Value::Text(text)) => Ok(Leaf::Text(vec![ask(text.clone())])),
            (Class::Text, _) => Err(refuse(literal.at.0, "text is expected here; put it in quotes")),
            _ => Err(refuse(self.name.at.0, format!("'{}' is not text", self.name.text))),
        }
    }

    fn matches(&self, literal: &Literal) -> Result<Leaf, TableError> {
        let Leaf::Text(_) = self.text(literal, TextTest::Contains)? else { return Err(self.misfit(literal)) };
        let Value::Text(pattern) = &literal.value else { return Err(self.misfit(literal)) };
        let built =
            regex::RegexBuilder::new(pattern).size_limit(REGEX_BYTES).dfa_size_limit(REGEX_BYTES).build();
        let regex = built.map_err(|error| {
            let line = error.to_string().lines().last().unwrap_or_default().trim().to_owned();
            refuse(literal.at.0, format!("the regular expression cannot be read: {line}"))
        })?;
        Ok(Leaf::Text(vec![TextTest::Matches(Box::new(regex))]))
    }

    /// A bare word that names a column was not meant as text.
    fn refuse_columns(&self, literal: &Literal) -> Result<(), TableError> {
        match &literal.value {
            Value::Text(text) if !matches!(self.class, Class::Text) && self.schema.index_of(text).is_ok() => {
                Err(refuse(literal.at.0, columns_differ(text)))
            }
            _ => Ok(()),
        }
    }

    fn misfit(&self, literal: &Literal) -> TableError {
        let wanted = match self.class {
            Class::Bool => "true or false",
            Class::Whole(Some(_)) | Class::Float(Some(_)) => "a number or a length of time such as 5s",
            Class::Whole(None) | Class::Float(None) => "a number",
            Class::Time(_) => "a time in quotes such as \"2024-03-10T09:30:20\"",
            Class::Text => "text in quotes",
            Class::Other => "no value: only 'is null' and 'is not null' work on its type",
        };
        let kind = literal.value.kind();
        refuse(literal.at.0, format!("column '{}' compares with {wanted}; this is {kind}", self.name.text))
    }
}

fn whole(range: Range) -> Leaf {
    Leaf::Whole(vec![range])
}
