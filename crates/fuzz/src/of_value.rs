//! JSON text and values: another reader of JSON must agree, and what is written is read as the same.

use value::{Numbers, Object, Payload, Value};

use crate::json;
use crate::rng::Rng;

/// One case.
///
/// # Errors
/// What went wrong, with the text.
pub fn case(rng: &mut Rng) -> Result<(), String> {
    if rng.chance(25) {
        return members(rng);
    }
    let text = match rng.below(10) {
        0..=4 => json::document(rng, 5),
        5..=8 => {
            let document = json::document(rng, 4);
            json::mutated(rng, &document)
        }
        _ => json::deep(rng, &[("[", "]"), ("{\"a\":", "}"), ("[{\"b\":[", "]}]")], "1"),
    };
    read(&text).map_err(|what| format!("{what}: {}", shown(&text)))
}

fn read(text: &str) -> Result<(), String> {
    let theirs = serde_json::from_str::<serde_json::Value>(text);
    let ours = match Value::parse(text) {
        Ok(value) => value,
        // What the other reader takes: halves of surrogate pairs it does not, nesting beyond 128 it does not, either.
        Err(error) if theirs.is_ok() => return Err(format!("only serde_json reads it; we say {error}")),
        Err(_) => return Ok(()),
    };
    if let Err(error) = &theirs
        && !text.contains("\\u")
        && !text.contains("\\U")
        && !error.to_string().contains("recursion limit")
        && !error.to_string().contains("out of range")
    {
        return Err(format!("only we read it; serde_json says {error}"));
    }
    let written = ours.to_json();
    let again = Value::parse(&written).map_err(|error| format!("what is written is not read: {error}"))?;
    if again.to_json() != written {
        return Err("what is written changes when it is read".to_owned());
    }
    let payload = Payload::parse(text).map_err(|_| "a payload reads it otherwise")?;
    if &**payload.text() != text {
        return Err("a payload changes the text".to_owned());
    }
    for most in [written.len(), written.len().saturating_sub(1)] {
        let mut out = String::new();
        let fits = ours.write_json_within(&mut out, Numbers::Java, most).is_ok();
        if fits != (most == written.len()) {
            return Err(format!("{} bytes within {most}: {fits}", written.len()));
        }
    }
    Ok(())
}

/// An object does what a list of pairs does, below and above the size from which it has an index.
fn members(rng: &mut Rng) -> Result<(), String> {
    let mut object = Object::new();
    let mut pairs: Vec<(String, i64)> = Vec::new();
    let keys = 1 + rng.below(40);
    let mut shared = Vec::new();
    for step in 0..rng.below(120) {
        let key = format!("k{}", rng.below(keys));
        let number = step as i64;
        match rng.below(8) {
            0..=4 => {
                object.insert(key.as_str(), number);
                match pairs.iter_mut().find(|(known, _)| *known == key) {
                    Some((_, old)) => *old = number,
                    None => pairs.push((key, number)),
                }
            }
            5 => {
                let removed = object.remove(&key).and_then(|value| value.as_i64());
                let at = pairs.iter().position(|(known, _)| *known == key);
                if removed != at.map(|at| pairs.remove(at).1) {
                    return Err(format!("removing {key} gave {removed:?}"));
                }
            }
            6 => {
                object.retain(|_, value| value.as_i64().is_some_and(|number| number % 3 != 0));
                pairs.retain(|(_, number)| number % 3 != 0);
            }
            // From here on the members are shared, and the next change must not be seen elsewhere.
            _ => shared.push((object.clone(), pairs.clone())),
        }
    }
    shared.push((object, pairs));
    for (object, pairs) in shared {
        let same = object.len() == pairs.len()
            && object
                .iter()
                .zip(&pairs)
                .all(|((key, value), pair)| **key == *pair.0 && value.as_i64() == Some(pair.1))
            && pairs.iter().all(|(key, number)| object.get(key).and_then(Value::as_i64) == Some(*number));
        if !same {
            return Err(format!("{object:?} instead of {pairs:?}"));
        }
    }
    Ok(())
}

/// As much of a text as helps.
pub fn shown(text: &str) -> String {
    text.chars().take(400).collect()
}
