//! The Amazon States Language: text with spans, typed definition, diagnostics, templates, expressions, intrinsics.
//!
//! *Not* here: running a definition (the interpreter), evaluating JSONata, reading files, clocks and random devices.

mod choice;
mod convert;
mod definition;
mod diagnostic;
mod error_names;
mod evaluation_error;
mod expression;
mod intrinsic;
mod lint;
pub mod names;
mod parse;
pub mod render;
mod rules;
mod scope;
mod syntax;
mod template;
pub mod timestamp;
mod variables;

pub use convert::yaml_to_json;
pub use definition::*;
pub use diagnostic::{Diagnostic, Fix, Severity, invalid_definition_message};
pub use error_names::{
    ALL, HEARTBEAT_TIMEOUT, INTRINSIC_FAILURE, QUERY_EVALUATION_ERROR, RUNTIME, TASK_FAILED, TIMEOUT,
    error_matches,
};
pub use evaluation_error::EvaluationError;
pub use expression::InvalidExpression;
pub use lint::{LintOptions, apply_fixes, lint};
pub use parse::{MachineType, ParseOptions, Parsed, parse, parse_yaml};
pub use rules::{Rule, rule, rules};
pub use scope::{Draws, Scope};
pub use template::Leaf;
pub use variables::Read;
