//! What the pure crates must not touch: no runtime, clock, file, socket, environment, thread or random source, neither in their
//! source nor in what they ship with. Tests are free, they may read a corpus.

use std::process::Command;

use super::ranks::RANKS;
use super::tree::{File, Tree};
use crate::shell::{self, Result};

/// Words that may not stand in the source of a pure crate, and why.
const WORDS: &[(&str, &str)] = &[
    ("std::fs", "files belong to the store crates"),
    ("std::env::", "settings come as values"),
    ("std::net", "sockets belong to `integrations` and `server`"),
    ("std::process", "nothing pure starts or ends a process"),
    ("std::thread", "threads belong to `runtime`"),
    ("thread::spawn", "threads belong to `runtime`"),
    ("SystemTime::now", "time comes as a value"),
    ("Instant::now", "time comes as a value; a deadline is an injected flag"),
    ("Utc::now", "time comes as a value"),
    ("Local::now", "time comes as a value"),
    ("Timestamp::now", "time comes as a value"),
    ("Uuid::new_v4", "entropy comes as a value"),
    ("Uuid::now_v7", "time and entropy come as values"),
    ("RandomState", "its seed is random: use an ordered map where order can be seen"),
    ("println!", "nothing pure writes to a terminal"),
    ("eprintln!", "nothing pure writes to a terminal"),
    ("async fn", "the shell is async, the machines are not"),
];

/// Crates that may not stand in the dependency tree of a pure crate, and why.
const CRATES: &[(&str, &str)] = &[
    ("tokio", "a runtime"),
    ("async-std", "a runtime"),
    ("smol", "a runtime"),
    ("futures-executor", "a runtime"),
    ("mio", "sockets"),
    ("socket2", "sockets"),
    ("hyper", "a protocol over sockets"),
    ("reqwest", "a protocol over sockets"),
    ("rand", "a random source; `rand_core` with a seed is fine"),
    ("getrandom", "a random source"),
    ("fastrand", "a random source"),
    ("iana-time-zone", "reads the machine's time zone"),
    ("wasm-timer", "a clock"),
    ("web-time", "a clock"),
    ("rayon", "threads"),
    ("crossbeam", "threads"),
    ("crossbeam-channel", "threads"),
    ("threadpool", "threads"),
    ("tempfile", "files"),
    ("memmap2", "files"),
    ("notify", "files"),
    ("walkdir", "files"),
    ("rusqlite", "files"),
    ("tracing-subscriber", "output; `tracing` belongs to `runtime` and above"),
    ("tracing", "output; state is what the pure crates return"),
    ("log", "output; state is what the pure crates return"),
];

/// Breaches of purity.
///
/// # Errors
/// When `cargo tree` fails.
pub fn check(tree: &Tree) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for rank in RANKS.iter().filter(|rank| rank.pure) {
        let folder = format!("crates/{}/src/", rank.name);
        for file in tree.rust().filter(|file| file.path.starts_with(&folder)) {
            found.extend(words(file));
        }
        if tree.get(&format!("crates/{}/Cargo.toml", rank.name)).is_some() {
            found.extend(dependencies(tree, rank.name)?);
        }
    }
    Ok(found)
}

fn words(file: &File) -> Vec<String> {
    let mut found = Vec::new();
    for (number, line) in file.shipped_lines() {
        let code = line.split("//").next().unwrap_or_default();
        for (word, why) in WORDS.iter().filter(|(word, _)| code.contains(word)) {
            found.push(format!("{}:{number}: `{word}` in a pure crate: {why}", file.path));
        }
    }
    found
}

/// `cargo tree` and not `cargo metadata`, because the latter unites the features that all crates of the workspace ask for.
fn dependencies(tree: &Tree, name: &str) -> Result<Vec<String>> {
    let mut cargo = Command::new("cargo");
    cargo
        .args([
            "tree",
            "--package",
            name,
            "--edges",
            "normal,no-proc-macro",
            "--prefix",
            "none",
            "--format",
            "{p}",
        ])
        .current_dir(&tree.root);
    let lines = shell::output(&mut cargo)?;
    let mut used: Vec<&str> = lines.lines().filter_map(|line| line.split_whitespace().next()).collect();
    used.sort_unstable();
    used.dedup();
    let denied = |used: &&str| CRATES.iter().find(|(denied, _)| denied == used);
    let describe = |(denied, why): &(&str, &str)| {
        format!(
            "pure crate `{name}` ships with `{denied}` ({why}): see `cargo tree -p {name} -e normal -i {denied}`"
        )
    };
    Ok(used.iter().filter_map(denied).map(describe).collect())
}

#[cfg(test)]
mod tests {
    use super::words;
    use crate::tidy::tree::File;

    #[track_caller]
    fn check(path: &str, text: &str, breaches: usize) {
        let file = File { path: path.to_owned(), text: text.to_owned() };
        assert_eq!(words(&file).len(), breaches, "{text}");
    }

    #[test]
    fn words_are_found_in_what_ships() {
        check("crates/asl/src/a.rs", "let t = Instant::now();\n", 1);
        check("crates/asl/src/a.rs", "use std::fs;\nuse std::thread;\n", 2);
        check("crates/asl/src/a.rs", "/// Never calls `Instant::now`.\nfn a() {} // std::fs\n", 0);
        check("crates/asl/src/a.rs", "fn a() {}\n#[cfg(test)]\nmod tests { use std::fs; }\n", 0);
        check("crates/asl/src/tests.rs", "use std::fs;\n", 0);
    }
}
