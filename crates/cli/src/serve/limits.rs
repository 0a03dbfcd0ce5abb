//! Limits of the operating system that the server needs otherwise than a shell gives them.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Open files that are wanted: connections and functions need one each. More would only slow down programs that the functions
/// start and that close all files that they may have.
const OPEN_FILES: u64 = 65_536;

/// Lets the process open more files than the 1,024 that shells give. That it may not is no reason not to start.
pub fn raise_open_files() {
    let now = getrlimit(Resource::Nofile);
    let possible = now.maximum.map_or(OPEN_FILES, |maximum| maximum.min(OPEN_FILES));
    if now.current.is_some_and(|current| current < possible)
        && let Err(error) =
            setrlimit(Resource::Nofile, Rlimit { current: Some(possible), maximum: now.maximum })
    {
        tracing::warn!(%error, "the limit of open files stays at {:?}", now.current);
    }
}
