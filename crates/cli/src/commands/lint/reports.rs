//! Findings for machines: lines, JSON, SARIF 2.1.0, annotations of GitHub Actions, JUnit XML. The JSON form is a contract:
//! members are added, never changed.

use asl::{Diagnostic, Severity};
use serde_json::{Value, json};

use super::Linted;

/// `path:line:column: error[SW1003] message`.
pub(super) fn short(linted: &[Linted]) -> String {
    let mut text = String::new();
    for Linted { source, found, .. } in linted {
        for one in found {
            text.push_str(&format!(
                "{}:{}:{}: {}[{}] {}\n",
                source.path.display(),
                one.line,
                one.column,
                word(one.severity),
                one.sw_code,
                first_line(&one.message)
            ));
        }
    }
    text
}

/// One object a file.
pub(super) fn json(linted: &[Linted]) -> Value {
    let items: Vec<Value> = linted
        .iter()
        .map(|Linted { source, found, .. }| {
            let diagnostics: Vec<Value> = found.iter().map(|one| diagnostic(&source.text, one)).collect();
            json!({"path": source.path.to_string_lossy(), "diagnostics": diagnostics})
        })
        .collect();
    let count =
        |severity| linted.iter().flat_map(|one| &one.found).filter(|one| one.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    json!({
        "version": 1,
        "items": items,
        "summary": {"errors": errors, "warnings": warnings, "notes": count(Severity::Note)},
    })
}

fn diagnostic(text: &str, one: &Diagnostic) -> Value {
    let (end_line, end_column) = end(text, one);
    let mut value = json!({
        "code": one.sw_code,
        "severity": word(one.severity),
        "message": one.message,
        "line": one.line,
        "column": one.column,
        "endLine": end_line,
        "endColumn": end_column,
        "from": one.span.start,
        "to": one.span.end,
        "location": one.location,
    });
    if one.is_service() {
        value["aws"] = json!(one.code);
    }
    if let Some(help) = &one.help {
        value["help"] = json!(help);
    }
    if let Some(fix) = &one.fix {
        value["fix"] = json!({"from": fix.span.start, "to": fix.span.end, "text": fix.replacement});
    }
    value
}

/// A log of SARIF 2.1.0 with the rules that were broken.
pub(super) fn sarif(linted: &[Linted]) -> Value {
    let used = |code: &str| linted.iter().flat_map(|one| &one.found).any(|one| one.sw_code == code);
    let rules: Vec<Value> = asl::rules()
        .filter(|rule| used(rule.code))
        .map(|rule| {
            json!({
                "id": rule.code,
                "shortDescription": {"text": rule.title},
                "fullDescription": {"text": rule.text},
                "help": {"text": format!("{}\n\n{}", rule.text, rule.example)},
            })
        })
        .collect();
    let results: Vec<Value> = linted
        .iter()
        .flat_map(|Linted { source, found, .. }| found.iter().map(move |one| (source, one)))
        .map(|(source, one)| {
            let (end_line, end_column) = end(&source.text, one);
            json!({
                "ruleId": one.sw_code,
                "level": word(one.severity),
                "message": {"text": full(one)},
                "locations": [{
                    "physicalLocation": {
                        "artifactLocation": {"uri": source.path.to_string_lossy().replace('\\', "/")},
                        "region": {
                            "startLine": one.line.max(1),
                            "startColumn": one.column.max(1),
                            "endLine": end_line,
                            "endColumn": end_column,
                        },
                    },
                    "logicalLocations": [{"fullyQualifiedName": one.location}],
                }],
            })
        })
        .collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "stepwell",
                "version": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

/// Workflow commands that GitHub Actions shows beside the lines.
pub(super) fn github(linted: &[Linted]) -> String {
    let property = |text: &str| {
        let text = text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
        text.replace(':', "%3A").replace(',', "%2C")
    };
    let data = |text: &str| text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let mut text = String::new();
    for Linted { source, found, .. } in linted {
        for one in found {
            let kind = if one.severity == Severity::Note { "notice" } else { word(one.severity) };
            let (end_line, end_column) = end(&source.text, one);
            text.push_str(&format!(
                "::{kind} file={},line={},col={},endLine={end_line},endColumn={end_column},title={}::{}\n",
                property(&source.path.to_string_lossy()),
                one.line,
                one.column,
                property(one.sw_code),
                data(&full(one))
            ));
        }
    }
    text
}

/// One suite a file, one case a finding; notes are no failures.
pub(super) fn junit(linted: &[Linted]) -> String {
    let mut text =
        String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"stepwell lint\">\n");
    for Linted { source, found, .. } in linted {
        let bad: Vec<&Diagnostic> = found.iter().filter(|one| one.severity != Severity::Note).collect();
        let path = escaped(&source.path.to_string_lossy());
        text.push_str(&format!(
            "  <testsuite name=\"{path}\" tests=\"{}\" failures=\"{}\">\n",
            bad.len().max(1),
            bad.len()
        ));
        if bad.is_empty() {
            text.push_str(&format!("    <testcase classname=\"{path}\" name=\"lint\"/>\n"));
        }
        for one in bad {
            text.push_str(&format!(
                "    <testcase classname=\"{path}\" name=\"{} {}:{}\">\n      <failure type=\"{}\" message=\"{}\">{}</failure>\n    </testcase>\n",
                one.sw_code,
                one.line,
                one.column,
                word(one.severity),
                escaped(first_line(&one.message)),
                escaped(&format!("{} at line {}, column {}", full(one), one.line, one.column))
            ));
        }
        text.push_str("  </testsuite>\n");
    }
    text.push_str("</testsuites>\n");
    text
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

fn first_line(message: &str) -> &str {
    message.lines().next().unwrap_or_default()
}

/// The message and what to do.
fn full(one: &Diagnostic) -> String {
    match &one.help {
        Some(help) => format!("{}; {help}", first_line(&one.message)),
        None => first_line(&one.message).to_owned(),
    }
}

/// Line and column of the end of the span.
fn end(text: &str, one: &Diagnostic) -> (u32, u32) {
    let span = text.get(one.span.clone()).unwrap_or_default();
    let lines = span.matches('\n').count() as u32;
    let last = span.rsplit('\n').next().unwrap_or_default().chars().count() as u32;
    let column = if lines == 0 { one.column.max(1) + last } else { last + 1 };
    (one.line.max(1) + lines, column)
}

fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    text.chars().map(|ch| if ch.is_control() && ch != '\n' && ch != '\t' { ' ' } else { ch }).collect()
}
