//! Random definitions in the Amazon States Language: all eight state types, both query languages, nested Parallel and Map, Retry and Catch,
//! timeouts and heartbeats. Flows only lead forward, so that every execution ends when the world answers.

use std::fmt::Write as _;
use std::sync::Arc;

use asl::{ParseOptions, StateMachine};

use crate::rng::Rng;

/// Resources whose calls may be repeated when nobody knows whether they took effect.
pub const IDEMPOTENT: &[&str] = &[
    "arn:aws:lambda:us-east-1:000000000000:function:read",
    "arn:aws:states:::dynamodb:getItem",
    "arn:aws:states:::glue:startJobRun.sync",
    "arn:aws:states:::states:startExecution",
    "arn:aws:states:::states:startExecution.sync",
];

/// Machines that only tasks start; they start none themselves.
pub const CHILDREN: &[&str] = &["c0", "c1"];

const REQUESTS: &[(&str, &str)] = &[
    ("arn:aws:lambda:us-east-1:000000000000:function:charge", ""),
    ("arn:aws:lambda:us-east-1:000000000000:function:read", ""),
    ("arn:aws:states:::lambda:invoke", r#","Parameters":{"FunctionName":"charge","Payload.$":"$"}"#),
    ("arn:aws:states:::dynamodb:getItem", r#","Parameters":{"TableName":"t","Key":{"id":{"S":"1"}}}"#),
];
const ACTIVITIES: &[(&str, &str)] = &[
    ("arn:aws:states:us-east-1:000000000000:activity:work", ""),
    ("arn:aws:states:us-east-1:000000000000:activity:toil", r#","Parameters":{"n.$":"$.n"}"#),
];
const TOKENS: &[(&str, &str)] = &[
    (
        "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        r#","Parameters":{"QueueUrl":"q","MessageBody":{"token.$":"$$.Task.Token"}}"#,
    ),
    (
        "arn:aws:states:::lambda:invoke.waitForTaskToken",
        r#","Parameters":{"FunctionName":"ask","Payload":{"token.$":"$$.Task.Token"}}"#,
    ),
];
const JOBS: &[(&str, &str)] = &[
    ("arn:aws:states:::glue:startJobRun.sync", r#","Parameters":{"JobName":"job"}"#),
    (
        "arn:aws:states:::batch:submitJob.sync",
        r#","Parameters":{"JobName":"job","JobDefinition":"d","JobQueue":"q"}"#,
    ),
];

/// The text of a random definition, whose tasks may start executions of [`CHILDREN`].
pub fn generate(rng: &mut Rng) -> String {
    write(rng, true)
}

/// The text of a random definition whose tasks start no executions.
pub fn generate_child(rng: &mut Rng) -> String {
    write(rng, false)
}

fn write(rng: &mut Rng, has_children: bool) -> String {
    let mut writer = Writer { rng, states: 0, text: String::new(), has_children };
    writer.text.push('{');
    if writer.rng.chance(20) {
        let seconds = writer.rng.between(2, 600);
        let _ = write!(writer.text, r#""TimeoutSeconds":{seconds},"#);
    }
    writer.flow(0);
    writer.text.push('}');
    writer.text
}

/// A definition that is known to be right.
///
/// # Errors
/// The diagnostics, when it is not: a mistake of the generator.
pub fn parse(text: &str) -> Result<Arc<StateMachine>, String> {
    let parsed = asl::parse(text, ParseOptions::default());
    parsed.machine.map(Arc::new).ok_or_else(|| format!("{:?}\n{text}", parsed.diagnostics))
}

struct Writer<'a> {
    rng: &'a mut Rng,
    states: u32,
    text: String,
    has_children: bool,
}

/// Where a state may lead: its successors' names; the first is the next one.
type Later<'a> = &'a [String];

impl Writer<'_> {
    /// `"StartAt":…,"States":{…}`: a chain, with shortcuts by Choice and Catch.
    fn flow(&mut self, depth: u32) {
        let length = self.rng.between(1, if depth == 0 { 6 } else { 3 });
        let names: Vec<String> = (0..length)
            .map(|_| {
                self.states += 1;
                format!("S{}", self.states)
            })
            .collect();
        let start = names.first().cloned().unwrap_or_default();
        let _ = write!(self.text, r#""StartAt":"{start}","States":{{"#);
        for (index, name) in names.iter().enumerate() {
            if index > 0 {
                self.text.push(',');
            }
            let _ = write!(self.text, r#""{name}":{{"#);
            self.state(names.get(index + 1..).unwrap_or_default(), depth);
            self.text.push('}');
        }
        self.text.push('}');
    }

    fn state(&mut self, later: Later<'_>, depth: u32) {
        let nested = if depth < 2 { 12 } else { 0 };
        let ends = if later.is_empty() { 10 } else { 0 };
        let leads = if later.is_empty() { 0 } else { 10 };
        match self.rng.weighted(&[14, 40, 14, leads, nested, nested, ends, ends]) {
            0 => self.pass(later),
            1 => self.task(later),
            2 => self.wait(later),
            3 => self.choice(later),
            4 => self.parallel(later, depth),
            5 => self.map(later, depth),
            6 => self.text.push_str(r#""Type":"Succeed""#),
            _ => self.text.push_str(r#""Type":"Fail","Error":"Boom","Cause":"by definition""#),
        }
    }

    fn next(&mut self, later: Later<'_>) {
        match later.first() {
            Some(next) => _ = write!(self.text, r#","Next":"{next}""#),
            None => self.text.push_str(r#","End":true"#),
        }
    }

    fn pass(&mut self, later: Later<'_>) {
        self.text.push_str(r#""Type":"Pass""#);
        if self.rng.chance(30) {
            // Values that a fold must not draw again.
            self.text.push_str(
                r#","QueryLanguage":"JSONata","Assign":{"drawn":"{% $uuid() %}"},"Output":"{% $merge([$states.input, {'id': $uuid(), 'r': $random()}]) %}""#,
            );
            return self.next(later);
        }
        if self.rng.chance(40) {
            self.text.push_str(r#","Result":{"passed":true},"ResultPath":"$.pass""#);
        }
        self.assign();
        self.next(later);
    }

    fn assign(&mut self) {
        if self.rng.chance(20) {
            self.text.push_str(r#","Assign":{"seen":{"a.$":"$.n"}}"#);
        }
    }

    fn wait(&mut self, later: Later<'_>) {
        let seconds = match self.rng.weighted(&[70, 20, 10]) {
            0 => self.rng.between(0, 10),
            1 => self.rng.between(30, 200),
            _ => self.rng.between(1_000, 10_000),
        };
        if seconds > 0 && self.rng.chance(20) {
            let _ = write!(
                self.text,
                r#""Type":"Wait","QueryLanguage":"JSONata","Seconds":"{{% $ceil($random() * {seconds}) %}}""#
            );
            return self.next(later);
        }
        let _ = write!(self.text, r#""Type":"Wait","Seconds":{seconds}"#);
        self.assign();
        self.next(later);
    }

    fn choice(&mut self, later: Later<'_>) {
        let mut somewhere = || self.rng.pick(later).cloned().unwrap_or_default();
        let (target, default) = (somewhere(), somewhere());
        let than = self.rng.between(0, 9);
        let next = later.first().cloned().unwrap_or_default();
        let _ = write!(
            self.text,
            r#""Type":"Choice","Choices":[{{"Variable":"$.n","NumericGreaterThan":{than},"Next":"{target}"}},{{"Variable":"$.n","IsPresent":false,"Next":"{next}"}}],"Default":"{default}""#,
        );
    }

    fn task(&mut self, later: Later<'_>) {
        if self.has_children && self.rng.chance(25) {
            self.child();
        } else {
            let of = [REQUESTS, TOKENS, JOBS, ACTIVITIES][self.rng.weighted(&[45, 22, 13, 20])];
            let (resource, parameters) = self.rng.pick(of).copied().unwrap_or_default();
            let _ =
                write!(self.text, r#""Type":"Task","Resource":"{resource}"{parameters},"ResultPath":"$.r""#);
        }
        if self.rng.chance(50) {
            let seconds =
                if self.rng.chance(70) { self.rng.between(3, 90) } else { self.rng.between(100, 9_000) };
            let _ = write!(self.text, r#","TimeoutSeconds":{seconds}"#);
            if self.rng.chance(50) {
                let heartbeat = self.rng.between(1, seconds - 1);
                let _ = write!(self.text, r#","HeartbeatSeconds":{heartbeat}"#);
            }
        }
        self.assign();
        self.retry_and_catch(later);
        self.next(later);
    }

    /// A task that starts an execution, sometimes under a name that others use, too.
    fn child(&mut self) {
        let machine = self.rng.pick(CHILDREN).copied().unwrap_or_default();
        let pattern = if self.rng.chance(80) { ".sync" } else { "" };
        let name = if self.rng.chance(25) { r#","Name":"kid""# } else { "" };
        let _ = write!(
            self.text,
            r#""Type":"Task","Resource":"arn:aws:states:::states:startExecution{pattern}","Parameters":{{"StateMachineArn":"arn:aws:states:us-east-1:000000000000:stateMachine:{machine}"{name}}},"ResultPath":"$.r""#
        );
    }

    fn parallel(&mut self, later: Later<'_>, depth: u32) {
        self.text.push_str(r#""Type":"Parallel","ResultPath":"$.p","Branches":["#);
        for branch in 0..self.rng.between(1, 3) {
            self.text.push_str(if branch > 0 { ",{" } else { "{" });
            self.flow(depth + 1);
            self.text.push('}');
        }
        self.text.push(']');
        self.retry_and_catch(later);
        self.next(later);
    }

    fn map(&mut self, later: Later<'_>, depth: u32) {
        self.text.push_str(r#""Type":"Map","ItemsPath":"$.items","ResultPath":"$.m""#);
        if self.rng.chance(60) {
            let most = self.rng.between(0, 3);
            let _ = write!(self.text, r#","MaxConcurrency":{most}"#);
        }
        if self.rng.chance(50) {
            self.text.push_str(
                r#","ItemSelector":{"n.$":"$$.Map.Item.Index","items":[{"n":1,"items":[]},{"n":8,"items":[]}]}"#,
            );
        }
        self.text.push_str(r#","ItemProcessor":{"#);
        self.flow(depth + 1);
        self.text.push('}');
        self.retry_and_catch(later);
        self.next(later);
    }

    fn retry_and_catch(&mut self, later: Later<'_>) {
        if self.rng.chance(40) {
            let error = self.error();
            let (interval, attempts) = (self.rng.between(1, 5), self.rng.between(0, 3));
            let rate = self.rng.between(10, 20) as f64 / 10.0;
            let jitter = if self.rng.chance(30) { r#","JitterStrategy":"FULL""# } else { "" };
            let _ = write!(
                self.text,
                r#","Retry":[{{"ErrorEquals":["{error}"],"IntervalSeconds":{interval},"MaxAttempts":{attempts},"BackoffRate":{rate:.1}{jitter}}}]"#,
            );
        }
        if self.rng.chance(40)
            && let Some(target) = self.rng.pick(later).cloned()
        {
            let error = self.error();
            let _ = write!(
                self.text,
                r#","Catch":[{{"ErrorEquals":["{error}"],"ResultPath":"$.error","Next":"{target}"}}]"#,
            );
        }
    }

    fn error(&mut self) -> &'static str {
        let errors =
            ["States.ALL", "Boom", "Lambda.SdkClientException", "States.TaskFailed", "States.Timeout"];
        errors[self.rng.weighted(&[50, 20, 10, 10, 10])]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_definition_is_right() {
        for seed in 0..500 {
            let text = generate(&mut Rng::new(seed));
            if let Err(diagnostics) = parse(&text) {
                panic!("seed {seed}: {diagnostics}");
            }
        }
    }
}
