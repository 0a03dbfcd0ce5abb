//! The mock file of Step Functions Local: state machines with test cases, and the responses that they name.
//!
//! Source: Step Functions Developer Guide, "Configuration file for mocked service integrations in Step Functions".

use value::{Object, Value};

use super::check::{self, Place};
use super::{MockError, Mocks};

/// The member with the state machines.
const STATE_MACHINES: &str = "StateMachines";
/// The member with the responses.
const MOCKED_RESPONSES: &str = "MockedResponses";
/// The member of a state machine with its test cases.
const TEST_CASES: &str = "TestCases";

/// A mock file that has been checked.
#[derive(Clone, Debug)]
pub struct MockConfig {
    machines: Vec<(String, Vec<(String, Mocks)>)>,
}

impl MockConfig {
    /// Reads and checks the text of a file; everything in it, not only what is wanted now.
    ///
    /// # Errors
    /// The first fault, with its place.
    pub fn parse(text: &str) -> Result<MockConfig, MockError> {
        let value = Value::parse(text).map_err(|error| {
            // What Jackson adds to some messages is the text itself.
            let what = error.message().split(" (start marker").next().unwrap_or_default();
            MockError::new(format!("line {}, column {}: {what}", error.line, error.column))
                .hint("a mock file is JSON")
        })?;
        let root = Place::root();
        let document = root.object(&value)?;
        root.only(document, &[STATE_MACHINES, MOCKED_RESPONSES])?;
        let place = Place::root().member(MOCKED_RESPONSES);
        let responses = place.object(root.required(document, MOCKED_RESPONSES)?)?;
        let mut checked = Object::new();
        for (name, value) in responses {
            checked.insert(name.clone(), check::responses(&place.member(name), value)?);
        }
        let place = root.member(STATE_MACHINES);
        let mut machines = Vec::new();
        for (name, value) in place.object(root.required(document, STATE_MACHINES)?)? {
            machines.push((name.to_string(), test_cases(&place.member(name), value, &checked)?));
        }
        Ok(MockConfig { machines })
    }

    /// The state machines that have test cases.
    pub fn machines(&self) -> impl Iterator<Item = &str> {
        self.machines.iter().map(|(name, _)| name.as_str())
    }

    /// The test cases of a state machine; empty when the file does not have it.
    pub fn test_cases(&self, machine: &str) -> impl Iterator<Item = &str> {
        let cases = self.machines.iter().find(|(name, _)| name == machine);
        cases.into_iter().flat_map(|(_, cases)| cases).map(|(name, _)| name.as_str())
    }

    /// The responses of a test case.
    ///
    /// # Errors
    /// When the file does not have the state machine or the test case.
    pub fn test_case(&self, machine: &str, case: &str) -> Result<Mocks, MockError> {
        let Some((_, cases)) = self.machines.iter().find(|(name, _)| name == machine) else {
            let what = format!("{STATE_MACHINES}: there is no state machine `{machine}`");
            return Err(MockError::unknown(what, machine, self.machines()));
        };
        let found = cases.iter().find(|(name, _)| name == case).map(|(_, mocks)| mocks.clone());
        found.ok_or_else(|| {
            let place = Place::root().member(STATE_MACHINES).member(machine).member(TEST_CASES);
            let what = place.wrong(&format!("there is no test case `{case}`")).what;
            MockError::unknown(what, case, self.test_cases(machine))
        })
    }
}

fn test_cases(place: &Place, value: &Value, responses: &Object) -> Result<Vec<(String, Mocks)>, MockError> {
    let machine = place.object(value)?;
    place.only(machine, &[TEST_CASES])?;
    let place = &place.member(TEST_CASES);
    let mut found = Vec::new();
    for (name, states) in place.object(machine.get(TEST_CASES).unwrap_or(&Value::from(Object::new())))? {
        let here = place.member(name);
        let mut mocks = Mocks::new();
        for (state, response) in here.object(states)? {
            let here = here.member(state);
            let wanted = here.text_of(response)?;
            let Some(responses) = responses.get(wanted).and_then(Value::as_array) else {
                let what = here.wrong(&format!("there is no mocked response `{wanted}`")).what;
                return Err(MockError::unknown(what, wanted, responses.keys().map(|name| &**name)));
            };
            let source = Place::root().member(MOCKED_RESPONSES).member(wanted);
            mocks.set(state, source.text(), responses.to_vec());
        }
        found.push((name.to_string(), mocks));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::MockConfig;

    const GOOD: &str = r#"{
        "StateMachines": {"order": {"TestCases": {
            "Happy": {"Charge": "ChargeOnce"},
            "Retry": {"Charge": "ChargeTwice", "Ship it": "ChargeOnce"}}}},
        "MockedResponses": {
            "ChargeOnce": {"0": {"Return": {"ok": true}}},
            "ChargeTwice": {"2": {"Return": 7}, "0-1": {"Throw": {"Error": "Busy", "Cause": "later"}}}}}"#;

    #[test]
    fn a_test_case_is_found() {
        let config = MockConfig::parse(GOOD).unwrap();
        assert_eq!(config.machines().collect::<Vec<_>>(), ["order"]);
        assert_eq!(config.test_cases("order").collect::<Vec<_>>(), ["Happy", "Retry"]);
        let mocks = config.test_case("order", "Retry").unwrap();
        assert_eq!(mocks.states().collect::<Vec<_>>(), ["Charge", "Ship it"]);
        assert_eq!(
            &**mocks.into_payload().text(),
            concat!(
                r#"{"Charge":{"source":"MockedResponses.ChargeTwice","responses":[{"first":0,"last":1,"throw":{"Error":"Busy","#,
                r#""Cause":"later"}},{"first":2,"last":2,"return":7}]},"Ship it":{"source":"MockedResponses.ChargeOnce","#,
                r#""responses":[{"first":0,"last":0,"return":{"ok":true}}]}}"#
            )
        );
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let found = MockConfig::parse(text).err().map(|error| error.to_string());
        assert_eq!(found.as_deref(), Some(expected), "{text}");
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        check(
            "{\n  \"StateMachines\": {},\n}",
            "line 3, column 2: Unexpected character ('}' (code 125)): was expecting double-quote to start field name; a mock file is JSON",
        );
        check("[]", "expected an object, found an array");
        check(r#"{"StateMachines": {}}"#, "there is no `MockedResponses`");
        check(
            r#"{"StateMachines": {}, "MockedResponse": {}}"#,
            "unknown member `MockedResponse`; did you mean `MockedResponses`?",
        );
        let responses = |text: &str| format!(r#"{{"StateMachines": {{}}, "MockedResponses": {text}}}"#);
        check(
            &responses(r#"{"A": {}}"#),
            r#"MockedResponses.A: it has no response; the first invocation is "0""#,
        );
        check(
            &responses(r#"{"A b": {"1-": {"Return": 1}}}"#),
            r#"MockedResponses."A b"."1-": this is not the number of an invocation; expected a number from 0, or a range: "0", "1-2""#,
        );
        check(
            &responses(r#"{"A": {"2-1": {"Return": 1}}}"#),
            r#"MockedResponses.A."2-1": the range ends before it begins"#,
        );
        check(
            &responses(r#"{"A": {"0": {"Return": 1}, "2": {"Return": 1}, "1-3": {"Return": 1}}}"#),
            "MockedResponses.A: invocation 2 to 3 has two responses; each invocation, counted from 0, takes one",
        );
        check(
            &responses(r#"{"A": {"0": {"Return": 1, "Throw": {}}}}"#),
            "MockedResponses.A.0: expected either `Return` or `Throw`",
        );
        check(
            &responses(r#"{"A": {"0": {"Retrun": 1}}}"#),
            "MockedResponses.A.0: unknown member `Retrun`; did you mean `Return`?",
        );
        check(
            &responses(r#"{"A": {"0": {"Throw": {"Cause": "x"}}}}"#),
            "MockedResponses.A.0.Throw: there is no `Error`",
        );
        check(
            &responses(r#"{"A": {"0": {"Throw": {"Error": 7}}}}"#),
            "MockedResponses.A.0.Throw.Error: expected a text, found `7`",
        );
        check(
            &GOOD.replace("\"Charge\": \"ChargeOnce\"", "\"Charge\": \"ChargeOne\""),
            "StateMachines.order.TestCases.Happy.Charge: there is no mocked response `ChargeOne`; did you mean `ChargeOnce`?",
        );
        check(
            &GOOD.replace("TestCases", "TestCase"),
            "StateMachines.order: unknown member `TestCase`; did you mean `TestCases`?",
        );
    }

    #[test]
    fn what_is_not_there_is_said_with_what_is() {
        let config = MockConfig::parse(GOOD).unwrap();
        let error = |machine: &str, case: &str| config.test_case(machine, case).unwrap_err().to_string();
        assert_eq!(
            error("orders", "Happy"),
            "StateMachines: there is no state machine `orders`; did you mean `order`?"
        );
        assert_eq!(
            error("order", "Sad path"),
            "StateMachines.order.TestCases: there is no test case `Sad path`; there are: Happy, Retry"
        );
    }
}
