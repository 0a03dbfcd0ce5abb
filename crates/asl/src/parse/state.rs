//! One state: the fields that several types share, and the way to what is its type's own.

use crate::syntax::{Item, Member};
use crate::{
    Choice, Fail, Kind, Name, Parallel, Pass, PathField, QueryLanguage, ResultPath, State, TextField,
    Transition, Wait,
};

use super::fields::Fields;
use super::graph::Edge;
use super::jsonata::JsonataPlace;
use super::jsonata::PLAIN;
use super::machine::Surroundings;
use super::numbers::{MOST, Range};
use super::state_fields::{JSON_PATH_ONLY, JSONATA_ONLY, TYPES, allowed};
use super::{Parser, Source};

/// A state being read.
pub(super) struct Frame<'f, 't> {
    pub(super) fields: &'f Fields<'t>,
    pub(super) language: QueryLanguage,
    /// The place of the state in its flow.
    pub(super) from: usize,
    pub(super) around: Surroundings,
}

impl Parser {
    /// Reads a state and keeps it; whether its flow can end here.
    pub(super) fn state<'t>(
        &mut self,
        member: &Member,
        item: Item<'t>,
        location: String,
        from: usize,
        around: Surroundings,
    ) -> bool {
        let name = &member.key;
        let Some(fields) = self.object(item, location) else { return true };
        let (language, is_downgrade) = self.state_language(&fields);
        let Some(kind) = self.state_type(&fields) else { return true };
        if !is_downgrade {
            self.check_language(&fields, language, &JSON_PATH_ONLY, &JSONATA_ONLY);
        }
        self.allow(&fields, &allowed(kind).collect::<Vec<_>>());
        // The place is taken before nested states take theirs: states stand in the order of the text.
        let at = self.states.len();
        self.index.entry(name.clone()).or_insert(at);
        self.states.push(placeholder(name));
        self.sources.push(Source { item: item.node(), key: member.key_span.clone() });
        let outer = self.scopes.enter_state(fields.here(), member.key_span.clone());
        let frame = Frame { fields: &fields, language, from, around };
        let state = self.build(name, kind, &frame);
        self.scopes.leave_state(outer);
        let is_terminal = kind == "Fail" || state.transition == Transition::End;
        if let Some(slot) = self.states.get_mut(at) {
            *slot = state;
        }
        is_terminal
    }

    fn state_type<'t>(&mut self, fields: &Fields<'t>) -> Option<&'t str> {
        self.require(fields, &["Type"]);
        let kind = self.string_field(fields, "Type")?;
        if TYPES.contains(&kind) {
            return Some(kind);
        }
        let help = self.suggestion(kind, TYPES.into_iter());
        let message = format!("The field 'Type' should have one of these values: [{}]", TYPES.join(", "));
        let span = fields.get("Type").map(Item::span).unwrap_or_default();
        self.report("SCHEMA_VALIDATION_FAILED", "SW1006", fields.at("Type"), span, message, help);
        None
    }

    /// The language in force, and whether it is JSONPath against the state machine's JSONata.
    fn state_language<'t>(&mut self, fields: &Fields<'t>) -> (QueryLanguage, bool) {
        let Some(language) = self.query_language(fields) else { return (self.language, false) };
        let is_downgrade = language == QueryLanguage::JsonPath && self.language == QueryLanguage::Jsonata;
        if is_downgrade {
            let span = fields.get("QueryLanguage").map(Item::span).unwrap_or_default();
            let message = "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine";
            self.error("SW1007", fields.here(), span, message);
        }
        (language, is_downgrade)
    }

    /// The fields that several types share. A field that the type does not have has been reported by now.
    fn build<'t>(&mut self, name: &Name, kind: &str, frame: &Frame<'_, 't>) -> State {
        let Frame { fields, language, .. } = *frame;
        let has = |key: &str| allowed(kind).any(|allowed| allowed == key);
        let place =
            JsonataPlace { has_result: matches!(kind, "Task" | "Parallel" | "Map"), has_error_output: false };
        let mut state = placeholder(name);
        state.comment = self.comment(fields);
        state.query_language = language;
        if language == QueryLanguage::JsonPath {
            state.input_path = self.path_field(fields, "InputPath");
            state.output_path = self.path_field(fields, "OutputPath");
            if has("ResultPath") {
                state.result_path = self.result_path(fields);
            }
            if has("Parameters") && kind != "Map" {
                state.parameters = self.template_field(fields, "Parameters", "Parameters", language, PLAIN);
            }
            if has("ResultSelector") {
                state.result_selector =
                    self.template_field(fields, "ResultSelector", "ResultSelector", language, PLAIN);
            }
        } else {
            if has("Arguments") {
                state.arguments = self.template_field(fields, "Arguments", "Arguments", language, PLAIN);
            }
            if has("Output") {
                state.output = self.template_field(fields, "Output", "Output", language, place);
            }
        }
        if has("Assign") {
            state.assign = self.assign_field(fields, "Assign", language, place);
        }
        state.transition = self.transition(kind, frame);
        if has("Retry") {
            state.retry = self.retriers(fields);
            state.catch = self.catchers(frame);
        }
        state.kind = self.kind(kind, frame);
        state
    }

    fn kind<'t>(&mut self, kind: &str, frame: &Frame<'_, 't>) -> Kind {
        match kind {
            "Task" => Kind::Task(self.task(frame)),
            "Wait" => Kind::Wait(self.wait(frame)),
            "Pass" => Kind::Pass(self.pass(frame)),
            "Fail" => Kind::Fail(Fail {
                error: self.text_field(frame.fields, "Error", frame.language),
                cause: self.text_field(frame.fields, "Cause", frame.language),
            }),
            "Choice" => Kind::Choice(self.choice(frame)),
            "Parallel" => Kind::Parallel(self.parallel(frame)),
            "Map" => Kind::Map(Box::new(self.map(frame))),
            _ => Kind::Succeed,
        }
    }

    /// `Next` and `End`: exactly one of them, where the type has them.
    fn transition<'t>(&mut self, kind: &str, frame: &Frame<'_, 't>) -> Transition {
        let fields = frame.fields;
        match kind {
            "Succeed" => return Transition::End,
            "Fail" | "Choice" => return Transition::None,
            _ => {}
        }
        let end = self.bool_field(fields, "End");
        if end == Some(false) && !fields.has("Next") {
            let span = fields.get("End").map(Item::span).unwrap_or_default();
            let message = "This object should have only one of the following fields: [Next, End]";
            self.error("SW1008", fields.here(), span, message);
            return Transition::None;
        }
        if end != Some(false) {
            self.exactly_one(fields, &["Next", "End"]);
        }
        match self.target(frame, fields, "Next") {
            Some(next) => Transition::Next(next),
            None if end == Some(true) => Transition::End,
            None => Transition::None,
        }
    }

    /// A field that names a state of the same flow.
    pub(super) fn target<'t>(
        &mut self,
        frame: &Frame<'_, 't>,
        fields: &Fields<'t>,
        key: &str,
    ) -> Option<Name> {
        let name: Name = self.string_field(fields, key)?.into();
        let span = fields.get(key).map(Item::span).unwrap_or_default();
        self.edges.push(Edge { from: frame.from, to: name.clone(), location: fields.at(key), span });
        Some(name)
    }

    fn pass<'t>(&mut self, frame: &Frame<'_, 't>) -> Pass {
        let result = frame.fields.get("Result").filter(|_| frame.language == QueryLanguage::JsonPath);
        if let Some(item) = result
            && looks_dynamic(item)
        {
            let message =
                "The Result of a Pass state is static: paths and intrinsic functions in it are not evaluated";
            let location = frame.fields.at("Result");
            self.warn("PASS_RESULT_IS_STATIC", "SW2006", location, item.span(), message.to_owned(), None);
        }
        // The service writes a Result compactly, however the definition spaces it (recorded).
        Pass { result: result.map(|item| value::Payload::from_value(item.to_value())) }
    }

    fn wait<'t>(&mut self, frame: &Frame<'_, 't>) -> Wait {
        let Frame { fields, language, .. } = *frame;
        match language {
            QueryLanguage::JsonPath => {
                self.exactly_one(fields, &["SecondsPath", "Seconds", "TimestampPath", "Timestamp"]);
            }
            QueryLanguage::Jsonata => self.exactly_one(fields, &["Seconds", "Timestamp"]),
        }
        if fields.has("Timestamp") || fields.has("TimestampPath") {
            return Wait::Timestamp(self.timestamp(frame).unwrap_or(TextField::Literal("".into())));
        }
        let seconds = self.number_field(fields, "Seconds", language, Range::integer(0, MOST));
        Wait::Seconds(seconds.unwrap_or(crate::NumberField::Literal(0.0)))
    }

    fn timestamp<'t>(&mut self, frame: &Frame<'_, 't>) -> Option<TextField> {
        let Frame { fields, language, .. } = *frame;
        if language == QueryLanguage::JsonPath && fields.has("TimestampPath") {
            return self.reference_field(fields, "TimestampPath").map(TextField::Path);
        }
        if language == QueryLanguage::Jsonata
            && let Some(expression) = self.jsonata_field(fields, "Timestamp")
        {
            return Some(TextField::Jsonata(expression));
        }
        let text = self.string_field(fields, "Timestamp")?;
        if crate::timestamp::parse_rfc3339(text).is_none() {
            let span = fields.get("Timestamp").map(Item::span).unwrap_or_default();
            self.error("SW1013", fields.at("Timestamp"), span, "String does not match RFC3339 timestamp");
        }
        Some(TextField::Literal(text.into()))
    }

    fn parallel<'t>(&mut self, frame: &Frame<'_, 't>) -> Parallel {
        let fields = frame.fields;
        self.require(fields, &["Branches"]);
        let items = self.nonempty_array_field(fields, "Branches").unwrap_or_default();
        let mut branches = Vec::with_capacity(items.len());
        for (at, item) in items.into_iter().enumerate() {
            let location = super::fields::indexed(&fields.at("Branches"), at);
            let Some(branch) = self.object(item, location) else { continue };
            self.allow(&branch, &["StartAt", "States", "Comment", "ProcessorConfig"]);
            branches.extend(self.flow(&branch, frame.around.inner()));
        }
        Parallel { branches }
    }

    fn choice<'t>(&mut self, frame: &Frame<'_, 't>) -> Choice {
        let fields = frame.fields;
        self.require(fields, &["Choices"]);
        let items = self.nonempty_array_field(fields, "Choices").unwrap_or_default();
        let mut rules = Vec::with_capacity(items.len());
        for (at, item) in items.into_iter().enumerate() {
            rules.extend(self.choice_rule(frame, item, at));
        }
        Choice { rules, default: self.target(frame, fields, "Default") }
    }
}

impl Surroundings {
    /// What a flow inside this one inherits.
    pub(super) fn inner(self) -> Surroundings {
        Surroundings { depth: self.depth + 1, is_isolated: false, ..self }
    }
}

/// A state with everything at its default.
fn placeholder(name: &Name) -> State {
    State {
        name: name.clone(),
        comment: None,
        query_language: QueryLanguage::JsonPath,
        input_path: PathField::Whole,
        output_path: PathField::Whole,
        parameters: None,
        arguments: None,
        result_selector: None,
        result_path: ResultPath::Replace,
        assign: None,
        output: None,
        transition: Transition::None,
        retry: Vec::new(),
        catch: Vec::new(),
        kind: Kind::Succeed,
    }
}

/// Whether a value holds a key or a text that would be evaluated in a template.
fn looks_dynamic(item: Item<'_>) -> bool {
    let mut open = vec![item];
    while let Some(item) = open.pop() {
        if item.as_str().is_some_and(super::template::looks_like_path) {
            return true;
        }
        open.extend(item.items().into_iter().flatten());
        for (member, item) in item.members().into_iter().flatten() {
            if member.key.ends_with(".$") {
                return true;
            }
            open.push(item);
        }
    }
    false
}
