//! Diagnostics for people: the line of the text, what is wrong with it, what to do. Whether a terminal wants colours is
//! for the caller to find out.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use crate::diagnostic::{Diagnostic, Severity};

/// How the output looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    /// Text only.
    #[default]
    Plain,
    /// With ANSI colours.
    Colored,
}

/// The longest part of a line that is shown, in bytes on each side of what is wrong.
const MAX_SIDE: usize = 200;

/// Renders diagnostics of `text`, which came from `file`, each with its line, one blank line between them.
pub fn render(text: &str, file: &str, diagnostics: &[Diagnostic], style: Style) -> String {
    let renderer = match style {
        Style::Plain => Renderer::plain(),
        Style::Colored => Renderer::styled(),
    };
    let mut out = String::new();
    for diagnostic in diagnostics {
        out.push_str(&render_one(&renderer, text, file, diagnostic));
        out.push_str("\n\n");
    }
    out
}

fn render_one(renderer: &Renderer, text: &str, file: &str, diagnostic: &Diagnostic) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let excerpt = excerpt(text, diagnostic.span.clone());
    let snippet = Snippet::source(excerpt.text)
        .line_start(diagnostic.line as usize)
        .path(file)
        .annotation(AnnotationKind::Primary.span(excerpt.span));
    let message = diagnostic.message.lines().next().unwrap_or_default();
    let mut group = level.primary_title(message).id(diagnostic.sw_code).element(snippet);
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    if diagnostic.is_service() {
        let place = match diagnostic.location.as_str() {
            "" => diagnostic.code.to_owned(),
            location if location.starts_with('/') => format!("{} at {location}", diagnostic.code),
            _ => format!("{} at line {}, column {}", diagnostic.code, diagnostic.line, diagnostic.column),
        };
        group = group.element(Level::NOTE.with_name("aws").message(place));
    }
    renderer.render(&[group])
}

/// The first line of a span, or the part of it around the span where the line is very long.
struct Excerpt<'t> {
    text: &'t str,
    span: Range<usize>,
}

fn excerpt(text: &str, span: Range<usize>) -> Excerpt<'_> {
    let start = floor(text, span.start);
    let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
    let end = floor(text, span.end.max(start)).min(line_end);
    let from = floor(text, start.saturating_sub(MAX_SIDE)).max(line_start);
    let to = floor(text, end.min(start + MAX_SIDE) + MAX_SIDE).min(line_end);
    let shown = &text[from..to];
    let shown = shown.strip_suffix('\r').unwrap_or(shown);
    let clamp = |at: usize| (at - from).min(shown.len());
    Excerpt { text: shown, span: clamp(start)..clamp(end) }
}

/// The start of the character that `at` falls into.
fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
