//! What a command prints on standard output: one object or a list, in the format that was asked for.
//! The JSON forms are a contract: members have the API's names, times are ISO texts (unless `--time raw`), and a list is
//! `{"items": […], "next": …}`. It knows nothing of commands.

mod select;
mod table;
mod yaml;

use std::collections::BTreeSet;
use std::io::{ErrorKind, Write};
use std::sync::{Mutex, PoisonError};

use clap::ValueEnum;
use serde::Serialize;
use serde_json::{Map, Value, json};

pub use select::Select;
pub use table::{Cell, Column, Table};

use crate::failure::{Exit, Failure};
use crate::moment::{self, TimeStyle};
use crate::terminal::{Stream, Tone, printable};

/// The form of the output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Aligned columns for people.
    #[default]
    Table,
    /// The same with more columns.
    Wide,
    /// One JSON document.
    Json,
    /// One line of JSON for each item.
    Jsonl,
    /// One YAML document.
    Yaml,
    /// Only names or ARNs, one a line: what other commands take.
    Name,
    /// Nothing; the exit code says it.
    None,
}

/// How to print.
#[derive(Debug)]
pub struct Printer {
    /// The form.
    pub format: Format,
    /// Which columns of a table or members of a structured form; empty for all.
    pub columns: Vec<String>,
    /// What of a structured form is wanted.
    pub select: Option<Select>,
    /// Whether cells may be shortened to the terminal's width.
    pub truncate: bool,
    /// How times are shown, if the person said.
    pub time: Option<TimeStyle>,
    /// The stream.
    pub out: Stream,
    /// While something is watched: what was printed last.
    pub watched: Mutex<Option<String>>,
}

/// One object.
#[derive(Debug, Default)]
pub struct Record {
    /// What a table shows: name and value, in order.
    pub fields: Vec<(&'static str, Cell)>,
    /// What the structured forms show.
    pub json: Value,
    /// What `-o name` shows.
    pub name: String,
}

/// A list of objects.
#[derive(Debug, Default)]
pub struct Listing {
    /// What a table shows.
    pub table: Table,
    /// What the structured forms show, one for each item.
    pub items: Vec<Value>,
    /// What `-o name` shows, one for each item.
    pub names: Vec<String>,
    /// Where the next page begins, if there is one.
    pub next: Option<String>,
}

impl Printer {
    /// A time in a table.
    pub fn time(&self, at: wire::Timestamp) -> String {
        let default = if self.out.is_terminal { TimeStyle::Relative } else { TimeStyle::Iso };
        moment::show(at.millis(), self.time.unwrap_or(default), moment::now_millis())
    }

    /// The structured form of an answer of the API.
    pub fn json(&self, answer: &impl Serialize) -> Value {
        let mut value = serde_json::to_value(answer).unwrap_or_default();
        if self.time != Some(TimeStyle::Raw) {
            readable_times(&mut value);
        }
        value
    }

    /// Prints one object.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn record(&self, record: &Record) -> Result<(), Failure> {
        let text = match self.format {
            Format::Table | Format::Wide => table::record(&record.fields, &self.out),
            Format::Json => pretty(&self.wanted(&record.json)?),
            Format::Jsonl => format!("{}\n", self.wanted(&record.json)?),
            Format::Yaml => yaml::document(&self.wanted(&record.json)?),
            Format::Name => format!("{}\n", record.name),
            Format::None => String::new(),
        };
        self.put(&text)
    }

    /// Prints a list.
    ///
    /// # Errors
    /// When standard output cannot be written, or a column is unknown.
    pub fn listing(&self, listing: &Listing) -> Result<(), Failure> {
        let items = || self.picked(&Value::Array(listing.items.clone()));
        let whole = || -> Result<Value, Failure> {
            self.selected(json!({ "items": items()?, "next": listing.next }))
        };
        let text = match self.format {
            Format::Table | Format::Wide => {
                listing.table.render(self.format == Format::Wide, &self.columns, self.truncate, &self.out)?
            }
            Format::Json => pretty(&whole()?),
            Format::Jsonl => {
                let items = items()?;
                let lines = items.as_array().into_iter().flatten().map(|item| self.selected(item.clone()));
                lines.map(|item| Ok(format!("{}\n", item?))).collect::<Result<String, Failure>>()?
            }
            Format::Yaml => yaml::document(&whole()?),
            Format::Name => listing.names.iter().map(|name| format!("{name}\n")).collect(),
            Format::None => String::new(),
        };
        self.put(&text)
    }

    /// Prints one more thing of a list without end, in its structured form: a line of JSON.
    ///
    /// # Errors
    /// When standard output cannot be written, or a member is unknown.
    pub fn item(&self, json: &Value) -> Result<(), Failure> {
        write(&format!("{}\n", self.wanted(json)?))
    }

    fn wanted(&self, json: &Value) -> Result<Value, Failure> {
        self.selected(self.picked(json)?)
    }

    fn selected(&self, json: Value) -> Result<Value, Failure> {
        self.select.as_ref().map_or(Ok(json.clone()), |select| select.of(&json))
    }

    /// The members that are wanted, of an object or of the objects of an array.
    fn picked(&self, json: &Value) -> Result<Value, Failure> {
        if self.columns.is_empty() {
            return Ok(json.clone());
        }
        let objects = match json {
            Value::Array(items) => &items[..],
            one => std::slice::from_ref(one),
        };
        let known: BTreeSet<&str> =
            objects.iter().filter_map(Value::as_object).flat_map(Map::keys).map(String::as_str).collect();
        let is_known = |wanted: &&String| known.iter().any(|name| name.eq_ignore_ascii_case(wanted));
        if let Some(unknown) = self.columns.iter().find(|wanted| !is_known(wanted))
            && !objects.is_empty()
        {
            let known: Vec<&str> = known.into_iter().collect();
            return Err(unknown_field("member", unknown, &known));
        }
        let pick = |object: &Value| -> Value {
            let members = object.as_object().into_iter().flatten();
            let is_wanted = |name: &str| self.columns.iter().any(|wanted| wanted.eq_ignore_ascii_case(name));
            members
                .filter(|(name, _)| is_wanted(name))
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect()
        };
        Ok(match json {
            Value::Array(items) => items.iter().map(pick).collect(),
            one => pick(one),
        })
    }

    /// From now on the same thing is printed again and again: on a terminal in its place, elsewhere only when it has changed.
    pub fn watch(&self) {
        *self.watched.lock().unwrap_or_else(PoisonError::into_inner) = Some(String::new());
    }

    fn put(&self, text: &str) -> Result<(), Failure> {
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(last) = watched.as_mut() else { return write(text) };
        if *last == text {
            return Ok(());
        }
        text.clone_into(last);
        if self.out.is_terminal { write(&format!("\u{1b}[H\u{1b}[J{text}")) } else { write(text) }
    }
}

/// A column or a member that is not there, with what was probably meant and what there is.
fn unknown_field(kind: &str, name: &str, known: &[&str]) -> Failure {
    let mut failure = Failure::usage(format!("there is no {kind} `{name}`"));
    if let Some(near) = crate::config::nearest(name, known) {
        failure = failure.hint(format!("did you mean `{near}`?"));
    }
    failure.hint(format!("{kind}s: {}", known.join(", ")))
}

/// A JSON document with a line end.
pub fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).map(|text| text + "\n").unwrap_or_default()
}

/// Writes to standard output. A reader that has gone away (`| head`) ends the program quietly.
///
/// # Errors
/// When standard output cannot be written.
pub fn write(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => std::process::exit(0),
        Err(error) => {
            Err(Failure::new(Exit::Environment, format!("cannot write to standard output: {error}")))
        }
    }
}

/// Writes a line to standard error; there is nobody left to tell when that fails.
pub fn note(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// A number with its noun: `1 error`, `2 errors`.
pub fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// A status in its colour.
pub fn status(status: &str) -> Cell {
    let tone = match status {
        "SUCCEEDED" | "ACTIVE" | "OK" => Tone::Good,
        "FAILED" | "TIMED_OUT" | "FAIL" => Tone::Bad,
        "ABORTED" | "DELETING" => Tone::Warn,
        "RUNNING" | "PENDING_REDRIVE" => Tone::Busy,
        _ => Tone::Plain,
    };
    Cell::new(printable(status), tone)
}

/// Replaces the API's seconds by ISO texts, in the members that are times by their names.
fn readable_times(value: &mut Value) {
    match value {
        Value::Object(members) => replace_times(members),
        Value::Array(items) => items.iter_mut().for_each(readable_times),
        _ => {}
    }
}

fn replace_times(members: &mut Map<String, Value>) {
    for (name, value) in members.iter_mut() {
        let is_time = name == "timestamp" || name.ends_with("Date");
        match value.as_f64() {
            Some(seconds) if is_time => {
                let millis = (seconds * 1000.0).round() as i64;
                *value = Value::String(moment::show(millis, TimeStyle::Iso, 0));
            }
            _ => readable_times(value),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::readable_times;

    #[test]
    fn times_become_texts() {
        let mut value = json!({"startDate": 1_795_176_000.123, "input": "{\"startDate\":1}",
            "events": [{"timestamp": 0.0, "id": 1}]});
        readable_times(&mut value);
        assert_eq!(
            value,
            json!({"startDate": "2026-11-20T12:00:00.123Z", "input": "{\"startDate\":1}",
                "events": [{"timestamp": "1970-01-01T00:00:00.000Z", "id": 1}]})
        );
    }
}
