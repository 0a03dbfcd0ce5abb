//! Seeded simulator of shards, crashes and duplicate answers.
