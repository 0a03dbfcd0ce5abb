//! `stepwell: allow SW3001 SW3004` in a `Comment`: findings with these codes are not wanted for the state and what is inside
//! it, or for the whole definition. In YAML a comment does the same for its line and the next one. What the service refuses
//! cannot be allowed.

use super::Lint;
use crate::diagnostic::{Diagnostic, Reporter};

/// What introduces the codes.
const MARK: &str = "stepwell: allow ";

/// What every code begins with.
const CODE: &str = "SW";

/// Findings without those that comments allow.
pub(super) fn allowed(lint: &Lint<'_>, mut reporter: Reporter) -> Reporter {
    let whole = codes(lint.machine.comment.as_deref());
    let mut areas = Vec::new();
    for (state, source) in lint.machine.states.iter().zip(lint.sources) {
        let codes = codes(state.comment.as_deref());
        if !codes.is_empty() {
            let span = lint.tree.item(source.item).span();
            areas.push((source.key.start..span.end, codes));
        }
    }
    if !whole.is_empty() || !areas.is_empty() {
        reporter.retain(|found| {
            found.is_service()
                || !(whole.contains(&found.sw_code)
                    || areas.iter().any(|(area, codes)| {
                        area.contains(&found.span.start) && codes.contains(&found.sw_code)
                    }))
        });
    }
    reporter
}

/// Takes out what comments of YAML allow.
pub(super) fn without_commented(text: &str, diagnostics: &mut Vec<Diagnostic>) {
    let mut lines = Vec::new();
    for (at, line) in text.lines().enumerate() {
        if let Some((_, comment)) = line.split_once('#') {
            let codes = codes(Some(comment));
            if !codes.is_empty() {
                lines.push((at as u32 + 1, codes));
            }
        }
    }
    diagnostics.retain(|found| {
        let is_allowed = |(line, codes): &(u32, Vec<&str>)| {
            (*line == found.line || *line + 1 == found.line) && codes.contains(&found.sw_code)
        };
        found.is_service() || !lines.iter().any(is_allowed)
    });
}

fn codes(comment: Option<&str>) -> Vec<&str> {
    let Some((_, rest)) = comment.and_then(|comment| comment.split_once(MARK)) else { return Vec::new() };
    rest.split([' ', ',']).filter(|word| !word.is_empty()).take_while(|word| word.starts_with(CODE)).collect()
}
