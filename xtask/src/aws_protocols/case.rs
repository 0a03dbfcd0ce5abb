//! One line of expectations, and whether `aws-model` agrees with it.

use std::sync::Arc;

use aws_model::{Form, Operation, Protocol, Request, Response, Service};
use value::Value;

/// A case; see `expectations.py`.
pub struct Case<'a> {
    line: &'a Value,
}

/// Headers that we add and botocore adds later than where its serialisation is looked at.
const OURS: [&str; 4] = ["content-md5", "accept", "x-amz-glacier-version", "x-amz-sdk-checksum-algorithm"];

impl<'a> Case<'a> {
    pub fn new(line: &'a Value) -> Self {
        Case { line }
    }

    fn text(&self, key: &str) -> &'a str {
        self.line.get(key).and_then(Value::as_str).unwrap_or_default()
    }

    /// What it is counted with.
    pub fn group(&self) -> String {
        match self.service() {
            Ok(service) => format!("{} {:?}", self.text("kind"), service.protocol),
            Err(_) => self.text("kind").to_owned(),
        }
    }

    /// What it is called in a report.
    pub fn name(&self) -> String {
        let keys = ["kind", "suite", "id", "service", "operation", "size"];
        let parts = keys.iter().map(|key| self.text(key)).filter(|text| !text.is_empty());
        parts.collect::<Vec<_>>().join(" ")
    }

    fn service(&self) -> Result<Arc<Service>, String> {
        match self.line.get("model") {
            Some(model) => aws_model::service_of_model(&model.to_json()).map(Arc::new),
            None => aws_model::service(self.text("service")),
        }
        .ok_or_else(|| "there is no such service".to_owned())
    }

    /// Compares.
    ///
    /// # Errors
    /// What differs.
    pub fn check(&self) -> Result<(), String> {
        let service = self.service()?;
        let name = self.text("operation");
        let operation = service.operations().find(|operation| &*operation.name == name);
        let operation = operation.ok_or_else(|| "there is no such operation".to_owned())?;
        match self.text("kind") {
            "output" => self.response(&service, operation),
            _ => self.request(&service, operation),
        }
    }

    fn request(&self, service: &Service, operation: &Operation) -> Result<(), String> {
        let parameters = self.line.get("parameters").cloned().unwrap_or_default();
        let request =
            aws_model::request(service, operation, Form::Optimised, &parameters, self.text("token"))
                .map_err(|problems| format!("refused: {problems}"))?;
        let expected = self.line.get("expected").cloned().unwrap_or_default();
        same("method", &Value::from(request.method.as_str()), expected.get("method"))?;
        same("path", &Value::from(request.path.as_str()), expected.get("path"))?;
        same("host_prefix", &Value::from(request.host_prefix.clone()), expected.get("host_prefix"))?;
        same("query", &query(&request), expected.get("query"))?;
        same("headers", &headers(&request, expected.get("headers")), expected.get("headers"))?;
        body(service, &request, &decode(expected.get("body"))?)
    }

    fn response(&self, service: &Service, operation: &Operation) -> Result<(), String> {
        let pairs = self.line.get("headers").and_then(Value::as_array).unwrap_or_default();
        let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
        let response = Response {
            status: self.line.get("status").and_then(Value::as_i64).unwrap_or(200) as u16,
            headers: pairs
                .iter()
                .filter_map(Value::as_array)
                .map(|pair| (text(pair.first()), text(pair.get(1))))
                .collect(),
            body: decode(self.line.get("body"))?,
        };
        match (aws_model::response(service, operation, Form::Sdk, &response), self.line.get("result")) {
            (Ok(result), Some(expected)) => same("result", &result, Some(expected)),
            (Ok(result), None) => Err(format!("an error was expected, not {result}")),
            (Err(error), Some(_)) => Err(format!("a result was expected, not {error:?}")),
            (Err(error), None) => {
                same("code", &Value::from(error.code.clone()), self.line.get("error"))?;
                match self.line.get("message") {
                    Some(Value::Null) | None => Ok(()),
                    expected => same("message", &Value::from(error.message.clone()), expected),
                }
            }
        }
    }
}

fn same(what: &str, ours: &Value, theirs: Option<&Value>) -> Result<(), String> {
    let theirs = theirs.cloned().unwrap_or_default();
    if *ours == theirs { Ok(()) } else { Err(format!("{what}\n  ours   {ours}\n  theirs {theirs}")) }
}

fn query(request: &Request) -> Value {
    let mut pairs: Vec<Vec<Value>> = request
        .query
        .iter()
        .map(|(name, value)| vec![Value::from(name.as_str()), Value::from(value.clone())])
        .collect();
    pairs.sort_by_key(|pair| Value::from(pair.clone()).to_json());
    Value::from(pairs.into_iter().map(Value::from).collect::<Vec<_>>())
}

fn headers(request: &Request, expected: Option<&Value>) -> Value {
    let expected = expected.and_then(Value::as_array).unwrap_or_default();
    let is_expected =
        |name: &str| expected.iter().any(|pair| pair.as_array().is_some_and(|p| p[0] == Value::from(name)));
    let mut pairs: Vec<(String, String)> = request
        .headers
        .iter()
        .map(|(name, value)| (name.to_ascii_lowercase(), value.clone()))
        .filter(|(name, _)| {
            let is_ours = OURS.contains(&name.as_str()) || name.starts_with("x-amz-checksum-");
            is_expected(name) || !is_ours
        })
        .collect();
    pairs.sort();
    let pairs =
        pairs.into_iter().map(|(name, value)| Value::from(vec![Value::from(name), Value::from(value)]));
    Value::from(pairs.collect::<Vec<_>>())
}

/// JSON is compared as values, everything else byte by byte.
fn body(service: &Service, request: &Request, theirs: &[u8]) -> Result<(), String> {
    let (ours, show) =
        (&request.body, |bytes: &[u8]| Value::from(String::from_utf8_lossy(bytes).into_owned()));
    let is_json = matches!(service.protocol, Protocol::Json | Protocol::RestJson);
    let parse = |bytes: &[u8]| Value::parse(std::str::from_utf8(bytes).ok()?).ok();
    match (parse(ours), parse(theirs)) {
        (Some(ours), Some(theirs)) if is_json => same("body", &ours, Some(&theirs)),
        _ if ours == theirs => Ok(()),
        _ => same("body", &show(ours), Some(&show(theirs))),
    }
}

fn decode(value: Option<&Value>) -> Result<Vec<u8>, String> {
    use base64::Engine;
    let text = value.and_then(Value::as_str).unwrap_or_default();
    base64::engine::general_purpose::STANDARD.decode(text).map_err(|error| error.to_string())
}
