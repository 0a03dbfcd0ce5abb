//! Which way the arrows point: a crate depends only on crates of a lower rank.
//! Adding a crate or an arrow is an architectural change, and this table is where it is made. Dependencies of tests are free.

use std::process::Command;

use serde::Deserialize;

use super::tree::Tree;
use crate::shell::{self, Result};

/// One crate of the workspace.
pub struct Rank {
    /// Its name, which is also its folder's.
    pub name: &'static str,
    /// Its rank; it may use lower ones only.
    pub rank: u8,
    /// Whether it must be free of clock, files, sockets, environment, threads and randomness.
    pub pure: bool,
}

const fn pure(rank: u8, name: &'static str) -> Rank {
    Rank { name, rank, pure: true }
}

const fn outer(rank: u8, name: &'static str) -> Rank {
    Rank { name, rank, pure: false }
}

/// The workspace, bottom up.
pub const RANKS: &[Rank] = &[
    pure(0, "value"),
    pure(0, "wire"),
    pure(1, "aws-model"),
    pure(1, "jsonata"),
    pure(1, "jsonpath"),
    pure(2, "asl"),
    outer(2, "aws-client"),
    pure(3, "graph"),
    pure(3, "interpreter"),
    pure(4, "store"),
    pure(4, "task"),
    pure(5, "engine"),
    outer(6, "runtime"),
    outer(6, "store-sqlite"),
    outer(6, "store-postgres"),
    outer(6, "integrations"),
    outer(7, "server"),
    outer(8, "cli"),
    outer(8, "sim"),
    outer(8, "fuzz"),
    outer(9, "xtask"),
];

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    description: Option<String>,
    manifest_path: String,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    kind: Option<String>,
    path: Option<String>,
}

/// Breaches of the ranks.
///
/// # Errors
/// When `cargo metadata` fails.
pub fn check(tree: &Tree) -> Result<Vec<String>> {
    let mut cargo = Command::new("cargo");
    cargo.args(["metadata", "--no-deps", "--format-version=1"]).current_dir(&tree.root);
    let metadata: Metadata = serde_json::from_str(&shell::output(&mut cargo)?)
        .map_err(|error| format!("cargo's metadata does not parse: {error}"))?;
    Ok(metadata.packages.iter().flat_map(breaches).collect())
}

fn breaches(package: &Package) -> Vec<String> {
    let name = package.name.as_str();
    let Some(own) = rank(name) else {
        return vec![format!("crate `{name}` has no rank: give it one in xtask/src/tidy/ranks.rs")];
    };
    let mut found = Vec::new();
    if !package.manifest_path.ends_with(&format!("/{name}/Cargo.toml")) {
        found.push(format!("crate `{name}` does not lie in a folder of its name"));
    }
    if package.description.as_deref().unwrap_or_default().is_empty() {
        found.push(format!("crate `{name}` has no description in its Cargo.toml"));
    }
    let shipped = package.dependencies.iter().filter(|dependency| dependency.kind.as_deref() != Some("dev"));
    for dependency in shipped.filter(|dependency| dependency.path.is_some()) {
        match rank(&dependency.name) {
            Some(other) if other >= own => found.push(format!(
                "crate `{name}` (rank {own}) depends on `{}` (rank {other}): arrows point to lower ranks",
                dependency.name
            )),
            _ => {}
        }
    }
    found
}

fn rank(name: &str) -> Option<u8> {
    RANKS.iter().find(|rank| rank.name == name).map(|rank| rank.rank)
}

#[cfg(test)]
mod tests {
    use super::{Package, breaches};

    #[track_caller]
    fn check(package: serde_json::Value, wanted: &[&str]) {
        let package: Package = serde_json::from_value(package).unwrap();
        let found = breaches(&package);
        assert_eq!(found.len(), wanted.len(), "{found:?}");
        for (breach, part) in found.iter().zip(wanted) {
            assert!(breach.contains(part), "{breach}");
        }
    }

    #[test]
    fn arrows_point_down() {
        let package = |name: &str, needs: &str, kind: Option<&str>| {
            serde_json::json!({"name": name, "description": "d", "manifest_path": format!("/r/crates/{name}/Cargo.toml"),
                "dependencies": [{"name": needs, "kind": kind, "path": "/r"}]})
        };
        check(package("asl", "value", None), &[]);
        check(package("asl", "engine", None), &["`engine` (rank 5)"]);
        check(package("store", "task", None), &["`task` (rank 4)"]);
        check(package("asl", "engine", Some("dev")), &[]);
        check(package("asl", "engine", Some("build")), &["`engine` (rank 5)"]);
        check(package("newcomer", "value", None), &["has no rank"]);
    }
}
