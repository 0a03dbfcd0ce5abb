//! Rust types for the model's structures and enumerations.
//! Strings, lists and maps have no type of their own: they become `String`, `Vec` and `BTreeMap` where they are used.

use std::fmt::Write;

use super::model::{Model, Shape, pascal, snake};
use crate::shell::Result;

/// A structure with more structure members than this keeps them in boxes: `HistoryEvent` has 37 of which one is set.
const INLINE_STRUCTURES: usize = 8;

/// Appends every structure and enumeration that a request or a response can hold.
///
/// # Errors
/// When the model has a kind of shape that the generator does not know.
pub fn emit(model: &Model, out: &mut String) -> Result<()> {
    let roots = model.operations.values().flat_map(|op| [op.input.shape.as_str(), op.output.shape.as_str()]);
    for name in model.reachable(roots)? {
        let shape = model.shape(name)?;
        if shape.kind == "structure" {
            structure(model, name, shape, out)?;
        } else if !shape.values.is_empty() {
            enumeration(name, shape, out);
        }
    }
    for (name, operation) in &model.operations {
        let _ = write!(
            out,
            "impl Request for {} {{ const OPERATION: OperationName = OperationName::{name}; type Response = {}; }}\n\n",
            operation.input.shape, operation.output.shape
        );
    }
    Ok(())
}

fn structure(model: &Model, name: &str, shape: &Shape, out: &mut String) -> Result<()> {
    let mut nested = 0;
    for reference in shape.members.values() {
        nested += usize::from(model.shape(&reference.shape)?.kind == "structure");
    }
    let sensitive = if shape.sensitive { " Its content is sensitive." } else { "" };
    let _ = write!(
        out,
        "/// `{name}` of the API.{sensitive}\n#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]\n"
    );
    if shape.members.is_empty() {
        let _ = write!(out, "pub struct {name} {{}}\n\n");
        return Ok(());
    }
    let _ = write!(out, "#[serde(rename_all = \"camelCase\")]\npub struct {name} {{\n");
    for (member, reference) in &shape.members {
        let target = model.shape(&reference.shape)?;
        let mut ty = rust_type(model, &reference.shape)?;
        if nested > INLINE_STRUCTURES && target.kind == "structure" {
            ty = format!("Box<{ty}>");
        }
        let required = shape.required.contains(member);
        let _ = writeln!(out, "/// {}", describe(member, &reference.shape, target, required));
        if !required {
            out.push_str("#[serde(default, skip_serializing_if = \"Option::is_none\")]\n");
            ty = format!("Option<{ty}>");
        }
        let field = snake(member);
        if camel(&field) != *member {
            let _ = writeln!(out, "#[serde(rename = \"{member}\")]");
        }
        let raw = if field == "type" { "r#" } else { "" };
        let _ = writeln!(out, "pub {raw}{field}: {ty},");
    }
    out.push_str("}\n\n");
    Ok(())
}

fn rust_type(model: &Model, name: &str) -> Result<String> {
    let shape = model.shape(name)?;
    let of = |part: &Option<super::model::Reference>| match part {
        Some(reference) => rust_type(model, &reference.shape),
        None => Err(format!("shape `{name}` lacks its element")),
    };
    Ok(match shape.kind.as_str() {
        "structure" => name.to_owned(),
        "string" if !shape.values.is_empty() => name.to_owned(),
        "string" => "String".to_owned(),
        "integer" => "i32".to_owned(),
        "long" => "i64".to_owned(),
        "float" => "f64".to_owned(),
        "boolean" => "bool".to_owned(),
        "timestamp" => "Timestamp".to_owned(),
        "list" => format!("Vec<{}>", of(&shape.member)?),
        "map" => format!("BTreeMap<{}, {}>", of(&shape.key)?, of(&shape.value)?),
        other => return Err(format!("shape `{name}` is of unknown kind `{other}`")),
    })
}

/// `executionArn`: required, `Arn`, length 1 to 256.
fn describe(member: &str, name: &str, shape: &Shape, required: bool) -> String {
    let mut text = format!("`{member}`: {}`{name}`", if required { "required, " } else { "" });
    let what = if matches!(shape.kind.as_str(), "string" | "list") { "length" } else { "value" };
    match (shape.min, shape.max) {
        (Some(min), Some(max)) => {
            let _ = write!(text, ", {what} {min} to {max}");
        }
        (Some(min), None) => {
            let _ = write!(text, ", {what} from {min}");
        }
        (None, Some(max)) => {
            let _ = write!(text, ", {what} to {max}");
        }
        (None, None) => {}
    }
    if shape.kind == "timestamp" {
        text.push_str(", seconds since the epoch with milliseconds");
    }
    if shape.sensitive {
        text.push_str(", sensitive");
    }
    text.push('.');
    text
}

fn camel(field: &str) -> String {
    let mut out = String::new();
    let mut upper = false;
    for c in field.chars() {
        if c == '_' {
            upper = true;
        } else if upper {
            out.push(c.to_ascii_uppercase());
            upper = false;
        } else {
            out.push(c);
        }
    }
    out
}

fn enumeration(name: &str, shape: &Shape, out: &mut String) {
    let _ = write!(
        out,
        "/// `{name}` of the API. The default is the model's first value and means nothing.\n\
         #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]\n\
         pub enum {name} {{\n"
    );
    for (index, value) in shape.values.iter().enumerate() {
        let default = if index == 0 { "#[default]\n" } else { "" };
        let _ = write!(out, "/// `{value}`.\n{default}#[serde(rename = \"{value}\")]\n{},\n", pascal(value));
    }
    let variants: Vec<String> = shape.values.iter().map(|value| pascal(value)).collect();
    let all = variants.iter().map(|variant| format!("Self::{variant}")).collect::<Vec<_>>().join(", ");
    let _ = write!(
        out,
        "}}\n\nimpl {name} {{\n/// Every value, in the model's order.\npub const ALL: &[Self] = &[{all}];\n\n"
    );
    out.push_str("/// The value as it is written on the wire.\n#[must_use]\npub const fn as_str(self) -> &'static str {\nmatch self {\n");
    for (variant, value) in variants.iter().zip(&shape.values) {
        let _ = writeln!(out, "Self::{variant} => \"{value}\",");
    }
    out.push_str("}\n}\n\n/// The value that is written so, if there is one.\n#[must_use]\npub fn from_wire(text: &str) -> Option<Self> {\n");
    out.push_str("Self::ALL.iter().copied().find(|value| value.as_str() == text)\n}\n}\n\n");
    let _ = write!(
        out,
        "impl std::fmt::Display for {name} {{\nfn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {{\nf.write_str(self.as_str())\n}}\n}}\n\n"
    );
}
