//! ARNs of this service: taken apart, and refused in the service's words (recorded).
//! Whether what they name exists is `lookup`'s question.

use interpreter::Place;
use wire::ApiError;

/// What an ARN names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resource<'a> {
    /// `stateMachine:name`, `stateMachine:name:qualifier`.
    StateMachine {
        /// The name, with a label's `/label`.
        name: &'a str,
        /// A version's number or an alias's name.
        qualifier: Option<&'a str>,
    },
    /// `execution:machine:name`.
    Execution {
        /// The state machine's name.
        machine: &'a str,
        /// The execution's name.
        name: &'a str,
    },
    /// `activity:name`.
    Activity {
        /// The activity's name.
        name: &'a str,
    },
    /// Another resource: its type.
    Other(&'a str),
}

/// An ARN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Arn<'a> {
    partition: &'a str,
    region: &'a str,
    account: &'a str,
    /// What it names.
    pub(crate) resource: Resource<'a>,
}

impl<'a> Arn<'a> {
    /// Takes an ARN apart.
    ///
    /// # Errors
    /// `InvalidArn`.
    pub(crate) fn parse(text: &'a str) -> Result<Arn<'a>, ApiError> {
        let Some(rest) = text.strip_prefix("arn:") else {
            return Err(invalid(&format!("Invalid ARN prefix: {text}")));
        };
        let mut parts = rest.splitn(5, ':');
        let (Some(partition), Some(service), Some(region), Some(account), Some(resource)) =
            (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(invalid(&format!("Invalid ARN: {text}")));
        };
        let resource = if service == "states" { resource_of(resource) } else { None };
        let resource = resource.ok_or_else(|| invalid(&format!("Invalid ARN: {text}")))?;
        Ok(Arn { partition, region, account, resource })
    }

    /// Whether it is an ARN of this partition, region and account; only such things exist here.
    pub(crate) fn is_here(&self, place: &Place) -> bool {
        (self.partition, self.region, self.account) == (&*place.partition, &*place.region, &*place.account)
    }

    /// The error for an ARN of a type that the operation does not take.
    pub(crate) fn wrong_type(&self) -> ApiError {
        let kind = match self.resource {
            Resource::StateMachine { .. } => "stateMachine",
            Resource::Execution { .. } => "execution",
            Resource::Activity { .. } => "activity",
            Resource::Other(kind) => kind,
        };
        invalid(&format!("Resource type not valid in this context: {kind}"))
    }
}

fn resource_of(text: &str) -> Option<Resource<'_>> {
    let (kind, rest) = text.split_once(':')?;
    let resource = match kind {
        "stateMachine" => match rest.split_once(':') {
            None => Resource::StateMachine { name: rest, qualifier: None },
            Some((name, qualifier)) => Resource::StateMachine { name, qualifier: Some(qualifier) },
        },
        "execution" => {
            let (machine, name) = rest.split_once(':')?;
            Resource::Execution { machine, name }
        }
        "activity" => Resource::Activity { name: rest },
        other => Resource::Other(other),
    };
    Some(resource)
}

fn invalid(why: &str) -> ApiError {
    ApiError::invalid_arn(format!("Invalid Arn: '{why}'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns_are_taken_apart() {
        let check = |resource: &str, expected: Resource<'_>| {
            let text = format!("arn:aws:states:us-east-1:000000000000:{resource}");
            let arn = Arn::parse(&text).unwrap();
            assert_eq!(arn.resource, expected, "{resource}");
            assert!(arn.is_here(&Place::default()), "{resource}");
        };
        check("stateMachine:m", Resource::StateMachine { name: "m", qualifier: None });
        check("stateMachine:m:2", Resource::StateMachine { name: "m", qualifier: Some("2") });
        check("stateMachine:m/label", Resource::StateMachine { name: "m/label", qualifier: None });
        check("execution:m:e", Resource::Execution { machine: "m", name: "e" });
        check("activity:a", Resource::Activity { name: "a" });
        check("express:m:e:id", Resource::Other("express"));
        let there = Arn::parse("arn:aws:states:eu-west-1:000000000000:activity:a").unwrap();
        assert!(!there.is_here(&Place::default()));
    }

    #[test]
    fn what_is_no_arn_is_refused() {
        let check = |text: &str, message: &str| {
            assert_eq!(Arn::parse(text).unwrap_err().message(), message, "{text}");
        };
        check("no", "Invalid Arn: 'Invalid ARN prefix: no'");
        check("", "Invalid Arn: 'Invalid ARN prefix: '");
        check("arn:aws:states", "Invalid Arn: 'Invalid ARN: arn:aws:states'");
        check("arn:aws:lambda:r:a:function:f", "Invalid Arn: 'Invalid ARN: arn:aws:lambda:r:a:function:f'");
        check("arn:aws:states:r:a:execution:m", "Invalid Arn: 'Invalid ARN: arn:aws:states:r:a:execution:m'");
        let express = Arn::parse("arn:aws:states:r:a:express:m:e:i").unwrap();
        assert_eq!(
            express.wrong_type().message(),
            "Invalid Arn: 'Resource type not valid in this context: express'"
        );
    }
}
