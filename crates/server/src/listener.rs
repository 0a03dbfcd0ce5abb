//! Accepting connections, serving each on a task of its own, and ending all of them well.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use runtime::Engine;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use crate::Options;
use crate::deadline::Deadline;
use crate::service::Service;

/// Pause after an accept that failed for want of file descriptors or memory.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// Greatest head of a request in bytes.
const HEAD_BYTES: usize = 64 * 1024;

/// Serves the API on a listening socket until `shutdown` ends, then lets requests under way finish within
/// [`Options::drain_timeout`]. The engine is left running.
///
/// # Errors
/// When the store cannot be read.
pub async fn serve(
    listener: TcpListener,
    engine: Engine,
    options: Options,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    runtime::catalogue::resume_deletions(&engine).await.map_err(io::Error::other)?;
    let service = Arc::new(Service::new(engine, options.clone()).map_err(io::Error::other)?);
    let permits = Arc::new(Semaphore::new(options.max_connections));
    let (stop, stopped) = watch::channel(false);
    tokio::pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &permits) => accepted,
            () = &mut shutdown => break,
        };
        match accepted {
            Ok((stream, permit)) => {
                tokio::spawn(connection(stream, permit, service.clone(), stopped.clone()));
            }
            Err(error) if is_of_the_client(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    // Workers that wait for a task would hold their connections to the end.
    service.engine.end_polls();
    let _ = stop.send(true);
    drop(stopped);
    // Each connection holds a receiver until it ends.
    if tokio::time::timeout(options.drain_timeout, stop.closed()).await.is_err() {
        tracing::warn!("requests were still under way when the time to finish was over");
    }
    Ok(())
}

/// A connection and its permit; no connection is accepted while too many are open.
async fn accept(
    listener: &TcpListener,
    permits: &Arc<Semaphore>,
) -> io::Result<(TcpStream, OwnedSemaphorePermit)> {
    let permit = permits.clone().acquire_owned().await.map_err(io::Error::other)?;
    let (stream, _) = listener.accept().await?;
    // Without it answers may come later, nothing worse.
    let _ = stream.set_nodelay(true);
    Ok((stream, permit))
}

/// Whether an accept failed because the client was gone again.
fn is_of_the_client(error: &io::Error) -> bool {
    use io::ErrorKind;
    matches!(
        error.kind(),
        ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::ConnectionRefused
    )
}

async fn connection(
    stream: TcpStream,
    _permit: OwnedSemaphorePermit,
    service: Arc<Service>,
    mut stopped: watch::Receiver<bool>,
) {
    let options = service.options();
    let io = TokioIo::new(Deadline::new(stream, options.write_timeout));
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(options.header_timeout)
        .max_buf_size(HEAD_BYTES)
        .pipeline_flush(true);
    let handler = service_fn(|request| {
        let service = service.clone();
        async move { Ok::<_, Infallible>(service.answer(request).await) }
    });
    let connection = builder.serve_connection(io, handler);
    tokio::pin!(connection);
    let told = async {
        let _ = stopped.wait_for(|stopped| *stopped).await;
    };
    let ended = tokio::select! {
        ended = &mut connection => ended,
        () = told => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        // A client that went away or spoke nonsense; hyper has answered what could be answered.
        tracing::debug!(%error, "a connection ended");
    }
}
