//! Which faults of a definition are found, with the service's code, text and place. The texts are the service's own
//! (recorded, or measured with its validation) unless the code column is `-`: those are ours alone.

use asl::{MachineType, ParseOptions, Severity, parse};

/// One diagnostic a line: `code|our code|location|message`.
fn faults(text: &str, options: ParseOptions) -> Vec<String> {
    let parsed = parse(text, options);
    let has_errors = parsed.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
    assert_eq!(parsed.machine.is_none(), has_errors, "{text}");
    let line = |diagnostic: asl::Diagnostic| {
        let code = if diagnostic.is_service() { diagnostic.code } else { "-" };
        format!("{code}|{}|{}|{}", diagnostic.sw_code, diagnostic.location, diagnostic.message)
    };
    parsed.diagnostics.into_iter().map(line).collect()
}

#[track_caller]
fn check(text: &str, wanted: &[&str]) {
    let wanted: Vec<String> =
        wanted.iter().map(|line| line.replace("SCHEMA|", "SCHEMA_VALIDATION_FAILED|")).collect();
    assert_eq!(faults(text, ParseOptions::default()), wanted, "{text}");
}

/// Checks a definition of one state called `X`; `Next` may be `Y`, which exists.
#[track_caller]
fn check_state(state: &str, wanted: &[&str]) {
    let text = format!(
        r#"{{"StartAt":"S","States":{{"S":{{"Type":"Choice","Choices":[{{"Variable":"$.a","IsNull":true,"Next":"X"}}],"Default":"Y"}},"X":{state},"Y":{{"Type":"Succeed"}}}}}}"#
    );
    check(&text, wanted);
}

#[test]
fn texts_that_are_no_definitions() {
    check(" ", &["SCHEMA|SW1001||Definition must be a valid JSON object"]);
    check("[]", &["SCHEMA|SW1001||Definition must be a valid JSON object"]);
    check("{}", &["SCHEMA|SW1002|/|These fields are required: [States, StartAt]"]);
    check(
        "not a definition",
        &[
            "INVALID_JSON_DESCRIPTION|SW1001|[Source: (String)\"not a definition\"; line: 1, column: 4]|Unrecognized token 'not': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')\n at [Source: (String)\"not a definition\"; line: 1, column: 4]",
        ],
    );
    check(r#"{"StartAt":"A","States":{}}"#, &["SCHEMA|SW1014|/States|Value cannot be empty"]);
}

#[test]
fn the_top_level() {
    check(
        r#"{"StartAt":"A","Version":"2.0","TimeoutSeconds":-1,"Coment":"x","States":{"A":{"Type":"Pass","End":true}}}"#,
        &[
            "SCHEMA|SW1006|/|Field 'Coment' is not supported",
            "SCHEMA|SW1016|/Version|Value should be one of the following: [1.0]",
            "SCHEMA|SW1013|/TimeoutSeconds|Minimum value is 0",
        ],
    );
    check(
        r#"{"StartAt":1,"States":{"A":{"Type":"Pass","End":true}}}"#,
        &["SCHEMA|SW1016|/StartAt|Expected value of type [STRING]"],
    );
}

#[test]
fn transitions() {
    check(
        r#"{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"},"B":{"Type":"Pass","Next":"A"}}}"#,
        &["MISSING_END_STATE|SW1008||Workflow has no terminal state"],
    );
    check(
        r#"{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"},"B":{"Type":"Pass","Next":"A"},"C":{"Type":"Pass","End":true}}}"#,
        &["MISSING_TRANSITION_TARGET|SW1004|/States/C|State \"C\" is not reachable."],
    );
    check(
        r#"{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"NOPE"}}}"#,
        &[
            "MISSING_TRANSITION_TARGET|SW1003|/States/A/Next|Missing 'Next' target: NOPE",
            "MISSING_END_STATE|SW1008||Workflow has no terminal state",
        ],
    );
    check(
        r#"{"StartAt":"M","States":{"M":{"Type":"Map","ItemsPath":"$.items","ItemProcessor":{"StartAt":"Nope","States":{"A":{"Type":"Pass","End":true}}},"End":true}}}"#,
        &[
            "MISSING_TRANSITION_TARGET|SW1003|/States/M/ItemProcessor/StartAt|Missing 'Next' target: Nope",
            "MISSING_TRANSITION_TARGET|SW1004|/States/M/ItemProcessor/States/A|State \"A\" is not reachable.",
        ],
    );
    check_state(
        r#"{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:1:function:f","Catch":[{"ErrorEquals":["E"],"Next":"Z"}],"End":true}"#,
        &["MISSING_TRANSITION_TARGET|SW1003|/States/X/Catch[0]/Next|Missing 'Next' target: Z"],
    );
    check_state(
        r#"{"Type":"Pass"}"#,
        &["SCHEMA|SW1014|/States/X|This object should have only one of the following fields: [Next, End]"],
    );
    check_state(
        r#"{"Type":"Pass","Next":"Y","End":true}"#,
        &["SCHEMA|SW1014|/States/X|There should only be one of the following fields: [Next, End]"],
    );
    check_state(r#"{"Type":"Pass","Next":"Y","End":false}"#, &[]);
}

#[test]
fn state_types_and_their_fields() {
    check_state(
        r#"{"Type":"Pas","End":true}"#,
        &[
            "SCHEMA|SW1006|/States/X/Type|The field 'Type' should have one of these values: [Task, Wait, Pass, Succeed, Fail, Choice, Parallel, Map]",
        ],
    );
    check_state("{}", &["SCHEMA|SW1014|/States/X|These fields are required: [Type]"]);
    check_state("5", &["SCHEMA|SW1016|/States/X|Expected value of type [OBJECT]"]);
    check_state(
        r#"{"Type":"Map","TimeoutSeconds":5,"ItemProcessor":{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}},"End":true}"#,
        &["SCHEMA|SW1006|/States/X|Field 'TimeoutSeconds' is not supported"],
    );
    check_state(
        r#"{"Type":"Pass","Catch":[],"Retry":[],"End":true}"#,
        &[
            "SCHEMA|SW1006|/States/X|Field 'Catch' is not supported",
            "SCHEMA|SW1006|/States/X|Field 'Retry' is not supported",
        ],
    );
    check_state(
        r#"{"Type":"Succeed","End":true}"#,
        &["SCHEMA|SW1006|/States/X|Field 'End' is not supported"],
    );
    check_state(r#"{"Type":"Succeed","InputPath":"$.a","OutputPath":null}"#, &[]);
    check_state(
        r#"{"Type":"Parallel","Branches":[],"End":true}"#,
        &["SCHEMA|SW1014|/States/X/Branches|Value cannot be empty"],
    );
    check_state(
        r#"{"Type":"Parallel","Branches":[{"StartAt":"P"}],"End":true}"#,
        &["SCHEMA|SW1014|/States/X/Branches[0]|These fields are required: [States]"],
    );
}

#[test]
fn names() {
    let long = "n".repeat(81);
    check(
        &format!(r#"{{"StartAt":"{long}","States":{{"{long}":{{"Type":"Succeed"}}}}}}"#),
        &[&format!(
            "INVALID_STATE_NAME|SW1010|/States/{long}|Invalid State name: State exceeds the 80-character limit allowed by the service"
        )],
    );
    check(
        r#"{"StartAt":"A","States":{"A":{"Type":"Parallel","Branches":[{"StartAt":"A","States":{"A":{"Type":"Succeed"}}}],"End":true}}}"#,
        &["DUPLICATE_STATE_NAME|SW1005|/States/A/Branches[0]/States/A|Duplicate State name: A"],
    );
    check_state(
        r#"{"Type":"Pass","Assign":{"states":1,"a.b":2,"größe.$":"$.x"},"End":true}"#,
        &[
            "RESERVED_VARIABLE_NAME|SW1010|/States/X/Assign|Cannot assign to reserved variable '$states'.",
            "INVALID_VARIABLE_NAME|SW1010|/States/X/Assign|Invalid variable name 'a.b': the variable name contains invalid characters.",
        ],
    );
    check(
        r#"{"StartAt":"A","States":{"A":{"Type":"Succeed"},"A":{"Type":"Succeed"}}}"#,
        &["-|SW1009||the key `A` stands twice in one object; this one is ignored, the later one counts"],
    );
}

#[test]
fn variables_and_their_scopes() {
    let inner = |assign: &str, config: &str, read: &str| {
        format!(
            r#"{{"StartAt":"A","States":{{"A":{{"Type":"Pass","Assign":{{"v":1}},"Next":"M"}},"M":{{"Type":"Map","ItemProcessor":{{{config}"StartAt":"P","States":{{"P":{{"Type":"Pass","InputPath":"${read}","Assign":{{"{assign}":2}},"End":true}}}}}},"End":true}}}}}}"#
        )
    };
    let distributed = r#""ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},"#;
    check(&inner("w", "", "v"), &[]);
    check(
        &inner("v", "", "v"),
        &[
            "-|SW2004|/States/M/ItemProcessor/States/P/Assign|the variable `v` is assigned in an outer scope, too: this assigns another one",
        ],
    );
    check(&inner("v", distributed, "v"), &[]);
    check(
        &inner("w", distributed, "v"),
        &[
            "-|SW2004|/States/M/ItemProcessor/States/P|the variable `v` is assigned only where this state does not see it",
        ],
    );
    check(
        &inner("w", "", "x"),
        &["-|SW2003|/States/M/ItemProcessor/States/P|no state assigns the variable `x`"],
    );
}

#[test]
fn query_languages() {
    check(
        r#"{"StartAt":"P","States":{"P":{"Type":"Pass","QueryLanguage":"JSONPath","End":true}},"QueryLanguage":"JSONata"}"#,
        &[
            "SCHEMA|SW1007|/States/P|'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine",
        ],
    );
    check_state(
        r#"{"Type":"Pass","QueryLanguage":"JSONata","InputPath":"$.a","End":true}"#,
        &[
            "SCHEMA|SW1007|/States/X|The QueryLanguage is set to 'JSONata', but field 'InputPath' is only supported for the 'JSONPath' QueryLanguage",
        ],
    );
    check_state(
        r#"{"Type":"Pass","Output":{"v":"{% 1 %}"},"End":true}"#,
        &[
            "SCHEMA|SW1007|/States/X|The QueryLanguage is set to 'JSONPath', but field 'Output' is only supported for the 'JSONata' QueryLanguage",
        ],
    );
    // The language of a Map does not reach the states inside it.
    check_state(
        r#"{"Type":"Map","QueryLanguage":"JSONata","Items":[1],"ItemProcessor":{"StartAt":"P","States":{"P":{"Type":"Pass","Output":1,"End":true}}},"End":true}"#,
        &[
            "SCHEMA|SW1007|/States/X/ItemProcessor/States/P|The QueryLanguage is set to 'JSONPath', but field 'Output' is only supported for the 'JSONata' QueryLanguage",
        ],
    );
    check_state(
        r#"{"Type":"Map","ItemProcessor":{"QueryLanguage":"JSONata","StartAt":"P","States":{"P":{"Type":"Pass","End":true}}},"End":true}"#,
        &["SCHEMA|SW1006|/States/X/ItemProcessor|Field 'QueryLanguage' is not supported"],
    );
    // Any value but exactly `JSONPath` means JSONata, and is reported as well.
    check(
        r#"{"QueryLanguage":"jsonpath","StartAt":"X","States":{"X":{"Type":"Pass","InputPath":"$.a","End":true}}}"#,
        &[
            "SCHEMA|SW1016|/QueryLanguage|Value should be one of the following: [JSONPath, JSONata]",
            "SCHEMA|SW1007|/States/X|The QueryLanguage is set to 'JSONata', but field 'InputPath' is only supported for the 'JSONPath' QueryLanguage",
        ],
    );
    check(
        r#"{"QueryLanguage":"JSONata","StartAt":"X","States":{"X":{"Type":"Pass","Output":{"a":["{% 1","2 %}"]},"End":true}}}"#,
        &[
            "SCHEMA|SW2002|/States/X/Output/a[0]|JSONata string must start with {% and end with %}",
            "SCHEMA|SW2002|/States/X/Output/a[1]|JSONata string must start with {% and end with %}",
        ],
    );
}

#[test]
fn numbers() {
    check_state(
        r#"{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:1:function:f","TimeoutSeconds":0,"HeartbeatSeconds":100000000,"End":true}"#,
        &[
            "SCHEMA|SW1013|/States/X/TimeoutSeconds|Minimum value is 1",
            "SCHEMA|SW1013|/States/X/HeartbeatSeconds|Maximum value is 99999999",
        ],
    );
    check_state(
        r#"{"Type":"Wait","Seconds":10000000000000000,"End":true}"#,
        &["SCHEMA|SW1013|/States/X/Seconds|Maximum value is 99999999"],
    );
    check_state(
        r#"{"Type":"Wait","Seconds":"10","End":true}"#,
        &["SCHEMA|SW1013|/States/X/Seconds|Expected value of type Integer"],
    );
    check_state(
        r#"{"Type":"Wait","Seconds":1.5,"End":true}"#,
        &["SCHEMA|SW1013|/States/X/Seconds|Expected value of type Integer"],
    );
    check_state(
        r#"{"Type":"Wait","Seconds":1e400,"End":true}"#,
        &["SCHEMA|SW1013|/States/X/Seconds|Maximum value is 99999999"],
    );
    check_state(
        r#"{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:1:function:f","TimeoutSeconds":5,"TimeoutSecondsPath":"$.t","End":true}"#,
        &[
            "SCHEMA|SW1014|/States/X|There should only be one of the following fields: [TimeoutSeconds, TimeoutSecondsPath]",
        ],
    );
}

#[test]
fn waits() {
    check_state(
        r#"{"Type":"Wait","Timestamp":"2016-12-05 21:29:29Z","End":true}"#,
        &["SCHEMA|SW1013|/States/X/Timestamp|String does not match RFC3339 timestamp"],
    );
    check_state(
        r#"{"Type":"Wait","Timestamp":"{% '2016-03-14T01:59:00Z' %}","End":true}"#,
        &["SCHEMA|SW1013|/States/X/Timestamp|String does not match RFC3339 timestamp"],
    );
    check_state(
        r#"{"Type":"Wait","Seconds":1,"TimestampPath":"$.t","End":true}"#,
        &[
            "SCHEMA|SW1014|/States/X|There should only be one of the following fields: [SecondsPath, Seconds, TimestampPath, Timestamp]",
        ],
    );
    check_state(
        r#"{"Type":"Wait","End":true}"#,
        &[
            "SCHEMA|SW1014|/States/X|This object should have only one of the following fields: [SecondsPath, Seconds, TimestampPath, Timestamp]",
        ],
    );
}

#[test]
fn resources() {
    let task =
        |resource: &str| format!(r#"{{"Type":"Task","Resource":"{resource}","Parameters":{{}},"End":true}}"#);
    check_state(
        &task("createToken"),
        &["SCHEMA|SW4001|/States/X/Resource|Value is not a valid resource ARN"],
    );
    check_state(
        &task("arn:aws:s3:::bucket"),
        &[
            "SCHEMA|SW4001|/States/X/Resource|The resource provided arn:aws:s3:::bucket is not recognized. The value is not a valid resource ARN, or the resource is not available in this region.",
        ],
    );
    check_state(
        &task("arn:aws:states:::lambda:invoke.sync"),
        &[
            "SCHEMA|SW4001|/States/X/Resource|The resource provided arn:aws:states:::lambda:invoke.sync is not recognized. The value is not a valid resource ARN, or the resource is not available in this region.",
        ],
    );
    check_state(
        &task("arn:aws:states:::nope:doIt"),
        &[
            "SCHEMA|SW4001|/States/X/Resource|The resource provided arn:aws:states:::nope:doIt is not recognized. The value is not a valid resource ARN, or the resource is not available in this region.",
        ],
    );
    check_state(&task("arn:aws:states:::aws-sdk:s3:listBuckets.waitForTaskToken"), &[]);
    check_state(
        &task("arn:aws:states:::lambda:invoke"),
        &["SCHEMA|SW1006|/States/X/Parameters|The field 'FunctionName' is required but was missing"],
    );
    check_state(
        r#"{"Type":"Task","Resource":"arn:aws:states:::sqs:sendMessage","End":true}"#,
        &[
            "SCHEMA|SW1014|/States/X|Parameters field is required for resource ARN: arn:aws:states:::sqs:sendMessage",
        ],
    );
    check_state(
        r#"{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:1:function:f","Credentials":{},"End":true}"#,
        &["SCHEMA|SW1006|/States/X/Credentials|The field 'RoleArn' is required but was missing"],
    );
    check_state(
        r#"{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:1:function:f","Credentials":{"RoleArn.$":"$.r"},"End":true}"#,
        &[],
    );
    let placeholder = r#"{"StartAt":"X","States":{"X":{"Type":"Task","Resource":"${F}","TimeoutSeconds":"${T}","End":true}}}"#;
    let options = ParseOptions { allow_placeholders: true, ..ParseOptions::default() };
    assert_eq!(faults(placeholder, options), Vec::<String>::new());
    assert_eq!(faults(placeholder, ParseOptions::default()).len(), 2);
}

#[test]
fn express_workflows() {
    let express = ParseOptions { machine_type: MachineType::Express, ..ParseOptions::default() };
    let machine = |state: &str| format!(r#"{{"StartAt":"X","States":{{"X":{state}}}}}"#);
    for (state, wanted) in [
        (
            r#"{"Type":"Task","Resource":"arn:aws:states:us-east-1:1:activity:a","End":true}"#,
            "SCHEMA_VALIDATION_FAILED|SW1014|/States/X/Resource|Express state machine does not support Activity ARN",
        ),
        (
            r#"{"Type":"Task","Resource":"arn:aws:states:::states:startExecution.sync","Parameters":{"StateMachineArn":"a"},"End":true}"#,
            "SCHEMA_VALIDATION_FAILED|SW1014|/States/X/Resource|Express state machine does not support '.sync' service integration",
        ),
        (
            r#"{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke.waitForTaskToken","Parameters":{"FunctionName":"a"},"End":true}"#,
            "SCHEMA_VALIDATION_FAILED|SW1014|/States/X/Resource|Express state machine does not support '.waitForTaskToken' service integration ",
        ),
        (
            r#"{"Type":"Map","ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"EXPRESS"},"StartAt":"P","States":{"P":{"Type":"Succeed"}}},"End":true}"#,
            "SCHEMA_VALIDATION_FAILED|SW1014|/States/X/ItemProcessor/ProcessorConfig/Mode|The field 'Mode' with value 'DISTRIBUTED' is not supported inside 'EXPRESS' state machines",
        ),
    ] {
        assert_eq!(faults(&machine(state), express), [wanted]);
        assert_eq!(faults(&machine(state), ParseOptions::default()), Vec::<String>::new());
    }
}

#[test]
fn choice_rules() {
    let choice = |rules: &str| format!(r#"{{"Type":"Choice","Choices":[{rules}],"Default":"Y"}}"#);
    check_state(&choice(""), &["SCHEMA|SW1014|/States/X/Choices|Value cannot be empty"]);
    check_state(
        &choice(r#"{"Variable":"$.a","IsNull":true}"#),
        &["SCHEMA|SW1014|/States/X/Choices[0]|These fields are required: [Next]"],
    );
    check_state(
        &choice(r#"{"And":[{"Variable":"$.a","IsNull":true,"Next":"Y"}],"Next":"Y"}"#),
        &["SCHEMA|SW1006|/States/X/Choices[0]/And[0]|Field 'Next' is not supported"],
    );
    check_state(
        &choice(r#"{"Variable":"$.a","Not":{"Variable":"$.a","IsNull":true},"Next":"Y"}"#),
        &[
            "SCHEMA|SW1012|/States/X/Choices[0]|The object must have only one of the following fields, [And, Or, Not, Variable, Condition]",
        ],
    );
    check_state(
        &choice(r#"{"Variable":"$.a","StringEquals":"a","NumericEquals":1,"Next":"Y"}"#),
        &[
            "SCHEMA|SW1012|/States/X/Choices[0]|There should only be one of the following fields: [StringEquals, NumericEquals]",
        ],
    );
    check_state(
        &choice(r#"{"Variable":"States.ArrayLength($.a)","NumericEquals":0,"Next":"Y"}"#),
        &[
            "SCHEMA|SW2001|/States/X/Choices[0]/Variable|Value is not a Reference Path: Reference path didn't start with '$'",
        ],
    );
    check_state(
        &choice(
            r#"{"Variable":"$.a","NumericEquals":"0","Next":"Y"},{"Variable":"$.a","TimestampEquals":"x","Next":"Y"}"#,
        ),
        &[
            "SCHEMA|SW1016|/States/X/Choices[0]/NumericEquals|Expected value of type [NUMBER]",
            "SCHEMA|SW1013|/States/X/Choices[1]/TimestampEquals|String does not match RFC3339 timestamp",
        ],
    );
    check_state(
        &choice(r#"{"Condition":"{% true %}","Next":"Y"}"#),
        &[
            "SCHEMA|SW1007|/States/X/Choices[0]|The QueryLanguage is set to 'JSONPath', but field 'Condition' is only supported for the 'JSONata' QueryLanguage",
        ],
    );
}

#[test]
fn retriers_and_catchers() {
    let task = |fields: &str| {
        format!(r#"{{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:1:function:f",{fields},"End":true}}"#)
    };
    check_state(
        &task(
            r#""Retry":[{"IntervalSeconds":0,"MaxAttempts":-1,"BackoffRate":0.5,"MaxDelaySeconds":0,"JitterStrategy":"SOME","Max":1}]"#,
        ),
        &[
            "SCHEMA|SW1006|/States/X/Retry[0]|Field 'Max' is not supported",
            "SCHEMA|SW1014|/States/X/Retry[0]|These fields are required: [ErrorEquals]",
            "SCHEMA|SW1013|/States/X/Retry[0]/MaxAttempts|Minimum value is 0",
            "SCHEMA|SW1013|/States/X/Retry[0]/BackoffRate|Minimum value is 1",
            "SCHEMA|SW1013|/States/X/Retry[0]/MaxDelaySeconds|Minimum value is 1",
            "SCHEMA|SW1016|/States/X/Retry[0]/JitterStrategy|Value should be one of the following: [NONE, FULL]",
        ],
    );
    check_state(
        &task(
            r#""Catch":[{"ErrorEquals":["States.ALL","E"],"Next":"Y"},{"ErrorEquals":["States.ALL"],"Next":"Y"},{"ErrorEquals":[]}]"#,
        ),
        &[
            "SCHEMA|SW1011|/States/X/Catch[0]/ErrorEquals|States.ALL must appear alone and at end of list",
            "SCHEMA|SW1011|/States/X/Catch[1]/ErrorEquals|States.ALL must appear alone and at end of list",
            "SCHEMA|SW1014|/States/X/Catch[2]|These fields are required: [Next]",
            "SCHEMA|SW1014|/States/X/Catch[2]/ErrorEquals|Value cannot be empty",
        ],
    );
    check_state(
        &task(r#""Retry":[{"ErrorEquals":["States.TaskFail"]}]"#),
        &["-|SW1011|/States/X/Retry[0]/ErrorEquals|no error is called `States.TaskFail`"],
    );
}

#[test]
fn paths_and_templates() {
    check_state(
        r#"{"Type":"Pass","InputPath":"a","OutputPath":"$.[","ResultPath":"$.a[*]","End":true}"#,
        &[
            "SCHEMA|SW2001|/States/X/InputPath|Value must be a valid JSONPath.",
            "SCHEMA|SW2001|/States/X/OutputPath|Value must be a valid JSONPath.",
            "SCHEMA|SW2001|/States/X/ResultPath|Value is not a Reference Path",
        ],
    );
    check_state(
        r#"{"Type":"Pass","ResultPath":"a","End":true}"#,
        &[
            "SCHEMA|SW2001|/States/X/ResultPath|Value is not a Reference Path: Reference path didn't start with '$'",
        ],
    );
    let invalid = "must be a valid JSONPath or a valid intrinsic function call";
    check_state(
        r#"{"Type":"Pass","Parameters":{"a.$":"x","b":[{"c.$":5}],"d.$":"States.Format('\\\"{}')"},"End":true}"#,
        &[
            &format!("SCHEMA|SW2006|/States/X/Parameters|The value for the field 'a.$' {invalid}"),
            &format!("SCHEMA|SW2006|/States/X/Parameters/b[0]|The value for the field 'c.$' {invalid}"),
            &format!("SCHEMA|SW2006|/States/X/Parameters|The value for the field 'd.$' {invalid}"),
        ],
    );
    check_state(
        r#"{"Type":"Pass","Parameters":{"a":"$.x","b":"$5","c":"States rule"},"End":true}"#,
        &[
            "NO_DOLLAR|SW2006|/States/X/Parameters/a|The value of the field 'a' looks like a JSONPath or an intrinsic function, but the name of the field does not end with '.$'",
        ],
    );
    check_state(
        r#"{"Type":"Pass","Result":{"a.$":"$.x"},"End":true}"#,
        &[
            "PASS_RESULT_IS_STATIC|SW2006|/States/X/Result|The Result of a Pass state is static: paths and intrinsic functions in it are not evaluated",
        ],
    );
    check_state(
        r#"{"Type":"Fail","Error":"$.e","CausePath":"States.Format('{}', $.c)"}"#,
        &[
            "NO_PATH|SW2006|/States/X/Error|The value of the field 'Error' looks like a path, but the name of the field does not end with 'Path'",
        ],
    );
}

#[test]
fn maps() {
    let flow = r#""StartAt":"P","States":{"P":{"Type":"Succeed"}}"#;
    let map = |fields: &str| format!(r#"{{"Type":"Map","End":true,{fields}}}"#);
    let distributed = |fields: &str| {
        map(&format!(
            r#""ItemProcessor":{{"ProcessorConfig":{{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"}},{flow}}},{fields}"#
        ))
    };
    check_state(
        &map(r#""MaxConcurrency":1"#),
        &["SCHEMA|SW1014|/States/X|These fields are required: [ItemProcessor]"],
    );
    check_state(&map(&format!(r#""Iterator":{{{flow}}}"#)), &[]);
    check_state(
        &map(&format!(r#""ItemProcessor":{{"ProcessorConfig":{{"Mode":"DISTRIBUTED"}},{flow}}}"#)),
        &["SCHEMA|SW1014|/States/X/ItemProcessor/ProcessorConfig|These fields are required: [ExecutionType]"],
    );
    check_state(
        &map(&format!(
            r#""ItemProcessor":{{"ProcessorConfig":{{"Mode":"INLINE","ExecutionType":"EXPRESS"}},{flow}}}"#
        )),
        &["SCHEMA|SW1006|/States/X/ItemProcessor/ProcessorConfig|Field 'ExecutionType' is not supported"],
    );
    check_state(
        &distributed(
            r#""ItemReader":{"Resource":"arn:aws:states:::s3:putObject","ReaderConfig":{"InputType":"CSV"}}"#,
        ),
        &[
            "SCHEMA|SW1015|/States/X/ItemReader/Resource|The field 'Resource' does not match any of the allowed values",
            "SCHEMA|SW1015|/States/X/ItemReader/ReaderConfig|The field 'CSVHeaderLocation' is required",
        ],
    );
    check_state(
        &distributed(
            r#""ItemReader":{"Resource":"arn:aws:states:::s3:getObject","ReaderConfig":{"InputType":"CSV","CSVHeaderLocation":"GIVEN"}}"#,
        ),
        &["SCHEMA|SW1014|/States/X/ItemReader/ReaderConfig|These fields are required: [CSVHeaders]"],
    );
    check_state(
        &distributed(r#""ToleratedFailurePercentage":101,"Label":"a b""#),
        &[
            "INVALID_LABEL_NAME|SW1010|/States/X/Label|Invalid Label name: a b",
            "SCHEMA|SW1013|/States/X/ToleratedFailurePercentage|Maximum value is 100",
        ],
    );
}

/// Rules that stand beside others of their kind, so that each has a row.
#[test]
fn what_else_is_refused() {
    check_state(
        r#"{"Type":"Fail","Error":"a","ErrorPath":"$.b","Cause":"c","CausePath":"$.d"}"#,
        &[
            "SCHEMA|SW1014|/States/X|There should only be one of the following fields: [Error, ErrorPath]",
            "SCHEMA|SW1014|/States/X|There should only be one of the following fields: [Cause, CausePath]",
        ],
    );
    check_state(
        r#"{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:1:function:f","TimeoutSeconds":5,"HeartbeatSeconds":5,"End":true}"#,
        &["SCHEMA|SW1013|/States/X/HeartbeatSeconds|HeartbeatSeconds must be smaller than TimeoutSeconds"],
    );
    for path in ["$$.x", "$x.y", "$.a[1:2]", "$..a", "$['a','b']", "$.a[?(@.b)]"] {
        check_state(
            &format!(r#"{{"Type":"Pass","ResultPath":"{path}","End":true}}"#),
            &["SCHEMA|SW2001|/States/X/ResultPath|Value is not a Reference Path"],
        );
    }
    for field in ["Assign", "Parameters", "ResultPath", "Retry", "Next"] {
        check_state(
            &format!(r#"{{"Type":"Succeed","{field}":null}}"#),
            &[&format!("SCHEMA|SW1006|/States/X|Field '{field}' is not supported")],
        );
    }
    let map = |label: &str| {
        let flow = format!(r#""StartAt":"P{label}","States":{{"P{label}":{{"Type":"Succeed"}}}}"#);
        format!(
            r#"{{"Type":"Map","Label":"l","ItemProcessor":{{"ProcessorConfig":{{"Mode":"DISTRIBUTED","ExecutionType":"EXPRESS"}},{flow}}},"End":true}}"#
        )
    };
    check(
        &format!(
            r#"{{"StartAt":"A","States":{{"A":{},"B":{}}}}}"#,
            map("1").replace("\"End\":true", "\"Next\":\"B\""),
            map("2")
        ),
        &["DUPLICATE_LABEL_NAME|SW1005|/States/B/Label|Duplicate Label name: l"],
    );
    check_state(
        r#"{"Type":"Choice","Choices":[{"Variable":"$.a","StringMatchesPath":"$.b","Next":"Y"}]}"#,
        &[
            "SCHEMA|SW1006|/States/X/Choices[0]|Field 'StringMatchesPath' is not supported",
            "SCHEMA|SW1012|/States/X/Choices[0]|This object should have only one of the following fields: [StringEquals, StringLessThan, StringGreaterThan, StringLessThanEquals, StringGreaterThanEquals, StringMatches, NumericEquals, NumericLessThan, NumericGreaterThan, NumericLessThanEquals, NumericGreaterThanEquals, BooleanEquals, TimestampEquals, TimestampLessThan, TimestampGreaterThan, TimestampLessThanEquals, TimestampGreaterThanEquals, IsNull, IsPresent, IsNumeric, IsString, IsBoolean, IsTimestamp]",
        ],
    );
    for text in
        ["States.Nope()", "States.Hash($.a)", "States.Format('{}'", "States.Format('a\\\\q')", "a.b", "$.["]
    {
        check_state(
            &format!(r#"{{"Type":"Pass","Parameters":{{"a.$":"{text}"}},"End":true}}"#),
            &[
                "SCHEMA|SW2006|/States/X/Parameters|The value for the field 'a.$' must be a valid JSONPath or a valid intrinsic function call",
            ],
        );
    }
}

#[test]
fn every_fault_is_reported_with_its_line_and_column() {
    let text = include_str!("data/eleven_faults.asl.json");
    let parsed = parse(text, ParseOptions::default());
    let places: Vec<String> = parsed
        .diagnostics
        .iter()
        .map(|diagnostic| {
            format!(
                "{}:{} {} {}",
                diagnostic.line,
                diagnostic.column,
                diagnostic.sw_code,
                &text[diagnostic.span.clone()]
            )
        })
        .collect();
    assert_eq!(
        places,
        [
            "3:3 SW1006 \"Coment\"",
            "7:7 SW1006 \"Paramters\"",
            "8:18 SW1013 \"soon\"",
            "12:23 SW1007 \"Output\"",
            "13:23 SW2001 \"a.b\"",
            "19:29 SW2006 \"größe\"",
            "17:16 SW1016 \"yes\"",
            "16:26 SW1011 [\"States.ALL\", \"E\"]",
            "9:15 SW1003 \"Shp\"",
            "11:5 SW1004 \"Bill\"",
            "22:5 SW1004 \"Ship\"",
        ]
    );
    let helps: Vec<&str> =
        parsed.diagnostics.iter().filter_map(|diagnostic| diagnostic.help.as_deref()).collect();
    assert_eq!(helps[..1], ["did you mean `Comment`?"]);
    assert!(helps.contains(&"did you mean `Ship`?"), "{helps:?}");
}

#[test]
fn the_message_of_the_api_joins_all_errors() {
    let text = r#"{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"C"},"B":{"Type":"Succeed"}}}"#;
    assert_eq!(
        asl::invalid_definition_message(&parse(text, ParseOptions::default()).diagnostics),
        "Invalid State Machine Definition: 'MISSING_TRANSITION_TARGET: Missing 'Next' target: C at /States/A/Next, \
         MISSING_TRANSITION_TARGET: State \"B\" is not reachable. at /States/B'"
    );
    let text = r#"{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"A"}}}"#;
    assert_eq!(
        asl::invalid_definition_message(&parse(text, ParseOptions::default()).diagnostics),
        "Invalid State Machine Definition: 'MISSING_END_STATE: Workflow has no terminal state at null'"
    );
}

#[test]
fn a_single_state_may_lead_anywhere() {
    let options = ParseOptions { single_state: true, ..ParseOptions::default() };
    let text = r#"{"StartAt":"X","States":{"X":{"Type":"Pass","Next":"Elsewhere"}}}"#;
    assert_eq!(faults(text, options), Vec::<String>::new());
}

#[test]
fn jsonata_reads_only_what_exists_where_it_stands() {
    let machine =
        |state: &str| format!(r#"{{"QueryLanguage":"JSONata","StartAt":"X","States":{{"X":{state}}}}}"#);
    let pass = |output: &str| machine(&format!(r#"{{"Type":"Pass","Output":{output},"End":true}}"#));
    let unsupported = |location: &str, text: &str| {
        format!("UNSUPPORTED_JSONATA_EXPRESSION|SW2002|/States/X/{location}|{text}")
    };
    check(
        &pass(r#""{% 1 + %}""#),
        &["INVALID_JSONATA_EXPRESSION|SW2002|/States/X/Output|Unexpected end of expression"],
    );
    check(
        &pass(r#"{"v":"{% phone & name & phone %}"}"#),
        &[
            &unsupported("Output/v", "Reference to 'phone' at the top level is not supported."),
            &unsupported("Output/v", "Reference to 'name' at the top level is not supported."),
        ],
    );
    check(&pass(r#""{% $$.a %}""#), &[&unsupported("Output", "Reference to '$$' is not supported.")]);
    check(&pass(r#""{% $states.input.items[n > 1].(n & m) %}""#), &[]);
    check(&pass(r#""{% $map($states.input.a, function($v) { $v.b }) %}""#), &[]);
    for (text, field) in [
        ("$states.result.a", "result"),
        ("$count($states.errorOutput.Cause)", "errorOutput"),
        ("$states.inptu", "inptu"),
    ] {
        let wanted = unsupported("Output", &format!("Field '$states.{field}' does not exist."));
        check(&pass(&format!(r#""{{% {text} %}}""#)), &[&wanted]);
    }
    let task = |fields: &str| {
        machine(&format!(
            r#"{{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:1:function:f","End":true,{fields}}}"#
        ))
    };
    let catch = |field: &str| {
        task(&format!(
            r#""Catch":[{{"ErrorEquals":["States.ALL"],"Next":"X","Output":"{{% $states.{field} %}}"}}]"#
        ))
    };
    check(&task(r#""Output":"{% $states.result %}","Assign":{"a":"{% $states.result.b %}"}"#), &[]);
    check(
        &task(r#""Arguments":{"a":"{% $states.result %}"}"#),
        &[&unsupported("Arguments/a", "Field '$states.result' does not exist.")],
    );
    check(
        &task(r#""TimeoutSeconds":"{% $states.result %}""#),
        &[&unsupported("TimeoutSeconds", "Field '$states.result' does not exist.")],
    );
    check(
        &task(r#""Output":"{% $states.errorOutput %}""#),
        &[&unsupported("Output", "Field '$states.errorOutput' does not exist.")],
    );
    check(&catch("errorOutput"), &[]);
    check(&catch("result"), &[&unsupported("Catch[0]/Output", "Field '$states.result' does not exist.")]);
    check(
        &pass(r#"" {% 1 %} ""#),
        &["-|SW2002|/States/X/Output|the blanks around `{%` and `%}` make this a literal, not an expression"],
    );
}
