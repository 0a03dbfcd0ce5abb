//! Which variables each state of a definition reads: `variableReferences` of DescribeStateMachine (recorded: sorted names,
//! states that read none are left out, states of every depth are listed by their own names).
//!
//! Depth is bounded by the parser, which refuses definitions that are nested too deeply.

use std::collections::{BTreeMap, BTreeSet};

use asl::{
    Argument, ChoiceRule, Condition, Expression, ExpressionKind, Kind, Map, Node, NumberField, Operand,
    PathField, State, StateMachine, Template, TextField, Wait,
};

/// The names that each state reads, sorted.
#[must_use]
pub fn references(machine: &StateMachine) -> BTreeMap<String, Vec<String>> {
    let mut found = BTreeMap::new();
    for state in &machine.states {
        let mut names = Names::default();
        names.state(state);
        if !names.0.is_empty() {
            found.insert(state.name.to_string(), names.0.into_iter().collect());
        }
    }
    found
}

#[derive(Default)]
struct Names(BTreeSet<String>);

impl Names {
    fn state(&mut self, state: &State) {
        for path in [&state.input_path, &state.output_path] {
            if let PathField::At(expression) = path {
                self.expression(expression);
            }
        }
        let templates =
            [&state.parameters, &state.arguments, &state.result_selector, &state.assign, &state.output];
        templates.into_iter().flatten().for_each(|template| self.template(template));
        for catcher in &state.catch {
            catcher.assign.iter().chain(&catcher.output).for_each(|template| self.template(template));
        }
        match &state.kind {
            Kind::Task(task) => {
                task.timeout.iter().chain(&task.heartbeat).for_each(|field| self.number(field));
                task.credentials.iter().for_each(|template| self.template(template));
            }
            Kind::Choice(choice) => choice.rules.iter().for_each(|rule| self.rule(rule)),
            Kind::Wait(Wait::Seconds(field)) => self.number(field),
            Kind::Wait(Wait::Timestamp(field)) => self.text(field),
            Kind::Fail(fail) => fail.error.iter().chain(&fail.cause).for_each(|field| self.text(field)),
            Kind::Map(map) => self.map(map),
            Kind::Pass(_) | Kind::Succeed | Kind::Parallel(_) => {}
        }
    }

    fn map(&mut self, map: &Map) {
        map.items_path.iter().for_each(|expression| self.expression(expression));
        map.items.iter().chain(&map.item_selector).for_each(|template| self.template(template));
        map.max_concurrency.iter().for_each(|field| self.number(field));
        let only = &map.distributed;
        let tolerated = only.tolerated_failure_count.iter().chain(&only.tolerated_failure_percentage);
        tolerated.for_each(|field| self.number(field));
        if let Some(reader) = &only.item_reader {
            reader.max_items.iter().for_each(|field| self.number(field));
            reader.parameters.iter().for_each(|template| self.template(template));
        }
        if let Some(batcher) = &only.item_batcher {
            batcher.max_items.iter().chain(&batcher.max_input_bytes).for_each(|field| self.number(field));
            batcher.batch_input.iter().for_each(|template| self.template(template));
        }
        if let Some(writer) = &only.result_writer {
            writer.parameters.iter().for_each(|template| self.template(template));
        }
    }

    fn rule(&mut self, rule: &ChoiceRule) {
        self.condition(&rule.condition);
        rule.assign.iter().chain(&rule.output).for_each(|template| self.template(template));
    }

    fn condition(&mut self, condition: &Condition) {
        match condition {
            Condition::And(all) | Condition::Or(all) => all.iter().for_each(|one| self.condition(one)),
            Condition::Not(one) => self.condition(one),
            Condition::Compare { variable, operand, .. } => {
                self.expression(variable);
                if let Operand::Path(expression) = operand {
                    self.expression(expression);
                }
            }
            Condition::Jsonata(text) => self.jsonata(text),
            Condition::Literal(_) => {}
        }
    }

    fn template(&mut self, template: &Template) {
        self.node(&template.root);
    }

    fn node(&mut self, node: &Node) {
        match node {
            Node::Literal(_) => {}
            Node::Path { expression, .. } => self.expression(expression),
            Node::Jsonata { expression, .. } => self.jsonata(expression),
            Node::Object(members) => members.iter().for_each(|(_, node)| self.node(node)),
            Node::Array(nodes) => nodes.iter().for_each(|node| self.node(node)),
        }
    }

    fn number(&mut self, field: &NumberField) {
        match field {
            NumberField::Literal(_) => {}
            NumberField::Path(expression) => self.expression(expression),
            NumberField::Jsonata(text) => self.jsonata(text),
        }
    }

    fn text(&mut self, field: &TextField) {
        match field {
            TextField::Literal(_) => {}
            TextField::Path(expression) => self.expression(expression),
            TextField::Jsonata(text) => self.jsonata(text),
        }
    }

    fn expression(&mut self, expression: &Expression) {
        match &expression.kind {
            ExpressionKind::Data(_) | ExpressionKind::Context(_) => {}
            ExpressionKind::Variable { name, .. } => {
                self.0.insert(name.to_string());
            }
            ExpressionKind::Intrinsic(call) => {
                for argument in &call.arguments {
                    if let Argument::Expression(expression) = argument {
                        self.expression(expression);
                    }
                }
            }
        }
    }

    /// Adds what a JSONata text reads: every `$name` that is not `$states`, not called, and not bound in the text itself.
    fn jsonata(&mut self, text: &str) {
        let mut bound = BTreeSet::from(["states"]);
        let mut read = BTreeSet::new();
        for (name, rest) in dollar_names(text) {
            if rest.starts_with(":=") {
                bound.insert(name);
            } else if !rest.starts_with('(') {
                read.insert(name);
            }
        }
        bound.extend(parameters(text));
        self.0.extend(read.difference(&bound).map(|name| (*name).to_owned()));
    }
}

/// Every `$name` outside of strings and comments, and the text after it without blanks.
fn dollar_names(text: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['$', '"', '\'', '`', '/']) {
        let (mark, after) = rest[at..].split_at(1);
        rest = match mark {
            "$" => {
                let end = after.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(after.len());
                let (name, after) = after.split_at(end);
                if !name.is_empty() {
                    found.push((name, after.trim_start()));
                }
                after
            }
            "/" => match after.strip_prefix('*') {
                Some(comment) => comment.find("*/").map_or("", |end| &comment[end + 2..]),
                None => after,
            },
            quote => after_string(after, quote),
        };
    }
    found
}

/// What follows a string whose opening quote was read.
fn after_string<'a>(text: &'a str, quote: &str) -> &'a str {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if quote.starts_with(c) => return &text[at + c.len_utf8()..],
            _ => {}
        }
    }
    ""
}

/// The names of all parameters of the functions in a text.
fn parameters(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for opening in ["function", "λ"] {
        for (at, _) in text.match_indices(opening) {
            let Some(list) = text[at + opening.len()..].trim_start().strip_prefix('(') else { continue };
            let list = list.split(')').next().unwrap_or_default();
            found.extend(list.split(',').filter_map(|name| name.trim().strip_prefix('$')));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jsonata_reads_its_free_variables() {
        let check = |text: &str, expected: &[&str]| {
            let mut names = Names::default();
            names.jsonata(text);
            assert_eq!(names.0.into_iter().collect::<Vec<_>>(), expected, "{text}");
        };
        check("$states.input.a + $b.c + $a", &["a", "b"]);
        check("$sum($prices) & '$no' & \"\\\"$no\" /* $no */", &["prices"]);
        check("($x := $y; $x + 1)", &["y"]);
        check("$map($items, function($item, $at) { $item * $rate })", &["items", "rate"]);
        check("$ & $$.a / 2 & \"open $", &[]);
    }
}
