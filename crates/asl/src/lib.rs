//! The Amazon States Language: text with spans, typed definition, diagnostics, templates, intrinsics.
