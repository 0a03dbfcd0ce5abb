//! What is sent to a function: an Invoke request, made from a state's parameters.
//!
//! Which parameters a definition may have is checked when it is created, not here.

use bytes::Bytes;
use value::{Payload, Value};

use super::target::FunctionRef;

/// A request of the Invoke API.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Request {
    pub function: FunctionRef,
    /// The event: JSON text, unless the state's parameters have it as a text that is none.
    pub event: Bytes,
    pub invocation: InvocationType,
    /// `LogType` is `Tail`: the end of the log belongs into the response.
    pub with_log: bool,
    /// Base64 of JSON text, as the API has it.
    pub client_context: Option<String>,
}

/// How a function is invoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InvocationType {
    /// The response is the function's.
    RequestResponse,
    /// The function runs, nobody waits for it.
    Event,
    /// Only asks whether it could be invoked.
    DryRun,
}

impl InvocationType {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            InvocationType::RequestResponse => "RequestResponse",
            InvocationType::Event => "Event",
            InvocationType::DryRun => "DryRun",
        }
    }
}

impl Request {
    /// The request of a Task whose resource is a function's ARN.
    pub(crate) fn direct(function: FunctionRef, input: &Payload) -> Request {
        Request {
            function,
            event: text_bytes(input),
            invocation: InvocationType::RequestResponse,
            with_log: false,
            client_context: None,
        }
    }

    /// The request of a `lambda:invoke` Task.
    ///
    /// # Errors
    /// A text that names the parameter which cannot be used.
    pub(crate) fn from_parameters(parameters: &Payload) -> Result<Request, String> {
        let parameters = parameters.value();
        let text = |name: &str| match parameters.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Str(text)) => Ok(Some(&**text)),
            Some(_) => Err(format!("The value for the field '{name}' must be a STRING")),
        };
        let name = text("FunctionName")?.ok_or("The field 'FunctionName' is required but was missing")?;
        let mut function = FunctionRef::parse(name).ok_or_else(|| {
            format!("The value for the field 'FunctionName' is not the name of a function: {name}")
        })?;
        if let Some(qualifier) = text("Qualifier")? {
            function.qualifier = Some(qualifier.to_owned());
        }
        let invocation = match text("InvocationType")? {
            None | Some("RequestResponse") => InvocationType::RequestResponse,
            Some("Event") => InvocationType::Event,
            Some("DryRun") => InvocationType::DryRun,
            Some(_) => {
                return Err("The value for the field 'InvocationType' must be one of [Event, RequestResponse, DryRun]"
                    .to_owned());
            }
        };
        // Without a payload, and with null for one, a function is given an empty object (recorded).
        let event = match parameters.get("Payload") {
            None | Some(Value::Null) => Bytes::from_static(b"{}"),
            // A string is the text of the event, not an event that is a string (recorded: `"0"` invokes with 0).
            Some(Value::Str(text)) if text.is_empty() => Bytes::from_static(b"{}"),
            Some(Value::Str(text)) => Bytes::copy_from_slice(text.as_bytes()),
            Some(value) => Bytes::from(value.to_json()),
        };
        Ok(Request {
            function,
            event,
            invocation,
            with_log: text("LogType")? == Some("Tail"),
            client_context: text("ClientContext")?.map(str::to_owned),
        })
    }
}

fn text_bytes(payload: &Payload) -> Bytes {
    Bytes::copy_from_slice(payload.text().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_and_the_request_they_make() {
        let check = |parameters: &str, expected: &str| {
            let got = match Request::from_parameters(&Payload::parse(parameters).unwrap()) {
                Err(text) => text,
                Ok(r) => format!(
                    "{} {:?} {} {} {} {:?}",
                    r.function.name,
                    r.function.qualifier,
                    String::from_utf8_lossy(&r.event),
                    r.invocation.as_str(),
                    r.with_log,
                    r.client_context
                ),
            };
            assert_eq!(got, expected, "{parameters}");
        };
        check(r#"{"FunctionName": "f"}"#, "f None {} RequestResponse false None");
        check(r#"{"FunctionName": "f", "Payload": null}"#, "f None {} RequestResponse false None");
        check(
            r#"{"FunctionName": "f:1", "Payload": [1, 2.0]}"#,
            "f Some(\"1\") [1,2.0] RequestResponse false None",
        );
        check(
            r#"{"FunctionName": "f:1", "Payload": "", "Qualifier": "live", "InvocationType": "Event", "LogType": "Tail", "ClientContext": "e30="}"#,
            "f Some(\"live\") {} Event true Some(\"e30=\")",
        );
        check(r#"{"FunctionName": "f", "Payload": "0"}"#, "f None 0 RequestResponse false None");
        check(r#"{"FunctionName": "f", "Payload": "no"}"#, "f None no RequestResponse false None");
        check("{}", "The field 'FunctionName' is required but was missing");
        check(r#"{"FunctionName": 1}"#, "The value for the field 'FunctionName' must be a STRING");
        check(
            r#"{"FunctionName": "f", "InvocationType": "Later"}"#,
            "The value for the field 'InvocationType' must be one of [Event, RequestResponse, DryRun]",
        );
    }
}
