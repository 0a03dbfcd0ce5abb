//! The form of a mock file, checked part by part: each fault says at which member it is. What the parts mean is `file`'s.

use value::{Object, Value};

use super::{FIRST, LAST, MockError, RETURN, THROW};

/// Where in the file: `MockedResponses.ChargeTwice."1-2"`.
#[derive(Clone, Debug)]
pub(super) struct Place(String);

impl Place {
    /// The document itself.
    pub(super) fn root() -> Place {
        Place(String::new())
    }

    /// A member of what is here.
    pub(super) fn member(&self, name: &str) -> Place {
        let is_plain = name.chars().all(|c| c.is_alphanumeric() || c == '_') && !name.is_empty();
        let shown = if is_plain { name.to_owned() } else { format!("{name:?}") };
        Place(if self.0.is_empty() { shown } else { format!("{}.{shown}", self.0) })
    }

    /// A fault here.
    pub(super) fn wrong(&self, what: &str) -> MockError {
        MockError::new(if self.0.is_empty() { what.to_owned() } else { format!("{}: {what}", self.0) })
    }

    /// The place as text.
    pub(super) fn text(&self) -> &str {
        &self.0
    }

    /// The value here, which must be an object.
    pub(super) fn object<'a>(&self, value: &'a Value) -> Result<&'a Object, MockError> {
        let found = || self.wrong(&format!("expected an object, found {}", described(value)));
        value.as_object().ok_or_else(found)
    }

    /// The value here, which must be a text.
    pub(super) fn text_of<'a>(&self, value: &'a Value) -> Result<&'a str, MockError> {
        let found = || self.wrong(&format!("expected a text, found {}", described(value)));
        value.as_str().ok_or_else(found)
    }

    /// A member that must be there.
    pub(super) fn required<'a>(&self, object: &'a Object, name: &str) -> Result<&'a Value, MockError> {
        object.get(name).ok_or_else(|| self.wrong(&format!("there is no `{name}`")))
    }

    /// Refuses members that nobody would read.
    pub(super) fn only(&self, object: &Object, known: &[&str]) -> Result<(), MockError> {
        match object.keys().find(|name| !known.contains(&&***name)) {
            None => Ok(()),
            Some(name) => {
                let what = self.wrong(&format!("unknown member `{name}`")).what;
                Err(MockError::unknown(what, name, known.iter().copied()))
            }
        }
    }
}

fn described(value: &Value) -> String {
    match value {
        Value::Obj(_) => "an object".to_owned(),
        Value::Arr(_) => "an array".to_owned(),
        other => format!("`{}`", other.to_json()),
    }
}

/// The responses of one member of `MockedResponses`, in the order of their invocations.
pub(super) fn responses(place: &Place, value: &Value) -> Result<Vec<Value>, MockError> {
    let mut ranges = Vec::new();
    for (key, response) in place.object(value)? {
        let here = place.member(key);
        ranges.push((range(&here, key)?, self::response(&here, response)?));
    }
    ranges.sort_by_key(|((first, _), _)| *first);
    if let Some([((_, last), _), ((first, _), _)]) =
        ranges.array_windows::<2>().find(|[((_, last), _), ((first, _), _)]| first <= last)
    {
        let both = if first == last { format!("{first}") } else { format!("{first} to {last}") };
        return Err(place
            .wrong(&format!("invocation {both} has two responses"))
            .hint("each invocation, counted from 0, takes one"));
    }
    if ranges.is_empty() {
        return Err(place.wrong("it has no response").hint(r#"the first invocation is "0""#));
    }
    let numbered = |((first, last), (kind, what)): ((u32, u32), (&str, Value))| {
        let mut object = Object::new();
        object.insert(FIRST, first);
        object.insert(LAST, last);
        object.insert(kind, what);
        Value::from(object)
    };
    Ok(ranges.into_iter().map(numbered).collect())
}

/// `3`, or `1-2`.
fn range(place: &Place, key: &str) -> Result<(u32, u32), MockError> {
    let wrong = || {
        place
            .wrong("this is not the number of an invocation")
            .hint(r#"expected a number from 0, or a range: "0", "1-2""#)
    };
    let number = |text: &str| -> Result<u32, MockError> {
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if is_number { text.parse().map_err(|_| wrong()) } else { Err(wrong()) }
    };
    let (first, last) = match key.split_once('-') {
        Some((first, last)) => (number(first)?, number(last)?),
        None => (number(key)?, number(key)?),
    };
    if first > last {
        return Err(place.wrong("the range ends before it begins"));
    }
    Ok((first, last))
}

fn response<'a>(place: &Place, value: &Value) -> Result<(&'a str, Value), MockError> {
    let object = place.object(value)?;
    place.only(object, &["Return", "Throw"])?;
    match (object.get("Return"), object.get("Throw")) {
        (Some(result), None) => Ok((RETURN, result.clone())),
        (None, Some(error)) => {
            let here = place.member("Throw");
            let members = here.object(error)?;
            here.only(members, &["Error", "Cause"])?;
            here.member("Error").text_of(here.required(members, "Error")?)?;
            if let Some(cause) = members.get("Cause") {
                here.member("Cause").text_of(cause)?;
            }
            Ok((THROW, error.clone()))
        }
        _ => Err(place.wrong("expected either `Return` or `Throw`")),
    }
}
