//! SW4003: a placeholder that something else fills in.

use crate::rules::Rule;

pub(in crate::lint) const RULE: Rule = Rule {
    code: "SW4003",
    title: "placeholder",
    text: "`${Name}` is text of a template: SAM, CDK, Terraform or CloudFormation put a value in its place before the definition \
           reaches the service. Here it stands for anything. Deployed as it is, the text itself would be the value.",
    example: "\"Resource\": \"${ChargeFunctionArn}\"",
    aws: "",
};
