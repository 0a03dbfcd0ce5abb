//! What lint finds, and where: planted faults, one a row, and definitions that are as they should be. What the service
//! refuses is in `diagnostics`.

use asl::{LintOptions, MachineType, Severity, apply_fixes, lint};

/// The findings of these codes, one a line: severity, code, place.
fn findings(text: &str, options: LintOptions, codes: &[&str]) -> Vec<String> {
    lint(text, options)
        .into_iter()
        .filter(|found| codes.iter().any(|code| found.sw_code.starts_with(code)) || found.is_service())
        .map(|found| {
            let severity = match found.severity {
                Severity::Error => 'E',
                Severity::Warning => 'W',
                Severity::Note => 'N',
            };
            format!("{severity} {} {}", found.sw_code, found.location)
        })
        .collect()
}

#[track_caller]
fn check_with(options: LintOptions, text: &str, codes: &[&str], wanted: &[&str]) {
    assert_eq!(findings(text, options, codes), wanted, "{text}\n{:#?}", lint(text, options));
}

#[track_caller]
fn check(text: &str, codes: &[&str], wanted: &[&str]) {
    check_with(LintOptions::default(), text, codes, wanted);
}

/// A definition of these states, the first of which is `A`.
fn machine(states: &str) -> String {
    format!(r#"{{"StartAt":"A","States":{{{states}}}}}"#)
}

fn jsonata(states: &str) -> String {
    format!(r#"{{"QueryLanguage":"JSONata","StartAt":"A","States":{{{states}}}}}"#)
}

/// Faults of the data flow in a JSONPath definition.
#[track_caller]
fn flow(states: &str, wanted: &[&str]) {
    check(&machine(states), &["SW2"], wanted);
}

/// Faults of the data flow in a JSONata definition.
#[track_caller]
fn flow_jsonata(states: &str, wanted: &[&str]) {
    check(&jsonata(states), &["SW2"], wanted);
}

const LAMBDA: &str = r#""Type":"Task","Resource":"arn:aws:lambda:us-east-1:1:function:f""#;
const INVOKE: &str =
    r#""Type":"Task","Resource":"arn:aws:states:::lambda:invoke","Parameters":{"FunctionName":"f"}"#;
const FETCH: &str =
    r#""Type":"Task","Resource":"arn:aws:states:::lambda:invoke","Arguments":{"FunctionName":"f"}"#;

#[test]
fn paths_that_nothing_produces() {
    let made = r#""A":{"Type":"Pass","Result":{"id":1,"inner":{"x":"y"}},"Next":"B"}"#;
    for (field, place) in [
        (r#""Type":"Pass","InputPath":"$.Id""#, "InputPath"),
        (r#""Type":"Pass","OutputPath":"$.inner.y""#, "OutputPath"),
        (r#""Type":"Pass","Parameters":{"a":{"b.$":"$.ids"}}"#, "Parameters/a/b.$"),
        (r#""Type":"Pass","Parameters":{"a":["x",{"b.$":"$.id.x"}]}"#, "Parameters/a[1]/b.$"),
        (r#""Type":"Pass","Assign":{"v.$":"$.none"}"#, "Assign/v.$"),
        (r#""Type":"Pass","Parameters":{"a.$":"States.Format('{}', $.nme)"}"#, "Parameters/a.$"),
        (r#""Type":"Wait","SecondsPath":"$.delay""#, "SecondsPath"),
        (r#""Type":"Wait","TimestampPath":"$.inner.at""#, "TimestampPath"),
        (
            r#""Type":"Task","Resource":"arn:aws:lambda:us-east-1:1:function:f","TimeoutSecondsPath":"$.timeout""#,
            "TimeoutSecondsPath",
        ),
        (
            r#""Type":"Map","ItemsPath":"$.items","ItemProcessor":{"StartAt":"P","States":{"P":{"Type":"Succeed"}}}"#,
            "ItemsPath",
        ),
    ] {
        let wanted = format!("E SW2007 /States/B/{place}");
        let mut wanted = vec![wanted.as_str()];
        if place.starts_with("Assign") {
            wanted.insert(0, "W SW2009 /States/B/Assign/v.$");
        }
        flow(&format!(r#"{made},"B":{{{field},"End":true}}"#), &wanted);
    }
    flow(
        &format!(
            r#"{made},"B":{{"Type":"Choice","Choices":[{{"And":[{{"Variable":"$.id","NumericEquals":1}},{{"Variable":"$.x","IsNull":true}}],"Next":"C"}}],"Default":"C"}},"C":{{"Type":"Succeed"}}"#
        ),
        &["E SW2007 /States/B/Choices[0]/And[1]/Variable"],
    );
    flow(
        &format!(
            r#"{made},"B":{{"Type":"Fail","ErrorPath":"$.error","CausePath":"States.JsonToString($.inner)"}}"#
        ),
        &["E SW2007 /States/B/ErrorPath"],
    );
}

#[test]
fn what_states_do_to_the_data() {
    // A Task's result replaces the input; so does an error.
    flow(
        &format!(
            r#""A":{{{INVOKE},"Next":"B"}},"B":{{"Type":"Pass","Parameters":{{"a.$":"$.Payload.a","b.$":"$.body"}},"End":true}}"#
        ),
        &["E SW2007 /States/B/Parameters/b.$"],
    );
    flow(
        &format!(
            r#""A":{{{INVOKE},"ResultSelector":{{"x.$":"$.result.x"}},"ResultPath":"$.a","Next":"B"}},"B":{{"Type":"Pass","InputPath":"$.a.y","End":true}}"#
        ),
        &["E SW2007 /States/A/ResultSelector/x.$", "E SW2007 /States/B/InputPath"],
    );
    flow(
        &format!(
            r#""A":{{{LAMBDA},"Catch":[{{"ErrorEquals":["States.ALL"],"Next":"C"}}],"End":true}},"C":{{"Type":"Pass","Parameters":{{"a.$":"$.order","b.$":"$.Cause"}},"End":true}}"#
        ),
        &["W SW2007 /States/C/Parameters/a.$"],
    );
    flow(
        &format!(
            r#""A":{{{LAMBDA},"Catch":[{{"ErrorEquals":["E"],"ResultPath":"$.error","Next":"C"}}],"End":true}},"C":{{"Type":"Pass","InputPath":"$.error.Cause.message","End":true}}"#
        ),
        &["W SW2007 /States/C/InputPath"],
    );
    // Parallel results are an array, and each branch has its own shape.
    flow(
        r#""A":{"Type":"Parallel","Branches":[{"StartAt":"P","States":{"P":{"Type":"Pass","Result":{"a":1},"End":true}}},{"StartAt":"Q","States":{"Q":{"Type":"Pass","Result":{"b":1},"End":true}}}],"Next":"B"},"B":{"Type":"Pass","Parameters":{"x.$":"$[0].a","y.$":"$[0].b","z.$":"$.a"},"End":true}"#,
        &["E SW2007 /States/B/Parameters/y.$", "E SW2007 /States/B/Parameters/z.$"],
    );
    flow(
        r#""A":{"Type":"Pass","Result":{"l":[1,2]},"Next":"B"},"B":{"Type":"Pass","Parameters":{"a.$":"$.l[1]","b.$":"$.l[2]"},"End":true}"#,
        &["W SW2007 /States/B/Parameters/b.$"],
    );
    // Items of a Map, and what its iterations make.
    flow(
        r#""A":{"Type":"Pass","Result":{"l":[{"n":1},{"n":2}]},"Next":"M"},"M":{"Type":"Map","ItemsPath":"$.l","ItemProcessor":{"StartAt":"P","States":{"P":{"Type":"Pass","Parameters":{"m.$":"$.n","x.$":"$.m"},"End":true}}},"Next":"B"},"B":{"Type":"Pass","Parameters":{"a.$":"$[0].m","b.$":"$[0].n"},"End":true}"#,
        &["E SW2007 /States/M/ItemProcessor/States/P/Parameters/x.$", "E SW2007 /States/B/Parameters/b.$"],
    );
    flow(
        r#""A":{"Type":"Map","ItemSelector":{"v.$":"$$.Map.Item.Value","i.$":"$$.Map.Item.Index"},"ItemProcessor":{"StartAt":"P","States":{"P":{"Type":"Pass","Parameters":{"a.$":"$.v.any","b.$":"$.index"},"End":true}}},"End":true}"#,
        &["E SW2007 /States/A/ItemProcessor/States/P/Parameters/b.$"],
    );
    flow(
        r#""A":{"Type":"Pass","InputPath":null,"Next":"B"},"B":{"Type":"Pass","InputPath":"$.a","End":true}"#,
        &["E SW2007 /States/B/InputPath"],
    );
    // What is not known is not judged.
    flow(
        &format!(
            r#""A":{{{LAMBDA},"ResultPath":"$.r.s","Next":"B"}},"B":{{"Type":"Pass","Parameters":{{"a.$":"$.r.s.x[3].y","b.$":"$.other","c.$":"$..deep","d.$":"$.list.length()","e.$":"$.r['s']"}},"End":true}}"#
        ),
        &[],
    );
}

#[test]
fn the_context_object() {
    flow(
        r#""A":{"Type":"Pass","Parameters":{"a.$":"$$.Execution.Id","b.$":"$$.Execution.Input.x.y","c.$":"$$.Execution.ID","d.$":"$$.Task.Token","e.$":"$$.Map.Item.Value"},"End":true}"#,
        &[
            "W SW2007 /States/A/Parameters/c.$",
            "W SW2007 /States/A/Parameters/d.$",
            "W SW2007 /States/A/Parameters/e.$",
        ],
    );
    flow(
        r#""A":{"Type":"Task","TimeoutSeconds":5,"Resource":"arn:aws:states:::sqs:sendMessage.waitForTaskToken","Parameters":{"QueueUrl":"q","MessageBody":{"t.$":"$$.Task.Token"}},"End":true}"#,
        &[],
    );
}

#[test]
fn paths_that_only_some_ways_have() {
    let two = r#""A":{"Type":"Pass","Result":{},"Next":"K"},"K":{"Type":"Choice","Choices":[{"Variable":"$$.Execution.Name","StringEquals":"x","Next":"X"}],"Default":"Y"},"X":{"Type":"Pass","Result":1,"ResultPath":"$.x","Next":"Z"},"Y":{"Type":"Pass","Result":1,"ResultPath":"$.y","Next":"Z"}"#;
    flow(
        &format!(r#"{two},"Z":{{"Type":"Pass","InputPath":"$.x","End":true}}"#),
        &["W SW2011 /States/Z/InputPath"],
    );
    flow(
        &format!(
            r#"{two},"Z":{{"Type":"Choice","Choices":[{{"Variable":"$.y","NumericEquals":1,"Next":"E"}},{{"Variable":"$.x","NumericEquals":1,"Next":"E"}}],"Default":"E"}},"E":{{"Type":"Succeed"}}"#
        ),
        &["W SW2011 /States/Z/Choices[0]/Variable", "W SW2011 /States/Z/Choices[1]/Variable"],
    );
    // A test for presence is an answer, also for what comes after it.
    flow(
        &format!(
            r#"{two},"Z":{{"Type":"Choice","Choices":[{{"And":[{{"Variable":"$.y","IsPresent":true}},{{"Variable":"$.y","NumericEquals":1}}],"Next":"E"}},{{"Variable":"$.x","IsPresent":true,"Next":"E2"}}],"Default":"D"}},"E":{{"Type":"Pass","InputPath":"$.y","End":true}},"E2":{{"Type":"Pass","InputPath":"$.x","End":true}},"D":{{"Type":"Pass","InputPath":"$.x","End":true}}"#
        ),
        &["E SW2007 /States/D/InputPath"],
    );
    flow(
        &format!(
            r#""A":{{"Type":"Pass","Result":{{}},"Next":"B"}},"B":{{{LAMBDA},"ResultPath":"$.paid","Next":"C","Catch":[{{"ErrorEquals":["States.ALL"],"ResultPath":"$.error","Next":"C"}}]}},"C":{{"Type":"Pass","Parameters":{{"p.$":"$.paid"}},"End":true}}"#
        ),
        &["W SW2011 /States/C/Parameters/p.$"],
    );
}

#[test]
fn variables_without_a_value() {
    flow(
        r#""A":{"Type":"Pass","Assign":{"x":1,"y.$":"$x"},"Next":"B"},"B":{"Type":"Pass","Parameters":{"y.$":"$y"},"End":true}"#,
        &["E SW2010 /States/A/Assign/y.$"],
    );
    flow(
        r#""A":{"Type":"Pass","Parameters":{"a.$":"$x"},"Next":"B"},"B":{"Type":"Pass","Assign":{"x":1},"Next":"A2"},"A2":{"Type":"Pass","Parameters":{"a.$":"$x"},"End":true}"#,
        &["E SW2010 /States/A/Parameters/a.$"],
    );
    // Only the Catcher's own Assign counts when an error is caught.
    flow(
        &format!(
            r#""A":{{{LAMBDA},"Assign":{{"x":1}},"Next":"B","Catch":[{{"ErrorEquals":["States.ALL"],"Next":"B"}}]}},"B":{{"Type":"Pass","Parameters":{{"a.$":"$x"}},"End":true}}"#
        ),
        &["W SW2010 /States/B/Parameters/a.$"],
    );
    // A matched rule's Assign takes the place of the state's.
    flow(
        r#""A":{"Type":"Choice","Choices":[{"Variable":"$.a","IsNull":true,"Next":"B"}],"Default":"B","Assign":{"x":1}},"B":{"Type":"Pass","Parameters":{"a.$":"$x"},"End":true}"#,
        &["W SW2010 /States/B/Parameters/a.$"],
    );
    flow(
        r#""A":{"Type":"Pass","Parameters":{"a.$":"$nobody"},"End":true}"#,
        &["E SW2003 /States/A/Parameters/a.$"],
    );
    flow(
        r#""A":{"Type":"Pass","Assign":{"x":{"a":1}},"Next":"B"},"B":{"Type":"Pass","Parameters":{"a.$":"$x.a","b.$":"$x.b"},"End":true}"#,
        &["E SW2007 /States/B/Parameters/b.$"],
    );
    flow(
        r#""A":{"Type":"Pass","Assign":{"total":1},"Next":"B"},"B":{"Type":"Succeed"}"#,
        &["W SW2009 /States/A/Assign/total"],
    );
}

#[test]
fn variables_of_other_scopes() {
    flow(
        r#""A":{"Type":"Parallel","Branches":[{"StartAt":"P","States":{"P":{"Type":"Pass","Assign":{"x":1},"Next":"Q"},"Q":{"Type":"Pass","Parameters":{"a.$":"$x"},"End":true}}}],"Next":"B"},"B":{"Type":"Pass","Parameters":{"a.$":"$x"},"End":true}"#,
        &["E SW2004 /States/B/Parameters/a.$"],
    );
    let map = |config: &str| {
        format!(
            r#""A":{{"Type":"Pass","Assign":{{"x":1}},"Next":"M"}},"M":{{"Type":"Map","ItemProcessor":{{{config}"StartAt":"P","States":{{"P":{{"Type":"Pass","Parameters":{{"a.$":"$x"}},"End":true}}}}}},"End":true}}"#
        )
    };
    flow(&map(""), &[]);
    flow(
        &map(r#""ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},"#),
        &["E SW2004 /States/M/ItemProcessor/States/P/Parameters/a.$"],
    );
}

#[test]
fn values_of_the_wrong_type() {
    let made = r#""A":{"Type":"Pass","Result":{"s":"60","n":5,"o":{},"l":[1]},"Next":"B"}"#;
    for (fields, place) in [
        (r#""Type":"Wait","SecondsPath":"$.s""#, "SecondsPath"),
        (r#""Type":"Wait","TimestampPath":"$.n""#, "TimestampPath"),
        (
            r#""Type":"Map","ItemsPath":"$.s","ItemProcessor":{"StartAt":"P","States":{"P":{"Type":"Succeed"}}}"#,
            "ItemsPath",
        ),
    ] {
        let wanted = format!("E SW2012 /States/B/{place}");
        flow(&format!(r#"{made},"B":{{{fields},"End":true}}"#), &[&wanted]);
    }
    flow(&format!(r#"{made},"B":{{"Type":"Fail","CausePath":"$.o"}}"#), &["E SW2012 /States/B/CausePath"]);
    for (call, wanted) in [
        ("States.Format('{} {}', $.s)", true),
        ("States.Format('{}', $.o)", false),
        ("States.Format('\\\\{\\\\} {}', $.s)", false),
        ("States.ArrayLength($.s)", true),
        ("States.MathAdd($.s, 1)", true),
        ("States.ArrayRange(0, 5000, 1)", true),
        ("States.ArrayRange(1, 10, 0)", true),
        ("States.Hash($.s, 'SHA1')", true),
        ("States.JsonMerge($.o, $.o, true)", true),
        ("States.ArrayGetItem($.l, 0)", false),
        ("States.ArrayGetItem($.l, 1)", true),
        ("States.StringSplit($.n, ',')", true),
    ] {
        let wanted: &[&str] = if wanted { &["E SW2005 /States/B/Parameters/a.$"] } else { &[] };
        flow(&format!(r#"{made},"B":{{"Type":"Pass","Parameters":{{"a.$":"{call}"}},"End":true}}"#), wanted);
    }
    flow(
        &format!(
            r#""A":{{"Type":"Pass","Result":"x","Next":"B"}},"B":{{{LAMBDA},"ResultPath":"$.r","End":true}}"#
        ),
        &["E SW2014 /States/B/ResultPath"],
    );
    flow(
        &format!(
            r#""A":{{"Type":"Pass","Result":{{"a":1}},"Next":"B"}},"B":{{{LAMBDA},"ResultPath":"$.a.b","End":true}}"#
        ),
        &["E SW2014 /States/B/ResultPath"],
    );
}

#[test]
fn choice_rules_without_effect() {
    let made = r#""A":{"Type":"Pass","Result":{"s":"60","n":5},"Next":"B"}"#;
    let choice = |rules: &str| {
        format!(
            r#"{made},"B":{{"Type":"Choice","Choices":[{rules}],"Default":"C"}},"C":{{"Type":"Succeed"}}"#
        )
    };
    flow(&choice(r#"{"Variable":"$.s","NumericEquals":60,"Next":"C"}"#), &["W SW2013 /States/B/Choices[0]"]);
    flow(&choice(r#"{"Variable":"$.n","IsString":true,"Next":"C"}"#), &["W SW2013 /States/B/Choices[0]"]);
    flow(
        &choice(
            r#"{"Variable":"$.n","IsPresent":true,"Next":"C"},{"Variable":"$.s","StringEquals":"x","Next":"C"}"#,
        ),
        &["W SW2013 /States/B/Choices[1]"],
    );
    flow(
        &choice(
            r#"{"Variable":"$.s","StringEquals":"x","Next":"C"},{"Variable":"$.s","StringEquals":"x","Next":"C"}"#,
        ),
        &["W SW2013 /States/B/Choices[1]"],
    );
    flow(
        &choice(
            r#"{"And":[{"Variable":"$.n","NumericGreaterThan":5},{"Variable":"$.n","NumericLessThan":5}],"Next":"C"}"#,
        ),
        &["W SW2013 /States/B/Choices[0]"],
    );
    flow(
        &choice(
            r#"{"And":[{"Variable":"$.n","NumericGreaterThan":1},{"Variable":"$.n","NumericLessThan":5}],"Next":"C"}"#,
        ),
        &[],
    );
}

#[test]
fn jsonata_expressions() {
    flow_jsonata(
        r#""A":{"Type":"Pass","Output":{"id":1},"Next":"B"},"B":{"Type":"Pass","Output":"{% $states.input.Id %}","End":true}"#,
        &["E SW2007 /States/B/Output"],
    );
    flow_jsonata(
        r#""A":{"Type":"Pass","Output":{"id":1},"Next":"B"},"B":{"Type":"Pass","Output":{"a":"{% {'x': $states.input.Id} %}"},"End":true}"#,
        &["W SW2007 /States/B/Output/a"],
    );
    flow_jsonata(
        &format!(
            r#""A":{{{FETCH},"Output":{{"a":"{{% $states.result.Payload.a %}}","b":"{{% $states.result.body %}}"}},"End":true}}"#
        ),
        &["E SW2007 /States/A/Output/b"],
    );
    flow_jsonata(
        &format!(
            r#""A":{{{FETCH},"Catch":[{{"ErrorEquals":["States.ALL"],"Output":{{"m":"{{% $states.errorOutput.Message %}}"}},"Next":"B"}}],"Next":"B"}},"B":{{"Type":"Succeed"}}"#
        ),
        &["W SW2007 /States/A/Catch[0]/Output/m"],
    );
    flow_jsonata(
        r#""A":{"Type":"Pass","Assign":{"x":{"a":1}},"Next":"B"},"B":{"Type":"Pass","Output":["{% $x.a %}","{% $x.b %}","{% $y %}"],"End":true}"#,
        &["E SW2007 /States/B/Output[1]", "E SW2003 /States/B/Output[2]"],
    );
    flow_jsonata(
        r#""A":{"Type":"Pass","Assign":{"x":1,"y":"{% $x + 1 %}"},"Next":"B"},"B":{"Type":"Pass","Output":"{% $y %}","End":true}"#,
        &["E SW2010 /States/A/Assign/y"],
    );
    flow_jsonata(
        r#""A":{"Type":"Pass","Output":{"s":"x"},"Next":"B"},"B":{"Type":"Wait","Seconds":"{% $states.input.s %}","Next":"C"},"C":{"Type":"Choice","Choices":[{"Condition":"{% $states.input.s %}","Next":"D"},{"Condition":"{% $states.input.s - 1 = 2 %}","Next":"D"}],"Default":"D"},"D":{"Type":"Succeed"}"#,
        &[
            "E SW2012 /States/B/Seconds",
            "E SW2012 /States/C/Choices[0]/Condition",
            "W SW2012 /States/C/Choices[1]/Condition",
        ],
    );
    // Questions about what may be missing are no faults.
    flow_jsonata(
        r#""A":{"Type":"Pass","Output":{"id":1},"Next":"B"},"B":{"Type":"Choice","Choices":[{"Condition":"{% $exists($states.input.x) %}","Next":"C"},{"Condition":"{% $states.input.x ? true : false %}","Next":"C"}],"Default":"C"},"C":{"Type":"Pass","Output":"{% $states.input.any.thing[0].x ~> $uppercase %}","End":true}"#,
        &[],
    );
    flow_jsonata(
        r#""A":{"Type":"Map","Items":[{"n":1}],"ItemSelector":{"v":"{% $states.context.Map.Item.Value %}"},"ItemProcessor":{"StartAt":"P","States":{"P":{"Type":"Pass","Output":"{% $states.input.v.m %}","End":true}}},"End":true}"#,
        &["E SW2007 /States/A/ItemProcessor/States/P/Output"],
    );
}

/// Findings of one code in a JSONPath definition.
#[track_caller]
fn one(code: &str, states: &str, wanted: &[&str]) {
    check(&machine(states), &[code], wanted);
}

#[test]
fn tasks_that_wait_for_too_long() {
    let task = |resource: &str, fields: &str| {
        format!(
            r#""A":{{"Type":"Task","Resource":"{resource}","Parameters":{{"FunctionName":"f"}},{fields}"End":true}}"#
        )
    };
    let activity = "arn:aws:states:us-east-1:1:activity:a";
    let token = "arn:aws:states:::lambda:invoke.waitForTaskToken";
    let codes = &["SW3001", "SW3002"];
    check(&machine(&task(activity, "")), codes, &["W SW3001 /States/A", "W SW3002 /States/A"]);
    check(&machine(&task(token, r#""TimeoutSeconds":60,"#)), codes, &["N SW3002 /States/A"]);
    check(&machine(&task(token, r#""TimeoutSeconds":60,"HeartbeatSeconds":5,"#)), codes, &[]);
    check(&machine(&task("arn:aws:states:::lambda:invoke", "")), codes, &["N SW3001 /States/A"]);
    let bounded = machine(&task(token, "")).replacen('{', r#"{"TimeoutSeconds":600,"#, 1);
    check(&bounded, codes, &["N SW3002 /States/A"]);
}

#[test]
fn handlers() {
    let task = |handlers: &str| format!(r#""A":{{{LAMBDA},{handlers},"End":true}}"#);
    one(
        "SW3011",
        &task(
            r#""Catch":[{"ErrorEquals":["States.TaskFailed"],"Next":"A"},{"ErrorEquals":["Declined"],"Next":"A"},{"ErrorEquals":["States.Timeout"],"Next":"A"},{"ErrorEquals":["States.HeartbeatTimeout"],"Next":"A"},{"ErrorEquals":["States.ALL"],"Next":"A"}]"#,
        ),
        &["W SW3011 /States/A/Catch[1]/ErrorEquals", "W SW3011 /States/A/Catch[3]/ErrorEquals"],
    );
    one(
        "SW3011",
        &task(
            r#""Retry":[{"ErrorEquals":["A"]},{"ErrorEquals":["B","A"]},{"ErrorEquals":["States.TaskFailed"]}]"#,
        ),
        &["W SW3011 /States/A/Retry[1]/ErrorEquals"],
    );
    one(
        "SW3012",
        &task(r#""Catch":[{"ErrorEquals":["E","States.Runtime"],"Next":"A"}]"#),
        &["W SW3012 /States/A/Catch[0]/ErrorEquals[1]"],
    );
    one(
        "SW3013",
        &task(
            r#""HeartbeatSeconds":5,"Catch":[{"ErrorEquals":["States.HeartbeatTimeout","States.ItemReaderFailed","States.QueryEvaluationError","Lambda.X"],"Next":"A"}]"#,
        ),
        &["W SW3013 /States/A/Catch[0]/ErrorEquals[1]", "W SW3013 /States/A/Catch[0]/ErrorEquals[2]"],
    );
    one(
        "SW3013",
        r#""A":{"Type":"Task","Resource":"arn:aws:states:::dynamodb:getItem","Parameters":{"TableName":"t","Key":{}},"Retry":[{"ErrorEquals":["Lambda.ServiceException","States.Timeout"]}],"End":true}"#,
        &["W SW3013 /States/A/Retry[0]/ErrorEquals[0]", "N SW3013 /States/A/Retry[0]/ErrorEquals[1]"],
    );
    one(
        "SW3009",
        &task(r#""Catch":[{"ErrorEquals":["States.ALL"],"ResultPath":null,"Next":"A"}]"#),
        &["N SW3009 /States/A/Catch[0]"],
    );
    one("SW3004", &task(r#""Comment":"x""#), &["N SW3004 /States/A"]);
    one("SW3004", &task(r#""Retry":[{"ErrorEquals":["States.TaskFailed"]}]"#), &[]);
    one(
        "SW3014",
        &task(r#""Retry":[{"ErrorEquals":["E"],"IntervalSeconds":10,"MaxDelaySeconds":5}]"#),
        &["W SW3014 /States/A/Retry[0]/MaxDelaySeconds"],
    );
}

#[test]
fn choices_without_default() {
    let choice =
        |rules: &str| format!(r#""A":{{"Type":"Choice","Choices":[{rules}]}},"B":{{"Type":"Succeed"}}"#);
    one("SW3003", &choice(r#"{"Variable":"$.a","StringEquals":"x","Next":"B"}"#), &["W SW3003 /States/A"]);
    one(
        "SW3003",
        &choice(
            r#"{"Variable":"$.a","BooleanEquals":true,"Next":"B"},{"Variable":"$.a","BooleanEquals":false,"Next":"B"}"#,
        ),
        &[],
    );
    one(
        "SW3003",
        &choice(
            r#"{"Variable":"$.a","NumericLessThan":3,"Next":"B"},{"Variable":"$.a","NumericGreaterThanEquals":3,"Next":"B"}"#,
        ),
        &[],
    );
}

#[test]
fn loops() {
    let poll = |extra: &str, rule: &str| {
        format!(
            r#""A":{{"Type":"Wait","Seconds":60,"Next":"B"}},"B":{{{LAMBDA},{extra}"Next":"C"}},"C":{{"Type":"Choice","Choices":[{{{rule},"Next":"A"}}],"Default":"D"}},"D":{{"Type":"Succeed"}}"#
        )
    };
    let codes = &["SW3005", "SW3008", "SW3015"];
    let open = poll("", r#""Variable":"$.done","BooleanEquals":false"#);
    check(&machine(&open), codes, &["W SW3005 /States/A"]);
    let with_timeout =
        |seconds: u64| machine(&open).replacen('{', &format!(r#"{{"TimeoutSeconds":{seconds},"#), 1);
    check(&with_timeout(3600), codes, &[]);
    check(&with_timeout(10_000_000), codes, &["W SW3008 /States/A"]);
    let counted = |most: u64| {
        poll(
            r#""ResultPath":"$.r","Assign":{"n.$":"States.MathAdd($.count, 1)"},"#,
            &format!(r#""Variable":"$n","NumericLessThan":{most}"#),
        )
    };
    check(&machine(&counted(10)), codes, &[]);
    check(&machine(&counted(10_000)), codes, &["W SW3008 /States/A"]);
    check(
        &machine(&format!(
            r#""A":{{"Type":"Choice","Choices":[{{"Variable":"$.a","IsNull":true,"Next":"E"}}],"Default":"B"}},"B":{{{LAMBDA},"Next":"C"}},"C":{{"Type":"Wait","Seconds":5,"Next":"B"}},"E":{{"Type":"Succeed"}}"#
        )),
        codes,
        &["W SW3015 /States/B"],
    );
    // Going through pages ends with the pages.
    check(
        &machine(&format!(
            r#""A":{{{LAMBDA},"Next":"C"}},"C":{{"Type":"Choice","Choices":[{{"Variable":"$.next","IsPresent":true,"Next":"A"}}],"Default":"D"}},"D":{{"Type":"Succeed"}}"#
        )),
        codes,
        &[],
    );
    one(
        "SW5003",
        r#""A":{"Type":"Wait","Seconds":5,"Next":"B"},"B":{"Type":"Task","Resource":"arn:aws:states:::aws-sdk:glue:getJobRun","Parameters":{"JobName":"j","RunId":"r"},"Next":"C"},"C":{"Type":"Choice","Choices":[{"Variable":"$.JobRun.JobRunState","StringEquals":"RUNNING","Next":"A"}],"Default":"D"},"D":{"Type":"Succeed"}"#,
        &["N SW5003 /States/B/Resource"],
    );
}

#[test]
fn limits() {
    let items = "1,".repeat(5000);
    let map = |items: &str, inner: &str| {
        format!(
            r#""A":{{"Type":"Pass","Result":[{items}0],"Next":"M"}},"M":{{"Type":"Map","ItemProcessor":{{"StartAt":"P","States":{{"P":{inner}}}}},"End":true}}"#
        )
    };
    let task = format!(r#"{{{LAMBDA},"End":true}}"#);
    one("SW3008", &map(&items, &task), &["E SW3008 /States/M"]);
    one("SW3008", &map(&items, r#"{"Type":"Succeed"}"#), &[]);
    one("SW3008", &map("1,2,", &task), &[]);
    let large = "x".repeat(262_143);
    one(
        "SW3007",
        &format!(
            r#""A":{{"Type":"Pass","Result":"{large}","Next":"B"}},"B":{{"Type":"Pass","Result":"{}","End":true}}"#,
            &large[..262_142]
        ),
        &["E SW3007 /States/A/Result"],
    );
    one(
        "SW3007",
        &format!(r#""A":{{"Type":"Pass","Parameters":{{"a":"{large}","b.$":"$.x"}},"End":true}}"#),
        &["E SW3007 /States/A/Parameters"],
    );
    let express = LintOptions { machine_type: MachineType::Express, ..LintOptions::default() };
    let wait = machine(r#""A":{"Type":"Wait","Seconds":300,"End":true}"#);
    check_with(express, &wait, &["SW3014"], &["E SW3014 /States/A/Seconds"]);
    check(&wait, &["SW3014"], &[]);
    let short = wait.replacen('{', r#"{"TimeoutSeconds":200,"#, 1);
    check(&short, &["SW3014"], &["E SW3014 /States/A/Seconds"]);
    check_with(
        express,
        &wait.replacen('{', r#"{"TimeoutSeconds":900,"#, 1),
        &["SW3014"],
        &["W SW3014 /TimeoutSeconds", "E SW3014 /States/A/Seconds"],
    );
}

#[test]
fn calls() {
    let call = |resource: &str, parameters: &str| {
        format!(
            r#""A":{{"Type":"Task","Resource":"arn:aws:states:::{resource}","Parameters":{{{parameters}}},"End":true}}"#
        )
    };
    one(
        "SW4006",
        &call("http:invoke", r#""ApiEndpoint":"https://x.org""#),
        &["W SW4006 /States/A/Parameters", "W SW4006 /States/A/Parameters"],
    );
    one(
        "SW4006",
        &call(
            "http:invoke",
            r#""ApiEndpoint":"https://x.org","Method":"GET","Authentication":{"ConnectionArn":"a"}"#,
        ),
        &[],
    );
    one("SW4006", &call("sns:publish", r#""Message":"m""#), &["W SW4006 /States/A/Parameters"]);
    one(
        "SW4007",
        &call("sqs:sendMessage", r#""QueueUrl":"q","MessageBody":"b","DelaySecond":5"#),
        &["W SW4007 /States/A/Parameters/DelaySecond"],
    );
    one(
        "SW4008",
        &call("athena:getQueryResults.sync", r#""QueryExecutionId":"q""#),
        &["W SW4008 /States/A/Resource"],
    );
    one("SW4008", &call("dynamodb:putItems", r#""TableName":"q""#), &["W SW4008 /States/A/Resource"]);
    one(
        "SW3010",
        r#""A":{"Type":"Task","Resource":"arn:aws:states:::http:invoke","Parameters":{"Method":"POST","ApiEndpoint":"https://x.org","Authentication":{}},"Retry":[{"ErrorEquals":["States.Http.StatusCode.429"]},{"ErrorEquals":["States.ALL"]}],"End":true}"#,
        &["W SW3010 /States/A/Retry[1]"],
    );
    one(
        "SW3006",
        r#""A":{"Type":"Map","ItemProcessor":{"StartAt":"P","States":{"P":{"Type":"Task","Resource":"arn:aws:states:::http:invoke","Parameters":{},"End":true}}},"End":true}"#,
        &["N SW3006 /States/A"],
    );
    one(
        "SW4005",
        &format!(
            r#""A":{{{LAMBDA},"Next":"B"}},"B":{{"Type":"Task","Resource":"arn:aws:lambda:eu-west-1:1:function:f","End":true}}"#
        ),
        &["W SW4005 /States/B/Resource"],
    );
    one(
        "SW5002",
        r#""A":{"Type":"Pass","Next":"B"},"B":{"Type":"Pass","End":true}"#,
        &["N SW5002 /States/A"],
    );
}

#[test]
fn words_of_the_other_language() {
    check(
        &jsonata(
            r#""A":{"Type":"Pass","Output":{"a.$":"$.x","b":["$.y","States.UUID()","$5","States rule"]},"End":true}"#,
        ),
        &["SW2015"],
        &[
            "W SW2015 /States/A/Output/a.$",
            "W SW2015 /States/A/Output/b[0]",
            "W SW2015 /States/A/Output/b[1]",
        ],
    );
    one(
        "SW2015",
        r#""A":{"Type":"Pass","Parameters":{"a":{"b":"{% $states.input %}"},"c":"{% x"},"End":true}"#,
        &["W SW2015 /States/A/Parameters/a/b"],
    );
    one(
        "SW4009",
        r#""A":{"Type":"Map","ToleratedFailureCount":3,"ItemProcessor":{"StartAt":"P","States":{"P":{"Type":"Succeed"}}},"End":true}"#,
        &["W SW4009 /States/A/ToleratedFailureCount"],
    );
}

#[test]
fn findings_can_be_allowed() {
    let with = |comment: &str| {
        format!(
            r#""A":{{{LAMBDA},{comment}"Next":"P"}},"P":{{"Type":"Parallel","Branches":[{{"StartAt":"Q","States":{{"Q":{{{LAMBDA},"End":true}}}}}}],"End":true}}"#
        )
    };
    let codes = &["SW3001", "SW3004"];
    let inner = "/States/P/Branches[0]/States/Q";
    check(
        &machine(&with("")),
        codes,
        &[
            "N SW3001 /States/A",
            "N SW3004 /States/A",
            &format!("N SW3001 {inner}"),
            &format!("N SW3004 {inner}"),
        ],
    );
    check(
        &machine(&with(r#""Comment":"Fast enough. stepwell: allow SW3001, SW3004","#)),
        codes,
        &[&format!("N SW3001 {inner}"), &format!("N SW3004 {inner}")],
    );
    let whole =
        machine(&with("")).replacen('{', r#"{"Comment":"stepwell: allow SW3001 (functions end)","#, 1);
    check(&whole, codes, &["N SW3004 /States/A", &format!("N SW3004 {inner}")]);
    let yaml = "StartAt: A\nStates:\n  # stepwell: allow SW3003\n  A:\n    Type: Choice\n    Choices: [{Variable: $.a, IsNull: true, Next: B}]\n  B: {Type: Succeed}\n";
    let options = LintOptions { is_yaml: true, ..LintOptions::default() };
    check_with(options, yaml, &["SW3003"], &[]);
    check_with(options, &yaml.replace("SW3003", "SW3001"), &["SW3003"], &["W SW3003 /States/A"]);
}

#[test]
fn placeholders_stand_for_anything() {
    let text = r#"{"StartAt":"A","TimeoutSeconds":${Timeout},"States":{"A":{"Type":"Task","Resource":"${Fn}","End":true}}}"#;
    let found = lint(text, LintOptions::default());
    let shown: Vec<(&str, &str)> = found.iter().map(|one| (one.sw_code, &text[one.span.clone()])).collect();
    assert_eq!(shown, [("SW4003", "${Timeout}"), ("SW4003", "${Fn}")]);
}

#[test]
fn fixes_repair_what_they_speak_of() {
    let text = r#"{
  "StartAt": "A",
  "States": {
    "A": { "Type": "Pass", "Rezult": {"order": {"id": 1}}, "Next": "Bb" },
    "B": { "Type": "Pass", "Parameters": { "id": "$.order.id" }, "End": true }
  }
}"#;
    let fixed = repaired(text, false);
    assert!(fixed.contains(r#""Result": {"#) && fixed.contains(r#""Next": "B""#), "{fixed}");
    assert!(fixed.contains(r#""id.$": "$.order.id""#), "{fixed}");
    let text = text
        .replace("Rezult", "Result")
        .replace("Bb", "B")
        .replace("\"id\": \"$.order", "\"id.$\": \"$.oder");
    assert!(repaired(&text, false).contains("$.order.id"), "{}", repaired(&text, false));
    let yaml = "StartAt: A\nQueryLanguage: JSONata\nStates:\n  A:\n    Type: Pass\n    Output: ' {% 1 %}'\n    Nxt: Bb\n  B: {Type: Succeed}\n";
    let fixed = repaired(yaml, true);
    assert!(fixed.contains(r#""{% 1 %}""#) && fixed.contains(r#""Next": "B""#), "{fixed}");
}

/// Fixes until there is nothing to fix.
#[track_caller]
fn repaired(text: &str, is_yaml: bool) -> String {
    let mut text = text.to_owned();
    for _ in 0..5 {
        let (fixed, count) =
            apply_fixes(&text, &lint(&text, LintOptions { is_yaml, ..LintOptions::default() }));
        if count == 0 {
            break;
        }
        text = fixed;
    }
    let left = lint(&text, LintOptions { is_yaml, ..LintOptions::default() });
    assert!(left.iter().all(|found| found.severity != Severity::Error), "{text}\n{left:#?}");
    text
}

#[test]
fn large_and_hostile_definitions_end() {
    // A chain of states each of which doubles the data.
    let mut states = String::from(r#""A":{"Type":"Pass","Result":{},"Next":"S0"}"#);
    for at in 0..400 {
        states.push_str(&format!(
            r#","S{at}":{{"Type":"Pass","Parameters":{{"a.$":"$","b.$":"$"}},"Assign":{{"v{at}.$":"$"}},"Next":"S{}"}}"#,
            (at + 1) % 400
        ));
    }
    states.push_str(r#","E":{"Type":"Succeed"}"#);
    let text = machine(&states).replacen(
        r#""Next":"S0"}"#,
        r#""Next":"K"},"K":{"Type":"Choice","Choices":[{"Variable":"$.x","IsPresent":true,"Next":"E"}],"Default":"S0"}"#,
        1,
    );
    let found = lint(&text, LintOptions::default());
    assert!(found.iter().any(|found| found.sw_code == "SW3015"), "{found:#?}");
    for text in ["", "{", "[]", "null", "{\"StartAt\":\"${", "${", "a: [", "\u{0}"] {
        for is_yaml in [false, true] {
            lint(text, LintOptions { is_yaml, ..LintOptions::default() });
        }
    }
}

#[test]
fn mangled_definitions_end_in_findings() {
    let seeds = [
        include_str!("data/eleven_faults.asl.json").to_owned(),
        machine(&format!(
            r#""A":{{{INVOKE},"ResultSelector":{{"x.$":"$.Payload.x"}},"ResultPath":"$.a","Assign":{{"v.$":"$.Payload"}},"Catch":[{{"ErrorEquals":["States.ALL"],"ResultPath":"$.e","Next":"C"}}],"Next":"M"}},"M":{{"Type":"Map","ItemsPath":"$.a.x","ItemSelector":{{"i.$":"$$.Map.Item.Value","w.$":"States.Format('{{}}', $v)"}},"ItemProcessor":{{"StartAt":"P","States":{{"P":{{"Type":"Pass","Result":[1],"Next":"W"}},"W":{{"Type":"Wait","SecondsPath":"$[0]","End":true}}}}}},"Next":"C"}},"C":{{"Type":"Choice","Choices":[{{"And":[{{"Variable":"$.a.x","IsPresent":true}},{{"Not":{{"Variable":"$[0]","NumericLessThan":3}}}}],"Next":"A"}}],"Default":"R"}},"R":{{"Type":"Parallel","Branches":[{{"StartAt":"Q","States":{{"Q":{{"Type":"Succeed"}}}}}}],"End":true}}"#
        )),
        jsonata(&format!(
            r#""A":{{{FETCH},"Output":{{"a":"{{% $states.result.Payload.a + $x %}}"}},"Assign":{{"x":"{{% $states.result %}}"}},"Next":"B"}},"B":{{"Type":"Choice","Choices":[{{"Condition":"{{% $states.input.a > 3 and $exists($x) %}}","Next":"A"}}],"Default":"E"}},"E":{{"Type":"Succeed"}}"#
        )),
    ];
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut draw = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below.max(1) as u64) as usize
    };
    let mut followed = 0;
    for round in 0..1500 {
        let seed = &seeds[round % seeds.len()];
        let mut pieces: Vec<String> = seed.split('"').map(str::to_owned).collect();
        for _ in 0..1 + draw(4) {
            let (at, from) = (draw(pieces.len()), draw(pieces.len()));
            // Strings take the place of strings, and what is between them of what is between them.
            if at % 2 == from % 2 {
                pieces[at] = pieces[from].clone();
            }
        }
        let text = pieces.join("\"");
        for is_yaml in [false, true] {
            let found = lint(&text, LintOptions { is_yaml, ..LintOptions::default() });
            followed += usize::from(found.iter().all(|one| !one.is_service()));
            for one in &found {
                assert!(text.get(one.span.clone()).is_some() && one.line > 0, "{one:?}\n{text}");
            }
            apply_fixes(&text, &found);
        }
    }
    assert!(followed > 100, "{followed}");
}
