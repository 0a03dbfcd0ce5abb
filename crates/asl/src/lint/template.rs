//! Definitions that are templates: `${Name}` stands for what SAM, CDK or Terraform fill in. Mostly it stands in a string and is
//! part of one; where it stands alone, for a number or an object, the text is JSON only when something is put in its place.

use super::rules::placeholder;
use crate::diagnostic::{Diagnostic, Reporter, Severity};

/// The longest name of a placeholder.
const MOST_NAME: usize = 200;

/// The text with a number in the place of every placeholder that stands outside strings; none if there is no such one. Every
/// byte stays where it was.
pub(super) fn filled(text: &str, is_yaml: bool) -> Option<String> {
    if is_yaml || !text.contains("${") {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    let (mut is_string, mut is_escaped, mut is_filled) = (false, false, false);
    let mut at = 0;
    while let Some(ch) = text.get(at..).and_then(|rest| rest.chars().next()) {
        if !is_string && let Some(length) = placeholder_length(text, at) {
            out.push('1');
            out.extend(std::iter::repeat_n(' ', length - 1));
            at += length;
            is_filled = true;
            continue;
        }
        match ch {
            _ if is_escaped => is_escaped = false,
            '\\' if is_string => is_escaped = true,
            '"' => is_string = !is_string,
            _ => {}
        }
        out.push(ch);
        at += ch.len_utf8();
    }
    is_filled.then_some(out)
}

/// The length of `${Name}` at a place.
fn placeholder_length(text: &str, at: usize) -> Option<usize> {
    let rest = text.get(at..)?.strip_prefix("${")?;
    let end = rest.find(['}', '"', '\n']).filter(|end| (1..=MOST_NAME).contains(end))?;
    rest[end..].starts_with('}').then_some(end + "${}".len())
}

/// Notes each placeholder where it stands first.
pub(super) fn note_placeholders(text: &str, reporter: &mut Reporter) {
    let mut said: Vec<&str> = Vec::new();
    for (at, _) in text.match_indices("${") {
        let Some(length) = placeholder_length(text, at) else { continue };
        let name = &text[at + 2..at + length - 1];
        if said.contains(&name) || said.len() >= 100 {
            continue;
        }
        said.push(name);
        reporter.push(Diagnostic {
            severity: Severity::Note,
            code: "",
            sw_code: placeholder::RULE.code,
            message: format!("`${{{name}}}` is filled in by a template; what it becomes is not checked"),
            location: String::new(),
            span: at..at + length,
            line: 0,
            column: 0,
            help: None,
            fix: None,
        });
    }
}
