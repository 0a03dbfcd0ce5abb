//! Items from what an ItemReader would have read, as its source has it: JSON, JSON Lines, CSV, or a listing of S3 objects.
//! Reading S3, manifests and Parquet files are not here. The rules of CSV are the service's (developer guide,
//! "ItemReader"; that short rows are padded and long ones cut is recorded).

use std::collections::HashSet;

use asl::ItemReader;
use value::{Numbers, Object, Payload, Value};

use super::Stage;
use crate::data::Data;
use crate::dataflow;
use crate::failure::Failure;
use crate::record::FrameId;
use crate::turn::Turn;

/// Error name of an ItemReader that cannot read.
const FAILED: &str = "States.ItemReaderFailed";
/// Bytes of the header row of a CSV file (developer guide).
const MAX_HEADER_BYTES: usize = 10 * 1024;

/// The items of a text that the ItemReader has read.
pub(super) fn items(
    turn: &Turn<'_>,
    frame: FrameId,
    reader: &ItemReader,
    text: &str,
    input: &Data,
) -> Result<Data, Failure> {
    let setting = |name: &str| reader.config.get(name).and_then(Value::as_str);
    let mut items = match setting("InputType") {
        Some("CSV") => csv(reader, text)?,
        Some("JSONL") => json_lines(text)?,
        Some(other @ ("MANIFEST" | "PARQUET")) => {
            return Err(failed(format!(
                "A test cannot give the items of an ItemReader with InputType {other}."
            )));
        }
        _ => {
            let whole = parse(text)?;
            match setting("ItemsPointer") {
                None => iterable(&whole)?,
                Some(pointer) => {
                    let found = at_pointer(&whole, pointer).ok_or_else(|| {
                        failed(format!("The ItemsPointer {pointer} does not match anything in the data."))
                    })?;
                    turn.note(Stage::AfterItemsPointer, &Data::from_value(found.clone()));
                    iterable(found)?
                }
            }
        }
    };
    if let Some(field) = &reader.max_items {
        let most = dataflow::whole_number(turn, frame, field, "MaxItems", input.value())?;
        let most = usize::try_from(most).map_err(|_| failed("field MaxItems must be positive"))?;
        if most > 0 {
            items.truncate(most);
        }
    }
    dataflow::made(turn, frame, Value::from(items), Numbers::Java)
}

fn failed(cause: impl Into<crate::text::Text>) -> Failure {
    Failure::new(FAILED, cause)
}

fn parse(text: &str) -> Result<Value, Failure> {
    let parsed = Payload::parse(text).map_err(|error| failed(format!("The data is not JSON: {error}")))?;
    Ok(parsed.value().clone())
}

/// An array's elements; an object's pairs, each with its Key and its Value.
fn iterable(value: &Value) -> Result<Vec<Value>, Failure> {
    match value {
        Value::Obj(members) => Ok(members
            .iter()
            .map(|(key, value)| {
                let mut pair = Object::default();
                pair.insert("Key", Value::Str(key.clone()));
                pair.insert("Value", value.clone());
                Value::Obj(pair)
            })
            .collect()),
        other => match other.as_array() {
            Some(items) => Ok(items.to_vec()),
            None => Err(failed("Attempting to map over non-iterable node.")),
        },
    }
}

/// What a JSON Pointer (RFC 6901) leads to.
fn at_pointer<'v>(value: &'v Value, pointer: &str) -> Option<&'v Value> {
    if pointer.is_empty() {
        return Some(value);
    }
    let mut found = value;
    for token in pointer.strip_prefix('/')?.split('/') {
        let token = token.replace("~1", "/").replace("~0", "~");
        found = match found.as_array() {
            Some(items) => items.get(token.parse::<usize>().ok()?)?,
            None => found.get(&token)?,
        };
    }
    Some(found)
}

fn json_lines(text: &str) -> Result<Vec<Value>, Failure> {
    text.lines().filter(|line| !line.trim().is_empty()).map(parse).collect()
}

/// The rows of a CSV file as objects of texts.
fn csv(reader: &ItemReader, text: &str) -> Result<Vec<Value>, Failure> {
    let setting = |name: &str| reader.config.get(name).and_then(Value::as_str);
    let delimiter = match setting("CSVDelimiter") {
        Some("PIPE") => '|',
        Some("SEMICOLON") => ';',
        Some("SPACE") => ' ',
        Some("TAB") => '\t',
        _ => ',',
    };
    let mut rows = rows(text, delimiter).into_iter();
    let headers: Vec<String> = match reader.config.get("CSVHeaders").and_then(Value::as_array) {
        Some(given) if setting("CSVHeaderLocation") == Some("GIVEN") => {
            given.iter().map(|name| name.as_str().unwrap_or_default().to_owned()).collect()
        }
        _ => rows.next().ok_or_else(|| failed("The CSV data has no header row."))?,
    };
    let mut seen = HashSet::new();
    if !headers.iter().all(|header| seen.insert(header)) {
        // Recorded.
        return Err(failed("CSV headers cannot contain duplicates."));
    }
    if headers.iter().map(String::len).sum::<usize>() > MAX_HEADER_BYTES {
        return Err(failed(format!("The CSV header is longer than {MAX_HEADER_BYTES} bytes.")));
    }
    Ok(rows
        .map(|row| {
            let mut item = Object::default();
            let mut fields = row.into_iter();
            for header in &headers {
                item.insert(header.as_str(), Value::from(fields.next().unwrap_or_default()));
            }
            Value::Obj(item)
        })
        .collect())
}

/// Rows of fields. A quoted field may hold delimiters and line breaks, and `""` for a quote; a backslash escapes a backslash,
/// a quote and the delimiter, and is dropped before anything else.
fn rows(text: &str, delimiter: char) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    let (mut row, mut field) = (Vec::new(), String::new());
    let (mut quoted, mut seen) = (false, false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                if let Some(next) = chars.next_if(|next| matches!(next, '\\' | '"') || *next == delimiter) {
                    field.push(next);
                }
                seen = true;
            }
            '"' if quoted => match chars.next_if_eq(&'"') {
                Some(quote) => field.push(quote),
                None => quoted = false,
            },
            '"' if field.is_empty() => (quoted, seen) = (true, true),
            '\r' if !quoted && chars.peek() == Some(&'\n') => {}
            '\n' if !quoted => {
                if seen || !row.is_empty() {
                    row.push(std::mem::take(&mut field));
                    rows.push(std::mem::take(&mut row));
                }
                seen = false;
            }
            c if c == delimiter && !quoted => {
                row.push(std::mem::take(&mut field));
                seen = true;
            }
            c => {
                field.push(c);
                seen = true;
            }
        }
    }
    if seen || !row.is_empty() {
        row.push(field);
        rows.push(row);
    }
    rows
}

#[cfg(test)]
mod tests {
    use value::Value;

    use super::{at_pointer, rows};

    #[test]
    fn csv_is_read_as_the_service_reads_it() {
        let check = |text: &str, delimiter: char, expected: &[&[&str]]| {
            assert_eq!(rows(text, delimiter), expected, "{text}");
        };
        check("a,b\n1,2\n", ',', &[&["a", "b"], &["1", "2"]]);
        check("a,b\r\n\r\n1,", ',', &[&["a", "b"], &["1", ""]]);
        check("\"a,\nb\",\"c\"\"d\"", ',', &[&["a,\nb", "c\"d"]]);
        check("a\\,b,\\\\,\\x,\\\"", ',', &[&["a,b", "\\", "x", "\""]]);
        check("a|b;c", '|', &[&["a", "b;c"]]);
        check("\"\"\n", ',', &[&[""]]);
        check("\"open", ',', &[&["open"]]);
        check("", ',', &[]);
    }

    #[test]
    fn pointers_lead_into_the_data() {
        let data = Value::parse(r#"{"a/b":[{"~":1}],"":2}"#).unwrap();
        let check = |pointer: &str, expected: Option<&str>| {
            assert_eq!(at_pointer(&data, pointer).map(Value::to_json).as_deref(), expected, "{pointer}");
        };
        check("/a~1b/0/~0", Some("1"));
        check("/", Some("2"));
        check("/a~1b/1", None);
        check("a", None);
        check("/x", None);
    }
}
