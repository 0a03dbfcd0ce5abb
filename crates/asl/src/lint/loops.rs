//! What is known of a loop: how it is left, and whether something counts its turns.

use super::Lint;
use crate::{
    Argument, Comparator, Condition, Expression, ExpressionKind, Intrinsic, Kind, Operand, Read, Transition,
};
use ::jsonata::Outline;

/// A set of states of which each leads to each.
pub(super) struct Loop {
    /// In the order of the definition.
    pub(super) states: Vec<usize>,
    /// The states of the loop with a way out of it, or that end the flow.
    pub(super) exits: Vec<usize>,
    /// By how much something in the loop is counted up or down in a turn.
    pub(super) step: Option<f64>,
    /// The numbers that conditions of the loop compare with.
    pub(super) bounds: Vec<f64>,
}

/// The loops of a definition.
pub(super) fn loops(lint: &Lint<'_>) -> Vec<Loop> {
    lint.graph.loops().into_iter().map(|states| look(lint, states)).collect()
}

fn look(lint: &Lint<'_>, states: Vec<usize>) -> Loop {
    let is_inside = |at: usize| states.binary_search(&at).is_ok();
    let mut found = Loop { states: Vec::new(), exits: Vec::new(), step: None, bounds: Vec::new() };
    for at in &states {
        let Some(state) = lint.machine.states.get(*at) else { continue };
        let ends = state.transition == Transition::End;
        if ends || lint.graph.successors(*at).any(|to| !is_inside(to)) {
            found.exits.push(*at);
        }
        state.for_each_read(&mut |read| {
            let step = match read {
                Read::Expression(expression) => counted(expression),
                Read::Jsonata(expression) => counted_jsonata(&expression.outline()),
            };
            found.step = found.step.or(step);
        });
        if let Kind::Choice(choice) = &state.kind {
            choice.rules.iter().for_each(|rule| bounds(&rule.condition, &mut found.bounds));
        }
    }
    found.states = states;
    found
}

/// The number that a call adds to what is in the data.
fn counted(expression: &Expression) -> Option<f64> {
    let ExpressionKind::Intrinsic(call) = &expression.kind else { return None };
    let number = |argument: &Argument| match argument {
        Argument::Literal(value) => value.as_f64(),
        Argument::Expression(_) => None,
    };
    match (call.function, call.arguments.as_slice()) {
        (Intrinsic::MathAdd, [one, other]) => number(one).or_else(|| number(other)),
        _ => call.nested().find_map(counted),
    }
}

/// The same of `$x + 1`. Recursion is bounded as the outline's depth is.
fn counted_jsonata(outline: &Outline) -> Option<f64> {
    match outline {
        Outline::Binary { operator: "+" | "-", left, right } => match (&**left, &**right) {
            (Outline::Literal(number), _) | (_, Outline::Literal(number)) => number.as_f64(),
            _ => None,
        },
        Outline::Object(pairs) => pairs.iter().find_map(|(_, value)| counted_jsonata(value)),
        Outline::Call { arguments, .. } => arguments.iter().find_map(counted_jsonata),
        _ => None,
    }
}

/// The numbers that a condition compares with. Recursion is bounded by the nesting that the parser allows.
fn bounds(condition: &Condition, found: &mut Vec<f64>) {
    match condition {
        Condition::And(parts) | Condition::Or(parts) => parts.iter().for_each(|part| bounds(part, found)),
        Condition::Not(part) => bounds(part, found),
        Condition::Compare { comparator, operand, .. } if is_numeric(*comparator) => match operand {
            Operand::Literal(value) => found.extend(value.as_f64()),
            Operand::Path(_) => found.push(f64::INFINITY),
        },
        Condition::Compare { .. } | Condition::Literal(_) => {}
        Condition::Jsonata(expression) => jsonata_bounds(&expression.outline(), found),
    }
}

fn jsonata_bounds(outline: &Outline, found: &mut Vec<f64>) {
    match outline {
        Outline::Binary { operator: "and" | "or", left, right } => {
            jsonata_bounds(left, found);
            jsonata_bounds(right, found);
        }
        Outline::Binary { operator: "<" | "<=" | ">" | ">=" | "=" | "!=", left, right } => {
            let literal = [left, right].into_iter().find_map(|side| match &**side {
                Outline::Literal(number) => Some(number.as_f64()),
                _ => None,
            });
            match literal {
                Some(number) => found.extend(number),
                None => found.push(f64::INFINITY),
            }
        }
        Outline::Call { arguments, .. } => {
            arguments.iter().for_each(|argument| jsonata_bounds(argument, found))
        }
        _ => {}
    }
}

fn is_numeric(comparator: Comparator) -> bool {
    use Comparator::*;
    matches!(
        comparator,
        NumericEquals
            | NumericLessThan
            | NumericGreaterThan
            | NumericLessThanEquals
            | NumericGreaterThanEquals
    )
}

impl Loop {
    /// Whether something counts the turns and a condition looks at a number.
    pub(super) fn is_counted(&self) -> bool {
        self.step.is_some_and(|step| step != 0.0) && !self.bounds.is_empty()
    }

    /// How many turns there are when the count begins at 0, where that can be told.
    pub(super) fn turns(&self) -> Option<f64> {
        let step = self.step.filter(|step| *step != 0.0)?;
        let most =
            self.bounds.iter().copied().filter(|bound| bound.is_finite()).map(f64::abs).reduce(f64::max)?;
        Some(most / step.abs())
    }
}
