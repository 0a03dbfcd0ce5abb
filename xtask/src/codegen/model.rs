//! The parts of botocore's `service-2.json` that the generator reads. Members keep the model's order.
//! Not a full reader of that format: documentation, paginators and endpoints are left out on purpose.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use serde::Deserialize;

use crate::shell::Result;

/// A service model.
#[derive(Deserialize)]
pub struct Model {
    /// Names and versions.
    pub metadata: Metadata,
    /// Operations by name.
    pub operations: IndexMap<String, Operation>,
    /// Shapes by name.
    pub shapes: IndexMap<String, Shape>,
}

/// Names and versions of a service.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Metadata {
    /// Date of the API's version.
    pub api_version: String,
}

/// One operation.
#[derive(Deserialize)]
pub struct Operation {
    /// Its request.
    pub input: Reference,
    /// Its response.
    pub output: Reference,
    /// The errors that it declares.
    #[serde(default)]
    pub errors: Vec<Reference>,
    /// Where the host gets a prefix.
    pub endpoint: Option<Endpoint>,
}

/// The host of one operation.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Endpoint {
    /// Put before the host name.
    pub host_prefix: String,
}

/// A use of a shape.
#[derive(Deserialize)]
pub struct Reference {
    /// The shape's name.
    pub shape: String,
}

/// One shape.
#[derive(Deserialize)]
pub struct Shape {
    /// `structure`, `list`, `map`, `string`, `integer`, `long`, `float`, `boolean`, `timestamp`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Members of a structure.
    #[serde(default)]
    pub members: IndexMap<String, Reference>,
    /// Names of the members that must be there.
    #[serde(default)]
    pub required: Vec<String>,
    /// Element of a list.
    pub member: Option<Reference>,
    /// Key of a map.
    pub key: Option<Reference>,
    /// Value of a map.
    pub value: Option<Reference>,
    /// Values of an enumeration.
    #[serde(rename = "enum", default)]
    pub values: Vec<String>,
    /// Least value or length.
    pub min: Option<i64>,
    /// Greatest value or length.
    pub max: Option<i64>,
    /// Regular expression of a string.
    pub pattern: Option<String>,
    /// Whether the value must not be shown.
    #[serde(default)]
    pub sensitive: bool,
    /// Whether it is an error.
    #[serde(default)]
    pub exception: bool,
}

impl Model {
    /// The shape of that name.
    ///
    /// # Errors
    /// When the model refers to a shape that it does not have.
    pub fn shape(&self, name: &str) -> Result<&Shape> {
        self.shapes.get(name).ok_or_else(|| format!("the model has no shape `{name}`"))
    }

    /// Names of all shapes reachable from `roots`, through members, elements, keys and values.
    ///
    /// # Errors
    /// As [`Model::shape`].
    pub fn reachable<'a>(&'a self, roots: impl Iterator<Item = &'a str>) -> Result<BTreeSet<&'a str>> {
        let mut seen = BTreeSet::new();
        let mut todo: Vec<&str> = roots.collect();
        while let Some(name) = todo.pop() {
            if seen.insert(name) {
                let shape = self.shape(name)?;
                let parts = shape.member.iter().chain(&shape.key).chain(&shape.value);
                todo.extend(shape.members.values().chain(parts).map(|reference| reference.shape.as_str()));
            }
        }
        Ok(seen)
    }
}

/// `startSyncExecution` or `StartSyncExecution` as `start_sync_execution`.
#[must_use]
pub fn snake(name: &str) -> String {
    let mut out = String::new();
    let mut previous_lower = false;
    for c in name.chars() {
        if c.is_ascii_uppercase() {
            if previous_lower {
                out.push('_');
            }
            out.push(c.to_ascii_lowercase());
            previous_lower = false;
        } else {
            out.push(c);
            previous_lower = true;
        }
    }
    out
}

/// `PENDING_REDRIVE` or `ActivityFailed` as a variant's name.
#[must_use]
pub fn pascal(name: &str) -> String {
    if name.chars().any(|c| c.is_ascii_lowercase()) {
        return name.to_owned();
    }
    let word = |part: &str| {
        let mut chars = part.chars();
        let head = chars.next().map(|c| c.to_ascii_uppercase());
        head.into_iter().chain(chars.map(|c| c.to_ascii_lowercase())).collect::<String>()
    };
    name.split('_').map(word).collect()
}
