//! The Amazon States Language: text with spans, typed definition, diagnostics, templates, intrinsics.

mod definition;
mod scope;

pub use definition::*;
pub use scope::{Draws, Scope};
