//! The data flow of a tested state as a person reads it: a line for each stage that the state has, with what came out of it.

use serde_json::Value;
use value::Value as Data;
use wire::{InspectionData, TestStateOutput};

use crate::output::pretty;
use crate::terminal::{Stream, Tone, printable};
use crate::trace::compact;

/// Widest value that stands beside its stage; a longer one stands below, over several lines.
const INLINE_MAX: usize = 72;
/// Levels below which nothing is broken into lines any more.
const FOLDED_MAX: usize = 12;

/// A stage: its name, what the definition says there, and what came out.
struct Stage {
    name: String,
    setting: Option<String>,
    text: String,
}

/// The stages from input to output, then what else is known.
pub(super) fn draw(answer: &TestStateOutput, state: &Value, is_mocked: bool, out: &Stream) -> String {
    let mut stages = Vec::new();
    if let Some(data) = &answer.inspection_data {
        gather(data, state, is_mocked, &mut stages);
    }
    if let Some(output) = &answer.output {
        let key = ["OutputPath", "Output"].into_iter().find(|key| state.get(*key).is_some());
        let setting = key.and_then(|key| setting(state, key));
        stages.push(Stage { name: key.unwrap_or("output").to_owned(), setting, text: output.clone() });
    }
    let mut before = None;
    let width = stages.iter().map(|stage| stage.label().chars().count()).max().unwrap_or(0);
    let mut drawn = String::new();
    for stage in &stages {
        let text = compact(&stage.text);
        let is_same = before.as_ref() == Some(&text);
        stage.draw(&text, is_same, width, out, &mut drawn);
        before = Some(text);
    }
    let data = answer.inspection_data.as_ref();
    let mut rest: Vec<(&str, String)> = Vec::new();
    if let Some(variables) = data.and_then(|data| data.variables.as_deref()) {
        rest.push(("variables", compact(variables)));
    }
    if let Some(data) = data {
        rest.extend(data.max_concurrency.map(|most| ("MaxConcurrency", unlimited(most))));
        rest.extend(data.tolerated_failure_count.map(|most| ("ToleratedFailureCount", most.to_string())));
        let percentage = data.tolerated_failure_percentage;
        rest.extend(percentage.map(|most| ("ToleratedFailurePercentage", most.to_string())));
    }
    let width = rest.iter().map(|(name, _)| name.len()).max().unwrap_or(0).max(width);
    for (name, text) in rest {
        let stage = Stage { name: name.to_owned(), setting: None, text: String::new() };
        stage.draw(&text, false, width, out, &mut drawn);
    }
    for line in failure(answer, state) {
        drawn.push_str(&out.paint(Tone::Warn, &line));
        drawn.push('\n');
    }
    drawn
}

fn unlimited(most: i32) -> String {
    if most == 0 { "0 (no limit)".to_owned() } else { most.to_string() }
}

/// What went wrong, and what Retry and Catch make of it; nothing when all is well.
pub(super) fn failure(answer: &TestStateOutput, state: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    for (name, text) in [("error", &answer.error), ("cause", &answer.cause)] {
        lines.extend(text.as_ref().map(|text| format!("{name}  {}", printable(text))));
    }
    let details = answer.inspection_data.as_ref().and_then(|data| data.error_details.as_ref());
    let Some(details) = details else { return lines };
    if let Some(index) = details.retry_index {
        let errors = error_equals(state, "Retry", index);
        lines.push(match details.retry_backoff_interval_seconds {
            Some(seconds) => format!("Retry[{index}]{errors} runs it again in {seconds} s"),
            None => format!("Retry[{index}]{errors} has no attempts left"),
        });
    }
    if let Some(index) = details.catch_index {
        let next = answer.next_state.as_deref().unwrap_or_default();
        lines.push(format!(
            "Catch[{index}]{} leads to {}",
            error_equals(state, "Catch", index),
            printable(next)
        ));
    }
    lines
}

/// ` (States.ALL)`: what the Retrier or Catcher matches.
fn error_equals(state: &Value, field: &str, index: i32) -> String {
    let index = usize::try_from(index).unwrap_or(usize::MAX);
    let errors = state.get(field).and_then(|list| list.get(index)).and_then(|one| one.get("ErrorEquals"));
    let errors = errors.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let errors = errors.map(printable).collect::<Vec<_>>().join(", ");
    if errors.is_empty() { errors } else { format!(" ({errors})") }
}

/// Stages whose field the state does not have change nothing and are left out.
fn gather(data: &InspectionData, state: &Value, is_mocked: bool, stages: &mut Vec<Stage>) {
    let mut add = |name: &str, setting: Option<String>, text: &Option<String>| {
        stages.extend(text.clone().map(|text| Stage { name: name.to_owned(), setting, text }));
    };
    add("input", None, &data.input);
    let selector = if state.get("ItemSelector").is_some() { "ItemSelector" } else { "Parameters" };
    let fields = [
        ("InputPath", "InputPath", &data.after_input_path),
        ("Parameters", "Parameters", &data.after_parameters),
        ("Arguments", "Arguments", &data.after_arguments),
        ("ItemsPointer", "ItemReader", &data.after_items_pointer),
        ("ItemsPath", "ItemsPath", &data.after_items_path),
        ("ItemSelector", selector, &data.after_item_selector),
        ("ItemBatcher", "ItemBatcher", &data.after_item_batcher),
    ];
    for (name, key, text) in fields {
        if state.get(key).is_some() {
            add(name, setting(state, key), text);
        }
    }
    let name = match (is_mocked, state.get("Result").is_some()) {
        (true, _) => "result (mocked)",
        (false, true) => "Result",
        (false, false) => "result",
    };
    // A Map and a Parallel have no `result`; what comes out of their mock is what their ResultSelector gets.
    let selected = if is_mocked && data.result.is_none() && state.get("ResultSelector").is_none() {
        &data.after_result_selector
    } else {
        &None
    };
    add(name, None, if data.result.is_some() { &data.result } else { selected });
    for (name, text) in
        [("ResultSelector", &data.after_result_selector), ("ResultPath", &data.after_result_path)]
    {
        if state.get(name).is_some() {
            add(name, setting(state, name), text);
        }
    }
}

/// A short setting stands beside the name: `InputPath $.order`.
fn setting(state: &Value, key: &str) -> Option<String> {
    let text = state.get(key)?.as_str().map(printable)?;
    (text.chars().count() <= 40).then_some(text)
}

impl Stage {
    fn label(&self) -> String {
        match &self.setting {
            None => self.name.clone(),
            Some(setting) => format!("{} {setting}", self.name),
        }
    }

    fn draw(&self, text: &str, is_same: bool, width: usize, out: &Stream, drawn: &mut String) {
        let label = self.label();
        let padding = " ".repeat(width.saturating_sub(label.chars().count()) + 2);
        let painted = match &self.setting {
            None => out.paint(Tone::Strong, &label),
            Some(setting) => {
                format!("{} {}", out.paint(Tone::Strong, &self.name), out.paint(Tone::Dim, setting))
            }
        };
        drawn.push_str(&painted);
        if is_same {
            drawn.push_str(&format!("{padding}{}\n", out.paint(Tone::Dim, "(the same)")));
        } else if text.chars().count() <= INLINE_MAX {
            drawn.push_str(&format!("{padding}{}\n", printable(text)));
        } else {
            drawn.push('\n');
            for line in folded(text).lines() {
                drawn.push_str(&format!("    {}\n", printable(line)));
            }
        }
    }
}

/// JSON over as many lines as it needs: what fits into a line stands in one.
fn folded(text: &str) -> String {
    let mut out = String::new();
    match Data::parse(text) {
        Ok(value) => fold(&value, 0, &mut out),
        Err(_) => out.push_str(text),
    }
    out
}

fn fold(value: &Data, depth: usize, out: &mut String) {
    let compact = value.to_json();
    let is_flat = depth >= FOLDED_MAX || compact.chars().count() + 2 * depth <= INLINE_MAX;
    let inner = "  ".repeat(depth + 1);
    match value {
        Data::Obj(members) if !is_flat => {
            for (at, (name, value)) in members.iter().enumerate() {
                out.push_str(if at == 0 { "{\n" } else { ",\n" });
                out.push_str(&format!("{inner}{}: ", Data::from(&**name).to_json()));
                fold(value, depth + 1, out);
            }
            out.push_str(&format!("\n{}}}", "  ".repeat(depth)));
        }
        Data::Arr(items) if !is_flat => {
            for (at, value) in items.iter().enumerate() {
                out.push_str(if at == 0 { "[\n" } else { ",\n" });
                out.push_str(&inner);
                fold(value, depth + 1, out);
            }
            out.push_str(&format!("\n{}]", "  ".repeat(depth)));
        }
        _ => out.push_str(&compact),
    }
}

/// JSON over several lines; anything else as it is.
pub(super) fn readable(text: &str) -> String {
    serde_json::from_str::<Value>(text).map_or_else(|_| format!("{text}\n"), |value| pretty(&value))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use wire::{InspectionData, TestStateOutput};

    use super::{draw, folded};
    use crate::terminal::Stream;

    #[test]
    fn what_does_not_fit_is_broken_where_it_must_be() {
        let long = "x".repeat(60);
        let text = format!(r#"{{"z":[1,{{"a":2}}],"b":{{"c":"{long}","d":[]}}}}"#);
        let wanted = format!(
            "{{\n  \"z\": [1,{{\"a\":2}}],\n  \"b\": {{\n    \"c\": \"{long}\",\n    \"d\": []\n  }}\n}}"
        );
        assert_eq!(folded(&text), wanted);
        assert_eq!(folded("[1,2]"), "[1,2]");
        assert_eq!(folded("no json"), "no json");
    }

    #[test]
    fn stages_without_a_field_are_left_out() {
        let text = |text: &str| Some(text.to_owned());
        let data = InspectionData {
            input: text("{ \"a\": 1 }"),
            after_input_path: text("{ \"a\": 1 }"),
            after_parameters: text("{\"b\":\"\\u001b[2J\"}"),
            after_result_path: text("{}"),
            variables: text("{\"v\":1}"),
            ..InspectionData::default()
        };
        let answer =
            TestStateOutput { output: text("{}"), inspection_data: Some(data), ..TestStateOutput::default() };
        let state = json!({"Type": "Pass", "Parameters": {}, "ResultPath": "$.x", "OutputPath": "$.y"});
        let drawn = draw(&answer, &state, false, &Stream::PIPE);
        let wanted = [
            r#"input           {"a":1}"#,
            r#"Parameters      {"b":"\u001B[2J"}"#,
            "ResultPath $.x  {}",
            "OutputPath $.y  (the same)",
            r#"variables       {"v":1}"#,
        ];
        assert_eq!(drawn.lines().collect::<Vec<_>>(), wanted);
    }
}
