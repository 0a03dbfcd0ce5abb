//! What a definition becomes: every field in its typed place, defaults filled in; the same from JSON and from YAML.

#![expect(clippy::unwrap_used, reason = "a test that cannot build its input has failed")]

use asl::{
    Condition, Draws, Expression, ExpressionKind, Kind, MapMode, NumberField, Operand, ParseOptions,
    PathField, Pattern, QueryLanguage, ResourceKind, ResultPath, Scope, State, StateMachine, Template,
    TextField, Transition, Wait, parse, parse_yaml,
};
use value::Value;

fn machine(text: &str) -> StateMachine {
    let parsed = parse(text, ParseOptions::default());
    assert_eq!(parsed.diagnostics, [], "{text}");
    parsed.machine.unwrap()
}

fn order() -> StateMachine {
    machine(include_str!("data/order.asl.json"))
}

fn state<'m>(machine: &'m StateMachine, name: &str) -> &'m State {
    machine.state(name).unwrap()
}

#[test]
fn the_top_level_and_its_flows() {
    let machine = order();
    assert_eq!(machine.query_language, QueryLanguage::JsonPath);
    assert_eq!(machine.timeout_seconds, Some(3600));
    assert_eq!(machine.comment.as_deref(), Some("An order"));
    assert_eq!(&*machine.root.start_at, "Charge");
    let names = |states: &[asl::Name]| states.iter().map(|name| name.to_string()).collect::<Vec<_>>();
    assert_eq!(
        names(&machine.root.states),
        ["Charge", "Enough", "Pause", "Lines", "Both", "Rejected", "Done"]
    );
    let all: Vec<asl::Name> = machine.states.iter().map(|state| state.name.clone()).collect();
    assert_eq!(
        names(&all),
        ["Charge", "Enough", "Pause", "Lines", "Line", "Both", "Left", "Right", "Rejected", "Done"]
    );
}

#[test]
fn a_task() {
    let machine = order();
    let charge = state(&machine, "Charge");
    let Kind::Task(task) = &charge.kind else { panic!("{:?}", charge.kind) };
    let ResourceKind::Service { resource_type, resource, pattern } = &task.resource.kind else { panic!() };
    assert_eq!(
        (&**resource_type, &**resource, *pattern),
        ("lambda", "invoke.waitForTaskToken", Pattern::WaitForTaskToken)
    );
    assert!(matches!(&task.timeout, Some(NumberField::Path(path)) if &*path.text == "$.timeout"));
    assert!(matches!(&task.heartbeat, Some(NumberField::Literal(seconds)) if *seconds == 30.0));
    assert!(matches!(&charge.result_path, ResultPath::At(path) if path.text() == "$.charge"));
    assert!(matches!(charge.input_path, PathField::Whole));
    assert!(matches!(charge.output_path, PathField::Nothing));
    assert_eq!(charge.transition, Transition::Next("Enough".into()));
    let [first, second] = charge.retry.as_slice() else { panic!() };
    assert_eq!((first.interval_seconds, first.max_attempts, first.backoff_rate), (1, 3, 2.0));
    assert_eq!((first.max_delay_seconds, first.full_jitter), (None, false));
    assert_eq!((second.interval_seconds, second.max_attempts, second.backoff_rate), (5, 0, 1.5));
    assert_eq!((second.max_delay_seconds, second.full_jitter), (Some(60), true));
    let [catcher] = charge.catch.as_slice() else { panic!() };
    assert!(matches!(catcher.result_path, ResultPath::Discard));
    assert_eq!((&*catcher.next, &*catcher.error_equals[0]), ("Rejected", "States.ALL"));
}

#[test]
fn a_choice_a_wait_and_a_fail() {
    let machine = order();
    let Kind::Choice(choice) = &state(&machine, "Enough").kind else { panic!() };
    assert_eq!(choice.default.as_deref(), Some("Pause"));
    let Condition::And(parts) = &choice.rules[0].condition else { panic!() };
    assert!(matches!(&parts[0], Condition::Compare { operand: Operand::Literal(Value::Int(20)), .. }));
    assert!(
        matches!(&parts[1], Condition::Compare { operand: Operand::Path(path), .. } if &*path.text == "$.limit")
    );
    assert!(matches!(&parts[2], Condition::Not(_)));
    let Kind::Wait(Wait::Seconds(NumberField::Literal(seconds))) = &state(&machine, "Pause").kind else {
        panic!()
    };
    assert_eq!(*seconds, 2.0);
    let Kind::Fail(fail) = &state(&machine, "Rejected").kind else { panic!() };
    assert!(matches!(&fail.error, Some(TextField::Literal(error)) if &**error == "Rejected"));
    assert!(matches!(
        &fail.cause,
        Some(TextField::Path(Expression { kind: ExpressionKind::Intrinsic(_), .. }))
    ));
    assert_eq!(state(&machine, "Rejected").transition, Transition::None);
}

#[test]
fn a_map_and_a_parallel() {
    let machine = order();
    let Kind::Map(map) = &state(&machine, "Lines").kind else { panic!() };
    assert_eq!(map.mode, MapMode::DistributedExpress);
    assert_eq!(&*map.processor.start_at, "Line");
    assert!(matches!(&map.items_path, Some(path) if &*path.text == "$.lines"));
    assert!(matches!(&map.max_concurrency, Some(NumberField::Literal(most)) if *most == 5.0));
    let reader = map.distributed.item_reader.as_ref().unwrap();
    assert_eq!(reader.config.get("InputType").and_then(Value::as_str), Some("CSV"));
    assert!(matches!(&reader.max_items, Some(NumberField::Path(_))));
    assert_eq!(map.distributed.label.as_deref(), Some("lines"));
    let Kind::Parallel(parallel) = &state(&machine, "Both").kind else { panic!() };
    assert_eq!(parallel.branches.len(), 2);
    let Kind::Pass(pass) = &state(&machine, "Left").kind else { panic!() };
    assert_eq!(&**pass.result.as_ref().unwrap().text(), "{\"kept\":[1,2]}");
}

#[test]
fn templates_evaluate_what_ends_in_dollar() {
    let machine = order();
    let data = Value::parse(r#"{"id":7,"lines":[1],"name":"n"}"#).unwrap();
    let scope = Scope {
        data: &data,
        context: &|| Value::parse(r#"{"Task":{"Token":"t"}}"#).unwrap(),
        variables: &|_| None,
        draws: &Draws::new(1),
    };
    let parameters = state(&machine, "Charge").parameters.as_ref().unwrap();
    assert_eq!(
        parameters.evaluate(&scope).unwrap().to_json(),
        r#"{"FunctionName":"charge","Payload":{"list":[{"past":null,"first":1},"$.id"],"id":7,"text":"7-n","token":"t"}}"#
    );
    assert!(!parameters.is_literal());
    let selector = state(&machine, "Charge").result_selector.as_ref().unwrap();
    let error = selector.evaluate(&scope).unwrap_err();
    assert_eq!(
        (error.error(), error.to_string().as_str()),
        (
            "States.Runtime",
            "The JSONPath '$.missing' specified for the field 'inner.$' could not be found in the input \
             '{\"id\":7,\"lines\":[1],\"name\":\"n\"}'"
        )
    );
    let assign = state(&machine, "Left").assign.as_ref().unwrap();
    assert_eq!(assign.literal().map(Value::to_json).as_deref(), Some(r#"{"v":{"deep":[1,{"x":null}]}}"#));
}

#[test]
fn jsonata_is_kept_as_text_with_its_place() {
    let machine = machine(
        r#"{"QueryLanguage":"JSONata","StartAt":"T","States":{
        "T":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","TimeoutSeconds":"{% $t %}",
             "Arguments":{"FunctionName":"f","Payload":["{% 1 %}",{"a":"{%2%}","b":"plain"}]},
             "Catch":[{"ErrorEquals":["States.ALL"],"Next":"C","Output":"{% $states.errorOutput %}"}],"Next":"C"},
        "C":{"Type":"Choice","Choices":[{"Condition":"{% $x = 1 %}","Next":"W"},{"Condition":false,"Next":"W"}],"Default":"W"},
        "W":{"Type":"Wait","Timestamp":"{% $now() %}","Output":{"done":true},"End":true}}}"#,
    );
    let leaves = |template: &Template| -> Vec<String> {
        let leaf = |leaf: asl::Leaf<'_>| match leaf {
            asl::Leaf::Jsonata { expression, location } => format!("{location}: {}", expression.text()),
            asl::Leaf::Path { key, .. } => key.to_string(),
        };
        template.leaves().into_iter().map(leaf).collect()
    };
    let task = state(&machine, "T");
    assert_eq!(
        leaves(task.arguments.as_ref().unwrap()),
        ["Arguments/Payload[0]: 1", "Arguments/Payload[1]/a: 2"]
    );
    assert_eq!(leaves(task.catch[0].output.as_ref().unwrap()), ["Catch[0]/Output: $states.errorOutput"]);
    let Kind::Choice(choice) = &state(&machine, "C").kind else { panic!() };
    assert!(matches!(&choice.rules[0].condition, Condition::Jsonata(text) if text.text() == "$x = 1"));
    assert!(matches!(&choice.rules[1].condition, Condition::Literal(false)));
    let references = machine.variable_references();
    let names: Vec<String> = references.iter().map(|(state, names)| format!("{state}: {names:?}")).collect();
    assert_eq!(names, [r#"T: ["t"]"#, r#"C: ["x"]"#]);
    // What is undefined is left out.
    let value = task.arguments.as_ref().unwrap().evaluate_with::<()>(&mut |leaf| match leaf {
        asl::Leaf::Jsonata { expression, .. } if expression.text() == "2" => Ok(None),
        _ => Ok(Some(Value::Int(5))),
    });
    assert_eq!(value.unwrap().unwrap().to_json(), r#"{"FunctionName":"f","Payload":[5,{"b":"plain"}]}"#);
}

#[test]
fn variables_read_are_listed_by_state() {
    let machine = machine(
        r#"{"StartAt":"S","States":{
        "S":{"Type":"Pass","Assign":{"guess":1,"answer":2,"list":[]},"Next":"C"},
        "C":{"Type":"Choice","Choices":[{"Not":{"Variable":"$guess","NumericEqualsPath":"$answer.x"},"Next":"M"}],"Default":"W"},
        "M":{"Type":"Map","ItemsPath":"$list","MaxConcurrencyPath":"$answer","ItemProcessor":{"StartAt":"P","States":{"P":{"Type":"Pass","Parameters":{"a.$":"States.MathAdd($guess, $answer)"},"End":true}}},"End":true},
        "W":{"Type":"Wait","SecondsPath":"$guess","End":true}}}"#,
    );
    let references: Vec<String> = machine
        .variable_references()
        .iter()
        .map(|(state, names)| format!("{state}: {}", names.join(" ")))
        .collect();
    assert_eq!(references, ["C: answer guess", "M: answer list", "P: answer guess", "W: guess"]);
}

#[test]
fn yaml_gives_the_same_definition() {
    let json = order();
    let text = include_str!("data/order.asl.yaml");
    let parsed = parse_yaml(text, ParseOptions::default());
    assert_eq!(parsed.diagnostics, []);
    let yaml = format!("{:#?}", parsed.machine.unwrap());
    // The text of a payload is compact in YAML; everything else is the same.
    let json = format!("{json:#?}").replace(r#"{"kept" : [1,  2]}"#, r#"{"kept":[1,2]}"#);
    let differences: Vec<_> =
        sorted_lines(&yaml).into_iter().zip(sorted_lines(&json)).filter(|(y, j)| y != j).collect();
    assert_eq!(differences, []);
    assert_eq!(yaml.len(), json.len());
}

/// Lines in an order that does not depend on hashing.
fn sorted_lines(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = text.lines().map(str::trim).collect();
    lines.sort_unstable();
    lines
}
