//! The `Resource` of tasks that call AWS services.
//! Source: Step Functions Developer Guide, "Using AWS service SDK integrations".

/// What such a `Resource` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Resource<'a> {
    /// `dynamodb`.
    pub service: &'a str,
    /// `putItem`.
    pub action: &'a str,
    /// `.waitForTaskToken`: the task ends by token, not with the response.
    pub wait_for_token: bool,
}

impl<'a> Resource<'a> {
    /// Reads `arn:<partition>:states:::aws-sdk:<service>:<action>[.waitForTaskToken]`; `None` when it is something else.
    pub(crate) fn parse(text: &'a str) -> Option<Resource<'a>> {
        let (partition, rest) = text.strip_prefix("arn:")?.split_once(":states:::aws-sdk:")?;
        let (service, action) = rest.split_once(':')?;
        let (action, wait_for_token) = match action.strip_suffix(".waitForTaskToken") {
            Some(action) => (action, true),
            None => (action, false),
        };
        let is_name = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric());
        let fits = !partition.contains(':') && is_name(service) && is_name(action);
        fits.then_some(Resource { service, action, wait_for_token })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources() {
        let check = |text: &str, expected: Option<(&str, &str, bool)>| {
            let expected = expected.map(|(service, action, wait_for_token)| Resource {
                service,
                action,
                wait_for_token,
            });
            assert_eq!(Resource::parse(text), expected, "{text}");
        };
        check("arn:aws:states:::aws-sdk:dynamodb:putItem", Some(("dynamodb", "putItem", false)));
        check(
            "arn:aws-cn:states:::aws-sdk:s3:listBuckets.waitForTaskToken",
            Some(("s3", "listBuckets", true)),
        );
        check("arn:aws:states:::aws-sdk:batch:submitJob.sync", None);
        check("arn:aws:states:::dynamodb:putItem", None);
        check("arn:aws:states:us-east-1:123456789012:aws-sdk:s3:listBuckets", None);
        check("arn:aws:states:::aws-sdk:s3", None);
        check("arn:aws:states:::aws-sdk::x", None);
        check("", None);
    }
}
