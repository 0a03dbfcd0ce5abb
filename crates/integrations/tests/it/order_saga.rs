//! The functions of `examples/order-saga`, as its `stepwell.toml` declares them, with its own inputs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use integrations::functions::{
    Declared, FunctionHost, FunctionTable, HostConfig, IDLE_LIMIT_DEFAULT, LogSink,
};
use serde::Deserialize;
use value::{Object, Value};

use crate::bench::invocation;

#[derive(Deserialize)]
struct Configuration {
    functions: BTreeMap<String, FunctionTable>,
}

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/order-saga")
}

/// The example's functions, with a ledger of their own.
struct Shop {
    host: FunctionHost,
    _ledger: tempfile::TempDir,
}

impl Shop {
    fn open() -> Shop {
        let ledger = tempfile::tempdir().unwrap();
        let text = std::fs::read_to_string(example().join("stepwell.toml")).unwrap();
        let configuration: Configuration = toml::from_str(&text).unwrap();
        let functions = configuration.functions.iter().map(|(name, table)| {
            match table.resolve(name, &example(), &|_| None).unwrap() {
                Declared::Local(config) => config,
                Declared::Remote { endpoint } => panic!("{name} is at {endpoint}"),
            }
        });
        let config = HostConfig {
            region: "us-east-1".to_owned(),
            environment: BTreeMap::from([("LEDGER".to_owned(), ledger.path().display().to_string())]),
            idle_limit: IDLE_LIMIT_DEFAULT,
            log: LogSink::none(),
        };
        Shop { host: FunctionHost::new(config, functions).unwrap(), _ledger: ledger }
    }

    /// A member of the function's result, or the name of its error.
    async fn ask(&self, function: &str, event: &Value, member: &str) -> String {
        let answer = self.host.invoke(function, &invocation(&event.to_json())).await.unwrap();
        let result = Value::parse(std::str::from_utf8(&answer.payload).unwrap()).unwrap();
        let member = if answer.is_error { "errorType" } else { member };
        result
            .get(member)
            .and_then(Value::as_str)
            .unwrap_or_else(|| panic!("{result} has no `{member}`"))
            .to_owned()
    }

    async fn checked(&self, order: &Value) -> Value {
        let answer = self.host.invoke("validate-order", &invocation(&order.to_json())).await.unwrap();
        assert!(!answer.is_error, "{answer:?}");
        Value::parse(std::str::from_utf8(&answer.payload).unwrap()).unwrap()
    }
}

fn input(name: &str) -> Value {
    Value::parse(&std::fs::read_to_string(example().join("inputs").join(format!("{name}.json"))).unwrap())
        .unwrap()
}

/// What the states hand to the functions, all of it in one object.
fn event(order: &Value, checked: &Value) -> Value {
    let mut event: Object = order.as_object().unwrap().clone();
    for name in ["currency", "weightKg", "simulate"] {
        event.insert(name, checked.get(name).unwrap().clone());
    }
    event.insert("amount", checked.get("total").unwrap().clone());
    event.insert("card", order.get("payment").unwrap().get("card").unwrap().clone());
    event.insert("address", order.get("customer").unwrap().get("address").unwrap().clone());
    Value::from(event)
}

#[tokio::test]
async fn each_input_goes_its_way() {
    let shop = Shop::open();
    // Input, then calls in order: function, member of the result, value or name of the error.
    type Calls = &'static [(&'static str, &'static str, &'static str)];
    let undone: Calls = &[
        ("refund-payment", "status", "NOTHING_CHARGED"),
        ("release-inventory", "status", "NOTHING_RESERVED"),
    ];
    let ways: [(&str, Calls); 6] = [
        (
            "order",
            &[
                ("charge-payment", "status", "CHARGED"),
                ("charge-payment", "status", "CHARGED"),
                ("reserve-inventory", "status", "RESERVED"),
                ("arrange-shipping", "carrier", "Lightfoot"),
            ],
        ),
        (
            "gateway-hiccups",
            &[
                ("charge-payment", "status", "PaymentGateway.Unavailable"),
                ("charge-payment", "status", "PaymentGateway.Unavailable"),
                ("charge-payment", "status", "CHARGED"),
                ("reserve-inventory", "status", "Inventory.Busy"),
                ("reserve-inventory", "status", "RESERVED"),
                ("arrange-shipping", "carrier", "Carrier.Unavailable"),
                ("arrange-shipping", "carrier", "Lightfoot"),
                ("refund-payment", "status", "REFUNDED"),
                ("release-inventory", "status", "RELEASED"),
                ("cancel-shipping", "status", "CANCELLED"),
            ],
        ),
        ("card-declined", &[("charge-payment", "status", "PaymentGateway.CardDeclined")]),
        ("card-declined", undone),
        ("out-of-stock", &[("reserve-inventory", "status", "Inventory.OutOfStock")]),
        (
            "no-carrier",
            &[
                ("arrange-shipping", "carrier", "Carrier.NotServed"),
                ("cancel-shipping", "status", "NOTHING_BOOKED"),
            ],
        ),
    ];
    for (name, calls) in ways {
        let order = input(name);
        let event = event(&order, &shop.checked(&order).await);
        for (function, member, expected) in calls {
            assert_eq!(&shop.ask(function, &event, member).await, expected, "{name}: {function}");
        }
    }
}

#[tokio::test]
async fn an_order_that_is_none_says_all_that_is_wrong() {
    let shop = Shop::open();
    let answer = shop.host.invoke("validate-order", &invocation(&input("invalid").to_json())).await.unwrap();
    let text = String::from_utf8_lossy(&answer.payload);
    let message = "currency must be one of EUR, USD; item 1: quantity must be 1 to 100";
    assert!(text.contains(message) && text.contains("Order.Invalid"), "{text}");
}

#[tokio::test]
async fn an_approver_is_told_how_to_answer() {
    let shop = Shop::open();
    let mut event = input("needs-approval").as_object().unwrap().clone();
    event.insert("token", "the-token");
    event.insert("amount", 1999);
    let answer =
        shop.host.invoke("notify-approver", &invocation(&Value::from(event).to_json())).await.unwrap();
    assert!(answer.log_tail.contains("stepwell task success the-token --output"), "{}", answer.log_tail);
}
