//! `--watch`: a command's answer again and again, until Ctrl-C. What is printed is the command's; where, the printer's.

use std::time::Duration;

use crate::context::Context;
use crate::failure::{Exit, Failure};

/// Runs `look` once, or until Ctrl-C with this pause between.
///
/// # Errors
/// As `look`; when Ctrl-C ends it, silently with exit code 130.
pub async fn repeat<F: Future<Output = Result<(), Failure>>>(
    pause: Option<Duration>,
    context: &Context,
    mut look: impl FnMut() -> F,
) -> Result<(), Failure> {
    let Some(pause) = pause else { return look().await };
    context.printer.watch();
    loop {
        tokio::select! {
            looked = look() => looked?,
            _ = tokio::signal::ctrl_c() => return Err(Failure::silent(Exit::Interrupted)),
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = tokio::signal::ctrl_c() => return Err(Failure::silent(Exit::Interrupted)),
        }
    }
}
