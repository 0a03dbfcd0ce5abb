//! Which expressions a state holds, and so which variables it reads: what `variableReferences` of the API shows.

use std::collections::BTreeSet;

use crate::{
    Choice, Condition, Expression, Fail, ItemReader, Kind, Leaf, Map, Name, Node, NumberField, Operand,
    PathField, State, StateMachine, Template, TextField, Wait,
};

/// An expression somewhere in a state.
#[derive(Clone, Copy, Debug)]
pub enum Read<'a> {
    /// Of a JSONPath state.
    Expression(&'a Expression),
    /// Of a JSONata state.
    Jsonata(&'a jsonata::Expression),
}

impl StateMachine {
    /// The variables that states read, states in the order of the text, variables sorted; states that read none are
    /// left out. `$states` is no variable.
    pub fn variable_references(&self) -> Vec<(Name, Vec<Name>)> {
        let mut references = Vec::new();
        for state in &self.states {
            let mut names: BTreeSet<Name> = BTreeSet::new();
            state.for_each_read(&mut |read| match read {
                Read::Expression(expression) => names.extend(expression.variables().into_iter().cloned()),
                Read::Jsonata(expression) => {
                    names.extend(expression.variables().filter(|name| *name != "states").map(Name::from));
                }
            });
            if !names.is_empty() {
                references.push((state.name.clone(), names.into_iter().collect()));
            }
        }
        references
    }
}

impl State {
    /// Calls `visit` for every variable that the state assigns, in rules and Catchers too.
    pub fn for_each_assign<'a>(&'a self, visit: &mut dyn FnMut(&'a Name)) {
        let rules = match &self.kind {
            Kind::Choice(choice) => choice.rules.as_slice(),
            _ => &[],
        };
        let templates = std::iter::once(&self.assign)
            .chain(self.catch.iter().map(|catcher| &catcher.assign))
            .chain(rules.iter().map(|rule| &rule.assign));
        for template in templates.flatten() {
            match &template.root {
                Node::Object(members) => members.iter().for_each(|(name, _)| visit(name)),
                Node::Literal(value::Value::Obj(members)) => members.iter().for_each(|(name, _)| visit(name)),
                _ => {}
            }
        }
    }
}

type Visit<'v, 'a> = &'v mut dyn FnMut(Read<'a>);

impl State {
    /// Calls `visit` for every expression of the state itself; states inside it are others.
    pub fn for_each_read<'a>(&'a self, visit: Visit<'_, 'a>) {
        for path in [&self.input_path, &self.output_path] {
            if let PathField::At(expression) = path {
                visit(Read::Expression(expression));
            }
        }
        let templates =
            [&self.parameters, &self.arguments, &self.result_selector, &self.assign, &self.output];
        templates.into_iter().for_each(|field| template(field.as_ref(), visit));
        for catcher in &self.catch {
            template(catcher.assign.as_ref(), visit);
            template(catcher.output.as_ref(), visit);
        }
        match &self.kind {
            Kind::Pass(_) | Kind::Succeed | Kind::Parallel(_) => {}
            Kind::Task(task) => {
                number(task.timeout.as_ref(), visit);
                number(task.heartbeat.as_ref(), visit);
                template(task.credentials.as_ref(), visit);
            }
            Kind::Choice(choice) => rules(choice, visit),
            Kind::Wait(Wait::Seconds(seconds)) => number(Some(seconds), visit),
            Kind::Wait(Wait::Timestamp(timestamp)) => text(Some(timestamp), visit),
            Kind::Fail(Fail { error, cause }) => {
                text(error.as_ref(), visit);
                text(cause.as_ref(), visit);
            }
            Kind::Map(map) => items(map, visit),
        }
    }
}

fn template<'a>(template: Option<&'a Template>, visit: Visit<'_, 'a>) {
    for leaf in template.map(Template::leaves).unwrap_or_default() {
        visit(match leaf {
            Leaf::Path { expression, .. } => Read::Expression(expression),
            Leaf::Jsonata { expression, .. } => Read::Jsonata(expression),
        });
    }
}

fn number<'a>(field: Option<&'a NumberField>, visit: Visit<'_, 'a>) {
    match field {
        Some(NumberField::Path(expression)) => visit(Read::Expression(expression)),
        Some(NumberField::Jsonata(text)) => visit(Read::Jsonata(text)),
        Some(NumberField::Literal(_)) | None => {}
    }
}

fn text<'a>(field: Option<&'a TextField>, visit: Visit<'_, 'a>) {
    match field {
        Some(TextField::Path(expression)) => visit(Read::Expression(expression)),
        Some(TextField::Jsonata(text)) => visit(Read::Jsonata(text)),
        Some(TextField::Literal(_)) | None => {}
    }
}

fn rules<'a>(choice: &'a Choice, visit: Visit<'_, 'a>) {
    for rule in &choice.rules {
        template(rule.assign.as_ref(), visit);
        template(rule.output.as_ref(), visit);
        let mut open = vec![&rule.condition];
        while let Some(condition) = open.pop() {
            match condition {
                Condition::And(parts) | Condition::Or(parts) => open.extend(parts),
                Condition::Not(part) => open.push(part),
                Condition::Compare { variable, operand, .. } => {
                    visit(Read::Expression(variable));
                    if let Operand::Path(expression) = operand {
                        visit(Read::Expression(expression));
                    }
                }
                Condition::Jsonata(text) => visit(Read::Jsonata(text)),
                Condition::Literal(_) => {}
            }
        }
    }
}

fn items<'a>(map: &'a Map, visit: Visit<'_, 'a>) {
    if let Some(expression) = &map.items_path {
        visit(Read::Expression(expression));
    }
    template(map.items.as_ref(), visit);
    template(map.item_selector.as_ref(), visit);
    number(map.max_concurrency.as_ref(), visit);
    let distributed = &map.distributed;
    number(distributed.tolerated_failure_count.as_ref(), visit);
    number(distributed.tolerated_failure_percentage.as_ref(), visit);
    if let Some(ItemReader { max_items, parameters, .. }) = &distributed.item_reader {
        number(max_items.as_ref(), visit);
        template(parameters.as_ref(), visit);
    }
    if let Some(batcher) = &distributed.item_batcher {
        number(batcher.max_items.as_ref(), visit);
        number(batcher.max_input_bytes.as_ref(), visit);
        template(batcher.batch_input.as_ref(), visit);
    }
    template(distributed.result_writer.as_ref().and_then(|writer| writer.parameters.as_ref()), visit);
}
