//! Functions of at most 70 lines. Those that are longer today stand in `ratchet.toml` with their length, which may only shrink:
//! a new one is refused, a grown one too, and one that shrank must lower its number (`cargo xtask tidy --bless`).
//! Test functions are not counted: a table of cases is as long as its cases.
//!
//! It reads lines, not syntax: rustfmt closes a function with a brace at the indentation of its first line.

use std::collections::BTreeMap;

use super::tree::{File, Tree};
use crate::shell::{self, Result};

/// The greatest length of a function, in lines from `fn` to its closing brace.
const FUNCTION_LINES_MAX: usize = 70;

/// Where the exceptions stand.
const FILE: &str = "xtask/ratchet.toml";

const HEADER: &str = "# Functions longer than 70 lines, with their length. A number may only shrink: `cargo xtask tidy --bless`.\n";

/// `path::function` and its length.
type Lengths = BTreeMap<String, usize>;

/// Breaches of the ratchet.
///
/// # Errors
/// When `ratchet.toml` does not parse.
pub fn check(tree: &Tree) -> Result<Vec<String>> {
    Ok(compare(&long_functions(tree), &recorded(tree)?))
}

/// Lowers what shrank and removes what is gone. Never raises, never adds.
///
/// # Errors
/// When `ratchet.toml` does not parse or cannot be written.
pub fn bless(tree: &Tree) -> Result<()> {
    let actual = long_functions(tree);
    let mut recorded = recorded(tree)?;
    recorded.retain(|name, lines| {
        *lines = (*lines).min(actual.get(name).copied().unwrap_or(0));
        *lines > FUNCTION_LINES_MAX
    });
    let mut text = HEADER.to_owned();
    for (name, lines) in &recorded {
        text.push_str(&format!("\"{name}\" = {lines}\n"));
    }
    let path = tree.root.join(FILE);
    std::fs::write(&path, text).map_err(|error| shell::error("writing", &path, &error))
}

fn recorded(tree: &Tree) -> Result<Lengths> {
    let path = tree.root.join(FILE);
    let text = std::fs::read_to_string(&path).map_err(|error| shell::error("reading", &path, &error))?;
    toml::from_str(&text).map_err(|error| format!("{FILE} does not parse: {error}"))
}

fn compare(actual: &Lengths, recorded: &Lengths) -> Vec<String> {
    let mut found = Vec::new();
    for (name, lines) in actual {
        match recorded.get(name) {
            None => found.push(format!("{name}: {lines} lines, at most {FUNCTION_LINES_MAX}: split it")),
            Some(was) if lines > was => {
                found.push(format!("{name}: grew from {was} to {lines} lines: split it"))
            }
            Some(was) if lines < was => {
                found.push(format!("{name}: shrank from {was} to {lines} lines: `cargo xtask tidy --bless`"));
            }
            Some(_) => {}
        }
    }
    let gone = recorded.keys().filter(|name| !actual.contains_key(*name));
    found.extend(gone.map(|name| format!("{name}: no longer too long: `cargo xtask tidy --bless`")));
    found
}

fn long_functions(tree: &Tree) -> Lengths {
    let mut found = Lengths::new();
    for file in tree.rust().filter(|file| !file.is_generated()) {
        for (name, lines) in functions(file).into_iter().filter(|(_, lines)| *lines > FUNCTION_LINES_MAX) {
            let entry = found.entry(format!("{}::{name}", file.path)).or_default();
            *entry = (*entry).max(lines);
        }
    }
    found
}

/// Name and length of every function that ships and has a body.
fn functions(file: &File) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    let mut open: Vec<(String, String, usize)> = Vec::new();
    for (number, line) in file.shipped_lines() {
        if open.last().is_some_and(|(closing, ..)| closing == line)
            && let Some((_, name, start)) = open.pop()
        {
            found.push((name, number + 1 - start));
        } else if let Some(name) = function_name(line)
            && !line.ends_with('}')
            && !line.ends_with(';')
        {
            let indent = line.len() - line.trim_start().len();
            open.retain(|(closing, ..)| closing.len() <= indent);
            open.push((format!("{}}}", " ".repeat(indent)), name.to_owned(), number));
        }
    }
    found
}

/// The name of the function that this line begins, if it begins one.
fn function_name(line: &str) -> Option<&str> {
    let (before, after) = line.trim_start().split_once("fn ")?;
    let qualifier = |word: &str| {
        matches!(word, "pub" | "const" | "async" | "unsafe" | "extern" | "\"C\"" | "default")
            || word.starts_with("pub(")
            || matches!(word, "super)" | "crate)" | "in")
    };
    if !before.split_whitespace().all(qualifier) {
        return None;
    }
    let end = after.find(|c: char| !c.is_alphanumeric() && c != '_')?;
    (end > 0).then(|| &after[..end])
}

#[cfg(test)]
mod tests {
    use super::{compare, functions};
    use crate::tidy::tree::File;

    #[track_caller]
    fn check(text: &str, wanted: &[(&str, usize)]) {
        let file = File { path: "a.rs".to_owned(), text: text.to_owned() };
        let wanted: Vec<_> = wanted.iter().map(|(name, lines)| ((*name).to_owned(), *lines)).collect();
        assert_eq!(functions(&file), wanted, "{text}");
    }

    #[test]
    fn functions_are_measured() {
        check("fn a() {\n    b();\n}\n", &[("a", 3)]);
        check("fn a() {}\npub fn c() {\n}\n", &[("c", 2)]);
        check(
            "impl A {\n    pub(crate) const fn a(\n        b: u8,\n    ) -> u8 {\n        b\n    }\n}\n",
            &[("a", 5)],
        );
        check(
            "trait A {\n    fn a();\n    fn b()\n    where\n        Self: Sized;\n}\nfn c() {\n}\n",
            &[("c", 2)],
        );
        check("fn a() {\n    fn b() {\n    }\n}\n", &[("b", 2), ("a", 4)]);
        check("let f: fn (u8) = g;\n// the fn a of b\nfn c() {\n}\n", &[("c", 2)]);
        check("fn a() {\n}\n#[cfg(test)]\nmod tests {\n    fn b() {\n    }\n}\n", &[("a", 2)]);
    }

    #[test]
    fn numbers_only_shrink() {
        let lengths =
            |list: &[(&str, usize)]| list.iter().map(|(name, n)| ((*name).to_owned(), *n)).collect();
        let recorded = lengths(&[("same", 80), ("grew", 80), ("shrank", 80), ("gone", 80)]);
        let actual = lengths(&[("same", 80), ("grew", 81), ("shrank", 79), ("new", 71)]);
        let found = compare(&actual, &recorded).join("\n");
        for part in
            ["grew: grew from 80 to 81", "shrank: shrank from 80 to 79", "new: 71 lines", "gone: no longer"]
        {
            assert!(found.contains(part), "{part} in {found}");
        }
        assert!(!found.contains("same:"));
    }
}
