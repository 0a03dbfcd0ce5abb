//! The condition of a filter, compiled. Not how it is read (`filter_parse`) or judged (`filter_eval`).

use regex::Regex;
use value::Value;

use crate::path::Path;

/// A condition. Nested no deeper than the reader allows, so recursion over it is safe.
#[derive(Debug)]
pub(crate) enum Expr {
    /// `a && b && …`.
    And(Vec<Expr>),
    /// `a || b || …`.
    Or(Vec<Expr>),
    /// `!a`.
    Not(Box<Expr>),
    /// `@.a`, or with `false` `!@.a`: whether the path finds something.
    Exists(Path, bool),
    /// `a < b`.
    Compare(Operand, Op, Operand),
}

/// One side of a comparison.
#[derive(Debug)]
pub(crate) enum Operand {
    /// `@.a`, `$.a`.
    Path(Path),
    /// `1`, `'a'`, `true`, `null`, `[1,'a']`, `{"a":1}`.
    Literal(Value),
    /// `/re/i`.
    Pattern(Regex),
}

/// An operator between two sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    Equal,
    NotEqual,
    /// `===`: equal and of one kind.
    Same,
    NotSame,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    /// `=~`.
    Matches,
    In,
    NotIn,
    Contains,
    /// `all`: the left side has every element of the right.
    All,
    Size,
    Empty,
    SubsetOf,
    AnyOf,
    NoneOf,
}

impl Op {
    /// Reads an operator; words in any case.
    pub(crate) fn parse(text: &str) -> Option<Op> {
        Some(match text.to_ascii_uppercase().as_str() {
            "==" => Op::Equal,
            "!=" => Op::NotEqual,
            "===" => Op::Same,
            "!==" => Op::NotSame,
            "<" => Op::Less,
            "<=" => Op::LessOrEqual,
            ">" => Op::Greater,
            ">=" => Op::GreaterOrEqual,
            "=~" => Op::Matches,
            "IN" => Op::In,
            "NIN" => Op::NotIn,
            "CONTAINS" => Op::Contains,
            "ALL" => Op::All,
            "SIZE" => Op::Size,
            "EMPTY" => Op::Empty,
            "SUBSETOF" => Op::SubsetOf,
            "ANYOF" => Op::AnyOf,
            "NONEOF" => Op::NoneOf,
            _ => return None,
        })
    }
}
