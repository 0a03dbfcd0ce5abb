//! How long definitions take: validating and linting one of a megabyte, and linting the files that are named.
//! `cargo run --release -p asl --example definitions -- FILE…`

use std::time::{Duration, Instant};

fn main() {
    let text = megabyte();
    let options = asl::ParseOptions::default();
    let valid = asl::parse(&text, options);
    assert!(valid.machine.is_some(), "{:?}", valid.diagnostics.first());
    row("validate-1mb", best(|| asl::parse(&text, options).diagnostics.len()), 100.0);
    row("lint-1mb", best(|| asl::lint(&text, asl::LintOptions::default()).len()), 1000.0);
    let mut times = Vec::new();
    for path in std::env::args().skip(1) {
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let is_yaml = path.ends_with(".yaml") || path.ends_with(".yml");
        let options = asl::LintOptions { is_yaml, ..Default::default() };
        times.push((best(|| asl::lint(&text, options).len()), path));
    }
    times.sort();
    if let (Some((median, _)), Some((slowest, path))) = (times.get(times.len() / 2), times.last()) {
        row("lint-median", *median, 2.0);
        println!("{} files, the slowest {slowest:?}: {path}", times.len());
    }
}

fn row(name: &str, took: Duration, goal_ms: f64) {
    let ms = took.as_secs_f64() * 1000.0;
    println!(
        "{name:44} {ms:12.2} ms     {ms:10.2} <= {goal_ms}  {}",
        if ms <= goal_ms { "met" } else { "MISSED" }
    );
}

/// The shortest of a few runs.
fn best<T>(run: impl Fn() -> T) -> Duration {
    let once = || {
        let start = Instant::now();
        std::hint::black_box(run());
        start.elapsed()
    };
    (0..5).map(|_| once()).min().unwrap_or_default()
}

/// A valid definition of a bit less than 1,048,576 bytes, with a little of everything.
fn megabyte() -> String {
    let mut text = String::from(r#"{"StartAt":"S0","States":{"#);
    let mut at = 0;
    while text.len() < 1_040_000 {
        let next = at + 1;
        let state = match at % 4 {
            0 => format!(
                r#""S{at}":{{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","Parameters":{{"FunctionName":"f","Payload":{{"a.$":"$.a","b":["x",{{"c.$":"States.Format('{{}}', $.b)"}}]}}}},"ResultPath":"$.r{at}","TimeoutSeconds":60,"Retry":[{{"ErrorEquals":["States.ALL"]}}],"Next":"S{next}"}}"#
            ),
            1 => format!(
                r#""S{at}":{{"Type":"Choice","Choices":[{{"And":[{{"Variable":"$.a","IsPresent":true}},{{"Variable":"$.a","NumericGreaterThan":3}}],"Next":"S{next}"}}],"Default":"S{next}"}}"#
            ),
            2 => format!(
                r#""S{at}":{{"Type":"Pass","QueryLanguage":"JSONata","Output":"{{% $merge([$states.input, {{'n': $states.input.n + 1}}]) %}}","Next":"S{next}"}}"#
            ),
            _ => format!(
                r#""S{at}":{{"Type":"Map","ItemsPath":"$.items","MaxConcurrency":5,"ItemProcessor":{{"StartAt":"I{at}","States":{{"I{at}":{{"Type":"Pass","End":true}}}}}},"ResultPath":null,"Next":"S{next}"}}"#
            ),
        };
        text.push_str(&state);
        text.push(',');
        at = next;
    }
    text.push_str(&format!(r#""S{at}":{{"Type":"Succeed"}}}}}}"#));
    text
}
