//! Random documents, and texts that are nearly JSON.

use crate::rng::Rng;

/// Names of members: few, so that paths find something.
pub const NAMES: &[&str] = &["a", "b", "c", "items", "name", "price", "x y", "é"];

const NUMBERS: &[&str] = &[
    "0", "1", "2", "3", "5", "-1", "10", "0.5", "2.25", "-0.75", "100", "1e2", "12.5", "7", "1000000", "-0",
];
const TEXTS: &[&str] =
    &["", "a", "b", "ab", "Hello World", "10", "2.5", "true", "é😀", "a,b;c", "2024-02-29T12:00:00Z", "x-1"];
/// Pieces of text that readers of JSON, paths and expressions stumble over.
const PIECES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    "\"",
    ":",
    ",",
    "\\u0000",
    "\\ud83d\\ude00",
    "\\ud800",
    "1e400",
    "-",
    "0123",
    "tru",
    "null",
    "\u{feff}",
    "\t",
    "\u{0}",
    "é",
    "😀",
    "$",
    "$$",
    "..",
    "[*]",
    "[?(@.a)]",
    "@",
    "(",
    ")",
    "%",
    "~>",
    "'",
    "`",
    "{%",
    "%}",
    "/*",
    "*/",
    "/a/",
    "!",
    "&",
    "|",
    "^",
    "<",
    ">",
    "States.Format('{}', $.a)",
    "9223372036854775808",
];

/// A random document, nested at most so deep.
pub fn document(rng: &mut Rng, depth: usize) -> String {
    let mut text = String::new();
    write(rng, depth, &mut text);
    text
}

/// A random object with most of the names.
pub fn object(rng: &mut Rng, depth: usize) -> String {
    let mut text = String::new();
    write_object(rng, depth, &mut text);
    text
}

fn write(rng: &mut Rng, depth: usize, out: &mut String) {
    match rng.below(if depth == 0 { 6 } else { 11 }) {
        0 => out.push_str(rng.pick(&["null", "true", "false"])),
        1..=3 => out.push_str(rng.pick(NUMBERS)),
        4 | 5 => write_text(rng, out),
        6..=8 => write_object(rng, depth - 1, out),
        _ => {
            out.push('[');
            let alike = rng.chance(50);
            for at in 0..rng.below(5) {
                if at > 0 {
                    out.push(',');
                }
                if alike { write_object(rng, depth - 1, out) } else { write(rng, depth - 1, out) }
            }
            out.push(']');
        }
    }
}

fn write_object(rng: &mut Rng, depth: usize, out: &mut String) {
    out.push('{');
    let mut first = true;
    for name in NAMES {
        if rng.chance(45) {
            if !first {
                out.push(',');
            }
            first = false;
            out.push_str(&format!("\"{name}\":"));
            write(rng, depth.saturating_sub(1), out);
        }
    }
    out.push('}');
}

fn write_text(rng: &mut Rng, out: &mut String) {
    out.push('"');
    out.push_str(rng.pick(TEXTS));
    out.push('"');
}

/// A text with some of it cut out, doubled, swapped or replaced.
pub fn mutated(rng: &mut Rng, text: &str) -> String {
    let mut out = text.to_owned();
    for _ in 0..=rng.below(3) {
        let at = boundary(&out, rng.below(out.len() + 1));
        let end = boundary(&out, (at + rng.below(8)).min(out.len()));
        match rng.below(4) {
            0 => out.replace_range(at..end, ""),
            1 => out.insert_str(at, rng.pick(PIECES)),
            2 => out.replace_range(at..end, rng.pick(PIECES)),
            _ => {
                let piece = out[at..end].to_owned();
                let to = boundary(&out, rng.below(out.len() + 1));
                out.insert_str(to, &piece);
            }
        }
    }
    out
}

/// The start of the character that a byte falls into.
fn boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// Something nested very deep.
pub fn deep(rng: &mut Rng, pairs: &[(&str, &str)], middle: &str) -> String {
    let times = 1 + rng.below(20_000);
    let (open, close) = pairs.get(rng.below(pairs.len())).copied().unwrap_or_default();
    let closed = if rng.chance(70) { times } else { rng.below(times) };
    format!("{}{middle}{}", open.repeat(times), close.repeat(closed))
}
