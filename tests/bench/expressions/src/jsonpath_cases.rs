//! JSONPath: this project's crate and the crates that there are, each with its path compiled.

use jsonpath_rust::parser::parse_json_path;
use jsonpath_rust::query::js_path_process;
use serde_json::Value as Json;

use crate::{Case, Contender};

/// The implementations of one case.
pub fn contenders(case: &Case) -> Vec<Contender> {
    vec![stepwell(case), serde_json_path(case), jsonpath_rust(case), jsonpath_lib(case), jsonpath_plus(case)]
}

fn stepwell(case: &Case) -> Contender {
    let path = jsonpath::Path::parse(&case.expression).unwrap();
    let data = value::Value::parse(&case.data).unwrap();
    let run = move || path.evaluate(&data).unwrap().as_array().map_or(1, <[value::Value]>::len);
    Contender { name: "stepwell", run: Box::new(run) }
}

fn json(case: &Case) -> Json {
    serde_json::from_str(&case.data).unwrap()
}

fn serde_json_path(case: &Case) -> Contender {
    let (path, data) = (serde_json_path::JsonPath::parse(&case.expression).unwrap(), json(case));
    Contender { name: "serde_json_path", run: Box::new(move || path.query(&data).len()) }
}

fn jsonpath_rust(case: &Case) -> Contender {
    let (path, data) = (parse_json_path(&case.expression).unwrap(), json(case));
    Contender { name: "jsonpath-rust", run: Box::new(move || js_path_process(&path, &data).unwrap().len()) }
}

fn jsonpath_lib(case: &Case) -> Contender {
    let (path, data) = (jsonpath_lib::Compiled::compile(&case.expression).unwrap(), json(case));
    Contender { name: "jsonpath_lib", run: Box::new(move || path.select(&data).unwrap().len()) }
}

fn jsonpath_plus(case: &Case) -> Contender {
    let (path, data) = (jsonpath_plus::JsonPath::compile(&case.expression).unwrap(), json(case));
    Contender { name: "jsonpath-plus", run: Box::new(move || path.find(&data).len()) }
}
