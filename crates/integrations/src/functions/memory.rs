//! How much memory a process uses, and waiting until it is too much.
//!
//! Resident memory of the process itself, read from `/proc`: a limit on address space would not do, since Node reserves
//! much more than it uses. Children of the process are not counted. On systems without `/proc` there is no limit.

use std::time::Duration;

/// Time between two looks.
const INTERVAL: Duration = Duration::from_millis(50);

/// Returns when the process uses more than `limit_mb` mebibytes; never, if that cannot be known.
pub(crate) async fn exceeded(pid: u32, limit_mb: u32) {
    let page_bytes = rustix::param::page_size() as u64;
    let limit_pages = u64::from(limit_mb) * 1_024 * 1_024 / page_bytes;
    let path = format!("/proc/{pid}/statm");
    loop {
        // A read of `/proc` does not wait for a disk.
        let Some(pages) = std::fs::read_to_string(&path).ok().as_deref().and_then(resident_pages) else {
            return std::future::pending().await;
        };
        if pages > limit_pages {
            return;
        }
        tokio::time::sleep(INTERVAL).await;
    }
}

/// The second number of `statm`.
fn resident_pages(statm: &str) -> Option<u64> {
    statm.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statm_is_read() {
        assert_eq!(resident_pages("4231 1042 788 23 0 345 0\n"), Some(1_042));
        assert_eq!(resident_pages(""), None);
    }
}
