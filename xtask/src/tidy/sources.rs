//! Rules on single files: a header that says what the file is for, a length that one can read, no words that mean "later".
//! Functions' lengths are the ratchet's business.

use super::tree::{File, Tree};

/// The greatest length of a file that people write, in lines.
const FILE_LINES_MAX: usize = 1000;

/// Kinds of files with a greatest length.
const SOURCES: &[&str] = &["rs", "py", "ts", "tsx", "js", "css"];

/// Words that may not be committed, and why. Cut in two here so that this file passes.
const WORDS: &[(&str, &str)] = &[
    (concat!("FIX", "ME"), "fix it before it is merged"),
    (concat!("TO", "DO"), "do it, or open an issue and say what is missing where a user looks"),
    (concat!("todo", "!("), "no stub is called done"),
    (concat!("unimplemented", "!("), "no stub is called done"),
    (concat!("dbg", "!("), "debugging output"),
    (concat!("<<<<", "<<< "), "a merge conflict"),
];

/// Breaches of the rules on files.
pub fn check(tree: &Tree) -> Vec<String> {
    tree.files.iter().filter(|file| !skipped(file)).flat_map(breaches).collect()
}

fn skipped(file: &File) -> bool {
    let vendored =
        file.path.contains("/corpus/") || file.path.contains("/testdata/") || file.path.contains("/dist/");
    vendored
        || file.is_generated()
        || file.path.ends_with(".lock")
        || file.path.ends_with("package-lock.json")
}

fn breaches(file: &File) -> Vec<String> {
    let mut found = Vec::new();
    let path = &file.path;
    let source = SOURCES.contains(&file.extension());
    if file.extension() == "rs" && !file.text.starts_with("//! ") {
        found.push(format!(
            "{path}: the first line must be a `//!` header: what the file is for, and what not"
        ));
    }
    let lines = file.text.lines().count();
    if source && lines > FILE_LINES_MAX {
        found.push(format!("{path}: {lines} lines, at most {FILE_LINES_MAX}: split it by concern"));
    }
    if source || matches!(file.extension(), "md" | "toml" | "sh" | "yaml" | "yml") {
        for (index, line) in file.text.lines().enumerate() {
            for (word, why) in WORDS.iter().filter(|(word, _)| line.contains(word)) {
                found.push(format!("{path}:{}: `{word}`: {why}", index + 1));
            }
        }
    }
    if !file.text.is_empty() && source && !file.text.ends_with('\n') {
        found.push(format!("{path}: the last line does not end"));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::breaches;
    use crate::tidy::tree::File;

    #[track_caller]
    fn check(path: &str, text: &str, wanted: &[&str]) {
        let file = File { path: path.to_owned(), text: text.to_owned() };
        let found = breaches(&file);
        assert_eq!(found.len(), wanted.len(), "{found:?}");
        for (breach, part) in found.iter().zip(wanted) {
            assert!(breach.contains(part), "{breach}");
        }
    }

    #[test]
    fn files_have_headers_and_bounds() {
        check("a.rs", "//! For a.\n", &[]);
        check("a.rs", "fn a() {}\n", &["header"]);
        check("a.rs", &format!("//! For a.\n{}", "\n".repeat(999)), &[]);
        check("a.rs", &format!("//! For a.\n{}", "\n".repeat(1000)), &["1001 lines"]);
        check("a.py", concat!("# TO", "DO"), &["open an issue", "does not end"]);
        check("a.bin", concat!("TO", "DO"), &[]);
    }
}
