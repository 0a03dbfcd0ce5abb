//! What a state makes of the data that it is entered with, in both languages: the one order of the fields, from InputPath to
//! OutputPath or from Arguments to Output, and the ways out.

use super::super::graph::{Way, is_distributed};
use super::super::shape::{Found, Items, NUMBER, STRING, Shape};
use super::expressions::View;
use super::results::{error_output, task_result, written_results};
use super::trail::Trail;
use super::{Analysis, Entry, FaultKind, Variables};
use crate::{
    Catcher, Fail, Kind, Map, NumberField, QueryLanguage, ResultPath, State, Task, TextField, Transition,
    Wait,
};

impl Analysis<'_> {
    /// Goes through one state with what is known of its entry, and hands on what comes out of it.
    pub(super) fn visit(&mut self, at: usize) {
        let machine = self.machine;
        let Some(state) = machine.states.get(at) else { return };
        let Some(entry) = self.entries.get(at).cloned().flatten() else { return };
        let view = View::new(at, &entry);
        let input = match state.query_language {
            QueryLanguage::JsonPath => self.path_field(&view, &state.input_path, "InputPath"),
            QueryLanguage::Jsonata => entry.data.clone(),
        };
        let is_whole = matches!(state.input_path, crate::PathField::Whole);
        let view = View { is_entry: is_whole, data: input, ..view };
        match &state.kind {
            Kind::Choice(choice) => self.choice(&view, state, choice),
            Kind::Fail(fail) => self.fail(&view, fail),
            Kind::Pass(pass) => {
                let result = match (&pass.result, &state.parameters) {
                    (Some(result), _) => Shape::of(result.value()),
                    (None, Some(parameters)) => {
                        self.template(&view, parameters, &Trail::State.key("Parameters"))
                    }
                    (None, None) => view.data.clone(),
                };
                self.finish(&view, state, Some(result), false);
            }
            Kind::Succeed => self.finish(&view, state, None, false),
            Kind::Wait(wait) => {
                self.wait(&view, wait);
                self.finish(&view, state, None, false);
            }
            Kind::Task(task) => {
                self.payload(&view, state);
                self.task_fields(&view, task);
                self.caught(&view, state);
                self.finish(&view, state, Some(task_result(task)), true);
            }
            Kind::Parallel(_) => {
                let payload = self.payload(&view, state);
                let result = self.branches(at, &entry, &payload);
                self.caught(&view, state);
                if result.is_some() {
                    self.finish(&view, state, result, true);
                }
            }
            Kind::Map(map) => {
                let result = self.map(&view, state, map);
                self.caught(&view, state);
                if result.is_some() {
                    self.finish(&view, state, result, true);
                }
            }
        }
    }

    /// `Parameters` or `Arguments`.
    fn payload(&mut self, view: &View<'_>, state: &State) -> Shape {
        if let Some(parameters) = &state.parameters {
            return self.template(view, parameters, &Trail::State.key("Parameters"));
        }
        match &state.arguments {
            Some(arguments) => self.template(view, arguments, &Trail::State.key("Arguments")),
            None => view.data.clone(),
        }
    }

    fn task_fields(&mut self, view: &View<'_>, task: &Task) {
        self.number(view, task.timeout.as_ref(), "TimeoutSeconds");
        self.number(view, task.heartbeat.as_ref(), "HeartbeatSeconds");
        if let Some(credentials) = &task.credentials {
            self.template(view, credentials, &Trail::State.key("Credentials"));
        }
    }

    /// What follows the work: ResultSelector, ResultPath, OutputPath, Assign; or Output and Assign. `result` is none where
    /// the state has no work of its own.
    fn finish(&mut self, view: &View<'_>, state: &State, result: Option<Shape>, is_work: bool) {
        let (data, variables) = match state.query_language {
            QueryLanguage::JsonPath => {
                let Some(done) = self.finish_json_path(view, state, result) else { return };
                done
            }
            QueryLanguage::Jsonata => {
                let result = result.filter(|_| is_work);
                let default = result.clone().unwrap_or_else(|| view.data.clone());
                let after = View { result, ..view.clone() };
                let data = match &state.output {
                    Some(output) => self.template(&after, output, &Trail::State.key("Output")),
                    None => default,
                };
                (data, self.assign(&after, state.assign.as_ref(), &Trail::State.key("Assign")))
            }
        };
        match &state.transition {
            Transition::Next(next) => {
                if let Some(to) = self.machine.index.get(next).copied() {
                    self.arrive(to, Some((view.state, Way::Next)), data, variables);
                }
            }
            Transition::End => self.flow_ends(view.state, data),
            Transition::None => {}
        }
    }

    /// None where the result cannot be put where ResultPath says.
    fn finish_json_path(
        &mut self,
        view: &View<'_>,
        state: &State,
        result: Option<Shape>,
    ) -> Option<(Shape, Variables)> {
        let assigned_from = match &result {
            Some(result) => view.on(result.clone()),
            None => view.clone(),
        };
        let variables = self.assign(&assigned_from, state.assign.as_ref(), &Trail::State.key("Assign"));
        let combined = match result {
            None => view.data.clone(),
            Some(result) => {
                let selected = match &state.result_selector {
                    Some(selector) => {
                        self.template(&view.on(result), selector, &Trail::State.key("ResultSelector"))
                    }
                    None => result,
                };
                self.put(view, &state.result_path, selected, &Trail::State)?
            }
        };
        let output = self.path_field(&view.on(combined), &state.output_path, "OutputPath");
        Some((output, variables))
    }

    /// `ResultPath`: the raw input with the result in it.
    fn put(&mut self, view: &View<'_>, path: &ResultPath, result: Shape, trail: &Trail<'_>) -> Option<Shape> {
        match path {
            ResultPath::Replace => Some(result),
            ResultPath::Discard => Some(view.entry.data.clone()),
            ResultPath::At(path) => {
                let combined = view.entry.data.set(path.steps(), result);
                if combined.is_none() {
                    let kind = FaultKind::NotAnObject {
                        path: path.text().to_owned(),
                        found: view.entry.data.describe(),
                    };
                    self.fault(view.state, trail.key("ResultPath").steps(), kind);
                }
                combined
            }
        }
    }

    /// The ways out through Catchers.
    fn caught(&mut self, view: &View<'_>, state: &State) {
        for (at, catcher) in state.catch.iter().enumerate() {
            self.catcher(view, state.query_language, catcher, at);
        }
    }

    fn catcher(&mut self, view: &View<'_>, language: QueryLanguage, catcher: &Catcher, at: usize) {
        let catch = Trail::State.key("Catch");
        let trail = catch.index(at);
        let error = error_output();
        let (data, variables) = match language {
            QueryLanguage::JsonPath => {
                let variables =
                    self.assign(&view.on(error.clone()), catcher.assign.as_ref(), &trail.key("Assign"));
                let Some(data) = self.put(view, &catcher.result_path, error, &trail) else { return };
                (data, variables)
            }
            QueryLanguage::Jsonata => {
                let after = View { error_output: Some(error.clone()), ..view.clone() };
                let data = match &catcher.output {
                    Some(output) => self.template(&after, output, &trail.key("Output")),
                    None => error,
                };
                (data, self.assign(&after, catcher.assign.as_ref(), &trail.key("Assign")))
            }
        };
        if let Some(to) = self.machine.index.get(&catcher.next).copied() {
            self.arrive(to, Some((view.state, Way::Catch(at))), data, variables);
        }
    }

    /// The result of a Parallel; none while a branch does not end.
    fn branches(&mut self, at: usize, entry: &Entry, payload: &Shape) -> Option<Shape> {
        let graph = self.graph;
        let mut outputs = Vec::new();
        for flow in graph.inside.get(at)? {
            if let Some(start) = graph.flows.get(*flow).and_then(|flow| flow.start) {
                self.arrive(start, Some((at, Way::Inside)), payload.clone(), entry.variables.clone());
            }
            outputs.push(self.outputs.get(*flow).cloned().flatten());
        }
        outputs.into_iter().collect::<Option<Vec<Shape>>>().map(Shape::tuple)
    }

    /// The result of a Map; none while its processor does not end and there may be items.
    fn map(&mut self, view: &View<'_>, state: &State, map: &Map) -> Option<Shape> {
        let (item, most) = self.items(view, state, map);
        let inside = View { item: Some(item.clone()), ..view.clone() };
        let mut input = match &map.item_selector {
            Some(selector) => self.template(&inside, selector, &Trail::State.key("ItemSelector")),
            None => item,
        };
        self.number(view, map.max_concurrency.as_ref(), "MaxConcurrency");
        let distributed = &map.distributed;
        self.number(view, distributed.tolerated_failure_count.as_ref(), "ToleratedFailureCount");
        self.number(view, distributed.tolerated_failure_percentage.as_ref(), "ToleratedFailurePercentage");
        for (field, templates) in [
            ("ItemReader", distributed.item_reader.as_ref().map(|reader| &reader.parameters)),
            ("ResultWriter", distributed.result_writer.as_ref().map(|writer| &writer.parameters)),
        ] {
            let Some(Some(parameters)) = templates else { continue };
            let key = match state.query_language {
                QueryLanguage::JsonPath => "Parameters",
                QueryLanguage::Jsonata => "Arguments",
            };
            self.template(view, parameters, &Trail::State.key(field).key(key));
        }
        if let Some(batcher) = &distributed.item_batcher {
            let batch = batcher
                .batch_input
                .as_ref()
                .map(|batch| self.template(view, batch, &Trail::State.key("ItemBatcher").key("BatchInput")));
            let items = Shape::array(input, None);
            input = match batch {
                Some(batch) => Shape::closed([("BatchInput", batch), ("Items", items)]),
                None => Shape::closed([("Items", items)]),
            };
        }
        let variables =
            if is_distributed(state) { Variables::default() } else { view.entry.variables.clone() };
        let flow = self.graph.inside.get(view.state)?.first().copied()?;
        if let Some(start) = self.graph.flows.get(flow).and_then(|flow| flow.start) {
            self.arrive(start, Some((view.state, Way::Inside)), input, variables);
        }
        if is_distributed(state) {
            return Some(match &distributed.result_writer {
                Some(writer) if writer.resource.is_some() => written_results(),
                Some(_) => Shape::array(Shape::ANY, None),
                None => Shape::array(self.outputs.get(flow).cloned().flatten().unwrap_or(Shape::ANY), None),
            });
        }
        self.outputs.get(flow).cloned().flatten().map(|output| Shape::array(output, most))
    }

    /// The shape of an item, and the most items.
    fn items(&mut self, view: &View<'_>, state: &State, map: &Map) -> (Shape, Option<usize>) {
        let (items, key) = match state.query_language {
            QueryLanguage::JsonPath => match &map.items_path {
                Some(_) if map.distributed.item_reader.is_some() => (Shape::ANY, "ItemsPath"),
                Some(path) => (self.field(view, path, "ItemsPath"), "ItemsPath"),
                None => (view.data.clone(), "ItemsPath"),
            },
            QueryLanguage::Jsonata => match &map.items {
                Some(items) => (self.template(view, items, &Trail::State.key("Items")), "Items"),
                None => (view.data.clone(), "Items"),
            },
        };
        if map.distributed.item_reader.is_some() {
            return (Shape::ANY, None);
        }
        let fits = items.may_be_array() || items.may_be_object();
        let what = map.items_path.as_ref().map_or("the state's input", |path| &path.text);
        self.expect(view, (key, what), &items, fits, "an array");
        match items.items() {
            Some(items) if items.least() > 0 => self.certain_items.insert(view.state, items.least()),
            _ => self.certain_items.remove(&view.state),
        };
        items.items().map_or((Shape::ANY, None), |items: &Items| (items.item(), items.most()))
    }

    fn wait(&mut self, view: &View<'_>, wait: &Wait) {
        match wait {
            Wait::Seconds(seconds) => self.number(view, Some(seconds), "Seconds"),
            Wait::Timestamp(timestamp) => self.text(view, Some(timestamp), "Timestamp"),
        }
    }

    fn fail(&mut self, view: &View<'_>, fail: &Fail) {
        self.text(view, fail.error.as_ref(), "Error");
        self.text(view, fail.cause.as_ref(), "Cause");
    }

    /// A field that takes a number.
    fn number(&mut self, view: &View<'_>, field: Option<&NumberField>, key: &str) {
        let (shape, key, what) = match field {
            Some(NumberField::Path(expression)) => {
                let key = format!("{key}Path");
                (self.field(view, expression, &key), key, expression.text.to_string())
            }
            Some(NumberField::Jsonata(expression)) => {
                let found = self.jsonata(view, expression, &Trail::State.key(key));
                let Found::There(shape) = found else { return };
                (shape, key.to_owned(), "the expression".to_owned())
            }
            Some(NumberField::Literal(_)) | None => return,
        };
        self.expect(view, (&key, &what), &shape, shape.may_be(NUMBER), "a number");
    }

    /// A field that takes a text.
    fn text(&mut self, view: &View<'_>, field: Option<&TextField>, key: &str) {
        let (shape, key, what) = match field {
            Some(TextField::Path(expression)) => {
                let key = format!("{key}Path");
                (self.field(view, expression, &key), key, expression.text.to_string())
            }
            Some(TextField::Jsonata(expression)) => {
                let found = self.jsonata(view, expression, &Trail::State.key(key));
                let Found::There(shape) = found else { return };
                (shape, key.to_owned(), "the expression".to_owned())
            }
            Some(TextField::Literal(_)) | None => return,
        };
        self.expect(view, (&key, &what), &shape, shape.may_be(STRING), "a string");
    }
}
