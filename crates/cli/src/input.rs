//! JSON arguments: `--input '{"a":1}'`, `--input @file.json`, `--input -`, and `--set order.id=7` on top. It checks that the
//! result is JSON, because the server's answer would come later and say less; what the JSON means is the machine's business.

use std::io::Read;

use clap::Args;
use serde_json::{Map, Value};

use crate::failure::Failure;

/// Longest input that is read; the service takes 262,144 bytes.
const INPUT_BYTES_MAX: u64 = 16 << 20;

/// The flags that make an input.
#[derive(Args, Clone, Debug, Default)]
pub struct InputArgs {
    /// JSON text, `@file.json`, or `-` for standard input
    #[arg(long, short, value_name = "JSON|@FILE|-")]
    pub input: Option<String>,
    /// The same in YAML: `@file.yaml`, or `-` for standard input
    #[arg(long, value_name = "YAML|@FILE|-", conflicts_with = "input")]
    pub input_yaml: Option<String>,
    /// Sets one member of the input: order.id=7; repeatable, numbers, booleans and JSON are typed
    #[arg(long, value_name = "PATH=VALUE")]
    pub set: Vec<String>,
}

impl InputArgs {
    /// The input as text, exactly as it was written unless `--set` changes it. `None` when no flag was given.
    ///
    /// # Errors
    /// When a file cannot be read, a text is not JSON, or a `--set` does not fit.
    pub fn text(&self) -> Result<Option<String>, Failure> {
        let text = match (&self.input, &self.input_yaml) {
            (Some(argument), _) => Some(read("--input", argument)?),
            (None, Some(argument)) => Some(read_yaml(argument)?),
            (None, None) => None,
        };
        if self.set.is_empty() {
            return Ok(text);
        }
        let mut value = match &text {
            Some(text) => serde_json::from_str(text).unwrap_or_default(),
            None => Value::Object(Map::new()),
        };
        for change in &self.set {
            set(&mut value, change)?;
        }
        Ok(Some(value.to_string()))
    }
}

/// Reads a JSON argument and checks that it is JSON.
///
/// # Errors
/// When a file cannot be read or the text is not JSON.
pub fn read(flag: &str, argument: &str) -> Result<String, Failure> {
    let (place, text) = source(flag, argument)?;
    match serde_json::from_str::<serde::de::IgnoredAny>(&text) {
        Ok(_) => Ok(text),
        Err(error) => Err(Failure::usage(format!("{place} is not JSON: {error}")).hint(format!(
            "expected {flag} '{{\"a\":1}}', {flag} @file.json, or {flag} - for standard input"
        ))),
    }
}

/// Reads an argument that may be any text.
///
/// # Errors
/// When a file cannot be read.
pub fn text(flag: &str, argument: &str) -> Result<String, Failure> {
    Ok(source(flag, argument)?.1)
}

fn read_yaml(argument: &str) -> Result<String, Failure> {
    let (place, text) = source("--input-yaml", argument)?;
    asl::yaml_to_json(&text).map_err(|error| Failure::usage(format!("{place} is not YAML: {error}")))
}

/// What an argument stands for, and what to call it.
fn source(flag: &str, argument: &str) -> Result<(String, String), Failure> {
    Ok(match argument.strip_prefix('@') {
        Some(path) => (format!("`{path}`"), limited(std::fs::File::open(path), path)?),
        None if argument == "-" => {
            ("standard input".to_owned(), limited(Ok(std::io::stdin()), "standard input")?)
        }
        None => (format!("`{flag}`"), argument.to_owned()),
    })
}

fn limited(source: std::io::Result<impl Read>, name: &str) -> Result<String, Failure> {
    let mut text = String::new();
    let failed = |error: std::io::Error| Failure::usage(format!("cannot read `{name}`: {error}"));
    let read = source.map_err(failed)?.take(INPUT_BYTES_MAX + 1).read_to_string(&mut text).map_err(failed)?;
    if read as u64 > INPUT_BYTES_MAX {
        return Err(Failure::usage(format!("`{name}` is longer than {INPUT_BYTES_MAX} bytes")));
    }
    Ok(text)
}

/// Sets a member, making the objects on the way. A value that is JSON is that, anything else is text.
fn set(root: &mut Value, change: &str) -> Result<(), Failure> {
    let wrong = |why: &str| {
        Failure::usage(format!("--set `{change}`: {why}")).hint("expected PATH=VALUE, such as order.id=7")
    };
    let (path, text) = change.split_once('=').ok_or_else(|| wrong("there is no `=`"))?;
    let mut place = root;
    for name in path.split('.') {
        if name.is_empty() {
            return Err(wrong("a name in the path is empty"));
        }
        let Value::Object(members) = place else {
            return Err(wrong(&format!("`{name}` lies in something that is no object")));
        };
        place = members.entry(name).or_insert_with(|| Value::Object(Map::new()));
    }
    *place = serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::InputArgs;

    #[track_caller]
    fn check(input: Option<&str>, set: &[&str], wanted: &str) {
        let args = InputArgs {
            input: input.map(str::to_owned),
            input_yaml: None,
            set: set.iter().map(|change| (*change).to_owned()).collect(),
        };
        let found = match args.text() {
            Ok(text) => text.unwrap_or_else(|| "none".to_owned()),
            Err(failure) => failure.to_string().lines().next().unwrap_or_default().to_owned(),
        };
        assert_eq!(found, wanted);
    }

    #[test]
    fn inputs_are_read_and_changed() {
        check(None, &[], "none");
        check(Some("{ \"a\" : 1.0 }"), &[], "{ \"a\" : 1.0 }");
        check(Some("{\"a\":1}"), &["a=2", "b.c=true", "b.d=x y"], r#"{"a":2,"b":{"c":true,"d":"x y"}}"#);
        check(None, &["a={\"b\":[]}"], r#"{"a":{"b":[]}}"#);
        check(Some("{a"), &[], "`--input` is not JSON: key must be a string at line 1 column 2");
        check(Some("[1]"), &["a=1"], "--set `a=1`: `a` lies in something that is no object");
        check(None, &["a"], "--set `a`: there is no `=`");
        check(None, &["a..b=1"], "--set `a..b=1`: a name in the path is empty");
    }

    #[test]
    fn yaml_becomes_json() {
        let args = InputArgs { input_yaml: Some("a: [1, x]".to_owned()), ..InputArgs::default() };
        assert_eq!(args.text().unwrap().as_deref(), Some(r#"{"a":[1,"x"]}"#));
        let args = InputArgs { input_yaml: Some("a: [".to_owned()), ..InputArgs::default() };
        assert!(args.text().unwrap_err().to_string().starts_with("`--input-yaml` is not YAML: "));
    }

    #[test]
    fn files_are_read() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "[1, 2]").unwrap();
        check(Some(&format!("@{}", file.path().display())), &[], "[1, 2]");
        assert!(super::read("--input", "@/nowhere/x.json").is_err());
    }
}
