//! Choice states on shapes: which rules can match, what each way out knows then, and paths in conditions that lead nowhere.
//! Conditions are looked at in their order, as when they run: what stands behind a test is looked at with what the test knows.

use super::super::graph::Way;
use super::super::shape::{BOOLEAN, Found, NUMBER, STRING, Shape};
use super::expressions::{PastEnd, View, steps};
use super::trail::Trail;
use super::{Analysis, FaultKind};
use crate::{
    Choice, ChoiceRule, Comparator, Condition, Expression, ExpressionKind, Operand, QueryLanguage, State,
};

/// What is known of a condition.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Truth {
    True,
    False,
    Open,
}

impl Analysis<'_> {
    pub(super) fn choice(&mut self, view: &View<'_>, state: &State, choice: &Choice) {
        let mut rest = view.clone();
        let rules = Trail::State.key("Choices");
        for (at, rule) in choice.rules.iter().enumerate() {
            let trail = rules.index(at);
            let truth = self.condition(&rest, &rule.condition, &trail);
            let matched = View { data: narrowed(&rest.data, &rule.condition, true), ..rest.clone() };
            if truth != Truth::False {
                self.matched(&matched, state, rule, at);
            }
            if truth == Truth::True {
                self.never_reached(view, choice, at);
                return;
            }
            rest = View { data: narrowed(&rest.data, &rule.condition, false), ..rest };
        }
        let Some(to) = choice.default.as_ref().and_then(|name| self.machine.index.get(name).copied()) else {
            return;
        };
        let variables = self.assign(&rest, state.assign.as_ref(), &Trail::State.key("Assign"));
        let data = match (&state.output, state.query_language) {
            (Some(output), _) => self.template(&rest, output, &Trail::State.key("Output")),
            (None, QueryLanguage::JsonPath) => self.path_field(&rest, &state.output_path, "OutputPath"),
            (None, QueryLanguage::Jsonata) => rest.data.clone(),
        };
        self.arrive(to, Some((view.state, Way::Default)), data, variables);
    }

    fn matched(&mut self, view: &View<'_>, state: &State, rule: &ChoiceRule, at: usize) {
        let rules = Trail::State.key("Choices");
        let trail = rules.index(at);
        let variables = self.assign(view, rule.assign.as_ref(), &trail.key("Assign"));
        let data = match (&rule.output, state.query_language) {
            (Some(output), _) => self.template(view, output, &trail.key("Output")),
            (None, QueryLanguage::JsonPath) => self.path_field(view, &state.output_path, "OutputPath"),
            (None, QueryLanguage::Jsonata) => view.data.clone(),
        };
        if let Some(to) = self.machine.index.get(&rule.next).copied() {
            self.arrive(to, Some((view.state, Way::Rule(at))), data, variables);
        }
    }

    /// Reports what stands behind a rule that always matches.
    fn never_reached(&mut self, view: &View<'_>, choice: &Choice, at: usize) {
        if !self.is_reporting() {
            return;
        }
        for behind in at + 1..choice.rules.len() {
            let why = format!("rule {at} always matches, so this one is never looked at");
            let place = Trail::State.key("Choices");
            self.fault(view.state, place.index(behind).steps(), FaultKind::DeadRule { why });
        }
        if choice.default.is_some() && at + 1 == choice.rules.len() {
            let why = format!("rule {at} always matches, so `Default` is never taken");
            self.fault(view.state, Trail::State.key("Default").steps(), FaultKind::DeadRule { why });
        }
    }

    /// What is known of a condition. Recursion is bounded by the nesting that the parser allows.
    fn condition(&mut self, view: &View<'_>, condition: &Condition, trail: &Trail<'_>) -> Truth {
        match condition {
            Condition::And(parts) => self.chain(view, parts, &trail.key("And"), Truth::False),
            Condition::Or(parts) => self.chain(view, parts, &trail.key("Or"), Truth::True),
            Condition::Not(part) => match self.condition(view, part, &trail.key("Not")) {
                Truth::True => Truth::False,
                Truth::False => Truth::True,
                Truth::Open => Truth::Open,
            },
            Condition::Literal(true) => Truth::True,
            Condition::Literal(false) => Truth::False,
            Condition::Compare { variable, comparator, operand } => {
                self.comparison(view, variable, *comparator, operand, trail)
            }
            Condition::Jsonata(expression) => {
                let found = self.jsonata(view, expression, &trail.key("Condition"));
                if let Found::There(shape) = found {
                    let what = "the condition";
                    if !shape.may_be(BOOLEAN) && self.is_reporting() {
                        let kind = FaultKind::WrongType {
                            what: what.to_owned(),
                            found: shape.describe(),
                            wanted: "a boolean",
                            fails: true,
                        };
                        self.fault(view.state, trail.key("Condition").steps(), kind);
                    }
                }
                Truth::Open
            }
        }
    }

    /// `And`, which the first false part decides, or `Or`, which the first true one does.
    fn chain(&mut self, view: &View<'_>, parts: &[Condition], trail: &Trail<'_>, decides: Truth) -> Truth {
        let mut view = view.clone();
        let mut all = if decides == Truth::False { Truth::True } else { Truth::False };
        for (at, part) in parts.iter().enumerate() {
            let truth = self.condition(&view, part, &trail.index(at));
            if truth == decides {
                return if all == Truth::Open && at > 0 { decides } else { truth };
            }
            if truth == Truth::Open {
                all = Truth::Open;
            }
            view.data = narrowed(&view.data, part, decides == Truth::False);
        }
        all
    }

    fn comparison(
        &mut self,
        view: &View<'_>,
        variable: &Expression,
        comparator: Comparator,
        operand: &Operand,
        trail: &Trail<'_>,
    ) -> Truth {
        if comparator == Comparator::IsPresent {
            return self.is_present(view, variable, operand);
        }
        let shape = self.expression(view, variable, &trail.key("Variable"), PastEnd::Fails);
        if let Operand::Path(expression) = operand {
            let key = format!("{comparator:?}Path");
            self.expression(view, expression, &trail.key(&key), PastEnd::Fails);
        }
        let wanted = kinds(comparator);
        if wanted == 0 || shape.is_any() || shape.may_be(wanted) {
            return Truth::Open;
        }
        let is_test = matches!(operand, Operand::Literal(value) if is_type_test(comparator) && value.as_bool() == Some(false));
        if is_test {
            return Truth::True;
        }
        if self.is_reporting() {
            let why = format!("`{}` is {}, so {comparator:?} never holds", variable.text, shape.describe());
            self.fault(view.state, trail.steps(), FaultKind::DeadRule { why });
        }
        Truth::False
    }

    fn is_present(&mut self, view: &View<'_>, variable: &Expression, operand: &Operand) -> Truth {
        let Operand::Literal(wanted) = operand else { return Truth::Open };
        let Some((data, steps)) = known_place(view, variable) else { return Truth::Open };
        let is_known = !data.is_any();
        let wanted = wanted.as_bool() == Some(true);
        match data.follow(&steps).0 {
            Found::Missing if is_known => decided(!wanted),
            Found::There(shape) if is_known && !shape.is_any() && is_certain(&data, &steps) => {
                decided(wanted)
            }
            _ => Truth::Open,
        }
    }
}

fn decided(holds: bool) -> Truth {
    if holds { Truth::True } else { Truth::False }
}

/// Whether each step leads to a member that is always there.
fn is_certain(data: &Shape, steps: &[jsonpath::Step]) -> bool {
    let mut shape = data.clone();
    for step in steps {
        let jsonpath::Step::Name(name) = step else { return false };
        let Some(member) = shape.members().and_then(|members| members.known.get(name)).cloned() else {
            return false;
        };
        if member.presence != super::super::shape::Presence::Always {
            return false;
        }
        shape = member.shape;
    }
    true
}

/// The place that a path into the data names.
fn known_place(view: &View<'_>, variable: &Expression) -> Option<(Shape, Vec<jsonpath::Step>)> {
    match &variable.kind {
        ExpressionKind::Data(path) => Some((view.data.clone(), steps(path)?)),
        _ => None,
    }
}

/// The kinds of scalars with which a comparator can hold; 0 for all.
fn kinds(comparator: Comparator) -> u8 {
    use Comparator::*;
    match comparator {
        StringEquals
        | StringLessThan
        | StringGreaterThan
        | StringLessThanEquals
        | StringGreaterThanEquals
        | StringMatches
        | IsString
        | TimestampEquals
        | TimestampLessThan
        | TimestampGreaterThan
        | TimestampLessThanEquals
        | TimestampGreaterThanEquals
        | IsTimestamp => STRING,
        NumericEquals
        | NumericLessThan
        | NumericGreaterThan
        | NumericLessThanEquals
        | NumericGreaterThanEquals
        | IsNumeric => NUMBER,
        BooleanEquals | IsBoolean => BOOLEAN,
        IsNull => super::super::shape::NULL,
        IsPresent => 0,
    }
}

fn is_type_test(comparator: Comparator) -> bool {
    use Comparator::*;
    matches!(comparator, IsNull | IsNumeric | IsString | IsBoolean | IsTimestamp)
}

/// What is known of the data when a condition holds, or does not.
fn narrowed(data: &Shape, condition: &Condition, holds: bool) -> Shape {
    match (condition, holds) {
        (Condition::Not(part), _) => narrowed(data, part, !holds),
        (Condition::And(parts), true) | (Condition::Or(parts), false) => {
            parts.iter().fold(data.clone(), |data, part| narrowed(&data, part, holds))
        }
        (Condition::Compare { variable, comparator, operand }, _) => {
            let ExpressionKind::Data(path) = &variable.kind else { return data.clone() };
            let Some(steps) = steps(path) else { return data.clone() };
            let is_present = match (comparator, operand) {
                (Comparator::IsPresent, Operand::Literal(wanted)) => wanted.as_bool() == Some(holds),
                // A comparison of what is not there fails the execution.
                _ => true,
            };
            data.assume(&steps, is_present)
        }
        _ => data.clone(),
    }
}
