//! Project automation: ci, tidy, sim, crash, codegen, bench.
fn main() {}
