//! From the reader's complaint about `stepwell.toml` to a message with place, reason and what to do.

use std::path::Path;

use crate::failure::Failure;

/// Tables that the file's documentation has and this release has not.
const LATER: &[&str] = &["substitutions", "services", "connections", "notify", "auth"];

/// Makes the message for an error of the reader.
pub fn explain(path: &Path, text: &str, error: &toml::de::Error) -> Failure {
    let at = error.span().map_or(0, |span| span.start);
    let (line, column) = line_and_column(text, at);
    let place = format!("{}:{line}:{column}", path.display());
    let message = error.message().lines().collect::<Vec<_>>().join(", ");
    let Some(rest) = message.strip_prefix("unknown field ") else {
        return Failure::usage(format!("{place}: {message}"));
    };
    let mut names = rest.split('`').skip(1).step_by(2);
    let unknown = names.next().unwrap_or_default();
    if LATER.contains(&unknown) {
        return Failure::usage(format!("{place}: `{unknown}` is not available in this release"))
            .hint("remove it; nothing in it would have an effect");
    }
    let known: Vec<&str> = names.collect();
    let mut failure = Failure::usage(format!("{place}: unknown key `{unknown}`"));
    if let Some(near) = nearest(unknown, &known) {
        failure = failure.hint(format!("did you mean `{near}`?"));
    }
    failure.hint(format!("keys here: {}", known.join(", ")))
}

/// The word that was probably meant.
pub fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let distance = |other: &&str| strsim::damerau_levenshtein(&word.to_lowercase(), &other.to_lowercase());
    let best = known.iter().copied().min_by_key(|other| distance(other))?;
    (distance(&best) <= 1 + best.len() / 4).then_some(best)
}

fn line_and_column(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}
