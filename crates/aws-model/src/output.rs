//! How results look in a workflow: names, order, moments, bytes.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use value::{Object, Value};

use crate::service::{Member, Service};
use crate::timestamp;

/// The form of parameters and results, which the two kinds of integrations do not have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// That of the AWS SDK integrations: members are called `DbInstanceIdentifier` and `Md5OfMessageBody`, and a body that is a
    /// stream is JSON, so that text comes in quotes (recorded: `Body` of `s3:putObject`).
    Sdk,
    /// That of the optimised integrations: members have the model's names with a capital, `MD5OfMessageBody`, and text is text.
    Optimised,
}

/// What is needed everywhere to build a result.
#[derive(Clone, Copy)]
pub(crate) struct Out<'a> {
    pub service: &'a Service,
    pub form: Form,
}

impl Out<'_> {
    /// How deep a result may be nested; what is deeper is left out.
    pub(crate) const DEPTH_MAX: usize = 200;

    pub(crate) fn name(&self, member: &Member) -> Arc<str> {
        match self.form {
            Form::Sdk => Arc::clone(&member.shown),
            Form::Optimised => capital(&member.name),
        }
    }

    /// A structure: its members in alphabetical order (recorded, of every result).
    pub(crate) fn object(mut members: Vec<(Arc<str>, Value)>) -> Value {
        members.sort_by(|one, other| one.0.cmp(&other.0));
        Value::Obj(members.into_iter().collect::<Object>())
    }

    /// A moment as text; text that is no moment stays what it is.
    pub(crate) fn moment(self, moment: Option<Timestamp>, text: &str) -> Value {
        Value::from(moment.map_or_else(|| text.to_owned(), timestamp::shown))
    }

    /// Bytes that came as Base64.
    pub(crate) fn blob(self, encoded: &str) -> Value {
        match STANDARD.decode(encoded.trim()) {
            Ok(bytes) => Self::bytes(&bytes),
            Err(_) => Value::from(encoded),
        }
    }

    /// Bytes are text where they can be (recorded: `Body` of `s3:getObject`), Base64 where they cannot.
    pub(crate) fn bytes(bytes: &[u8]) -> Value {
        match std::str::from_utf8(bytes) {
            Ok(text) => Value::from(text),
            Err(_) => Value::from(STANDARD.encode(bytes)),
        }
    }
}

fn capital(name: &Arc<str>) -> Arc<str> {
    let mut letters = name.chars();
    match letters.next() {
        Some(first) if first.is_lowercase() => first.to_uppercase().chain(letters).collect::<String>().into(),
        _ => Arc::clone(name),
    }
}
