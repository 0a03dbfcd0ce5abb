//! SW2009: a variable that is assigned and never read.

use std::collections::HashSet;

use super::super::Lint;
use super::super::flow::Step;
use super::super::place::Place;
use crate::diagnostic::Severity;
use crate::rules::Rule;
use crate::{Name, QueryLanguage, Read};

pub(super) const RULE: Rule = Rule {
    code: "SW2009",
    title: "variable that is never read",
    text: "No expression of the definition reads the variable. It costs nothing but attention, up to 256 KiB of every Assign \
           and 10 MiB in all; often its name is misspelt where it is read.",
    example: "\"Assign\": {\"total.$\": \"$.sum\"}      and nowhere `$total`",
    aws: "",
};

pub(super) fn check(lint: &mut Lint<'_>) {
    let machine = lint.machine;
    let mut read: HashSet<Name> = HashSet::new();
    for state in &machine.states {
        state.for_each_read(&mut |found| match found {
            Read::Expression(expression) => read.extend(expression.variables().into_iter().cloned()),
            Read::Jsonata(expression) => read.extend(expression.variables().map(Name::from)),
        });
    }
    let mut said: HashSet<Name> = HashSet::new();
    for (at, state) in machine.states.iter().enumerate() {
        let mut found = Vec::new();
        state.for_each_assign(&mut |name| {
            if !read.contains(name) && said.insert(name.clone()) {
                found.push(name.clone());
            }
        });
        for name in found {
            let place = assign_place(lint, at, &name, state.query_language);
            let message = format!("the variable `{name}` is assigned and never read");
            lint.report(&RULE, Severity::Warning, &place, message, None);
        }
    }
}

/// The key of a variable in the state's own Assign, or the state where a rule or a Catcher assigns it.
fn assign_place(lint: &Lint<'_>, state: usize, name: &Name, language: QueryLanguage) -> Place {
    let Some(members) = lint.field_item(state, "Assign").and_then(|item| item.members()) else {
        return Place::state(state);
    };
    let mut keys = members.map(|(member, _)| member.key.clone());
    let is_meant = |key: &Name| {
        let plain = if language == QueryLanguage::JsonPath { key.strip_suffix(".$") } else { None };
        plain.unwrap_or(key) == &**name
    };
    match keys.find(is_meant) {
        Some(key) => Place::key(state, vec![Step::Key("Assign".into()), Step::Key(key)]),
        None => Place::state(state),
    }
}
