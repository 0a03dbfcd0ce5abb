//! From text to typed definition, gathering every fault on the way. The rules and texts are the service's: recorded,
//! from the documentation, or measured with its validation API; evaluation of what is parsed here stands elsewhere.

mod choice;
mod fields;
mod graph;
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

use crate::diagnostic::{Diagnostic, Reporter, Severity};
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

/// A JSONata expression that the service refuses when a definition is created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonataFault {
    /// `INVALID_JSONATA_EXPRESSION` or `UNSUPPORTED_JSONATA_EXPRESSION`.
    pub code: &'static str,
    /// The text.
    pub message: String,
}

/// Judges the text of a JSONata expression, without its delimiters, before it is compiled.
pub type JsonataCheck = fn(&str, JsonataPlace) -> Result<(), JsonataFault>;

/// What a JSONata expression may read where it stands, apart from `$states.input` and `$states.context`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JsonataPlace {
    /// `$states.result`: in `Assign` and `Output` of Task, Parallel and Map.
    pub has_result: bool,
    /// `$states.errorOutput`: in `Assign` and `Output` of a Catcher.
    pub has_error_output: bool,
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
    /// What judges JSONata expressions further than that they compile: which parts of `$states` exist where they stand.
    pub check_jsonata: Option<JsonataCheck>,
}

/// What became of a text.
#[derive(Debug)]
pub struct Parsed {
    /// The definition; none when there is any error.
    pub machine: Option<StateMachine>,
    /// Errors and warnings, in the order of the text as far as the service's own order is not known.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads a definition in JSON. Never panics, and takes time in proportion to the text.
pub fn parse(text: &str, options: ParseOptions) -> Parsed {
    let mut reporter = Reporter::default();
    let tree = match value::Value::parse(text) {
        Ok(_) => read_json(text),
        Err(_) if text.trim().is_empty() => None,
        Err(error) => {
            reporter.push(Diagnostic {
                severity: Severity::Error,
                code: "INVALID_JSON_DESCRIPTION",
                sw_code: "SW1001",
                message: error.to_string(),
                location: error.location(),
                span: error.offset..error.offset,
                line: 0,
                column: 0,
                help: None,
            });
            return Parsed { machine: None, diagnostics: reporter.finish(text) };
        }
    };
    parse_tree(text, tree, options, reporter)
}

/// Reads a definition in YAML; spans are bytes of the YAML text.
pub fn parse_yaml(text: &str, options: ParseOptions) -> Parsed {
    let mut reporter = Reporter::default();
    match read_yaml(text) {
        Ok(tree) => parse_tree(text, Some(tree), options, reporter),
        Err(error) => {
            reporter.push(Diagnostic {
                severity: Severity::Error,
                code: "INVALID_JSON_DESCRIPTION",
                sw_code: "SW1001",
                message: format!("invalid YAML: {}", error.message),
                location: String::new(),
                span: error.at..error.at,
                line: 0,
                column: 0,
                help: None,
            });
            Parsed { machine: None, diagnostics: reporter.finish(text) }
        }
    }
}

fn parse_tree(text: &str, tree: Option<Tree>, options: ParseOptions, reporter: Reporter) -> Parsed {
    let tree = tree.unwrap_or_default();
    let mut parser = Parser {
        options,
        language: QueryLanguage::JsonPath,
        reporter,
        states: Vec::new(),
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
        );
    }
    let machine = machine.filter(|_| !parser.reporter.has_errors());
    Parsed { machine, diagnostics: parser.reporter.finish(text) }
}

/// What is known while a definition is read.
struct Parser {
    options: ParseOptions,
    /// The language of the whole state machine.
    language: QueryLanguage,
    reporter: Reporter,
    states: Vec<State>,
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
        help: Option<String>,
    ) {
        let severity = Severity::Error;
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
        });
    }

    /// Reports a warning; `code` is empty where the service has no such warning.
    fn warn(
        &mut self,
        code: &'static str,
        sw_code: &'static str,
        location: String,
        span: Range<usize>,
        message: String,
    ) {
        let severity = Severity::Warning;
        self.reporter.push(Diagnostic {
            severity,
            code,
            sw_code,
            message,
            location,
            span,
            line: 0,
            column: 0,
            help: None,
        });
    }
}
