//! How many Pass transitions a second the interpreter makes on one core, with and without encoding the records:
//! `cargo run --release -p interpreter --example transitions`. A figure, not a test.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "prints its figure, and ends when it cannot")]

use std::sync::Arc;
use std::time::Instant;

use interpreter::{Environment, Execution, Input, Limits, Place, Start, Timestamp, TokenKey, encode_batch};
use value::Payload;

/// States of the chain.
const STATES: usize = 10;
/// Executions of one measurement.
const EXECUTIONS: usize = 100_000;

fn main() {
    let mut states = String::new();
    for n in 1..=STATES {
        let next = if n == STATES { r#""End":true"#.to_owned() } else { format!(r#""Next":"S{}""#, n + 1) };
        states.push_str(&format!(r#"{}"S{n}":{{"Type":"Pass",{next}}}"#, if n == 1 { "" } else { "," }));
    }
    let text = format!(r#"{{"StartAt":"S1","States":{{{states}}}}}"#);
    let definition = Arc::new(asl::parse(&text, asl::ParseOptions::default()).machine.unwrap());
    let environment = Arc::new(Environment {
        place: Arc::new(Place::default()),
        standard: Limits::SERVICE,
        express: Limits::EXPRESS,
        token_key: TokenKey::new([0; 32]),
        deadline: interpreter::no_deadline,
        activity_exists: interpreter::any_activity(),
        wait_scale: interpreter::WaitScale::REAL,
    });
    for encode in [false, true] {
        let begin = Instant::now();
        let mut bytes = 0;
        for key in 0..EXECUTIONS {
            let mut execution = Execution::new(definition.clone(), environment.clone(), key as u64);
            let start = Start {
                input: Payload::parse(r#"{"order":7}"#).unwrap(),
                name: "run".into(),
                machine: "machine".into(),
                role: "role".into(),
                seed: 1,
                express: None,
                version_arn: None,
                alias_arn: None,
                trace_header: None,
                mocks: None,
                parent: None,
            };
            let records = execution.advance(Input::Start(Box::new(start)), Timestamp(1)).unwrap();
            if encode {
                bytes += encode_batch(&records).len();
            }
        }
        let seconds = begin.elapsed().as_secs_f64();
        let rate = (EXECUTIONS * STATES) as f64 / seconds;
        println!("encode {encode}: {rate:.0} transitions/s, {} bytes an execution", bytes / EXECUTIONS);
    }
}
