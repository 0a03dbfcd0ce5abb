//! Reading the members of one object: required, allowed and exclusive fields, and fields of one type. Every reader
//! reports what is wrong and returns nothing then.

use std::ops::Range;

use crate::QueryLanguage;
use crate::diagnostic::{Advice, closest};
use crate::expression::InvalidExpression;
use crate::syntax::{Item, Member};
use crate::{Expression, PathField, ResultPath};

use super::Parser;

/// The longest part of a location, in characters.
const MAX_LOCATION_PART: usize = 200;

/// The length in bytes at which a location stops growing.
const MAX_LOCATION: usize = 1000;

/// The members of an object, and where it stands.
pub(super) struct Fields<'t> {
    /// As diagnostics say it: `/States/X`; empty for the top level.
    pub(super) location: String,
    pub(super) span: Range<usize>,
    members: Vec<(&'t Member, Item<'t>)>,
}

impl<'t> Fields<'t> {
    pub(super) fn get(&self, key: &str) -> Option<Item<'t>> {
        self.members.iter().find(|(member, _)| &*member.key == key).map(|(_, item)| *item)
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&'t Member, Item<'t>)> {
        self.members.iter().copied()
    }

    /// The location of a field.
    pub(super) fn at(&self, key: &str) -> String {
        join(&self.location, key)
    }

    /// The location of the object itself.
    pub(super) fn here(&self) -> String {
        if self.location.is_empty() { "/".to_owned() } else { self.location.clone() }
    }

    /// Where to point when the object as a whole is wrong: its first key, so that a terminal is not flooded.
    fn head(&self) -> Range<usize> {
        self.span.start..(self.span.start + 1).min(self.span.end)
    }

    fn key_span(&self, key: &str) -> Option<Range<usize>> {
        self.members.iter().find(|(member, _)| &*member.key == key).map(|(member, _)| member.key_span.clone())
    }
}

/// A location with one more part. A location that has grown very long stays as it is, so that deep definitions with
/// long names cost no more than their own length.
pub(super) fn join(location: &str, part: &str) -> String {
    if location.len() > MAX_LOCATION {
        location.to_owned()
    } else {
        format!("{location}/{}", shortened(part))
    }
}

/// A location with an index.
pub(super) fn indexed(location: &str, at: usize) -> String {
    if location.len() > MAX_LOCATION { location.to_owned() } else { format!("{location}[{at}]") }
}

impl Parser {
    /// The members of an object.
    pub(super) fn object<'t>(&mut self, item: Item<'t>, location: String) -> Option<Fields<'t>> {
        match item.members() {
            Some(members) => Some(Fields { location, span: item.span(), members: members.collect() }),
            None => {
                self.wrong_type(location, item, "OBJECT");
                None
            }
        }
    }

    /// The members of an object field.
    pub(super) fn object_field<'t>(&mut self, fields: &Fields<'t>, key: &str) -> Option<Fields<'t>> {
        let item = fields.get(key)?;
        self.object(item, fields.at(key))
    }

    /// The items of an array field.
    pub(super) fn array_field<'t>(&mut self, fields: &Fields<'t>, key: &str) -> Option<Vec<Item<'t>>> {
        let item = fields.get(key)?;
        match item.items() {
            Some(items) => Some(items.collect()),
            None => {
                self.wrong_type(fields.at(key), item, "ARRAY");
                None
            }
        }
    }

    /// The items of an array field that must have some.
    pub(super) fn nonempty_array_field<'t>(
        &mut self,
        fields: &Fields<'t>,
        key: &str,
    ) -> Option<Vec<Item<'t>>> {
        let items = self.array_field(fields, key)?;
        if items.is_empty() {
            let span = fields.get(key).map(Item::span).unwrap_or_default();
            self.error("SW1014", fields.at(key), span, "Value cannot be empty");
        }
        Some(items)
    }

    /// A string field.
    pub(super) fn string_field<'t>(&mut self, fields: &Fields<'t>, key: &str) -> Option<&'t str> {
        let item = fields.get(key)?;
        let text = item.as_str();
        if text.is_none() {
            self.wrong_type(fields.at(key), item, "STRING");
        }
        text
    }

    /// A string field with one of a few values.
    pub(super) fn enum_field<'t>(
        &mut self,
        fields: &Fields<'t>,
        key: &str,
        values: &[&str],
    ) -> Option<&'t str> {
        let text = self.string_field(fields, key)?;
        if values.contains(&text) {
            return Some(text);
        }
        let span = fields.get(key).map(Item::span).unwrap_or_default();
        let help = closest(text, values.iter().copied()).map(Advice::did_you_mean);
        let message = format!("Value should be one of the following: [{}]", values.join(", "));
        self.report("SCHEMA_VALIDATION_FAILED", "SW1016", fields.at(key), span, message, help);
        None
    }

    /// A boolean field.
    pub(super) fn bool_field<'t>(&mut self, fields: &Fields<'t>, key: &str) -> Option<bool> {
        let item = fields.get(key)?;
        let flag = item.scalar().and_then(|value| value.as_bool());
        if flag.is_none() {
            self.wrong_type(fields.at(key), item, "BOOLEAN");
        }
        flag
    }

    /// `Comment`.
    pub(super) fn comment<'t>(&mut self, fields: &Fields<'t>) -> Option<String> {
        self.string_field(fields, "Comment").map(str::to_owned)
    }

    pub(super) fn wrong_type(&mut self, location: String, item: Item<'_>, wanted: &str) {
        self.error("SW1016", location, item.span(), format!("Expected value of type [{wanted}]"));
    }

    /// Reports the missing ones of the fields that must be there.
    pub(super) fn require<'t>(&mut self, fields: &Fields<'t>, keys: &[&str]) {
        let missing: Vec<&str> = keys.iter().copied().filter(|key| !fields.has(key)).collect();
        if !missing.is_empty() {
            let sw_code = if missing.contains(&"StartAt") { "SW1002" } else { "SW1014" };
            let message = format!("These fields are required: [{}]", missing.join(", "));
            self.error(sw_code, fields.here(), fields.head(), message);
        }
    }

    /// Reports every field that does not belong here.
    pub(super) fn allow<'t>(&mut self, fields: &Fields<'t>, allowed: &[&str]) {
        for (member, _) in fields.iter() {
            if allowed.contains(&&*member.key) {
                continue;
            }
            let close =
                if self.reporter.wants_help() { closest(&member.key, allowed.iter().copied()) } else { None };
            let help = close.filter(|key| !fields.has(key)).map(Advice::did_you_mean);
            let message = format!("Field '{}' is not supported", shortened(&member.key));
            let span = member.key_span.clone();
            self.report("SCHEMA_VALIDATION_FAILED", "SW1006", fields.here(), span, message, help);
        }
    }

    /// Reports fields of the other query language.
    pub(super) fn check_language<'t>(
        &mut self,
        fields: &Fields<'t>,
        language: QueryLanguage,
        json_path_only: &[&str],
        jsonata_only: &[&str],
    ) {
        let (forbidden, set, other) = match language {
            QueryLanguage::JsonPath => (jsonata_only, "JSONPath", "JSONata"),
            QueryLanguage::Jsonata => (json_path_only, "JSONata", "JSONPath"),
        };
        for (member, _) in fields.iter() {
            if forbidden.contains(&&*member.key) {
                let message = format!(
                    "The QueryLanguage is set to '{set}', but field '{}' is only supported for the '{other}' QueryLanguage",
                    member.key
                );
                self.error("SW1007", fields.here(), member.key_span.clone(), message);
            }
        }
    }

    /// Reports fields that exclude each other.
    pub(super) fn at_most_one<'t>(&mut self, fields: &Fields<'t>, keys: &[&str]) {
        let present: Vec<&str> = keys.iter().copied().filter(|key| fields.has(key)).collect();
        if let [_, .., last] = present.as_slice() {
            let span = fields.key_span(last).unwrap_or_else(|| fields.head());
            let message = format!("There should only be one of the following fields: [{}]", keys.join(", "));
            self.error("SW1014", fields.here(), span, message);
        }
    }

    /// Reports fields of which exactly one must be there.
    pub(super) fn exactly_one<'t>(&mut self, fields: &Fields<'t>, keys: &[&str]) {
        if keys.iter().any(|key| fields.has(key)) {
            self.at_most_one(fields, keys);
        } else {
            let message =
                format!("This object should have only one of the following fields: [{}]", keys.join(", "));
            self.error("SW1014", fields.here(), fields.head(), message);
        }
    }

    /// A field that is a path; `is_allowed` may refuse intrinsic functions.
    pub(super) fn expression_field<'t>(
        &mut self,
        fields: &Fields<'t>,
        key: &str,
        parse: fn(&str) -> Result<Expression, InvalidExpression>,
    ) -> Option<Expression> {
        let text = self.string_field(fields, key)?;
        match parse(text) {
            Ok(expression) => Some(expression),
            Err(error) => {
                let span = fields.get(key).map(Item::span).unwrap_or_default();
                let message = "Value must be a valid JSONPath.".to_owned();
                let help = Some(Advice::from(error.to_string()));
                self.report("SCHEMA_VALIDATION_FAILED", "SW2001", fields.at(key), span, message, help);
                None
            }
        }
    }

    /// A field that is a Reference Path, a context path or a variable: a path to exactly one place.
    pub(super) fn reference_field<'t>(&mut self, fields: &Fields<'t>, key: &str) -> Option<Expression> {
        let text = self.string_field(fields, key)?;
        let span = fields.get(key).map(Item::span).unwrap_or_default();
        let reason = match Expression::parse_path(text) {
            Ok(expression) if expression.path().is_none_or(jsonpath::Path::is_reference) => {
                return Some(expression);
            }
            Ok(_) => String::new(),
            Err(_) if !text.starts_with('$') => ": Reference path didn't start with '$'".to_owned(),
            Err(error) => format!(": {error}"),
        };
        self.error("SW2001", fields.at(key), span, format!("Value is not a Reference Path{reason}"));
        None
    }

    /// `InputPath` and `OutputPath`.
    pub(super) fn path_field<'t>(&mut self, fields: &Fields<'t>, key: &str) -> PathField {
        match fields.get(key) {
            None => PathField::Whole,
            Some(item) if item.scalar().is_some_and(value::Value::is_null) => PathField::Nothing,
            Some(item) if item.as_str() == Some("$") => PathField::Whole,
            Some(_) => match self.expression_field(fields, key, Expression::parse_path) {
                Some(expression) => PathField::At(expression),
                None => PathField::Whole,
            },
        }
    }

    /// `ResultPath`.
    pub(super) fn result_path<'t>(&mut self, fields: &Fields<'t>) -> ResultPath {
        const KEY: &str = "ResultPath";
        match fields.get(KEY) {
            None => ResultPath::Replace,
            Some(item) if item.scalar().is_some_and(value::Value::is_null) => ResultPath::Discard,
            Some(item) if item.as_str() == Some("$") => ResultPath::Replace,
            Some(item) => {
                let Some(text) = self.string_field(fields, KEY) else { return ResultPath::Replace };
                match jsonpath::ReferencePath::parse(text) {
                    Ok(path) => ResultPath::At(path),
                    Err(_) => {
                        let reason =
                            if text.starts_with('$') { "" } else { ": Reference path didn't start with '$'" };
                        let message = format!("Value is not a Reference Path{reason}");
                        self.error("SW2001", fields.at(KEY), item.span(), message);
                        ResultPath::Replace
                    }
                }
            }
        }
    }
}

/// A text short enough for a message.
pub(super) fn shortened(text: &str) -> &str {
    match text.char_indices().nth(MAX_LOCATION_PART) {
        Some((end, _)) => &text[..end],
        None => text,
    }
}
