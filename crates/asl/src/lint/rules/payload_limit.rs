//! SW3007: data that is longer than a payload may be.

use super::super::Lint;
use super::super::flow::Step;
use super::super::place::Place;
use crate::diagnostic::Severity;
use crate::rules::Rule;
use crate::{Kind, Name, Node, Template};

pub(super) const RULE: Rule = Rule {
    code: "SW3007",
    title: "payload over the limit",
    text: "What stands in the definition is by itself longer than 262,144 bytes, the most that a state's input, its output, one \
           variable or one Assign may have. The state fails whenever it is reached. Put large data where tasks can read it, \
           and hand on its address.",
    example: "\"Table\": {\"Type\": \"Pass\", \"Result\": {…300,000 bytes…}, …}",
    aws: "States.DataLimitExceeded at run time",
};

/// The most bytes of a payload.
const MOST_BYTES: usize = 262_144;

pub(super) fn check(lint: &mut Lint<'_>) {
    let machine = lint.machine;
    for (at, state) in machine.states.iter().enumerate() {
        if let Kind::Pass(pass) = &state.kind
            && let Some(result) = &pass.result
        {
            say(lint, at, "Result", result.len());
        }
        let templates = [
            ("Parameters", &state.parameters),
            ("Arguments", &state.arguments),
            ("ResultSelector", &state.result_selector),
            ("Output", &state.output),
            ("Assign", &state.assign),
        ];
        for (key, template) in templates {
            if let Some(template) = template {
                say(lint, at, key, bytes(template));
            }
        }
    }
}

fn say(lint: &mut Lint<'_>, state: usize, key: &str, bytes: usize) {
    if bytes > MOST_BYTES {
        let message = format!("{key} makes at least {bytes} bytes, and {MOST_BYTES} are the most");
        let place = Place::key(state, vec![Step::Key(key.into())]);
        lint.report(&RULE, Severity::Error, &place, message, None);
    }
}

/// The fewest bytes that a template makes: those of its literals and names.
fn bytes(template: &Template) -> usize {
    let mut open = vec![&template.root];
    let mut bytes = 0;
    let named = |name: &Name| name.len() + r#""":,"#.len();
    while let Some(node) = open.pop() {
        match node {
            Node::Literal(value) => bytes += value.to_json().len(),
            Node::Path { .. } | Node::Jsonata { .. } => {}
            Node::Object(members) => {
                // A member of a JSONata object may be left out.
                bytes += members
                    .iter()
                    .filter(|(_, node)| !matches!(node, Node::Jsonata { .. }))
                    .map(|(name, _)| named(name))
                    .sum::<usize>();
                open.extend(members.iter().map(|(_, node)| node));
            }
            Node::Array(items) => {
                bytes += items.len();
                open.extend(items);
            }
        }
    }
    bytes
}
