//! JSONata expressions on shapes, as far as they are plain: members of `$states` and of variables, constructors, operators. An
//! expression that gives nothing fails its field (recorded); a part of one that gives nothing is left out.

use std::sync::Arc;

use ::jsonata::{Expression, Outline};

use super::super::shape::{BOOLEAN, Found, Member, Members, NUMBER, Presence, STRING, Shape};
use super::expressions::View;
use super::trail::Trail;
use super::{Analysis, FaultKind};
use crate::Name;

/// What it means when a part of an expression gives nothing.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Nothing {
    /// The field fails.
    Fails,
    /// It is left out.
    Drops,
    /// The expression may be about just that.
    IsFine,
}

impl Analysis<'_> {
    /// The shape of a whole expression.
    pub(super) fn jsonata(&mut self, view: &View<'_>, expression: &Expression, trail: &Trail<'_>) -> Found {
        if self.is_reporting() {
            self.unknown_variables(view, expression, trail);
        }
        self.outline(view, &expression.outline(), trail, Nothing::Fails)
    }

    /// Variables that no state in sight assigns.
    fn unknown_variables(&mut self, view: &View<'_>, expression: &Expression, trail: &Trail<'_>) {
        let is_whole = matches!(expression.outline(), Outline::Member { .. } | Outline::Longer(_));
        for name in expression.variables().filter(|name| *name != "states") {
            if !self.is_assigned_in_sight(view.state, name) {
                self.unknown_variable(view, name, trail, is_whole);
            }
        }
    }

    /// Recursion is bounded: the language's parser refuses what is nested too deeply.
    fn outline(&mut self, view: &View<'_>, outline: &Outline, trail: &Trail<'_>, nothing: Nothing) -> Found {
        match outline {
            Outline::Literal(value) => Found::There(Shape::of(value)),
            Outline::Member { variable, members } => self.members(view, variable, members, trail, nothing),
            Outline::Longer(start) => {
                let found = self.outline(view, start, trail, nothing);
                if found == Found::Missing { Found::Missing } else { Found::There(Shape::ANY) }
            }
            Outline::Object(pairs) => self.object(view, pairs, trail),
            Outline::Array(items) => {
                let mut shapes = Vec::with_capacity(items.len());
                let mut is_plain = true;
                for item in items {
                    let found = self.outline(view, item, trail, Nothing::Drops);
                    is_plain &= matches!(&found, Found::There(shape) if !shape.may_be_array());
                    shapes.push(found.shape());
                }
                // Arrays in arrays may be made flat.
                let all = if is_plain { Shape::tuple(shapes) } else { Shape::array(Shape::ANY, None) };
                Found::There(all)
            }
            Outline::Binary { operator, left, right } => {
                self.binary(view, operator, (left, right), trail, nothing)
            }
            Outline::Condition(parts) => {
                let found: Vec<Found> =
                    parts.iter().map(|part| self.outline(view, part, trail, Nothing::IsFine)).collect();
                match found.as_slice() {
                    [_, Found::There(then), Found::There(otherwise)] => Found::There(then.join(otherwise)),
                    _ => Found::There(Shape::ANY),
                }
            }
            Outline::Call { function, arguments } => {
                for argument in arguments {
                    self.outline(view, argument, trail, Nothing::IsFine);
                }
                Found::There(returned(function))
            }
            Outline::Other(parts) => {
                for part in parts {
                    self.outline(view, part, trail, Nothing::IsFine);
                }
                Found::There(Shape::ANY)
            }
        }
    }

    fn object(&mut self, view: &View<'_>, pairs: &[(Outline, Outline)], trail: &Trail<'_>) -> Found {
        let mut object = Members::default();
        for (key, value) in pairs {
            let found = self.outline(view, value, trail, Nothing::Drops);
            let presence =
                if matches!(found, Found::There(_)) { Presence::Always } else { Presence::Perhaps };
            match key {
                Outline::Literal(value::Value::Str(name)) if found != Found::Missing => {
                    let member = Member { shape: found.shape(), presence };
                    object.known.insert(Name::from(&**name), member);
                }
                Outline::Literal(_) => {}
                _ => object.is_open = true,
            }
        }
        Found::There(Shape::object(object))
    }

    fn binary(
        &mut self,
        view: &View<'_>,
        operator: &str,
        (left, right): (&Outline, &Outline),
        trail: &Trail<'_>,
        nothing: Nothing,
    ) -> Found {
        let is_literal = |side: &Outline| matches!(side, Outline::Literal(value) if !value.is_null());
        let (operands, made) = match operator {
            "+" | "-" | "*" | "/" | "%" => (nothing, NUMBER),
            "&" => (Nothing::Drops, STRING),
            "=" | "<" | "<=" | ">" | ">=" if is_literal(left) || is_literal(right) => {
                (Nothing::Drops, BOOLEAN)
            }
            _ => (Nothing::IsFine, BOOLEAN),
        };
        // A part that may be missing where the whole may be is fine.
        let operands = if nothing == Nothing::IsFine { Nothing::IsFine } else { operands };
        for side in [left, right] {
            let found = self.outline(view, side, trail, operands);
            if made == NUMBER && found == Found::Missing {
                return Found::Missing;
            }
            if let Found::There(shape) = found
                && made == NUMBER
                && !shape.may_be(NUMBER)
                && self.is_reporting()
            {
                let what = format!("an operand of `{operator}`");
                let fails = nothing == Nothing::Fails;
                let kind = FaultKind::WrongType { what, found: shape.describe(), wanted: "a number", fails };
                self.fault(view.state, trail.steps(), kind);
            }
        }
        Found::There(Shape::scalar(made))
    }

    /// `$name.a.b`.
    fn members(
        &mut self,
        view: &View<'_>,
        variable: &Name,
        members: &[Arc<str>],
        trail: &Trail<'_>,
        nothing: Nothing,
    ) -> Found {
        let (root, base, names) = match (&**variable, members) {
            ("states", [part, names @ ..]) => {
                let base = match &**part {
                    "input" => view.entry.data.clone(),
                    "context" => self.context(view),
                    "result" => view.result.clone().unwrap_or(Shape::ANY),
                    "errorOutput" => view.error_output.clone().unwrap_or(Shape::ANY),
                    _ => return Found::There(Shape::ANY),
                };
                (format!("$states.{part}"), base, names)
            }
            ("states", []) => return Found::There(Shape::ANY),
            (name, names) => {
                let fails = nothing == Nothing::Fails;
                let is_fine = nothing == Nothing::IsFine;
                // A variable that nothing assigns has been reported by now.
                let base = if is_fine || !self.is_assigned_in_sight(view.state, name) {
                    view.entry.variables.get(name).map(|variable| variable.shape.clone())
                } else {
                    self.variable(view, name, trail, fails)
                };
                (format!("${name}"), base.unwrap_or(Shape::ANY), names)
            }
        };
        let mut shape = base;
        for (at, name) in names.iter().enumerate() {
            match shape.mapped_member(name) {
                Found::There(inner) => shape = inner,
                Found::Sometimes(_) => {
                    if root == "$states.input" && nothing == Nothing::Fails {
                        let path = names.iter().fold(root.clone(), |text, name| format!("{text}.{name}"));
                        self.sometimes(view, trail, &path, |entry| leads_somewhere(&entry.data, names));
                    }
                    return Found::Sometimes(Shape::ANY);
                }
                Found::Missing => {
                    if self.is_reporting() && nothing != Nothing::IsFine {
                        let written = |names: &[Arc<str>]| {
                            names.iter().fold(root.clone(), |text, name| format!("{text}.{name}"))
                        };
                        let kind = FaultKind::Missing {
                            path: written(names),
                            reached: written(names.get(..at).unwrap_or_default()),
                            found: shape.clone(),
                            wanted: Some(name.clone()),
                            fails: nothing == Nothing::Fails,
                        };
                        self.fault(view.state, trail.steps(), kind);
                    }
                    return Found::Missing;
                }
            }
        }
        Found::There(shape)
    }
}

/// Whether these names may lead somewhere.
fn leads_somewhere(data: &Shape, names: &[Arc<str>]) -> bool {
    let mut shape = data.clone();
    for name in names {
        shape = match shape.mapped_member(name) {
            Found::Missing => return false,
            found => found.shape(),
        };
    }
    true
}

/// What a built-in function returns, if it returns anything.
fn returned(function: &str) -> Shape {
    match function {
        "string" | "substring" | "substringBefore" | "substringAfter" | "uppercase" | "lowercase"
        | "trim" | "pad" | "join" | "replace" | "now" | "uuid" | "hash" | "base64encode" | "base64decode"
        | "fromMillis" | "formatNumber" | "formatInteger" | "encodeUrl" | "encodeUrlComponent"
        | "decodeUrl" | "decodeUrlComponent" => Shape::scalar(STRING),
        "length" | "number" | "abs" | "floor" | "ceil" | "round" | "power" | "sqrt" | "random" | "sum"
        | "count" | "max" | "min" | "average" | "millis" | "toMillis" | "parseInteger" => {
            Shape::scalar(NUMBER)
        }
        "contains" | "exists" | "boolean" | "not" => Shape::scalar(BOOLEAN),
        _ => Shape::ANY,
    }
}
