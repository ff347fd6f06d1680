//! Tokens to a tree.

use super::literal::Value;
use super::refuse;
use super::token::{Kind, Token, tokens};
use super::tree::{Literal, Name, Order, Spot, Test, Tree};
use crate::error::TableError;

/// How deep brackets and `not` may nest.
const DEEPEST: usize = 64;

const KEYWORDS: [&str; 10] =
    ["and", "or", "not", "in", "is", "null", "contains", "starts_with", "ends_with", "matches"];

pub(super) fn parse(text: &str) -> Result<Tree, TableError> {
    let mut parser = Parser { tokens: tokens(text)?.into_iter().peekable(), end: text.chars().count() + 1 };
    let tree = parser.any(0)?;
    let rest = parser.next();
    match rest.kind {
        Kind::End => Ok(tree),
        _ => Err(refuse(rest.at, format!("'and' or 'or' is expected here, not {}", shown(&rest.kind)))),
    }
}

struct Parser {
    tokens: std::iter::Peekable<std::vec::IntoIter<Token>>,
    end: usize,
}

fn shown(kind: &Kind) -> String {
    match kind {
        Kind::Word(text) | Kind::Name(text) => format!("'{text}'"),
        Kind::Text(text) => format!("{text:?}"),
        Kind::Sign(sign) => format!("'{sign}'"),
        Kind::End => "the end".to_owned(),
    }
}

impl Parser {
    fn next(&mut self) -> Token {
        self.tokens.next().unwrap_or(Token { kind: Kind::End, at: self.end })
    }

    /// Takes this keyword or sign, if it comes next.
    fn take(&mut self, wanted: &str) -> bool {
        let matches = |token: &Token| match &token.kind {
            Kind::Word(word) => word.eq_ignore_ascii_case(wanted),
            Kind::Sign(sign) => *sign == wanted,
            _ => false,
        };
        self.tokens.next_if(matches).is_some()
    }

    fn any(&mut self, depth: usize) -> Result<Tree, TableError> {
        let first = self.all(depth)?;
        let mut parts = vec![first];
        while self.take("or") || self.take("||") {
            parts.push(self.all(depth)?);
        }
        Ok(joined(parts, Tree::Any))
    }

    fn all(&mut self, depth: usize) -> Result<Tree, TableError> {
        let first = self.one(depth)?;
        let mut parts = vec![first];
        while self.take("and") || self.take("&&") {
            parts.push(self.one(depth)?);
        }
        Ok(joined(parts, Tree::All))
    }

    fn one(&mut self, depth: usize) -> Result<Tree, TableError> {
        let at = self.tokens.peek().map_or(self.end, |token| token.at);
        if depth >= DEEPEST {
            return Err(refuse(at, format!("brackets and 'not' nest deeper than {DEEPEST}; simplify")));
        }
        if self.take("not") || self.take("!") {
            return Ok(Tree::Not(Box::new(self.one(depth + 1)?)));
        }
        if self.take("(") {
            let inner = self.any(depth + 1)?;
            return if self.take(")") { Ok(inner) } else { Err(refuse(at, "the bracket ( is never closed")) };
        }
        self.test()
    }

    fn test(&mut self) -> Result<Tree, TableError> {
        let token = self.next();
        let name = match token.kind {
            Kind::Name(name) => name,
            Kind::Word(word) if !is_keyword(&word) => word,
            other => {
                return Err(refuse(token.at, format!("a column is expected here, not {}", shown(&other))));
            }
        };
        let column = Name { text: name, at: Spot(token.at) };
        if self.take("is") {
            return self.is_null(column);
        }
        if let Some(order) = self.order() {
            let test = Test::Compare(order, self.value()?);
            return Ok(Tree::Test { column, not: false, test });
        }
        let not = self.take("not");
        match self.word_test()? {
            Some(test) => Ok(Tree::Test { column, not, test }),
            None if not => {
                let at = self.next().at;
                Err(refuse(
                    at,
                    "'in', 'contains', 'starts_with', 'ends_with' or 'matches' is expected after 'not'",
                ))
            }
            None => Ok(Tree::Test { column, not, test: Test::Holds }),
        }
    }

    fn is_null(&mut self, column: Name) -> Result<Tree, TableError> {
        let not = self.take("not");
        if self.take("null") {
            return Ok(Tree::Test { column, not, test: Test::IsNull });
        }
        Err(refuse(self.next().at, "'null' or 'not null' is expected after 'is'"))
    }

    fn order(&mut self) -> Option<Order> {
        if self.take("=") {
            return Some(Order::Equal);
        }
        if self.take("<>") {
            return Some(Order::Differs);
        }
        Order::ALL.into_iter().find(|order| self.take(order.sign()))
    }

    fn word_test(&mut self) -> Result<Option<Test>, TableError> {
        Ok(Some(if self.take("in") {
            Test::In(self.list()?)
        } else if self.take("contains") {
            Test::Contains(self.value()?)
        } else if self.take("starts_with") {
            Test::StartsWith(self.value()?)
        } else if self.take("ends_with") {
            Test::EndsWith(self.value()?)
        } else if self.take("matches") || self.take("~") {
            Test::Matches(self.value()?)
        } else {
            return Ok(None);
        }))
    }

    /// Values in brackets, or one value without.
    fn list(&mut self) -> Result<Vec<Literal>, TableError> {
        if !self.take("(") {
            return Ok(vec![self.value()?]);
        }
        let mut list = vec![self.value()?];
        while self.take(",") {
            list.push(self.value()?);
        }
        if self.take(")") {
            return Ok(list);
        }
        Err(refuse(self.next().at, "',' or ')' is expected in the list"))
    }

    fn value(&mut self) -> Result<Literal, TableError> {
        let token = self.next();
        let value = match token.kind {
            Kind::Text(text) => Value::Text(text),
            Kind::Word(word) if !is_keyword(&word) => Value::of_word(&word),
            Kind::Word(word) if word.eq_ignore_ascii_case("null") => {
                return Err(refuse(token.at, "nothing equals null; write 'is null' or 'is not null'"));
            }
            Kind::Name(name) => return Err(refuse(token.at, columns_differ(&name))),
            other => {
                return Err(refuse(token.at, format!("a value is expected here, not {}", shown(&other))));
            }
        };
        Ok(Literal { value, at: Spot(token.at) })
    }
}

/// What is said when a column stands where a value belongs.
pub(super) fn columns_differ(name: &str) -> String {
    format!("'{name}' is a column, and columns compare only with values; put text in quotes")
}

fn is_keyword(word: &str) -> bool {
    KEYWORDS.iter().any(|keyword| keyword.eq_ignore_ascii_case(word))
}

fn joined(mut parts: Vec<Tree>, join: fn(Vec<Tree>) -> Tree) -> Tree {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        Some(last) => {
            parts.push(last);
            join(parts)
        }
        None => join(parts),
    }
}
