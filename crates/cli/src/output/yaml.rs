//! JSON values as YAML: block style, every text in double quotes as JSON has it, so that no reader takes it for something
//! else. It only writes; definitions in YAML are read by `asl`.

use serde_json::Value;

/// Deeper values are written in JSON's own form, which is YAML too.
const DEPTH_MAX: usize = 64;

/// The value as one document.
pub fn document(value: &Value) -> String {
    let mut text = String::new();
    block(value, 0, &mut text);
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

fn block(value: &Value, depth: usize, text: &mut String) {
    let indent = "  ".repeat(depth);
    match value {
        Value::Object(members) if !members.is_empty() && depth < DEPTH_MAX => {
            for (name, value) in members {
                text.push_str(&format!("{indent}{}:", key(name)));
                member(value, depth, text);
            }
        }
        Value::Array(items) if !items.is_empty() && depth < DEPTH_MAX => {
            for item in items {
                text.push_str(&format!("{indent}-"));
                member(item, depth, text);
            }
        }
        scalar => text.push_str(&format!("{indent}{scalar}\n")),
    }
}

fn member(value: &Value, depth: usize, text: &mut String) {
    let nested = match value {
        Value::Object(members) => !members.is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => false,
    };
    if nested && depth + 1 < DEPTH_MAX {
        text.push('\n');
        block(value, depth + 1, text);
    } else {
        text.push_str(&format!(" {value}\n"));
    }
}

fn key(name: &str) -> String {
    let simple = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !matches!(
            name.to_ascii_lowercase().as_str(),
            "y" | "n" | "yes" | "no" | "on" | "off" | "true" | "false" | "null"
        );
    if simple { name.to_owned() } else { Value::from(name).to_string() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::document;

    #[test]
    fn values_become_blocks() {
        let value =
            json!({"items": [{"name": "a", "no": 1.5}, []], "next": null, "a b": {}, "deep": {"x": ["y\n"]}});
        assert_eq!(
            document(&value),
            "\"a b\": {}\ndeep:\n  x:\n    - \"y\\n\"\nitems:\n  -\n    name: \"a\"\n    \"no\": 1.5\n  - []\nnext: null\n"
        );
        assert_eq!(document(&json!("x")), "\"x\"\n");
    }
}
