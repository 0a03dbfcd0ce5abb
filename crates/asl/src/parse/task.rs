//! Task: its resource, its clocks and its credentials.

use crate::diagnostic::Advice;
use crate::names::{InvalidResource, parse_resource};
use crate::syntax::Item;
use crate::{NumberField, Pattern, QueryLanguage, Resource, ResourceKind, Task, Template};

use super::Parser;
use super::fields::Fields;
use super::jsonata::PLAIN;
use super::numbers::{MOST, Range};
use super::state::Frame;

impl Parser {
    pub(super) fn task<'t>(&mut self, frame: &Frame<'_, 't>) -> Task {
        let Frame { fields, language, .. } = *frame;
        self.require(fields, &["Resource"]);
        let resource = self.resource(frame);
        let timeout = self.number_field(fields, "TimeoutSeconds", language, Range::integer(1, MOST));
        let heartbeat = self.number_field(fields, "HeartbeatSeconds", language, Range::integer(1, MOST));
        if let (Some(NumberField::Literal(timeout)), Some(NumberField::Literal(heartbeat))) =
            (&timeout, &heartbeat)
            && heartbeat >= timeout
        {
            let span = fields.get("HeartbeatSeconds").map(Item::span).unwrap_or_default();
            let message = "HeartbeatSeconds must be smaller than TimeoutSeconds";
            self.error("SW1013", fields.at("HeartbeatSeconds"), span, message);
        }
        let credentials = self.credentials(fields, language);
        Task { resource, timeout, heartbeat, credentials }
    }

    fn credentials<'t>(&mut self, fields: &Fields<'t>, language: QueryLanguage) -> Option<Template> {
        let credentials = self.object_field(fields, "Credentials")?;
        let by_path = language == QueryLanguage::JsonPath && credentials.has("RoleArn.$");
        if !by_path && !credentials.has("RoleArn") {
            let message = "The field 'RoleArn' is required but was missing";
            self.error("SW1006", credentials.here(), credentials.span.clone(), message);
        }
        self.template_field(fields, "Credentials", "Credentials", language, PLAIN)
    }

    /// `Resource`. A text that names nothing is reported and kept.
    fn resource<'t>(&mut self, frame: &Frame<'_, 't>) -> Resource {
        let fields = frame.fields;
        let text = self.string_field(fields, "Resource").unwrap_or_default();
        let kind = match parse_resource(text) {
            Ok(kind) => kind,
            Err(fault) => {
                if fields.get("Resource").is_some_and(|item| item.as_str().is_some())
                    && !(self.options.allow_placeholders && text.contains("${"))
                {
                    self.invalid_resource(fields, text, &fault);
                }
                ResourceKind::Lambda
            }
        };
        if frame.around.is_express {
            self.check_express(fields, &kind);
        }
        self.check_integration(frame, text, &kind);
        Resource { text: text.into(), kind }
    }

    fn invalid_resource<'t>(&mut self, fields: &Fields<'t>, text: &str, fault: &InvalidResource) {
        let message = match fault {
            InvalidResource::NotAnArn => "Value is not a valid resource ARN".to_owned(),
            InvalidResource::NotRecognized => unrecognized(super::fields::shortened(text)),
        };
        let span = fields.get("Resource").map(Item::span).unwrap_or_default();
        let help = text
            .contains("${")
            .then(|| Advice::from("fill in the placeholder, or check the template as such".to_owned()));
        self.report("SCHEMA_VALIDATION_FAILED", "SW4001", fields.at("Resource"), span, message, help);
    }

    /// Express workflows do not wait for anything but a response (recorded; the second text does end in a blank).
    fn check_express<'t>(&mut self, fields: &Fields<'t>, kind: &ResourceKind) {
        let message = match kind {
            ResourceKind::Activity => "Express state machine does not support Activity ARN",
            ResourceKind::Service { pattern: Pattern::Sync | Pattern::Sync2, .. } => {
                "Express state machine does not support '.sync' service integration"
            }
            ResourceKind::Service { pattern: Pattern::WaitForTaskToken, .. } => {
                "Express state machine does not support '.waitForTaskToken' service integration "
            }
            _ => return,
        };
        let span = fields.get("Resource").map(Item::span).unwrap_or_default();
        self.error("SW1014", fields.at("Resource"), span, message);
    }

    /// What the service demands of optimised integrations (measured): that the pattern exists, that there are
    /// parameters, and the parameters without which a call makes no sense.
    fn check_integration<'t>(&mut self, frame: &Frame<'_, 't>, text: &str, kind: &ResourceKind) {
        let Frame { fields, language, .. } = *frame;
        let ResourceKind::Service { resource_type, resource, pattern } = kind else { return };
        let span = fields.get("Resource").map(Item::span).unwrap_or_default();
        if !has_pattern(resource_type, *pattern) {
            self.error("SW4001", fields.at("Resource"), span, unrecognized(super::fields::shortened(text)));
            return;
        }
        let key = match language {
            QueryLanguage::JsonPath => "Parameters",
            QueryLanguage::Jsonata => "Arguments",
        };
        let Some(item) = fields.get(key) else {
            // A field of the other language has been reported, and stands for the missing one.
            if !fields.has("Parameters") && !fields.has("Arguments") {
                let message =
                    format!("{key} field is required for resource ARN: {}", super::fields::shortened(text));
                self.error("SW1014", fields.here(), span, message);
            }
            return;
        };
        let Some(members) = item.members() else { return };
        let members: Vec<&str> = members.map(|(member, _)| &*member.key).collect();
        let api = resource.split('.').next().unwrap_or_default();
        for required in required_parameters(resource_type, api) {
            let is_there = |key: &&str| key == required || key.strip_suffix(".$") == Some(required);
            if !members.iter().any(is_there) {
                let message = format!("The field '{required}' is required but was missing");
                self.error("SW1006", fields.at(key), item.span().start..item.span().start + 1, message);
            }
        }
    }
}

fn unrecognized(text: &str) -> String {
    format!(
        "The resource provided {text} is not recognized. \
         The value is not a valid resource ARN, or the resource is not available in this region."
    )
}

/// The optimised integrations and the patterns that they have besides request response: `s`ync, wait for task `t`oken
/// (developer guide, "Integrating optimized services"; a pattern that only some of a service's APIs have counts).
const INTEGRATIONS: [(&str, &str); 22] = [
    ("apigateway", "t"),
    ("athena", "s"),
    ("batch", "s"),
    ("bedrock", "st"),
    ("bedrockagentcore", ""),
    ("codebuild", "s"),
    ("databrew", "s"),
    ("dynamodb", ""),
    ("ecs", "st"),
    ("eks", "st"),
    ("elasticmapreduce", "s"),
    ("emr-containers", "s"),
    ("emr-serverless", "s"),
    ("events", "t"),
    ("glue", "s"),
    ("http", ""),
    ("lambda", "t"),
    ("mediaconvert", "s"),
    ("sagemaker", "s"),
    ("sns", "t"),
    ("sqs", "t"),
    ("states", "st"),
];

/// Whether the service has the integration with that pattern. Every API of the SDK can wait for a task token.
fn has_pattern(resource_type: &str, pattern: Pattern) -> bool {
    let patterns = match INTEGRATIONS.iter().find(|(name, _)| *name == resource_type) {
        Some((_, patterns)) => patterns,
        None if resource_type.starts_with("aws-sdk:") => "t",
        None => return false,
    };
    match pattern {
        Pattern::RequestResponse => true,
        Pattern::Sync => patterns.contains('s'),
        Pattern::Sync2 => resource_type == "states",
        Pattern::WaitForTaskToken => patterns.contains('t'),
    }
}

/// Parameters that the service misses when a state machine is created.
fn required_parameters(resource_type: &str, api: &str) -> &'static [&'static str] {
    match (resource_type, api) {
        ("lambda", "invoke") => &["FunctionName"],
        ("sqs", "sendMessage") => &["QueueUrl", "MessageBody"],
        ("sns", "publish") => &["Message"],
        ("dynamodb", "putItem") => &["TableName", "Item"],
        ("dynamodb", "getItem") => &["TableName", "Key"],
        ("states", "startExecution") => &["StateMachineArn"],
        ("events", "putEvents") => &["Entries"],
        ("ecs", "runTask") => &["TaskDefinition"],
        ("glue", "startJobRun") => &["JobName"],
        _ => &[],
    }
}
