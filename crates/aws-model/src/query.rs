//! Form-encoded requests, of `query` and `ec2`. Their responses are XML ([`crate::xml`]).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::input::Typed;
use crate::json::special_number;
use crate::request::percent_encode;
use crate::service::{Kind, Operation, Protocol, Reference, Service, TimestampFormat};
use crate::timestamp;

struct Form<'a> {
    service: &'a Service,
    is_ec2: bool,
    fields: Vec<(String, String)>,
}

/// The body: `Action`, `Version`, and the parameters with dots in their names.
pub(crate) fn write(service: &Service, operation: &Operation, typed: &Typed) -> Vec<u8> {
    let is_ec2 = service.protocol == Protocol::Ec2;
    let mut form = Form { service, is_ec2, fields: Vec::new() };
    form.add("Action", operation.name.to_string());
    form.add("Version", service.api_version.to_string());
    if let Some(input) = &operation.input {
        form.value("", input, typed);
    }
    let fields = form
        .fields
        .iter()
        .map(|(name, value)| format!("{}={}", percent_encode(name, false), percent_encode(value, false)));
    fields.collect::<Vec<_>>().join("&").into_bytes()
}

impl Form<'_> {
    fn add(&mut self, name: &str, value: String) {
        self.fields.push((name.to_owned(), value));
    }

    /// The name that a place gives its shape; `ec2` has two, and a capital before the second.
    fn name(&self, reference: &Reference, default: &str) -> String {
        let traits = reference.traits();
        match (&traits.query_name, &traits.name) {
            (Some(name), _) if self.is_ec2 => name.to_string(),
            (_, Some(name)) if self.is_ec2 => capital(name),
            (_, Some(name)) => name.to_string(),
            _ => default.to_owned(),
        }
    }

    fn value(&mut self, prefix: &str, reference: &Reference, typed: &Typed) {
        match typed {
            Typed::Text(text) => self.add(prefix, text.to_string()),
            Typed::Integer(whole) => self.add(prefix, whole.to_string()),
            Typed::Number(number) => self.add(prefix, number_text(*number)),
            Typed::Boolean(flag) => self.add(prefix, flag.to_string()),
            Typed::Bytes(bytes) => self.add(prefix, STANDARD.encode(bytes)),
            Typed::Document(document) => self.add(prefix, document.to_json()),
            Typed::Moment(moment) => {
                let format = reference.traits().timestamp_format.unwrap_or(TimestampFormat::Iso8601);
                self.add(prefix, timestamp::write(*moment, format));
            }
            Typed::Structure(members) => self.members(prefix, reference, members),
            Typed::List(items) => self.list(prefix, reference, items),
            Typed::Map(entries) => self.map(prefix, reference, entries),
        }
    }

    fn members(&mut self, prefix: &str, reference: &Reference, members: &[(usize, Typed)]) {
        let service = self.service;
        let Some(shape) = service.structure(reference) else { return };
        for (place, typed) in members {
            let Some(member) = shape.members.get(*place) else { continue };
            let name = self.name(&member.reference, &member.name);
            let name = if prefix.is_empty() { name } else { format!("{prefix}.{name}") };
            self.value(&name, &member.reference, typed);
        }
    }

    fn list(&mut self, prefix: &str, reference: &Reference, items: &[Typed]) {
        let service = self.service;
        let Kind::List(element) = &service.shape(reference).kind else { return };
        if items.is_empty() && !self.is_ec2 {
            return self.add(prefix, String::new());
        }
        let own = element.wire_name();
        let prefix = match own {
            _ if self.is_ec2 => prefix.to_owned(),
            // The element's name takes the place of the list's.
            Some(own) if reference.traits().flattened => match prefix.rsplit_once('.') {
                Some((before, _)) => format!("{before}.{own}"),
                None => own.to_owned(),
            },
            None if reference.traits().flattened => prefix.to_owned(),
            own => format!("{prefix}.{}", own.unwrap_or("member")),
        };
        for (at, item) in items.iter().enumerate() {
            self.value(&format!("{prefix}.{}", at + 1), element, item);
        }
    }

    fn map(&mut self, prefix: &str, reference: &Reference, entries: &[(std::sync::Arc<str>, Typed)]) {
        let service = self.service;
        let Kind::Map(key, element) = &service.shape(reference).kind else { return };
        let prefix = if reference.traits().flattened { prefix.to_owned() } else { format!("{prefix}.entry") };
        let (key_name, value_name) = (self.name(key, "key"), self.name(element, "value"));
        for (at, (key, item)) in entries.iter().enumerate() {
            self.add(&format!("{prefix}.{}.{key_name}", at + 1), key.to_string());
            self.value(&format!("{prefix}.{}.{value_name}", at + 1), element, item);
        }
    }
}

/// A number as text: `1.5`, `2.0`, `NaN`.
pub(crate) fn number_text(number: f64) -> String {
    special_number(number).map_or_else(|| format!("{number:?}"), str::to_owned)
}

fn capital(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}
