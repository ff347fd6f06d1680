//! An expression as a tree, and back to text.

use super::literal::{Value, quoted};
use std::collections::BTreeSet;
use std::fmt;

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Tree {
    All(Vec<Tree>),
    Any(Vec<Tree>),
    Not(Box<Tree>),
    Test { column: Name, not: bool, test: Test },
}

/// A column's name and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Name {
    pub(super) text: String,
    pub(super) at: Spot,
}

/// A place in the text; two expressions are equal wherever their parts stand.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spot(pub(super) usize);

impl PartialEq for Spot {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Literal {
    pub(super) value: Value,
    pub(super) at: Spot,
}

/// What is asked of a column.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Test {
    /// The column itself is true.
    Holds,
    IsNull,
    Compare(Order, Literal),
    In(Vec<Literal>),
    Contains(Literal),
    StartsWith(Literal),
    EndsWith(Literal),
    Matches(Literal),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Equal,
    Differs,
    Less,
    AtMost,
    More,
    AtLeast,
}

impl Order {
    pub(super) const ALL: [Self; 6] =
        [Self::Equal, Self::Differs, Self::Less, Self::AtMost, Self::More, Self::AtLeast];

    /// How it is written.
    pub(super) const fn sign(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::Differs => "!=",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::More => ">",
            Self::AtLeast => ">=",
        }
    }
}

impl Tree {
    /// Adds the names of all columns.
    pub(super) fn columns<'a>(&'a self, names: &mut BTreeSet<&'a str>) {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.columns(names)),
            Self::Not(inner) => inner.columns(names),
            Self::Test { column, .. } => {
                names.insert(&column.text);
            }
        }
    }

    /// Text that stands as one part of a longer expression.
    fn part(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All(_) | Self::Any(_) => write!(f, "({self})"),
            Self::Not(_) | Self::Test { .. } => write!(f, "{self}"),
        }
    }

    fn joined(f: &mut fmt::Formatter<'_>, parts: &[Self], word: &str) -> fmt::Result {
        for (place, part) in parts.iter().enumerate() {
            if place > 0 {
                write!(f, " {word} ")?;
            }
            part.part(f)?;
        }
        Ok(())
    }
}

impl fmt::Display for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All(parts) => Self::joined(f, parts, "and"),
            Self::Any(parts) => Self::joined(f, parts, "or"),
            Self::Not(inner) => {
                f.write_str("not ")?;
                inner.part(f)
            }
            Self::Test { column, not, test } => {
                quoted(f, &column.text, '`')?;
                test.show(f, *not)
            }
        }
    }
}

impl Test {
    fn show(&self, f: &mut fmt::Formatter<'_>, not: bool) -> fmt::Result {
        let not = if not { "not " } else { "" };
        match self {
            Self::Holds => Ok(()),
            Self::IsNull => write!(f, " is {not}null"),
            Self::Compare(order, literal) => write!(f, " {} {}", order.sign(), literal.value),
            Self::Contains(literal) => write!(f, " {not}contains {}", literal.value),
            Self::StartsWith(literal) => write!(f, " {not}starts_with {}", literal.value),
            Self::EndsWith(literal) => write!(f, " {not}ends_with {}", literal.value),
            Self::Matches(literal) => write!(f, " {not}matches {}", literal.value),
            Self::In(list) => {
                write!(f, " {not}in (")?;
                for (place, literal) in list.iter().enumerate() {
                    write!(f, "{}{}", if place > 0 { ", " } else { "" }, literal.value)?;
                }
                f.write_str(")")
            }
        }
    }
}
