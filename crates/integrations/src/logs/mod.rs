//! Where execution logs go: files ([`Files`]) and CloudWatch Logs ([`CloudWatch`]). Which lines there are is decided above.

mod cloud_watch;
mod files;

pub use cloud_watch::CloudWatch;
pub use files::{Files, Rotation};

/// The name in the ARN of a log group: `…:log-group:NAME:*`.
pub fn log_group_name(arn: &str) -> &str {
    let name = arn.split_once(":log-group:").map_or(arn, |(_, name)| name);
    name.strip_suffix(":*").unwrap_or(name)
}
