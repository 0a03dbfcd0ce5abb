//! `@last`: which execution this user started last, for each server and machine. A small file of our own that may be lost
//! without harm; nothing else remembers anything between commands.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::settings;

/// The newest execution, by server.
#[derive(Default, Deserialize, Serialize)]
struct Memory {
    #[serde(default)]
    last: BTreeMap<String, String>,
}

fn path() -> Option<PathBuf> {
    settings::state_folder().map(|folder| folder.join("last.json"))
}

fn read() -> Memory {
    path()
        .and_then(|path| std::fs::read(path).ok())
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .unwrap_or_default()
}

/// Remembers that this execution was started there. That it cannot be remembered is no reason to fail.
pub fn remember(endpoint: &str, execution_arn: &str) {
    let Some(path) = path() else { return };
    let mut memory = read();
    memory.last.insert(endpoint.to_owned(), execution_arn.to_owned());
    let Ok(bytes) = serde_json::to_vec(&memory) else { return };
    let temporary = path.with_extension(format!("json.{}", std::process::id()));
    let written = path
        .parent()
        .map_or(Ok(()), std::fs::create_dir_all)
        .and_then(|()| std::fs::write(&temporary, bytes));
    let _ = written.and_then(|()| std::fs::rename(&temporary, &path));
}

/// The execution that was started there last.
pub fn recall(endpoint: &str) -> Option<String> {
    read().last.get(endpoint).cloned()
}
