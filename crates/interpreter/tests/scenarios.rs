//! Scenarios: a definition, what the world answers, and the public history that must come of it. Every scenario also
//! checks the fold: after each input the records, encoded and decoded, must fold to the same outstanding effects and
//! the same next decisions.
//!
//! The batches that a release wrote are kept in `tests/golden`: every later release must read them, and fold and project
//! them to the same. `STEPWELL_WRITE_GOLDEN=0.1 cargo test -p interpreter` writes those of a new release.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::collections::HashMap;
use std::sync::Arc;

use asl::{MachineType, ParseOptions};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use interpreter::{
    Answer, Decoder, Effect, Environment, Execution, Failure, Input, Limits, Place, Record, Start, TaskKind,
    TaskPhase, Text, Timestamp, TokenKey, encode_batch, history,
};
use value::Payload;

/// Where the batches of earlier releases are kept.
const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden");

/// One scenario of a file in `tests/scenarios`.
struct Scenario {
    name: String,
    definition: String,
    input: String,
    /// `State: ok JSON`, `State: fail Error Cause`, `State: timeout`, `State: submitted JSON`, `stop Error Cause`,
    /// `redrive`, `time`.
    answers: Vec<String>,
    history: Vec<String>,
}

fn environment() -> Arc<Environment> {
    Arc::new(Environment {
        place: Arc::new(Place::default()),
        standard: Limits::SERVICE,
        express: Limits::EXPRESS,
        token_key: TokenKey::new([1; 32]),
        deadline: interpreter::no_deadline,
        activity_exists: interpreter::any_activity(),
        wait_scale: interpreter::WaitScale::REAL,
    })
}

fn parse_scenarios(text: &str) -> Vec<Scenario> {
    let mut scenarios = Vec::new();
    for block in text.split("\n# ").skip(1) {
        let (name, rest) = block.split_once('\n').unwrap();
        let mut sections: HashMap<&str, String> = HashMap::new();
        let mut current = "";
        for line in rest.lines() {
            if let Some(section) = line.strip_prefix("## ") {
                current = section.trim();
            } else if !line.trim().is_empty() {
                let body = sections.entry(current).or_default();
                body.push_str(line);
                body.push('\n');
            }
        }
        let lines = |key: &str| {
            sections
                .get(key)
                .map(|text| text.lines().map(|line| line.trim().to_owned()).collect())
                .unwrap_or_default()
        };
        scenarios.push(Scenario {
            name: name.trim().to_owned(),
            definition: sections.get("definition").cloned().unwrap_or_default(),
            input: sections.get("input").map_or("{}".to_owned(), |text| text.trim().to_owned()),
            answers: lines("answers"),
            history: lines("history"),
        });
    }
    scenarios
}

/// The execution under test, with its stored batches beside it.
struct World {
    live: Execution,
    definition: Arc<asl::StateMachine>,
    batches: Vec<Vec<u8>>,
    records: Vec<Record>,
    now: Timestamp,
}

impl World {
    fn tell(&mut self, inputs: Vec<Input>) {
        let (records, accepted) = self.live.advance_all(inputs.clone(), self.now);
        assert!(accepted.iter().all(Result::is_ok), "an input was stale: {inputs:?}");
        if !records.is_empty() {
            self.batches.push(encode_batch(&records));
            self.records.extend(records);
        }
        self.check_fold();
    }

    /// A node that read the batches stands exactly where the live one does.
    fn check_fold(&self) {
        let mut folded = Execution::new(self.definition.clone(), environment(), 7);
        let mut decoder = Decoder::default();
        let mut read = Vec::new();
        for batch in &self.batches {
            read.extend(decoder.decode(batch).unwrap());
        }
        assert_eq!(read, self.records, "records changed on their way through the store");
        read.iter().for_each(|record| folded.apply(record));
        assert_eq!(
            format!("{:#?}", folded),
            format!("{:#?}", self.live),
            "the fold differs from the live state"
        );
    }

    fn dispatch(&mut self) {
        let scheduled: Vec<u32> = self
            .live
            .outstanding()
            .filter(|(_, effect)| matches!(effect, Effect::Task(task) if task.phase == TaskPhase::Scheduled && task.kind != TaskKind::Activity))
            .map(|(id, _)| id)
            .collect();
        for effect in scheduled {
            self.tell(vec![Input::Dispatch { effect, worker: None }]);
        }
    }

    fn task_of(&self, state: &str) -> u32 {
        let mut found = self
            .live
            .outstanding()
            .filter(|(_, effect)| matches!(effect, Effect::Task(task) if &*task.state == state));
        found.next().unwrap_or_else(|| panic!("no task of {state} is outstanding")).0
    }

    fn answer(&mut self, line: &str) {
        if let Some(rest) = line.strip_prefix("stop") {
            let mut words = rest.trim().splitn(2, ' ');
            let mut word = || words.next().filter(|word| !word.is_empty()).map(Text::from);
            return self.tell(vec![Input::Stop { error: word(), cause: word() }]);
        }
        if line == "redrive" {
            self.now = self.now.plus_seconds(60);
            self.tell(vec![Input::Redrive { token: None, owed: Vec::new() }]);
            return self.tell(vec![Input::Continue]);
        }
        if line == "time" {
            return self.fire_timers();
        }
        let (state, what) = line.split_once(": ").unwrap_or_else(|| panic!("not an answer: {line}"));
        let effect = self.task_of(state);
        let (verb, rest) = what.split_once(' ').unwrap_or((what, ""));
        let answered = |by_token, answer| Input::Answered { effect, by_token, answer };
        let failure = || {
            let mut words = rest.splitn(2, ' ');
            let mut word = || words.next().filter(|word| !word.is_empty()).map(Text::from);
            Failure { error: word(), cause: word() }
        };
        let payload = || Payload::parse(rest).unwrap();
        self.tell(vec![match verb {
            "ok" => answered(false, Answer::Succeeded(payload())),
            "fail" => answered(false, Answer::Failed(failure())),
            "token-ok" => answered(true, Answer::Succeeded(payload())),
            "token-fail" => answered(true, Answer::Failed(failure())),
            "submitted" => Input::Submitted { effect, output: payload(), handle: None },
            "timeout" => Input::TaskTimedOut { effect, heartbeat: false },
            "heartbeat-missed" => Input::TaskTimedOut { effect, heartbeat: true },
            "interrupted" => Input::Interrupted { effect, failure: failure() },
            other => panic!("no such answer: {other}"),
        }]);
    }

    fn fire_timers(&mut self) {
        let due = self.live.outstanding().filter_map(|(id, effect)| match effect {
            Effect::Timer { at } => Some((at, id)),
            Effect::Task(_) => None,
        });
        let (at, effect) = due.min().expect("no timer is set");
        self.now = at;
        self.tell(vec![Input::TimerFired(effect)]);
    }

    fn history(&self) -> Vec<String> {
        let shown = self.records.iter().filter_map(|record| history::project(record, true));
        shown.map(|event| line(&serde_json::to_value(&event).unwrap())).collect()
    }
}

/// `4<3 LambdaFunctionFailed {"cause":…}`; details that say nothing are left out.
fn line(event: &serde_json::Value) -> String {
    let details = event.as_object().unwrap().iter().find(|(name, _)| name.ends_with("EventDetails"));
    let mut shown = String::new();
    if let Some((_, details)) = details {
        let mut details = details.clone();
        let members = details.as_object_mut().unwrap();
        members
            .retain(|name, _| !name.ends_with("Details") && !matches!(name.as_str(), "roleArn" | "region"));
        if !members.is_empty() {
            shown = format!(" {details}");
        }
    }
    format!("{}<{} {}{shown}", event["id"], event["previousEventId"], event["type"].as_str().unwrap())
}

fn definition_of(text: &str) -> Arc<asl::StateMachine> {
    let parsed =
        asl::parse(text, ParseOptions { machine_type: MachineType::Standard, ..ParseOptions::default() });
    Arc::new(parsed.machine.unwrap_or_else(|| panic!("{:?}", parsed.diagnostics)))
}

fn check(scenario: &Scenario) -> World {
    let definition = definition_of(&scenario.definition);
    let mut world = World {
        live: Execution::new(definition.clone(), environment(), 7),
        definition,
        batches: Vec::new(),
        records: Vec::new(),
        now: Timestamp(1_763_600_000_000),
    };
    world.tell(vec![Input::Start(Box::new(Start {
        input: Payload::parse(scenario.input.as_str()).unwrap(),
        name: "run".into(),
        machine: "machine".into(),
        role: "arn:aws:iam::000000000000:role/r".into(),
        seed: 42,
        express: None,
        version_arn: None,
        alias_arn: None,
        trace_header: None,
        mocks: None,
        parent: None,
    }))]);
    world.dispatch();
    for answer in &scenario.answers {
        world.answer(answer);
        world.dispatch();
    }
    let history = world.history();
    assert_eq!(history, scenario.history, "{}: got\n{}\n", scenario.name, history.join("\n"));
    world
}

fn all_scenarios() -> Vec<Scenario> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scenarios");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().flat_map(|file| parse_scenarios(&std::fs::read_to_string(file).unwrap())).collect()
}

#[test]
fn scenarios_have_the_history_that_the_service_gives() {
    let scenarios = all_scenarios();
    assert!(scenarios.len() >= 20, "only {} scenarios were found", scenarios.len());
    let mut golden = serde_json::Map::new();
    for scenario in &scenarios {
        let world = check(scenario);
        let batches: Vec<String> = world.batches.iter().map(|batch| STANDARD.encode(batch)).collect();
        golden.insert(
            scenario.name.clone(),
            serde_json::json!({ "definition": scenario.definition, "batches": batches, "history": scenario.history }),
        );
    }
    if let Ok(release) = std::env::var("STEPWELL_WRITE_GOLDEN") {
        let file = format!("{GOLDEN}/{release}.json");
        std::fs::write(file, serde_json::to_string_pretty(&golden).unwrap()).unwrap();
    }
}

#[test]
fn the_records_of_every_release_fold_and_project_as_they_did() {
    let mut releases = 0;
    for entry in std::fs::read_dir(GOLDEN).unwrap() {
        let golden: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(entry.unwrap().path()).unwrap()).unwrap();
        releases += 1;
        for (name, kept) in golden.as_object().unwrap() {
            let mut decoder = Decoder::default();
            let mut folded =
                Execution::new(definition_of(kept["definition"].as_str().unwrap()), environment(), 7);
            let mut history = Vec::new();
            for batch in kept["batches"].as_array().unwrap() {
                for record in decoder.decode(&STANDARD.decode(batch.as_str().unwrap()).unwrap()).unwrap() {
                    folded.apply(&record);
                    let event = history::project(&record, true);
                    history.extend(event.map(|event| line(&serde_json::to_value(&event).unwrap())));
                }
            }
            assert_eq!(serde_json::json!(history), kept["history"], "{name}");
            assert!(folded.is_closed(), "{name}: the fold is not closed");
        }
    }
    assert!(releases >= 1, "no golden records were found");
}
