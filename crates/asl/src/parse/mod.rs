//! From text to typed definition, gathering every fault on the way. The rules and texts are the service's: recorded,
//! from the documentation, or measured with its validation API; evaluation of what is parsed here stands elsewhere.

mod choice;
mod fields;
mod graph;
mod jsonata;
mod machine;
mod map;
mod member_order;
mod numbers;
mod retry;
mod scopes;
mod state;
mod state_fields;
mod task;
mod template;

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use crate::diagnostic::{Advice, Diagnostic, Fix, Reporter, Severity};
use crate::syntax::{Tree, read_json, read_yaml};
use crate::{Name, QueryLanguage, State, StateMachine};

use graph::Edge;
use scopes::Scopes;

/// How deep templates and Choice rules may be nested.
pub(crate) const MAX_NESTING: usize = 200;

/// How deep Parallel and Map states may be nested in one another.
const MAX_FLOW_NESTING: usize = 32;

/// The type of a state machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MachineType {
    /// STANDARD.
    #[default]
    Standard,
    /// EXPRESS.
    Express,
}

/// How a definition is to be read.
#[derive(Clone, Copy, Debug, Default)]
pub struct ParseOptions {
    /// The type of the state machine.
    pub machine_type: MachineType,
    /// The definition is one state put into a state machine of its own (TestState): transitions may lead anywhere.
    pub single_state: bool,
    /// `${Name}` may stand where the service wants an ARN: the text is a template that something else fills in.
    pub allow_placeholders: bool,
}

/// What became of a text.
#[derive(Debug)]
pub struct Parsed {
    /// The definition; none when there is any error.
    pub machine: Option<StateMachine>,
    /// Errors and warnings, in the order of the text as far as the service's own order is not known.
    pub diagnostics: Vec<Diagnostic>,
}

/// A definition that has been read, with what is needed to find its parts in the text again.
pub(crate) struct Reading {
    pub(crate) machine: Option<StateMachine>,
    pub(crate) reporter: Reporter,
    pub(crate) tree: Tree,
    /// Where the states stand, in the order of the definition's states.
    pub(crate) sources: Vec<Source>,
}

/// Where a state stands.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    /// The state's object in the tree.
    pub(crate) item: usize,
    /// Bytes of its name.
    pub(crate) key: Range<usize>,
}

/// Reads a definition in JSON. Never panics, and takes time in proportion to the text.
pub fn parse(text: &str, options: ParseOptions) -> Parsed {
    parsed(read(text, false, options), text)
}

/// Reads a definition in YAML; spans are bytes of the YAML text.
pub fn parse_yaml(text: &str, options: ParseOptions) -> Parsed {
    parsed(read(text, true, options), text)
}

fn parsed(reading: Reading, text: &str) -> Parsed {
    Parsed { machine: reading.machine, diagnostics: reading.reporter.finish(text) }
}

/// Reads a definition in JSON or YAML.
pub(crate) fn read(text: &str, is_yaml: bool, options: ParseOptions) -> Reading {
    let (tree, error) = if is_yaml {
        match read_yaml(text) {
            Ok(tree) => (Some(tree), None),
            Err(error) => (None, Some((format!("invalid YAML: {}", error.message), String::new(), error.at))),
        }
    } else {
        match read_json(text) {
            Some(tree) => (Some(tree), None),
            None if text.trim().is_empty() => (None, None),
            None => (
                None,
                value::Value::parse(text)
                    .err()
                    .map(|error| (error.to_string(), error.location(), error.offset)),
            ),
        }
    };
    let mut reporter = Reporter::default();
    if let Some((message, location, at)) = error {
        reporter.push(Diagnostic {
            severity: Severity::Error,
            code: "INVALID_JSON_DESCRIPTION",
            sw_code: "SW1001",
            message,
            location,
            span: at..at,
            line: 0,
            column: 0,
            help: None,
            fix: None,
        });
        return Reading { machine: None, reporter, tree: Tree::default(), sources: Vec::new() };
    }
    read_tree(tree.unwrap_or_default(), options, reporter)
}

fn read_tree(tree: Tree, options: ParseOptions, reporter: Reporter) -> Reading {
    let mut parser = Parser {
        options,
        language: QueryLanguage::JsonPath,
        reporter,
        states: Vec::new(),
        sources: Vec::new(),
        index: HashMap::new(),
        labels: HashSet::new(),
        edges: Vec::new(),
        scopes: Scopes::default(),
    };
    let machine = parser.machine(&tree);
    for member in &tree.duplicate_keys {
        parser.warn(
            "",
            "SW1009",
            String::new(),
            member.key_span.clone(),
            format!(
                "the key `{}` stands twice in one object; this one is ignored, the later one counts",
                member.key
            ),
            None,
        );
    }
    let machine = machine.filter(|_| !parser.reporter.has_errors());
    let Parser { reporter, sources, .. } = parser;
    Reading { machine, reporter, tree, sources }
}

/// What is known while a definition is read.
struct Parser {
    options: ParseOptions,
    /// The language of the whole state machine.
    language: QueryLanguage,
    reporter: Reporter,
    states: Vec<State>,
    /// Where they stand.
    sources: Vec<Source>,
    index: HashMap<Name, usize>,
    labels: HashSet<Name>,
    /// Transitions of the flow being read.
    edges: Vec<Edge>,
    scopes: Scopes,
}

impl Parser {
    /// Reports an error with the code that most of them have.
    fn error(
        &mut self,
        sw_code: &'static str,
        location: impl Into<String>,
        span: Range<usize>,
        message: impl Into<String>,
    ) {
        self.report("SCHEMA_VALIDATION_FAILED", sw_code, location.into(), span, message.into(), None);
    }

    /// Reports an error.
    fn report(
        &mut self,
        code: &'static str,
        sw_code: &'static str,
        location: String,
        span: Range<usize>,
        message: String,
        help: Option<Advice>,
    ) {
        self.push(Severity::Error, (code, sw_code), location, span, message, help);
    }

    /// Reports a warning; `code` is empty where the service has no such warning.
    fn warn(
        &mut self,
        code: &'static str,
        sw_code: &'static str,
        location: String,
        span: Range<usize>,
        message: String,
        help: Option<Advice>,
    ) {
        self.push(Severity::Warning, (code, sw_code), location, span, message, help);
    }

    fn push(
        &mut self,
        severity: Severity,
        (code, sw_code): (&'static str, &'static str),
        location: String,
        span: Range<usize>,
        message: String,
        help: Option<Advice>,
    ) {
        let (help, replacement) = match help {
            Some(advice) => (Some(advice.help), advice.replacement),
            None => (None, None),
        };
        let fix = replacement.map(|replacement| Fix { span: span.clone(), replacement });
        self.reporter.push(Diagnostic {
            severity,
            code,
            sw_code,
            message,
            location,
            span,
            line: 0,
            column: 0,
            help,
            fix,
        });
    }
}
