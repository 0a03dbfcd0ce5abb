//! The example that the demo runs, as files of this program, so that an installed binary needs no source tree.

use std::path::Path;

use crate::failure::Failure;

macro_rules! example {
    ($($path:literal),+ $(,)?) => {
        &[$(($path, include_str!(concat!("../../../../examples/order-saga/", $path)))),+]
    };
}

/// The files of `examples/order-saga`, by their paths in it.
const FILES: &[(&str, &str)] = example![
    "README.md",
    "functions/node/approval.mjs",
    "functions/node/confirmation.mjs",
    "functions/node/ledger.mjs",
    "functions/node/shipping.mjs",
    "functions/python/inventory.py",
    "functions/python/ledger.py",
    "functions/python/orders.py",
    "functions/python/payments.py",
    "inputs/card-declined.json",
    "inputs/gateway-hiccups.json",
    "inputs/invalid.json",
    "inputs/mail-refused.json",
    "inputs/needs-approval.json",
    "inputs/no-carrier.json",
    "inputs/order.json",
    "inputs/out-of-stock.json",
    "order.asl.json",
    "stepwell.toml",
];

/// The order that a person has to approve.
pub const ORDER: &str = include_str!("../../../../examples/order-saga/inputs/needs-approval.json");

/// Writes the example into a folder, which is made.
///
/// # Errors
/// When it cannot be written.
pub fn unpack(folder: &Path) -> Result<(), Failure> {
    for (name, text) in FILES {
        let path = folder.join(name);
        let made = path.parent().map_or(Ok(()), std::fs::create_dir_all);
        made.and_then(|()| std::fs::write(&path, text))
            .map_err(|error| Failure::environment(format!("cannot write `{}`: {error}", path.display())))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::FILES;

    fn list(root: &Path, folder: &Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("__pycache__") {
                list(root, &path, found);
            } else if path.is_file() {
                found.push(path.strip_prefix(root).unwrap().to_str().unwrap().to_owned());
            }
        }
    }

    #[test]
    fn every_file_of_the_example_is_in_the_program() {
        let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../examples/order-saga");
        let mut found = Vec::new();
        list(&root, &root, &mut found);
        found.sort();
        assert_eq!(FILES.iter().map(|(name, _)| *name).collect::<Vec<_>>(), found);
    }
}
