//! JSONPath as Jayway has it, with its error texts, and Reference Paths; compiled once, evaluated many times.
//!
//! The service's engine is Jayway JsonPath, down to the texts of its exceptions, so this is that dialect and neither RFC 9535
//! nor Goessner's. Where Jayway raises "path not found" for a path that could match many places, the service answers `[]`
//! (recorded); so does this. Jayway's functions (`.length()`, `.sum()`) are not part of the service: they are read as names.
//!
//! *Not* here: which document a path is read from (`$$`, variables), what the service says around these texts, intrinsics.
//! The caller decides those. Reading and evaluating take time linear in their input but for `..` and filters, which run
//! under a budget; neither can exhaust the stack.

mod error;
mod eval;
mod filter;
mod filter_eval;
mod filter_parse;
mod literal;
mod parse;
mod path;
mod reference;

pub use error::{InvalidPath, PathError, PathErrorKind, SetError, SetErrorKind};
pub use path::Path;
pub use reference::{ReferencePath, Step};
