//! Tables over the model: the operations, the constraints on their requests, and a constructor for each error.
//! The checks that use them are in `wire::validate`.

use std::fmt::Write;

use super::model::{Model, Shape, snake};
use crate::shell::Result;

/// The regular expressions of the model, each with the hand-written matcher of `wire::shape::Pattern`. There are three, one of
/// which needs look-ahead: that does not earn a regular expression engine. A new one stops the generator.
const PATTERNS: &[(&str, &str)] = &[
    (r"^(?=.*[a-zA-Z_\-\.])[a-zA-Z0-9_\-\.]+$", "Pattern::AliasName"),
    ("[!-~]+", "Pattern::Graphic"),
    (r"\p{ASCII}*", "Pattern::Ascii"),
];

/// Appends the enumeration of operation names and the table behind it.
///
/// # Errors
/// When an operation's request is not a structure.
pub fn operations(model: &Model, out: &mut String) -> Result<()> {
    out.push_str(
        "/// The name of an operation: the part of `X-Amz-Target` after the dot.\n\
         #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]\npub enum OperationName {\n",
    );
    for name in model.operations.keys() {
        let _ = write!(out, "/// `{name}`.\n{name},\n");
    }
    out.push_str(
        "}\n\nimpl OperationName {\n\
         /// The operation with its request's constraints and its errors.\n#[must_use]\n\
         pub const fn operation(self) -> &'static Operation {\n&OPERATIONS[self as usize]\n}\n\n\
         /// The name as it is written on the wire.\n#[must_use]\n\
         pub const fn as_str(self) -> &'static str {\nself.operation().name\n}\n\n\
         /// The operation that is written so, if there is one.\n#[must_use]\n\
         pub fn from_wire(text: &str) -> Option<Self> {\n\
         OPERATIONS.binary_search_by(|operation| operation.name.cmp(text)).ok().map(|index| OPERATIONS[index].id)\n}\n}\n\n\
         impl std::fmt::Display for OperationName {\nfn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {\nf.write_str(self.as_str())\n}\n}\n\n\
         /// Every operation of the API, sorted by name and in the order of [`OperationName`].\n\
         pub static OPERATIONS: &[Operation] = &[\n",
    );
    if !model.operations.keys().is_sorted() {
        return Err("the model's operations are not sorted by name".to_owned());
    }
    for (name, operation) in &model.operations {
        let prefix = match &operation.endpoint {
            Some(endpoint) => format!("Some({:?})", endpoint.host_prefix),
            None => "None".to_owned(),
        };
        let errors: Vec<String> = operation.errors.iter().map(|error| format!("{:?}", error.shape)).collect();
        let _ = writeln!(
            out,
            "Operation {{ id: OperationName::{name}, name: {name:?}, host_prefix: {prefix}, errors: &[{}], input: &{} }},",
            errors.join(", "),
            constant(&operation.input.shape)
        );
    }
    out.push_str("];\n\n");
    Ok(())
}

/// Appends one constructor of `ApiError` for each error of the model.
pub fn errors(model: &Model, out: &mut String) {
    out.push_str("/// The errors that the model declares.\nimpl ApiError {\n");
    for (name, _) in model.shapes.iter().filter(|(_, shape)| shape.exception) {
        let _ = write!(
            out,
            "/// `{name}`.\n#[must_use]\npub fn {}(message: impl Into<String>) -> Self {{\nSelf::new({name:?}, message)\n}}\n\n",
            snake(name)
        );
    }
    out.push_str("}\n\n");
}

/// Appends the constraints of every shape that a request can hold.
///
/// # Errors
/// When the model has a pattern or a kind of shape that the generator does not know.
pub fn constraints(model: &Model, out: &mut String) -> Result<()> {
    for name in model.reachable(model.operations.values().map(|op| op.input.shape.as_str()))? {
        let shape = model.shape(name)?;
        let text = constraint(name, shape)?;
        let _ = write!(out, "static {}: Shape = {text};\n\n", constant(name));
    }
    Ok(())
}

fn constant(name: &str) -> String {
    format!("{}_SHAPE", snake(name).to_uppercase())
}

fn constraint(name: &str, shape: &Shape) -> Result<String> {
    let (min, max, sensitive) = (option(shape.min), option(shape.max), shape.sensitive);
    let element = |part: &Option<super::model::Reference>| match part {
        Some(reference) => Ok(format!("&{}", constant(&reference.shape))),
        None => Err(format!("shape `{name}` lacks its element")),
    };
    Ok(match shape.kind.as_str() {
        "string" if !shape.values.is_empty() => format!("Shape::Enum {{ values: &{:?} }}", shape.values),
        "string" => {
            let pattern = match &shape.pattern {
                None => "None".to_owned(),
                Some(text) => match PATTERNS.iter().find(|(known, _)| known == text) {
                    Some((_, variant)) => format!("Some({variant})"),
                    None => return Err(format!("shape `{name}` has the unknown pattern `{text}`")),
                },
            };
            format!(
                "Shape::String {{ name: {name:?}, min: {min}, max: {max}, pattern: {pattern}, sensitive: {sensitive} }}"
            )
        }
        "integer" => format!("Shape::Integer {{ min: {min}, max: {max}, sensitive: {sensitive} }}"),
        "long" => format!("Shape::Long {{ min: {min}, max: {max}, sensitive: {sensitive} }}"),
        "float" => format!("Shape::Float {{ min: {min}, max: {max}, sensitive: {sensitive} }}"),
        "boolean" => "Shape::Boolean".to_owned(),
        "list" => format!("Shape::List {{ min: {min}, max: {max}, element: {} }}", element(&shape.member)?),
        "structure" => {
            let mut fields = String::new();
            for (member, reference) in &shape.members {
                let required = shape.required.contains(member);
                let target = constant(&reference.shape);
                let _ =
                    write!(fields, "Field {{ name: {member:?}, required: {required}, shape: &{target} }},");
            }
            format!("Shape::Structure {{ name: {name:?}, fields: &[{fields}] }}")
        }
        other => return Err(format!("shape `{name}` of a request is of unknown kind `{other}`")),
    })
}

fn option(value: Option<i64>) -> String {
    value.map_or_else(|| "None".to_owned(), |value| format!("Some({value})"))
}
