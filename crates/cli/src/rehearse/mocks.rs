//! `--mock` of `stepwell run`: one state's answer, or a test case of a mock file. Errors name what was probably meant.

use std::path::Path;

use asl::{Kind, StateMachine};
use integrations::mocks::{MockConfig, MockError, MockSource, Mocks};
use value::Value;

use crate::failure::Failure;
use crate::{config, input};

/// What begins an answer that is an error.
const ERROR: &str = "error:";

/// Reads one argument.
///
/// # Errors
/// When it names no Task state and no mock file, or what it gives cannot be used.
pub fn read(argument: &str, machine: &StateMachine, machine_name: &str) -> Result<Mocks, Failure> {
    let (path, case) = match argument.split_once('#') {
        Some((path, case)) if Path::new(path).is_file() => (path, Some(case)),
        _ => (argument, None),
    };
    match argument.split_once('=') {
        _ if Path::new(path).is_file() => of_file(path, case, machine, machine_name),
        Some((state, answer)) => of_state(state, answer, machine),
        None => Err(Failure::usage(format!("--mock `{argument}`: there is no such file"))
            .hint("expected STATE=JSON, STATE=error:NAME:CAUSE, or a mock file with #TestCase")),
    }
}

fn of_state(state: &str, answer: &str, machine: &StateMachine) -> Result<Mocks, Failure> {
    is_task(machine, state).map_err(|failure| failure.hint("nothing was run"))?;
    let mut mocks = Mocks::new();
    if let Some(error) = answer.strip_prefix(ERROR) {
        let (name, cause) = error.split_once(':').map_or((error, None), |(name, cause)| (name, Some(cause)));
        if name.is_empty() {
            return Err(Failure::usage(format!("--mock `{state}`: the error has no name"))
                .hint("expected STATE=error:NAME or STATE=error:NAME:CAUSE"));
        }
        mocks.set_error(state, name, cause);
        return Ok(mocks);
    }
    let text = input::read(&format!("--mock {state}"), answer).map_err(|failure| {
        failure.hint(format!("an error is written {state}={ERROR}NAME:CAUSE, a text in double quotes"))
    })?;
    let value = Value::parse(&text).map_err(|error| Failure::usage(format!("--mock `{state}`: {error}")))?;
    mocks.set_result(state, value);
    Ok(mocks)
}

fn of_file(
    path: &str,
    case: Option<&str>,
    machine: &StateMachine,
    machine_name: &str,
) -> Result<Mocks, Failure> {
    let source = MockSource::new(path);
    let unusable = |error: MockError| {
        let failure = Failure::usage(error.what);
        error.hint.into_iter().fold(failure, Failure::hint)
    };
    let config = source.check().map_err(unusable)?;
    let wanted = machine_in(&config, path, machine_name)?;
    let case = match case {
        Some(case) => case,
        None => only_case(&config, path, wanted)?,
    };
    let mocks = source.test_case(wanted, case).map_err(unusable)?;
    for state in mocks.states() {
        is_task(machine, state)
            .map_err(|failure| failure.hint(format!("the test case `{case}` of `{path}` names it")))?;
    }
    Ok(mocks)
}

/// The state machine of the file that is meant: the one of that name, or the only one.
fn machine_in<'a>(config: &'a MockConfig, path: &str, name: &str) -> Result<&'a str, Failure> {
    let machines: Vec<&str> = config.machines().collect();
    match (machines.iter().find(|known| **known == name), &machines[..]) {
        (Some(machine), _) | (None, [machine]) => Ok(machine),
        (None, []) => Err(Failure::usage(format!("`{path}` has no state machine"))),
        (None, _) => {
            let failure = Failure::usage(format!("`{path}` has no state machine `{name}`"));
            Err(match config::nearest(name, &machines) {
                Some(near) => {
                    failure.hint(format!("did you mean `{near}`? The name of a definition is its file's"))
                }
                None => failure.hint(format!("it has: {}", machines.join(", "))),
            })
        }
    }
}

fn only_case<'a>(config: &'a MockConfig, path: &str, machine: &str) -> Result<&'a str, Failure> {
    let cases: Vec<&str> = config.test_cases(machine).collect();
    match cases[..] {
        [one] => Ok(one),
        [] => Err(Failure::usage(format!("`{path}` has no test case for `{machine}`"))),
        [first, ..] => Err(Failure::usage(format!("`{path}` has several test cases"))
            .hint(format!("say which one: --mock {path}#{first}"))
            .hint(format!("it has: {}", cases.join(", ")))),
    }
}

/// The Task states of a definition, at whatever depth.
pub fn tasks(machine: &StateMachine) -> impl Iterator<Item = &str> {
    let tasks = machine.states.iter().filter(|state| matches!(state.kind, Kind::Task(_)));
    tasks.map(|state| &*state.name)
}

/// Refuses the name of a state that is not there.
///
/// # Errors
/// With the name that was probably meant.
pub fn known(machine: &StateMachine, state: &str) -> Result<(), Failure> {
    if machine.state(state).is_some() {
        return Ok(());
    }
    let names: Vec<&str> = machine.states.iter().map(|state| &*state.name).collect();
    Err(no_state(state, &names))
}

fn is_task(machine: &StateMachine, state: &str) -> Result<(), Failure> {
    let names: Vec<&str> = tasks(machine).collect();
    match machine.state(state) {
        Some(found) if matches!(found.kind, Kind::Task(_)) => Ok(()),
        Some(_) => Err(Failure::usage(format!(
            "`{state}` is not a Task state, so it calls nothing that could be mocked"
        ))),
        None => Err(no_state(state, &names)),
    }
}

fn no_state(state: &str, names: &[&str]) -> Failure {
    let failure = Failure::usage(format!("there is no state called `{state}`"));
    match config::nearest(state, names) {
        Some(near) => failure.hint(format!("did you mean `{near}`?")),
        None => failure.hint(format!("there are: {}", names.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::read;

    const DEFINITION: &str = r#"{"StartAt": "Charge", "States": {
        "Charge": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:f", "Next": "Rest"},
        "Rest": {"Type": "Wait", "Seconds": 5, "End": true}}}"#;

    #[track_caller]
    fn check(argument: &str, wanted: &str) {
        let machine = asl::parse(DEFINITION, asl::ParseOptions::default()).machine.unwrap();
        let found = match read(argument, &machine, "order") {
            Ok(mocks) => mocks.into_payload().text().to_string(),
            Err(failure) => failure.to_string(),
        };
        let first = wanted.lines().count();
        assert_eq!(found.lines().take(first).collect::<Vec<_>>().join("\n"), wanted, "{argument}");
    }

    #[test]
    fn states_get_answers() {
        let responses = |text: &str| {
            format!(r#"{{"Charge":{{"source":"the command line","responses":[{{"first":0,{text}}}]}}}}"#)
        };
        check(r#"Charge={"ok": true}"#, &responses(r#""result":{"ok":true}"#));
        check("Charge=\"a=b\"", &responses(r#""result":"a=b""#));
        check("Charge=error:Busy:a:b", &responses(r#""throw":{"Error":"Busy","Cause":"a:b"}"#));
        check("Charge=error:Busy", &responses(r#""throw":{"Error":"Busy"}"#));
        check("Charge=error:", "--mock `Charge`: the error has no name");
        check("Charge=ok", "`--mock Charge` is not JSON: expected value at line 1 column 1");
        check("Chrge=1", "there is no state called `Chrge`\n  did you mean `Charge`?");
        check("Rest=1", "`Rest` is not a Task state, so it calls nothing that could be mocked");
        check("nowhere.json", "--mock `nowhere.json`: there is no such file");
    }

    #[test]
    fn files_give_test_cases() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mocks.json");
        let name = path.display().to_string();
        let write = |cases: &str| {
            let machines = format!(r#"{{"StateMachines": {{"order": {{"TestCases": {cases}}}}},"#);
            std::fs::write(&path, machines + r#""MockedResponses": {"R": {"0": {"Return": 1}}}}"#).unwrap();
        };
        let one =
            r#"{"Charge":{"source":"MockedResponses.R","responses":[{"first":0,"last":0,"return":1}]}}"#;
        write(r#"{"A": {"Charge": "R"}}"#);
        check(&name, one);
        check(&format!("{name}#A"), one);
        write(r#"{"A": {"Charge": "R"}, "B": {"Rest": "R"}, "C": {"Chrge": "R"}}"#);
        check(
            &name,
            &format!("`{name}` has several test cases\n  say which one: --mock {name}#A\n  it has: A, B, C"),
        );
        check(&format!("{name}#A"), one);
        check(&format!("{name}#B"), "`Rest` is not a Task state, so it calls nothing that could be mocked");
        check(&format!("{name}#C"), "there is no state called `Chrge`\n  did you mean `Charge`?");
        check(
            &format!("{name}#D"),
            &format!("{name}: StateMachines.order.TestCases: there is no test case `D`\n  did you mean `A`?"),
        );
        std::fs::write(&path, "{").unwrap();
        check(
            &name,
            &format!("{name}: line 1, column 2: Unexpected end-of-input: expected close marker for Object"),
        );
    }
}
