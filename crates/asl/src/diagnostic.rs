//! What is wrong with a definition, where, and what to do about it. Finding faults is `parse`'s; printing them for a
//! terminal is `render`'s.

use std::fmt::Write;
use std::ops::Range;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The definition cannot be used.
    Error,
    /// The definition can be used, but probably does not do what it was meant to.
    Warning,
    /// Advice: it works, and could work better. Only `lint` gives any.
    Note,
}

/// A change of the text that repairs a fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// Bytes of the text that are replaced; empty where something is put in.
    pub span: Range<usize>,
    /// What takes their place.
    pub replacement: String,
}

/// What to do about a fault, and the text that does it where a machine can.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Advice {
    pub(crate) help: String,
    /// What takes the place of the span of the fault.
    pub(crate) replacement: Option<String>,
}

impl From<String> for Advice {
    fn from(help: String) -> Advice {
        Advice { help, replacement: None }
    }
}

impl Advice {
    /// That `meant` was meant. A JSON string is one in YAML, too.
    pub(crate) fn did_you_mean(meant: &str) -> Advice {
        let replacement = value::Value::from(meant).to_json();
        Advice { help: format!("did you mean `{meant}`?"), replacement: Some(replacement) }
    }
}

/// One fault of a definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// The service's code, for example `SCHEMA_VALIDATION_FAILED`; empty where the service has no such diagnostic.
    pub code: &'static str,
    /// Our own code, finer and stable, for example `SW1003`.
    pub sw_code: &'static str,
    /// The service's text, where it has one.
    pub message: String,
    /// Where in the definition, as the service says it: `/States/X/Next`, Jackson's position for text that is not JSON,
    /// or empty where the service gives none.
    pub location: String,
    /// Bytes of the text.
    pub span: Range<usize>,
    /// Line of the start of the span, from 1.
    pub line: u32,
    /// Column of the start of the span, in characters, from 1.
    pub column: u32,
    /// What to do.
    pub help: Option<String>,
    /// The change that does it, where it can be made without thinking.
    pub fix: Option<Fix>,
}

impl Diagnostic {
    /// Whether the service's own validation reports this.
    pub fn is_service(&self) -> bool {
        !self.code.is_empty()
    }
}

/// The message of the service's InvalidDefinition error for these diagnostics, of which it names the errors
/// (recorded; a diagnostic without a location reads `at null`).
pub fn invalid_definition_message(diagnostics: &[Diagnostic]) -> String {
    let mut text = String::from("Invalid State Machine Definition: '");
    let errors = diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error);
    for (at, diagnostic) in errors.enumerate() {
        let separator = if at == 0 { "" } else { ", " };
        let location = if diagnostic.location.is_empty() { "null" } else { &diagnostic.location };
        let _ = write!(text, "{separator}{}: {} at {location}", diagnostic.code, diagnostic.message);
    }
    text.push('\'');
    text
}

/// Gathers diagnostics. Their number is bounded; a definition with more faults is told so.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reporter {
    diagnostics: Vec<Diagnostic>,
}

/// The most diagnostics of one definition.
const MAX_DIAGNOSTICS: usize = 1000;

impl Reporter {
    /// Keeps only these.
    pub(crate) fn retain(&mut self, keep: impl FnMut(&Diagnostic) -> bool) {
        self.diagnostics.retain(keep);
    }

    pub(crate) fn push(&mut self, diagnostic: Diagnostic) {
        if self.diagnostics.len() < MAX_DIAGNOSTICS {
            self.diagnostics.push(diagnostic);
        }
    }

    /// Adds the change that repairs what was reported last.
    pub(crate) fn fix_last(&mut self, fix: Fix) {
        if let Some(last) = self.diagnostics.last_mut() {
            last.fix = Some(fix);
        }
    }

    pub(crate) fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// Whether another suggestion is worth its time.
    pub(crate) fn wants_help(&self) -> bool {
        self.diagnostics.len() < 50
    }

    /// The diagnostics in the order found, with lines and columns.
    pub(crate) fn finish(mut self, text: &str) -> Vec<Diagnostic> {
        let mut order: Vec<usize> = (0..self.diagnostics.len()).collect();
        order.sort_by_key(|at| self.diagnostics.get(*at).map(|diagnostic| diagnostic.span.start));
        let (mut line, mut column, mut offset) = (1, 1, 0);
        for at in order {
            let Some(diagnostic) = self.diagnostics.get_mut(at) else { continue };
            let start = diagnostic.span.start.min(text.len());
            for ch in text.get(offset..start).unwrap_or_default().chars() {
                if ch == '\n' {
                    line += 1;
                    column = 1;
                } else {
                    column += 1;
                }
            }
            offset = start.max(offset);
            diagnostic.line = line;
            diagnostic.column = column;
        }
        self.diagnostics
    }
}

/// The candidate that `text` was most likely meant to be, if one is close.
pub(crate) fn closest<'a>(text: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let length = text.chars().count();
    if length > 80 {
        return None;
    }
    let allowed = (length / 3).clamp(1, 4);
    candidates
        .filter(|candidate| candidate.len().abs_diff(text.len()) <= allowed * 4)
        .filter_map(|candidate| Some((distance(text, candidate, allowed)?, candidate)))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The number of insertions, deletions and replacements between two texts, case aside, if it is at most `most`.
fn distance(left: &str, right: &str, most: usize) -> Option<usize> {
    let right: Vec<char> = right.chars().take(200).flat_map(char::to_lowercase).collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (above, ch) in left.chars().flat_map(char::to_lowercase).enumerate() {
        let mut diagonal = above;
        let mut last = above + 1;
        let mut next = vec![last];
        for (place, other) in row.iter().skip(1).zip(&right) {
            let replaced = diagonal + usize::from(ch != *other);
            diagonal = *place;
            last = replaced.min(last + 1).min(place + 1);
            next.push(last);
        }
        if next.iter().all(|cost| *cost > most) {
            return None;
        }
        row = next;
    }
    row.last().copied().filter(|cost| *cost <= most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggestions_are_close_and_otherwise_none() {
        let names = ["ShipOrder", "ChargeCard", "End", "Parameters"];
        for (text, wanted) in [
            ("ShipOrdr", Some("ShipOrder")),
            ("parameters", Some("Parameters")),
            ("Endd", Some("End")),
            ("Paramters", Some("Parameters")),
            ("Refund", None),
            ("", None),
        ] {
            assert_eq!(closest(text, names.into_iter()), wanted, "{text}");
        }
    }
}
