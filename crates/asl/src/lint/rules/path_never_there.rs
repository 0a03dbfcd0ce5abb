//! SW2007: a path that no predecessor can produce.

use super::super::Lint;
use super::super::flow::{Fault, FaultKind};
use super::super::place::Place;
use super::listed;
use crate::Name;
use crate::diagnostic::{Fix, Severity, closest};
use crate::rules::Rule;

pub(super) const RULE: Rule = Rule {
    code: "SW2007",
    title: "path that nothing produces",
    text: "Whatever way leads to this state, the data has nothing at the end of this path: a state before replaced the data, or \
           put the value elsewhere. The execution fails here (a part of a JSONata expression is left out instead). Lambda's \
           result through lambda:invoke is in `Payload`; a Catcher without ResultPath replaces the input by the error; a Task \
           without ResultPath replaces it by its result.",
    example: "\"Make\": {\"Type\": \"Pass\", \"Result\": {\"id\": 1}, \"Next\": \"Use\"},\n\
              \"Use\": {\"Type\": \"Pass\", \"InputPath\": \"$.Id\", \"End\": true}      there is `$.id`",
    aws: "States.Runtime at run time, or States.QueryEvaluationError",
};

/// `$$` and `$states.context` may have members that are not documented.
fn is_context(path: &str) -> bool {
    path.starts_with("$$") || path.starts_with("$states.context")
}

pub(super) fn report(lint: &mut Lint<'_>, fault: &Fault) {
    let place = Place::value(fault.state, fault.place.clone());
    let (path, reached, found, wanted, fails) = match &fault.kind {
        FaultKind::Missing { path, reached, found, wanted, fails } => (path, reached, found, wanted, *fails),
        FaultKind::PastEnd { path } => {
            let message = format!("`{path}` is past the end of the array: it is always null");
            lint.report(&RULE, Severity::Warning, &place, message, None);
            return;
        }
        _ => return,
    };
    let severity = if fails && !is_context(path) { lint.certain(fault) } else { Severity::Warning };
    let names: Vec<Name> =
        found.members().map(|members| members.known.keys().cloned().collect()).unwrap_or_default();
    let message = match found.members() {
        Some(_) if is_context(path) => format!("the context object has no `{path}` here"),
        Some(_) if names.is_empty() => {
            format!("nothing before this state produces `{path}`: `{reached}` is empty")
        }
        Some(_) => format!("nothing before this state produces `{path}`: `{reached}` has {}", listed(&names)),
        None => format!("nothing before this state produces `{path}`: `{reached}` is {}", found.describe()),
    };
    let meant = wanted.as_ref().and_then(|wanted| {
        let close = closest(wanted, names.iter().map(|name| &**name))?;
        Some((wanted.clone(), close.to_owned()))
    });
    let fix = meant.as_ref().and_then(|(wanted, close)| replaced(lint, &place, wanted, close));
    let mut help = meant.map(|(_, close)| format!("did you mean `{reached}.{close}`?"));
    if help.is_none() && is_payload(&names) {
        help = Some(format!("what the function returns is in `{reached}.Payload`"));
    } else if help.is_none() && path.starts_with("$$.Task") {
        help = Some("there is a token in states with `.waitForTaskToken` only".to_owned());
    }
    lint.report_fixable(&RULE, severity, &place, message, help, fix);
}

fn is_payload(names: &[Name]) -> bool {
    ["ExecutedVersion", "Payload"].iter().all(|wanted| names.iter().any(|name| &**name == *wanted))
}

/// The change of one name in the text of a path, if the name stands there once.
fn replaced(lint: &Lint<'_>, place: &Place, wanted: &str, close: &str) -> Option<Fix> {
    let span = lint.span(place);
    let text = lint.text.get(span.clone())?;
    let mut found = text.match_indices(wanted).filter(|(at, _)| {
        let is_end = |ch: Option<char>| ch.is_none_or(|ch| !ch.is_alphanumeric() && ch != '_');
        is_end(text[..*at].chars().next_back()) && is_end(text[at + wanted.len()..].chars().next())
    });
    let (at, _) = found.next()?;
    if found.next().is_some() {
        return None;
    }
    let start = span.start + at;
    Some(Fix { span: start..start + wanted.len(), replacement: close.to_owned() })
}
