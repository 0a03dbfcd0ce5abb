//! Tokio around shards: mailboxes, committer, clock, entropy, connector tasks.

pub mod catalogue;
