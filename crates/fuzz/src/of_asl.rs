//! Definitions: any text gets diagnostics that point into it, and what is accepted runs: whatever the world answers, the
//! execution does not panic, stays within its limits, and its records come back from the store as they were.

use std::sync::Arc;

use interpreter::{
    Answer, Decoder, Effect, Environment, Execution, Failure, Input, Limits, Place, Start, TaskPhase,
    Timestamp, TokenKey, encode_batch, history, no_deadline,
};
use serde_json::{Value as Json, json};
use value::Payload;

use crate::expressions;
use crate::json;
use crate::rng::Rng;

/// One case.
///
/// # Errors
/// What went wrong, with the definition.
pub fn case(rng: &mut Rng) -> Result<(), String> {
    let mut definition = machine(rng, 2);
    for _ in 0..rng.below(4) {
        disturb(rng, &mut definition);
    }
    let mut text = definition.to_string();
    if rng.chance(15) {
        text = json::mutated(rng, &text);
    }
    if rng.chance(1) {
        text = json::deep(rng, &[("{\"States\":", "}"), ("[", "]"), ("{\"And\":[", "]}")], "1");
    }
    check(rng, &text).map_err(|what| format!("{what}: {text}"))
}

fn check(rng: &mut Rng, text: &str) -> Result<(), String> {
    let yaml = rng.chance(10);
    let options = asl::ParseOptions::default();
    let parsed = if yaml { asl::parse_yaml(text, options) } else { asl::parse(text, options) };
    for found in parsed.diagnostics.iter().chain(&asl::lint(text, asl::LintOptions::default())) {
        let span = found.span.clone();
        if span.start > span.end || text.get(span.clone()).is_none() {
            return Err(format!("a diagnostic points to {span:?} of {} bytes", text.len()));
        }
        if found.message.is_empty() {
            return Err(format!("a diagnostic {} without a text", found.sw_code));
        }
    }
    let _ = asl::render::render(text, "fuzz.json", &parsed.diagnostics, asl::render::Style::Plain);
    let refused = parsed.diagnostics.iter().any(|found| found.severity == asl::Severity::Error);
    match parsed.machine {
        Some(_) if refused => Err("it is refused and there is a machine".to_owned()),
        None if !refused => Err("no machine and no error".to_owned()),
        Some(machine) => run(rng, machine),
        None => Ok(()),
    }
}

fn run(rng: &mut Rng, machine: asl::StateMachine) -> Result<(), String> {
    let machine = Arc::new(machine);
    let environment = Arc::new(Environment {
        place: Arc::new(Place::default()),
        standard: Limits { history_events: Some(400), ..Limits::SERVICE },
        express: Limits::EXPRESS,
        token_key: TokenKey::new([7; 32]),
        deadline: no_deadline,
        activity_exists: interpreter::any_activity(),
        wait_scale: interpreter::WaitScale::REAL,
    });
    let mut live = Execution::new(machine.clone(), environment.clone(), 7);
    let mut batches: Vec<Vec<u8>> = Vec::new();
    let mut now = Timestamp(1_763_600_000_000);
    let mut next = vec![Input::Start(Box::new(start(rng)?))];
    for _ in 0..60 {
        let (records, _) = live.advance_all(next, now);
        if !records.is_empty() {
            batches.push(encode_batch(&records));
        }
        if live.is_closed() {
            break;
        }
        next = match input(rng, &live, &mut now) {
            Some(input) => vec![input],
            None => break,
        };
    }
    let mut folded = Execution::new(machine, environment, 7);
    let mut decoder = Decoder::default();
    for batch in &batches {
        for record in decoder.decode(batch).map_err(|error| format!("a batch is not read: {error:?}"))? {
            let _ = history::project(&record, true);
            folded.apply(&record);
        }
    }
    if format!("{folded:?}") == format!("{live:?}") { Ok(()) } else { Err("the fold differs".to_owned()) }
}

fn start(rng: &mut Rng) -> Result<Start, String> {
    let input = if rng.chance(80) { json::object(rng, 3) } else { json::document(rng, 3) };
    Ok(Start {
        input: Payload::parse(input.as_str()).map_err(|error| error.to_string())?,
        name: "run".into(),
        machine: "machine".into(),
        role: "role".into(),
        seed: rng.bits(),
        express: None,
        version_arn: None,
        alias_arn: None,
        trace_header: None,
        mocks: None,
        parent: None,
    })
}

/// What the world does next, if the execution waits for anything.
fn input(rng: &mut Rng, live: &Execution, now: &mut Timestamp) -> Option<Input> {
    if live.has_more() {
        return Some(Input::Continue);
    }
    if rng.chance(2) {
        return Some(Input::Stop { error: None, cause: Some("enough".into()) });
    }
    let outstanding: Vec<_> = live.outstanding().collect();
    let (effect, what) = outstanding.get(rng.below(outstanding.len()))?.clone();
    let task = match what {
        Effect::Timer { at } => {
            *now = Timestamp(now.0.max(at.0));
            return Some(Input::TimerFired(effect));
        }
        Effect::Task(task) => task,
    };
    let payload = || Payload::parse("{\"a\":[1,{\"b\":2}],\"name\":\"n\"}").ok();
    let output = if rng.chance(30) { Payload::parse(json::document(rng, 3)).ok()? } else { payload()? };
    Some(match (task.phase, rng.below(10)) {
        (TaskPhase::Scheduled, _) => Input::Dispatch { effect, worker: None },
        (TaskPhase::Started, 0..=2) if task.resource.ends_with(".waitForTaskToken") => {
            Input::Submitted { effect, output, handle: None }
        }
        (_, 0..=5) => Input::Answered { effect, by_token: rng.chance(20), answer: Answer::Succeeded(output) },
        (_, 6) => Input::TaskTimedOut { effect, heartbeat: rng.chance(50) },
        _ => {
            let error = rng.chance(80).then(|| rng.pick(&["Boom", "A", "States.TaskFailed"]).into());
            let failure = Failure { error, cause: rng.chance(50).then(|| "why".into()) };
            Input::Answered { effect, by_token: rng.chance(20), answer: Answer::Failed(failure) }
        }
    })
}

/// A random definition of a few states, mostly valid.
fn machine(rng: &mut Rng, depth: usize) -> Json {
    let jsonata = rng.chance(50);
    let count = 1 + rng.below(4);
    let prefix = format!("{:x}", rng.bits() & 0xFFFF);
    let names: Vec<String> = (0..count).map(|at| format!("S{prefix}{at}")).collect();
    let mut states = serde_json::Map::new();
    for (at, name) in names.iter().enumerate() {
        let mut state = state(rng, depth, jsonata, names.get(at + 1).map(String::as_str));
        if jsonata {
            state["QueryLanguage"] = json!("JSONata");
        }
        states.insert(name.clone(), state);
    }
    json!({ "StartAt": names.first(), "States": states })
}

fn state(rng: &mut Rng, depth: usize, jsonata: bool, next: Option<&str>) -> Json {
    let mut state = match rng.below(if depth == 0 { 6 } else { 8 }) {
        0..=1 => json!({ "Type": "Pass" }),
        2 => json!({ "Type": "Task", "Resource": rng.pick(&[
            "arn:aws:states:::lambda:invoke", "arn:aws:states:::lambda:invoke.waitForTaskToken",
            "arn:aws:lambda:us-east-1:000000000000:function:f", "arn:aws:states:us-east-1:000000000000:activity:x"]) }),
        3 => json!({ "Type": "Wait", "Seconds": rng.below(90) }),
        4 => return choice(rng, jsonata, next),
        5 => match next {
            None => return json!({ "Type": rng.pick(&["Succeed", "Fail"]) }),
            Some(_) => json!({ "Type": "Pass" }),
        },
        6 => {
            json!({ "Type": "Parallel", "Branches": (0..=rng.below(2)).map(|_| machine(rng, depth - 1)).collect::<Vec<_>>() })
        }
        _ => {
            json!({ "Type": "Map", "MaxConcurrency": rng.below(3), "ItemProcessor": machine(rng, depth - 1) })
        }
    };
    match next {
        Some(next) => state["Next"] = json!(next),
        None => state["End"] = json!(true),
    }
    data_flow(rng, &mut state, jsonata);
    if ["Task", "Parallel", "Map"].iter().any(|kind| state["Type"] == *kind) {
        if rng.chance(40) {
            state["Retry"] = json!([{ "ErrorEquals": [rng.pick(&["States.ALL", "Boom", "States.Timeout"])], "MaxAttempts": rng.below(3) }]);
        }
        if let (true, Some(next)) = (rng.chance(40), next) {
            state["Catch"] = json!([{ "ErrorEquals": ["States.ALL"], "Next": next }]);
        }
    }
    state
}

fn data_flow(rng: &mut Rng, state: &mut Json, jsonata: bool) {
    let expression = |rng: &mut Rng| {
        let text = expressions::any(rng, 2).replace("$$", "$states.input");
        format!("{{% {} %}}", if rng.chance(70) { "$states.input".to_owned() } else { text })
    };
    let path = |rng: &mut Rng| {
        rng.pick(&["$", "$.a", "$.items", "$$.Execution.Input", "$.items[0]", "$..a", "$[*]"]).to_owned()
    };
    if jsonata {
        if rng.chance(50) {
            state["Output"] = json!({ "k": expression(rng), "l": [expression(rng), 1] });
        }
        if rng.chance(30) {
            state["Assign"] = json!({ "v": expression(rng) });
        }
        if state["Type"] == "Map" {
            state["Items"] =
                json!(rng.pick(&["{% [1,2,3] %}", "{% $states.input.items %}", "{% [$states.input] %}"]));
        }
        return;
    }
    for (field, chance) in [("InputPath", 20), ("OutputPath", 15), ("ItemsPath", 60)] {
        if rng.chance(chance) && (field != "ItemsPath" || state["Type"] == "Map") {
            state[field] = json!(path(rng));
        }
    }
    if rng.chance(20) && state["Type"] != "Wait" {
        state["ResultPath"] = json!(rng.pick(&["$.r", "$.a.b", "$"]));
    }
    if rng.chance(40) && (state["Type"] == "Pass" || state["Type"] == "Task") {
        state["Parameters"] = json!({ "v.$": path(rng), "f.$": rng.pick(&["States.Format('{}', $.a)", "States.UUID()", "States.ArrayLength($.items)"]) });
    }
    if rng.chance(30) {
        state["Assign"] = json!({ "v.$": path(rng), "w": [1] });
    }
}

fn choice(rng: &mut Rng, jsonata: bool, next: Option<&str>) -> Json {
    let Some(next) = next else { return json!({ "Type": "Succeed" }) };
    let rule = if jsonata {
        json!({ "Condition": format!("{{% {} %}}", rng.pick(&["true", "$states.input.a = 1", "$exists($states.input.b)", "1"])), "Next": next })
    } else {
        match rng.below(4) {
            0 => json!({ "Variable": "$.a", "IsPresent": rng.chance(50), "Next": next }),
            1 => json!({ "Variable": "$.price", "NumericGreaterThan": 2, "Next": next }),
            2 => json!({ "Not": { "Variable": "$.name", "StringMatches": "a*b\\*" }, "Next": next }),
            _ => {
                json!({ "And": [{ "Variable": "$.name", "StringEqualsPath": "$.a" }, { "Variable": "$.b", "IsTimestamp": true }], "Next": next })
            }
        }
    };
    json!({ "Type": "Choice", "Choices": [rule], "Default": next })
}

/// Takes a member out, puts another value in, or copies one elsewhere, anywhere in the definition.
fn disturb(rng: &mut Rng, json: &mut Json) {
    let odd = |rng: &mut Rng| match rng.below(9) {
        0 => Json::Null,
        1 => json!(-1),
        2 => json!(1e300),
        3 => json!(""),
        4 => json!("$.a["),
        5 => json!("{% $ %}"),
        6 => json!([{}]),
        7 => json!({ "a.$": "$" }),
        _ => json!(rng.pick(&["S", "States.ALL", "JSONata", "2016-03-14T01:59:00Z", "é"])),
    };
    match json {
        Json::Object(members) if !members.is_empty() => {
            let keys: Vec<String> = members.keys().cloned().collect();
            let Some(key) = keys.get(rng.below(keys.len())) else { return };
            match rng.below(8) {
                0 => drop(members.remove(key)),
                1 => drop(members.insert(key.clone(), odd(rng))),
                2 => drop(members.insert(
                    rng.pick(&["Next", "End", "Comment", "Retry", "Items", "Type"]).to_owned(),
                    odd(rng),
                )),
                _ => members.get_mut(key).into_iter().for_each(|member| disturb(rng, member)),
            }
        }
        Json::Array(items) if !items.is_empty() => {
            let at = rng.below(items.len());
            items.get_mut(at).into_iter().for_each(|item| disturb(rng, item));
        }
        leaf => {
            if rng.chance(50) {
                *leaf = odd(rng);
            }
        }
    }
}
