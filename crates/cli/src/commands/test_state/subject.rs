//! Which state of which text: a whole definition and a name in it, or a text that is one state.

use serde_json::{Map, Value};

use asl::{MachineType, Severity};

use crate::config;
use crate::context::Context;
use crate::definitions::Source;
use crate::failure::{Exit, Failure};
use crate::output::note;

/// What is tested.
#[derive(Debug)]
pub(super) struct Subject {
    /// The definition as JSON text.
    pub(super) definition: String,
    /// The state's name, when the definition is a whole one.
    pub(super) name: Option<String>,
    /// The state as it is written.
    pub(super) state: Value,
}

impl Subject {
    /// Finds the state in a file.
    ///
    /// # Errors
    /// When the text is no definition, or has no such state.
    pub(super) fn find(source: Source, name: Option<&str>, context: &Context) -> Result<Self, Failure> {
        let definition = if source.is_yaml {
            asl::yaml_to_json(&source.text).map_err(|error| {
                Failure::usage(format!("`{}` is not YAML: {error}", source.path.display()))
            })?
        } else {
            source.text.clone()
        };
        let whole: Value = serde_json::from_str(&definition)
            .map_err(|error| Failure::usage(format!("`{}` is not JSON: {error}", source.path.display())))?;
        if whole.get("States").is_none() {
            return match name {
                None => Ok(Self { definition, name: None, state: whole }),
                Some(_) => Err(Failure::usage(format!(
                    "`{}` is the definition of one state: leave out `--state`",
                    source.path.display()
                ))),
            };
        }
        let verdict = source.check(MachineType::Standard, false);
        if verdict.count(Severity::Error) > 0 {
            let mut errors = verdict.diagnostics;
            errors.retain(|one| one.severity == Severity::Error);
            note(source.render(&errors, context.terminal.err.color).trim_end());
            return Err(Failure::silent(Exit::Failed));
        }
        let mut states = Vec::new();
        gather(&whole, &mut states);
        let (name, state) = choose(&states, name, &source)?;
        Ok(Self { definition, name: Some(name), state })
    }
}

/// States of every depth, in the order of the text as far as the parser keeps it.
fn gather<'v>(flow: &'v Value, states: &mut Vec<(&'v String, &'v Value)>) {
    // A definition that was found to be good is not nested deeply.
    let members = flow.get("States").and_then(Value::as_object).map(Map::iter);
    for (name, state) in members.into_iter().flatten() {
        states.push((name, state));
        for processor in ["ItemProcessor", "Iterator"].iter().filter_map(|key| state.get(*key)) {
            gather(processor, states);
        }
        for branch in state.get("Branches").and_then(Value::as_array).into_iter().flatten() {
            gather(branch, states);
        }
    }
}

fn choose(
    states: &[(&String, &Value)],
    name: Option<&str>,
    source: &Source,
) -> Result<(String, Value), Failure> {
    let names: Vec<&str> = states.iter().map(|(name, _)| name.as_str()).collect();
    let path = source.path.display();
    match (name, states) {
        (None, [(name, state)]) => Ok(((*name).clone(), (*state).clone())),
        (None, _) => Err(Failure::usage(format!("`{path}` has {} states: say which one", names.len()))
            .hint(format!("--state NAME, one of: {}", names.join(", ")))),
        (Some(wanted), _) => match states.iter().find(|(name, _)| *name == wanted) {
            Some((name, state)) => Ok(((*name).clone(), (*state).clone())),
            None => {
                let failure = Failure::usage(format!("`{path}` has no state `{wanted}`"));
                Err(match config::nearest(wanted, &names) {
                    Some(near) => failure.hint(format!("did you mean `{near}`?")),
                    None => failure.hint(format!("it has: {}", names.join(", "))),
                })
            }
        },
    }
}
