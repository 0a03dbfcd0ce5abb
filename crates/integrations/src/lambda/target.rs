//! Which function: the two forms of a Task's `Resource`, and the forms that `FunctionName` may have.
//!
//! Sources: Step Functions Developer Guide, "Invoke Lambda with Step Functions"; Lambda API, `Invoke`.

/// What a Task's `Resource` asks of Lambda.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Resource {
    /// The ARN of a function: the state's input is the event, its result the function's result alone.
    Function(FunctionRef),
    /// `arn:…:states:::lambda:invoke`: the parameters are those of the Invoke API, the result is its response.
    Invoke {
        /// `.waitForTaskToken`: the task ends by token, not with the response.
        wait_for_token: bool,
    },
}

/// A function as somebody has named it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FunctionRef {
    pub name: String,
    /// Version or alias.
    pub qualifier: Option<String>,
    /// The ARN without a qualifier, if it was named by ARN.
    pub arn: Option<String>,
}

impl Resource {
    /// Reads a `Resource`; `None` when it is not Lambda's.
    pub(crate) fn parse(text: &str) -> Option<Resource> {
        let mut parts = text.splitn(6, ':');
        let (arn, _partition, service) = (parts.next()?, parts.next()?, parts.next()?);
        let (region, account, rest) = (parts.next()?, parts.next()?, parts.next()?);
        match (arn, service, region, account, rest) {
            ("arn", "states", "", "", "lambda:invoke") => Some(Resource::Invoke { wait_for_token: false }),
            ("arn", "states", "", "", "lambda:invoke.waitForTaskToken") => {
                Some(Resource::Invoke { wait_for_token: true })
            }
            ("arn", "lambda", ..) if rest.starts_with("function:") => {
                FunctionRef::parse(text).map(Resource::Function)
            }
            _ => None,
        }
    }
}

impl FunctionRef {
    /// Reads a name (`charge`), a name with a qualifier (`charge:live`), a partial ARN (`123456789012:function:charge`)
    /// or an ARN; `None` for anything else.
    pub(crate) fn parse(text: &str) -> Option<FunctionRef> {
        let (prefix, rest) = match text.find("function:") {
            Some(at) => text.split_at(at + "function:".len()),
            None => ("", text),
        };
        let is_arn = prefix.starts_with("arn:") && prefix.split(':').count() == 7;
        let account = prefix.strip_suffix(":function:");
        let is_partial = account.is_some_and(|account| account.chars().all(|c| c.is_ascii_digit()));
        if !(prefix.is_empty() || prefix == "function:" || is_arn || is_partial) {
            return None;
        }
        let (name, qualifier) = match rest.split_once(':') {
            Some((name, qualifier)) => (name, Some(qualifier)),
            None => (rest, None),
        };
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if name.is_empty() || !name.chars().all(allowed) {
            return None;
        }
        if qualifier.is_some_and(|q| q.is_empty() || !q.chars().all(|c| allowed(c) || c == '$')) {
            return None;
        }
        Some(FunctionRef {
            name: name.to_owned(),
            qualifier: qualifier.map(str::to_owned),
            arn: is_arn.then(|| format!("{prefix}{name}")),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources() {
        let check =
            |text: &str, expected: Option<Resource>| assert_eq!(Resource::parse(text), expected, "{text}");
        let function = |qualifier: Option<&str>| {
            Some(Resource::Function(FunctionRef {
                name: "charge".to_owned(),
                qualifier: qualifier.map(str::to_owned),
                arn: Some("arn:aws:lambda:eu-west-1:123456789012:function:charge".to_owned()),
            }))
        };
        check("arn:aws:lambda:eu-west-1:123456789012:function:charge", function(None));
        check("arn:aws:lambda:eu-west-1:123456789012:function:charge:live", function(Some("live")));
        check("arn:aws:lambda:eu-west-1:123456789012:function:charge:$LATEST", function(Some("$LATEST")));
        check("arn:aws:states:::lambda:invoke", Some(Resource::Invoke { wait_for_token: false }));
        check(
            "arn:aws-cn:states:::lambda:invoke.waitForTaskToken",
            Some(Resource::Invoke { wait_for_token: true }),
        );
        for other in [
            "arn:aws:states:::lambda:invoke.sync",
            "arn:aws:states:::sqs:sendMessage",
            "arn:aws:states:us-east-1:123456789012:activity:x",
            "arn:aws:lambda:eu-west-1:123456789012:layer:x",
            "arn:aws:lambda:eu-west-1:123456789012:function:",
            "arn:aws:lambda:eu-west-1:123456789012:function:a:b:c",
            "",
        ] {
            check(other, None);
        }
    }

    #[test]
    fn names() {
        let check = |text: &str, expected: Option<(&str, Option<&str>)>| {
            let parsed = FunctionRef::parse(text);
            let got = parsed.as_ref().map(|found| (found.name.as_str(), found.qualifier.as_deref()));
            assert_eq!(got, expected, "{text}");
        };
        check("charge", Some(("charge", None)));
        check("charge:live", Some(("charge", Some("live"))));
        check("123456789012:function:charge:7", Some(("charge", Some("7"))));
        check("function:charge", Some(("charge", None)));
        check("arn:aws:lambda:us-east-1:123456789012:function:charge", Some(("charge", None)));
        for other in ["", "a b", "charge:", "x:function:charge", "arn:aws:function:charge", "ü"] {
            check(other, None);
        }
    }
}
