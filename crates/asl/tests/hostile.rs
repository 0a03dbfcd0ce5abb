//! Definitions made to hurt: huge, deep, repetitive. Each ends in an answer, in bounded time and stack.

use asl::{ParseOptions, Parsed, parse, parse_yaml};

fn read(text: &str) -> Parsed {
    parse(text, ParseOptions::default())
}

fn machine(states: &str) -> String {
    format!(r#"{{"StartAt":"A","States":{{"A":{states}}}}}"#)
}

#[test]
fn deep_nesting_is_an_error() {
    let nested =
        |open: &str, close: &str, depth: usize| format!("{}1{}", open.repeat(depth), close.repeat(depth));
    for text in [
        "[".repeat(1_000_000),
        nested("[", "]", 100_000),
        nested(r#"{"a":"#, "}", 100_000),
        machine(&format!(r#"{{"Type":"Pass","Parameters":{},"End":true}}"#, nested("[", "]", 300))),
        machine(&format!(
            r#"{{"Type":"Choice","Choices":[{{"Next":"A","Not":{}}}]}}"#,
            nested(r#"{"Not":"#, "}", 300)
        )),
        machine(&nested(
            r#"{"Type":"Parallel","End":true,"Branches":[{"StartAt":"A","States":{"A":"#,
            "}}]}",
            100,
        )),
    ] {
        let parsed = read(&text);
        assert!(parsed.machine.is_none());
        assert!(!parsed.diagnostics.is_empty(), "{}", &text[..40]);
    }
}

#[test]
fn nesting_that_is_allowed_needs_no_large_stack() {
    let deep = format!("{}1{}", r#"{"a.b":["#.repeat(95), "]}".repeat(95));
    let parameters = machine(&format!(r#"{{"Type":"Pass","Parameters":{deep},"Result":{deep},"End":true}}"#));
    assert!(read(&parameters).machine.is_some());
    let mut flow = String::from(r#""StartAt":"S0","States":{"S0":{"Type":"Succeed"}}"#);
    for depth in 1..=32 {
        flow = format!(
            r#""StartAt":"S{depth}","States":{{"S{depth}":{{"Type":"Parallel","End":true,"Branches":[{{{flow}}}]}}}}"#
        );
    }
    let parsed = read(&format!("{{{flow}}}"));
    assert_eq!(parsed.diagnostics, []);
    assert_eq!(parsed.machine.map(|machine| machine.states.len()), Some(33));
}

#[test]
fn the_number_of_diagnostics_is_bounded() {
    let fields: String = (0..100_000).map(|n| format!(r#""f{n}":1,"#)).collect();
    assert_eq!(read(&machine(&format!(r#"{{{fields}"Type":"Succeed"}}"#))).diagnostics.len(), 1000);
    let states: String = (0..20_000).map(|n| format!(r#""s{n}":{{"Type":"Pass","Next":"t{n}"}},"#)).collect();
    let text = format!(r#"{{"StartAt":"A","States":{{{states}"A":{{"Type":"Succeed"}}}}}}"#);
    assert_eq!(read(&text).diagnostics.len(), 1000);
}

#[test]
fn long_names_do_not_multiply() {
    let long = "n".repeat(400_000);
    let members: String = (0..50_000).map(|n| format!(r#""{n}.$":"x","#)).collect();
    let text = machine(&format!(
        r#"{{"Type":"Pass","Parameters":{{"{long}":{{"{long}":{{{members}"z":1}}}}}},"End":true}}"#
    ));
    let parsed = read(&text);
    let size: usize = parsed.diagnostics.iter().map(|diagnostic| diagnostic.location.len()).sum();
    assert!(size < 1_000_000, "{size}");
}

#[test]
fn odd_values_in_every_place_are_errors_and_no_more() {
    let template = r#"{"StartAt":"A","TimeoutSeconds":5,"States":{
        "A":{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:1:function:f","TimeoutSeconds":9,"HeartbeatSeconds":3,
             "Credentials":{"RoleArn":"r"},"InputPath":"$","ResultPath":"$.r","ResultSelector":{"a.$":"$.b"},
             "Retry":[{"ErrorEquals":["E"],"IntervalSeconds":1,"MaxAttempts":2,"BackoffRate":2.5,"MaxDelaySeconds":9,"JitterStrategy":"FULL"}],
             "Catch":[{"ErrorEquals":["States.ALL"],"Next":"B","ResultPath":null}],"Next":"B"},
        "B":{"Type":"Choice","Choices":[{"And":[{"Variable":"$.a","StringEquals":"x"},{"Not":{"Variable":"$.b","IsNull":true}}],"Next":"C"}],"Default":"D"},
        "C":{"Type":"Map","ItemsPath":"$.i","ItemSelector":{"v.$":"$$.Map.Item.Value"},"MaxConcurrency":2,"Label":"L",
             "ItemReader":{"Resource":"arn:aws:states:::s3:getObject","ReaderConfig":{"InputType":"CSV","CSVHeaderLocation":"FIRST_ROW","MaxItems":5},"Parameters":{"Bucket":"b"}},
             "ItemBatcher":{"MaxItemsPerBatch":3,"BatchInput":{"a":1}},"ResultWriter":{"Resource":"arn:aws:states:::s3:putObject","Parameters":{"Bucket":"b"},"WriterConfig":{"OutputType":"JSON"}},
             "ToleratedFailureCount":1,"ToleratedFailurePercentage":50,
             "ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"EXPRESS"},"StartAt":"P","States":{"P":{"Type":"Wait","Seconds":1,"End":true}}},"End":true},
        "D":{"Type":"Parallel","Branches":[{"StartAt":"Q","States":{"Q":{"Type":"Pass","Result":{"x":1},"Assign":{"v":1},"End":true}}}],"Next":"F"},
        "F":{"Type":"Fail","Error":"E","CausePath":"$.c"}}}"#;
    assert_eq!(read(template).diagnostics, []);
    // Every value in turn is replaced by each of the odd ones: whatever comes of it, it comes.
    let odd = [
        "null",
        "-1e999",
        "\"\"",
        "{}",
        "[]",
        "true",
        "[[null]]",
        "{\"\":\"$\"}",
        "\"$.\\u0000[\"",
        "18446744073709551616",
    ];
    let colons: Vec<usize> = template.match_indices(':').map(|(at, _)| at).collect();
    let mut accepted = 0;
    for at in colons {
        let Some(end) = value_end(template, at + 1) else { continue };
        for value in odd {
            let text = format!("{}:{value}{}", &template[..at], &template[end..]);
            let parsed = read(&text);
            assert_eq!(
                parsed.machine.is_none(),
                !parsed.diagnostics.iter().all(|diagnostic| diagnostic.severity == asl::Severity::Warning)
            );
            accepted += usize::from(parsed.machine.is_some());
        }
    }
    assert!(accepted > 50, "{accepted}");
}

/// The end of the JSON value at `start`, if one starts there.
fn value_end(text: &str, start: usize) -> Option<usize> {
    let rest = &text[start..];
    (1..=rest.len())
        .find(|length| {
            rest.is_char_boundary(*length)
                && rest[*length..].starts_with([',', '}', ']'])
                && value::Value::parse(&rest[..*length]).is_ok()
        })
        .map(|length| start + length)
}

#[test]
fn hostile_yaml_ends_in_an_answer() {
    let bomb: String = std::iter::once("a0: &a0 [x,x,x,x,x,x,x,x,x]\n".to_owned())
        .chain((1..40).map(|n| format!("a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 9].join(","))))
        .collect();
    for text in [bomb.as_str(), "", "a", "- a", "{", "a: b: c", "\u{0}", &"- ".repeat(50_000), "StartAt: *x"]
    {
        let parsed = parse_yaml(text, ParseOptions::default());
        assert!(
            parsed.machine.is_none() && !parsed.diagnostics.is_empty(),
            "{}",
            &text[..text.len().min(20)]
        );
    }
}
