//! The table of all services: `models.py` reads botocore's models, here the lines are packed into one file. The form of the file is
//! explained where it is read, in `crates/aws-model/src/read.rs`.

use std::path::Path;

use miniz_oxide::deflate::{CompressionLevel, compress_to_vec_zlib};

use crate::shell::{self, Result};
use crate::venv::Venv;

const SCRIPT: &str = include_str!("models.py");
const FILE: &str = "crates/aws-model/model/services.bin";

/// Writes the table, or with `check` only says whether it is up to date.
///
/// # Errors
/// When a model cannot be read, and with `check` when the file differs.
pub fn run(root: &Path, venv: &Venv, check: bool) -> Result<()> {
    let lines = shell::output(venv.command("python").args(["-c", SCRIPT]))?;
    let packed = pack(&lines)?;
    let file = root.join(FILE);
    if !check {
        return std::fs::write(&file, packed).map_err(|error| shell::error("writing", &file, &error));
    }
    let current = std::fs::read(&file).map_err(|error| shell::error("reading", &file, &error))?;
    if current == packed { Ok(()) } else { Err(format!("{FILE} is out of date: run `cargo xtask codegen`")) }
}

fn pack(lines: &str) -> Result<Vec<u8>> {
    let mut services: Vec<(String, &str)> = Vec::new();
    for line in lines.lines() {
        let model: serde_json::Value = serde_json::from_str(line)
            .map_err(|error| format!("a service's line does not parse: {error}"))?;
        let name = model["name"].as_str().ok_or("a service has no name")?;
        services.push((name.to_owned(), line));
    }
    services.sort();
    let (mut index, mut blocks) = (Vec::new(), Vec::new());
    for (name, line) in services {
        let block = compress_to_vec_zlib(line.as_bytes(), CompressionLevel::UberCompression as u8);
        index.push(serde_json::json!([name, blocks.len(), block.len()]));
        blocks.extend(block);
    }
    let index = serde_json::Value::from(index).to_string();
    let length = u32::try_from(index.len()).map_err(|error| error.to_string())?;
    Ok([&length.to_le_bytes()[..], index.as_bytes(), &blocks].concat())
}
