//! SW4005: functions and activities of several regions.

use super::super::Lint;
use super::super::place::Place;
use super::tasks;
use crate::diagnostic::Severity;
use crate::rules::Rule;

pub(super) const RULE: Rule = Rule {
    code: "SW4005",
    title: "resources of several regions",
    text: "A Task calls functions and activities of the state machine's own region and partition only (developer guide, \
           \"Resource\"). These tasks name several, so at least one of them fails wherever the state machine is.",
    example: "\"Resource\": \"arn:aws:lambda:us-east-1:…\" in one state, \"arn:aws:lambda:eu-west-1:…\" in another",
    aws: "",
};

pub(super) fn check(lint: &mut Lint<'_>) {
    let mut first: Option<(usize, String)> = None;
    for (at, _, task) in tasks(lint) {
        let parts: Vec<&str> = task.resource.text.splitn(5, ':').collect();
        let ["arn", partition, "lambda" | "states", region, _] = parts.as_slice() else { continue };
        if region.is_empty() || [partition, region].iter().any(|part| part.contains("${")) {
            continue;
        }
        let here = format!("{partition}:{region}");
        match &first {
            None => first = Some((at, here)),
            Some((other, region)) if *region != here => {
                let message = format!(
                    "this resource is in {}, that of `{}` in {}",
                    here.replace(':', ", "),
                    lint.name(*other),
                    region.replace(':', ", ")
                );
                lint.report(&RULE, Severity::Warning, &Place::field(at, "Resource"), message, None);
            }
            Some(_) => {}
        }
    }
}
