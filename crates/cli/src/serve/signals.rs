//! The signals that ask for an end.

use tokio::signal::unix::{SignalKind, signal};

use crate::failure::Failure;

/// Waits for SIGTERM or Ctrl-C.
///
/// # Errors
/// When signals cannot be received here.
pub async fn asked_to_stop() -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::environment(format!("signals cannot be received: {error}"));
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
