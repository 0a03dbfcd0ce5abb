//! `cargo xtask tidy`: the rules of the house that a compiler does not know, each a function from the tree to its breaches.
//! It also runs as a test, so that `cargo test` is enough to hear of a breach. Not a formatter and not a linter: rustfmt and
//! clippy have their own stages.

mod documents;
mod purity;
mod ranks;
mod ratchet;
mod sources;
mod tree;

use std::path::Path;

use crate::shell::Result;
use tree::Tree;

/// Checks everything. With `bless`, first lowers the numbers of the ratchet to what the code has reached.
///
/// # Errors
/// Every breach, one a line.
pub fn run(root: &Path, bless: bool) -> Result<()> {
    let tree = Tree::read(root)?;
    if bless {
        ratchet::bless(&tree)?;
    }
    let mut breaches = Vec::new();
    breaches.extend(ranks::check(&tree)?);
    breaches.extend(purity::check(&tree)?);
    breaches.extend(sources::check(&tree));
    breaches.extend(ratchet::check(&tree)?);
    breaches.extend(documents::check(&tree));
    if breaches.is_empty() {
        return Ok(());
    }
    Err(format!("{} breaches of the house rules:\n  {}", breaches.len(), breaches.join("\n  ")))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_house_rules_hold() {
        if let Err(breaches) = super::run(&crate::shell::root(), false) {
            panic!("{breaches}");
        }
    }
}
