//! Rules of a Choice.

use crate::syntax::Item;
use crate::{ChoiceRule, Comparator, Condition, Operand, QueryLanguage};

use super::fields::{Fields, indexed};
use super::jsonata::PLAIN;
use super::state::Frame;
use super::{MAX_NESTING, Parser};

/// The comparators, the type of their literal, and whether there is a `…Path` twin.
const COMPARATORS: [(&str, Comparator, Literal, bool); 23] = {
    use Comparator::*;
    use Literal::*;
    [
        ("StringEquals", StringEquals, String, true),
        ("StringLessThan", StringLessThan, String, true),
        ("StringGreaterThan", StringGreaterThan, String, true),
        ("StringLessThanEquals", StringLessThanEquals, String, true),
        ("StringGreaterThanEquals", StringGreaterThanEquals, String, true),
        ("StringMatches", StringMatches, String, false),
        ("NumericEquals", NumericEquals, Number, true),
        ("NumericLessThan", NumericLessThan, Number, true),
        ("NumericGreaterThan", NumericGreaterThan, Number, true),
        ("NumericLessThanEquals", NumericLessThanEquals, Number, true),
        ("NumericGreaterThanEquals", NumericGreaterThanEquals, Number, true),
        ("BooleanEquals", BooleanEquals, Boolean, true),
        ("TimestampEquals", TimestampEquals, Timestamp, true),
        ("TimestampLessThan", TimestampLessThan, Timestamp, true),
        ("TimestampGreaterThan", TimestampGreaterThan, Timestamp, true),
        ("TimestampLessThanEquals", TimestampLessThanEquals, Timestamp, true),
        ("TimestampGreaterThanEquals", TimestampGreaterThanEquals, Timestamp, true),
        ("IsNull", IsNull, Boolean, false),
        ("IsPresent", IsPresent, Boolean, false),
        ("IsNumeric", IsNumeric, Boolean, false),
        ("IsString", IsString, Boolean, false),
        ("IsBoolean", IsBoolean, Boolean, false),
        ("IsTimestamp", IsTimestamp, Boolean, false),
    ]
};

/// The type of a comparator's literal.
#[derive(Clone, Copy)]
enum Literal {
    String,
    Number,
    Boolean,
    Timestamp,
}

/// The fields of which a rule has exactly one.
const SELECTORS: [&str; 5] = ["And", "Or", "Not", "Variable", "Condition"];

/// The comparator that a key names, and whether the key is its `…Path` twin.
fn comparator(key: &str) -> Option<(Comparator, Literal, bool)> {
    COMPARATORS.iter().find_map(|(name, comparator, literal, has_twin)| match key.strip_prefix(name) {
        Some("") => Some((*comparator, *literal, false)),
        Some("Path") if *has_twin => Some((*comparator, *literal, true)),
        _ => None,
    })
}

impl Parser {
    /// A rule of `Choices`.
    pub(super) fn choice_rule<'t>(
        &mut self,
        frame: &Frame<'_, 't>,
        item: Item<'t>,
        at: usize,
    ) -> Option<ChoiceRule> {
        let language = frame.language;
        let fields = self.object(item, indexed(&frame.fields.at("Choices"), at))?;
        self.require(&fields, &["Next"]);
        let next = self.target(frame, &fields, "Next").unwrap_or_default();
        let comment = self.comment(&fields);
        let assign = self.assign_field(&fields, &format!("Choices[{at}]/Assign"), language, PLAIN);
        let output = match language {
            QueryLanguage::JsonPath => None,
            QueryLanguage::Jsonata => {
                self.template_field(&fields, "Output", &format!("Choices[{at}]/Output"), language, PLAIN)
            }
        };
        let condition = self.condition(&fields, language, 0)?;
        Some(ChoiceRule { condition, next, assign, output, comment })
    }

    /// What a rule demands. Recursion is bounded by [`MAX_NESTING`].
    fn condition<'t>(
        &mut self,
        fields: &Fields<'t>,
        language: QueryLanguage,
        depth: usize,
    ) -> Option<Condition> {
        if depth > MAX_NESTING {
            let message = format!("Choice rules are nested deeper than {MAX_NESTING} levels");
            let span = fields.span.start..fields.span.start + 1;
            self.report("TOO_DEEPLY_NESTED", "SW1014", fields.here(), span, message, None);
            return None;
        }
        let top = if depth == 0 { &["Next", "Assign", "Output"][..] } else { &[] };
        self.check_language(fields, language, &["And", "Or", "Not", "Variable"], &["Condition", "Output"]);
        self.allow_in_rule(fields, top);
        let selected: Vec<&str> = SELECTORS.into_iter().filter(|key| fields.has(key)).collect();
        let [selector] = selected.as_slice() else {
            let message =
                format!("The object must have only one of the following fields, [{}]", SELECTORS.join(", "));
            self.error("SW1012", fields.here(), fields.span.start..fields.span.start + 1, message);
            return None;
        };
        match *selector {
            "And" => self.conditions(fields, "And", language, depth).map(Condition::And),
            "Or" => self.conditions(fields, "Or", language, depth).map(Condition::Or),
            "Not" => {
                let inner = self.object_field(fields, "Not")?;
                self.condition(&inner, language, depth + 1).map(|inner| Condition::Not(Box::new(inner)))
            }
            "Variable" => self.comparison(fields),
            _ => self.jsonata_condition(fields),
        }
    }

    fn conditions<'t>(
        &mut self,
        fields: &Fields<'t>,
        key: &str,
        language: QueryLanguage,
        depth: usize,
    ) -> Option<Vec<Condition>> {
        let items = self.nonempty_array_field(fields, key)?;
        let mut conditions = Vec::with_capacity(items.len());
        for (at, item) in items.into_iter().enumerate() {
            let inner = self.object(item, indexed(&fields.at(key), at));
            conditions.extend(inner.and_then(|inner| self.condition(&inner, language, depth + 1)));
        }
        Some(conditions)
    }

    /// `Variable` and exactly one comparator.
    fn comparison<'t>(&mut self, fields: &Fields<'t>) -> Option<Condition> {
        let found: Vec<_> =
            fields.iter().filter_map(|(member, _)| Some((&*member.key, comparator(&member.key)?))).collect();
        let variable = self.reference_field(fields, "Variable");
        let [(key, (comparator, literal, is_path))] = found.as_slice() else {
            let keys: Vec<String> = if found.is_empty() {
                COMPARATORS.iter().map(|(name, ..)| (*name).to_owned()).collect()
            } else {
                found.iter().map(|(key, _)| (*key).to_owned()).collect()
            };
            let start =
                if found.is_empty() { "This object should have only" } else { "There should only be" };
            let message = format!("{start} one of the following fields: [{}]", keys.join(", "));
            self.error("SW1012", fields.here(), fields.span.start..fields.span.start + 1, message);
            return None;
        };
        let operand = if *is_path {
            self.reference_field(fields, key).map(Operand::Path)
        } else {
            self.literal(fields, key, *literal).map(Operand::Literal)
        };
        Some(Condition::Compare { variable: variable?, comparator: *comparator, operand: operand? })
    }

    /// The literal of a comparator, of the comparator's type.
    fn literal<'t>(&mut self, fields: &Fields<'t>, key: &str, literal: Literal) -> Option<value::Value> {
        let item = fields.get(key)?;
        let value = item.to_value();
        let (fits, wanted) = match literal {
            Literal::String => (value.is_string(), "STRING"),
            Literal::Number => (value.is_number(), "NUMBER"),
            Literal::Boolean => (value.is_bool(), "BOOLEAN"),
            Literal::Timestamp => (value.is_string(), "STRING"),
        };
        if !fits {
            self.wrong_type(fields.at(key), item, wanted);
            return None;
        }
        if let (Literal::Timestamp, Some(text)) = (literal, value.as_str())
            && crate::timestamp::parse_rfc3339(text).is_none()
        {
            self.error("SW1013", fields.at(key), item.span(), "String does not match RFC3339 timestamp");
            return None;
        }
        Some(value)
    }

    /// `Condition`: an expression or a literal boolean.
    fn jsonata_condition<'t>(&mut self, fields: &Fields<'t>) -> Option<Condition> {
        if let Some(expression) = self.jsonata_field(fields, "Condition") {
            return Some(Condition::Jsonata(expression));
        }
        self.bool_field(fields, "Condition").map(Condition::Literal)
    }

    fn allow_in_rule<'t>(&mut self, fields: &Fields<'t>, top: &[&'static str]) {
        let mut allowed: Vec<&str> =
            SELECTORS.into_iter().chain(["Comment"]).chain(top.iter().copied()).collect();
        let mut keys: Vec<&str> = fields.iter().map(|(member, _)| &*member.key).collect();
        keys.retain(|key| comparator(key).is_some());
        allowed.extend(keys);
        allowed.extend(COMPARATORS.iter().map(|(name, ..)| *name));
        self.allow(fields, &allowed);
    }
}
