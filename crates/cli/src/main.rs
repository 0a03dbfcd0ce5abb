//! The `stepwell` binary: composition root and command line.
fn main() {}
