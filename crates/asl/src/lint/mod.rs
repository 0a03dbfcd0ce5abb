//! Lint: what the service accepts and what goes wrong all the same. It reads a definition, follows its data (`flow`) and asks
//! every rule (`rules`, one file each). Not for what the service refuses: that is `parse`'s, and stands first in the result.

mod edit;
mod events;
mod flow;
mod graph;
mod loops;
mod place;
pub(crate) mod rules;
mod shape;
mod suppress;
mod template;

use crate::diagnostic::{Diagnostic, Fix, Reporter, Severity};
use crate::parse::{Reading, Source};
use crate::rules::Rule;
use crate::syntax::Tree;
use crate::{MachineType, ParseOptions, StateMachine};

use flow::{Analysis, Fault, Step};
use graph::Graph;
use place::Place;

pub use edit::apply_fixes;

/// How a definition is to be judged.
#[derive(Clone, Copy, Debug, Default)]
pub struct LintOptions {
    /// The type of the state machine.
    pub machine_type: MachineType,
    /// Whether the text is YAML.
    pub is_yaml: bool,
}

/// Everything that there is to say about a definition: what the service refuses and warns of, and what the rules of lint
/// find, in the order of the text. `${Name}` may stand wherever a template fills in a value, and is noted. Where the service
/// refuses the definition, the data is not followed. Takes time in proportion to the text.
pub fn lint(text: &str, options: LintOptions) -> Vec<Diagnostic> {
    let parse_options = ParseOptions {
        machine_type: options.machine_type,
        allow_placeholders: true,
        ..ParseOptions::default()
    };
    let filled = template::filled(text, options.is_yaml);
    let Reading { machine, mut reporter, tree, sources } =
        crate::parse::read(filled.as_deref().unwrap_or(text), options.is_yaml, parse_options);
    template::note_placeholders(text, &mut reporter);
    if let Some(machine) = &machine {
        let graph = Graph::new(machine);
        let is_reached = graph.reached_without_errors();
        let mut lint = Lint {
            text,
            options,
            machine,
            graph: &graph,
            tree: &tree,
            sources: &sources,
            is_reached,
            reporter,
        };
        let mut analysis = Analysis::new(machine, &graph);
        rules::check(&mut lint, &mut analysis);
        reporter = suppress::allowed(&lint, lint.reporter.clone());
    }
    let mut diagnostics = reporter.finish(text);
    diagnostics.sort_by_key(|diagnostic| (diagnostic.span.start, diagnostic.severity, diagnostic.sw_code));
    if options.is_yaml {
        suppress::without_commented(text, &mut diagnostics);
    }
    diagnostics
}

/// A definition being judged, and what was found so far.
pub(crate) struct Lint<'a> {
    text: &'a str,
    options: LintOptions,
    machine: &'a StateMachine,
    graph: &'a Graph,
    tree: &'a Tree,
    sources: &'a [Source],
    /// Which states are reached without an error being caught on the way.
    is_reached: Vec<bool>,
    reporter: Reporter,
}

impl Lint<'_> {
    /// Says what a rule found.
    fn report(
        &mut self,
        rule: &Rule,
        severity: Severity,
        place: &Place,
        message: String,
        help: Option<String>,
    ) {
        self.report_fixable(rule, severity, place, message, help, None);
    }

    /// Says what a rule found, and what text repairs it in the place that it speaks of.
    fn report_fixable(
        &mut self,
        rule: &Rule,
        severity: Severity,
        place: &Place,
        message: String,
        help: Option<String>,
        fix: Option<Fix>,
    ) {
        self.reporter.push(Diagnostic {
            severity,
            code: "",
            sw_code: rule.code,
            message,
            location: self.location(place),
            span: self.span(place),
            line: 0,
            column: 0,
            help,
            fix,
        });
    }

    /// How bad it is that something fails for certain: an error where the execution comes without one, a warning where only
    /// a caught error leads.
    fn certain(&self, fault: &Fault) -> Severity {
        let is_caught = matches!(fault.place.first(), Some(Step::Key(key)) if &**key == "Catch");
        let is_reached = self.is_reached.get(fault.state).copied().unwrap_or(false);
        if is_reached && !is_caught { Severity::Error } else { Severity::Warning }
    }

    /// Drops what the parser said of variables that states read, where the data flow tells it better.
    fn forget_unseen_variables(&mut self) {
        let is_read = |found: &Diagnostic| {
            found.sw_code == "SW2003" || (found.sw_code == "SW2004" && !found.location.ends_with("/Assign"))
        };
        self.reporter.retain(|found| !is_read(found));
    }

    fn is_express(&self) -> bool {
        self.options.machine_type == MachineType::Express
    }

    /// The name of a state.
    fn name(&self, state: usize) -> &str {
        self.machine.states.get(state).map_or("", |state| &state.name)
    }
}
