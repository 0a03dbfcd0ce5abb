//! Number and text fields: literals in their ranges, `…Path` twins, JSONata expressions.

use value::Value;

use crate::syntax::Item;
use crate::{Expression, NumberField, QueryLanguage, TextField};

use super::Parser;
use super::fields::Fields;
use super::jsonata::JsonataPlace;

/// What a number may be.
#[derive(Clone, Copy)]
pub(super) struct Range {
    pub(super) least: i64,
    pub(super) most: i64,
    pub(super) is_integer: bool,
}

/// The largest number of seconds, attempts and the like that the service takes.
pub(super) const MOST: i64 = 99_999_999;

impl Range {
    pub(super) const fn integer(least: i64, most: i64) -> Range {
        Range { least, most, is_integer: true }
    }

    pub(super) const fn number(least: i64, most: i64) -> Range {
        Range { least, most, is_integer: false }
    }
}

impl Parser {
    /// A literal number in its range.
    pub(super) fn number_literal<'t>(&mut self, fields: &Fields<'t>, key: &str, range: Range) -> Option<f64> {
        let item = fields.get(key)?;
        let number = match item.scalar() {
            Some(Value::Int(number)) => *number as f64,
            Some(Value::Float(number)) if !range.is_integer || is_large_integer(*number) => *number,
            _ if self.is_placeholder(item) => return None,
            _ => {
                let wanted = if range.is_integer { "Integer" } else { "Number" };
                self.error("SW1013", fields.at(key), item.span(), format!("Expected value of type {wanted}"));
                return None;
            }
        };
        let message = if number < range.least as f64 {
            format!("Minimum value is {}", range.least)
        } else if number > range.most as f64 {
            format!("Maximum value is {}", range.most)
        } else {
            return Some(number);
        };
        self.error("SW1013", fields.at(key), item.span(), message);
        None
    }

    /// Whether something else will put the value in.
    fn is_placeholder<'t>(&self, item: Item<'t>) -> bool {
        self.options.allow_placeholders && item.as_str().is_some_and(|text| text.contains("${"))
    }

    /// A literal integer in its range, of which the least is not negative.
    pub(super) fn integer_literal<'t>(
        &mut self,
        fields: &Fields<'t>,
        key: &str,
        range: Range,
    ) -> Option<u64> {
        self.number_literal(fields, key, range).map(|number| number as u64)
    }

    /// A number field that may be a literal, its `…Path` twin or a JSONata expression.
    pub(super) fn number_field<'t>(
        &mut self,
        fields: &Fields<'t>,
        key: &str,
        language: QueryLanguage,
        range: Range,
    ) -> Option<NumberField> {
        let path_key = format!("{key}Path");
        if language == QueryLanguage::JsonPath {
            self.at_most_one(fields, &[key, &path_key]);
            if fields.has(&path_key) {
                return self.reference_field(fields, &path_key).map(NumberField::Path);
            }
        } else if let Some(expression) = self.jsonata_field(fields, key) {
            return Some(NumberField::Jsonata(expression));
        }
        self.number_literal(fields, key, range).map(NumberField::Literal)
    }

    /// A text field that may be a literal, its `…Path` twin (with intrinsic functions) or a JSONata expression.
    pub(super) fn text_field<'t>(
        &mut self,
        fields: &Fields<'t>,
        key: &str,
        language: QueryLanguage,
    ) -> Option<TextField> {
        let path_key = format!("{key}Path");
        if language == QueryLanguage::JsonPath {
            self.at_most_one(fields, &[key, &path_key]);
            if fields.has(&path_key) {
                return self.expression_field(fields, &path_key, Expression::parse).map(TextField::Path);
            }
        } else if let Some(expression) = self.jsonata_field(fields, key) {
            return Some(TextField::Jsonata(expression));
        }
        let text = self.string_field(fields, key)?;
        if language == QueryLanguage::JsonPath && super::template::looks_like_path(text) {
            let span = fields.get(key).map(Item::span).unwrap_or_default();
            let message = format!(
                "The value of the field '{key}' looks like a path, but the name of the field does not end with 'Path'"
            );
            self.warn("NO_PATH", "SW2006", fields.at(key), span, message, None);
        }
        Some(TextField::Literal(text.into()))
    }

    /// The JSONata expression of a field, if its value is one.
    pub(super) fn jsonata_field<'t>(
        &mut self,
        fields: &Fields<'t>,
        key: &str,
    ) -> Option<jsonata::Expression> {
        let item = fields.get(key)?;
        let text = item.as_str()?;
        self.jsonata(text, item.span(), &fields.at(key), JsonataPlace::default())
    }
}

/// Whether a number read as a double is an integer all the same, too large for 64 bits.
fn is_large_integer(number: f64) -> bool {
    number.abs() >= 9.2e18
}
