//! The listening socket. There is no authentication in this release, so an address that other machines can reach needs a
//! person's word.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::TcpListener;

use crate::failure::Failure;

/// Binds the address.
///
/// # Errors
/// When it is no address, is not this machine's own without `allow_remote`, or cannot be used.
pub async fn bind(listen: &str, allow_remote: bool) -> Result<TcpListener, Failure> {
    let address = resolve(listen).await?;
    if !address.ip().is_loopback() && !allow_remote {
        return Err(Failure::usage(format!(
            "`{listen}` can be reached from other machines, and this release has no authentication"
        ))
        .hint("anyone who reaches it may read and change everything, and run the functions")
        .hint("behind something that authenticates (a proxy, a private network) say --allow-remote"));
    }
    TcpListener::bind(address).await.map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => {
            Failure::environment(format!("port {} is in use on {}", address.port(), address.ip()))
                .hint("perhaps a Stepwell runs already: stepwell list")
                .hint("or take another port: --listen 127.0.0.1:8084")
        }
        ErrorKind::PermissionDenied => Failure::environment(format!("this user may not listen on {address}"))
            .hint("ports below 1024 need rights; take another: --listen 127.0.0.1:8083"),
        _ => Failure::environment(format!("cannot listen on {address}: {error}")),
    })
}

/// Whether nothing listens on this port of this machine.
pub async fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.is_ok()
}

async fn resolve(listen: &str) -> Result<SocketAddr, Failure> {
    let wrong = |why: String| {
        Failure::usage(format!("`{listen}` is not an address to listen on{why}"))
            .hint("expected address:port, such as 127.0.0.1:8083")
    };
    if let Ok(address) = listen.parse() {
        return Ok(address);
    }
    let mut found = tokio::net::lookup_host(listen).await.map_err(|error| wrong(format!(": {error}")))?;
    found.next().ok_or_else(|| wrong(String::new()))
}

#[cfg(test)]
mod tests {
    use super::bind;

    async fn check(listen: &str, allow_remote: bool, wanted: &str) {
        let found = match bind(listen, allow_remote).await {
            Ok(_) => "ok".to_owned(),
            Err(failure) => failure.to_string().lines().next().unwrap_or_default().to_owned(),
        };
        assert!(found.contains(wanted), "{listen}: {found}");
    }

    #[tokio::test]
    async fn addresses_are_checked() {
        check("127.0.0.1:0", false, "ok").await;
        check("[::1", false, "`[::1` is not an address to listen on").await;
        check("8083", false, "`8083` is not an address to listen on").await;
        check("0.0.0.0:0", false, "`0.0.0.0:0` can be reached from other machines").await;
        check("0.0.0.0:0", true, "ok").await;
        let taken = bind("127.0.0.1:0", false).await.unwrap().local_addr().unwrap();
        let held = bind(&taken.to_string(), false).await.unwrap();
        check(&held.local_addr().unwrap().to_string(), false, "is in use on 127.0.0.1").await;
    }
}
