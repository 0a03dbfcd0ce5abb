//! The project: `stepwell.toml`, the definitions that it declares, and a mock file.

use asl::Severity;
use integrations::mocks::MockSource;

use super::Found;
use crate::commands::deploy::declared_type;
use crate::context::Context;
use crate::definitions::Source;
use crate::output::count;
use crate::settings::variable;

/// All checks of the project. That the file can be read at all is checked before any command begins.
pub fn check(context: &Context) -> Vec<Found> {
    let mut found = Vec::new();
    let name = "stepwell.toml";
    match &context.settings.config {
        None => found.push(Found::ok(name, "there is none here or above; defaults hold")),
        Some(loaded) => {
            let (machines, functions) = (loaded.file.machines.len(), loaded.file.functions.len());
            found.push(Found::ok(
                name,
                format!(
                    "{}: {}, {}",
                    loaded.path.display(),
                    count(machines, "machine"),
                    count(functions, "function")
                ),
            ));
            for (machine, declared) in &loaded.file.machines {
                let label = format!("machine {machine}");
                let path = loaded.folder().join(&declared.definition);
                found.push(match (Source::read(&path), declared_type(machine, declared)) {
                    (Ok(source), Ok(kind)) => {
                        definition(label, &source, kind.unwrap_or_default().machine_type())
                    }
                    (Err(failure), _) | (_, Err(failure)) => {
                        Found::fail(label, first_line(&failure.to_string()))
                    }
                });
            }
        }
    }
    found.extend(variable("SFN_MOCK_CONFIG").map(|path| mocks(&path)));
    found
}

fn definition(label: String, source: &Source, kind: asl::MachineType) -> Found {
    let verdict = source.check(kind, true);
    let path = source.path.display();
    match verdict.count(Severity::Error) {
        0 if source.text.contains("${") => {
            Found::warn(label, format!("{path} has placeholders: `${{…}}`"))
                .advise("the server refuses them: fill them in before `stepwell deploy`; `stepwell run` takes --param")
        }
        0 => Found::ok(label, path.to_string()),
        errors => Found::fail(label, format!("{path} has {}", count(errors, "error")))
            .advise(format!("see them: stepwell validate {path}")),
    }
}

fn mocks(path: &str) -> Found {
    let label = "SFN_MOCK_CONFIG";
    match MockSource::new(path).check() {
        Ok(config) => {
            Found::ok(label, format!("{path}: {}", count(config.machines().count(), "state machine")))
        }
        Err(error) => {
            let found = Found::fail(label, error.what);
            error.hint.into_iter().fold(found, Found::advise)
        }
    }
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}
