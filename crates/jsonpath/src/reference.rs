//! Reference Paths: the subset of paths that names one place, and so can also be set. Not `ResultPath`'s rules on `$$`,
//! variables and `null`; the language knows those.

use std::sync::Arc;

use value::{Object, Value};

use crate::error::{InvalidPath, PathError, SetError, SetErrorKind};
use crate::eval;
use crate::path::{Path, Token};

/// A path of names and indexes only: `$.a['b'][0]`. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferencePath {
    path: Path,
    steps: Arc<[Step]>,
}

/// One step of a [`ReferencePath`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The member of that name.
    Name(Arc<str>),
    /// The element of that index, from 0; negative ones count from the end.
    Index(i64),
}

impl ReferencePath {
    /// Reads a Reference Path: `$`, then names and indexes (States Language, "Reference Paths").
    ///
    /// # Errors
    /// Where the text is not a path, or one that could match many places.
    pub fn parse(text: &str) -> Result<ReferencePath, InvalidPath> {
        ReferencePath::try_from(Path::parse(text)?)
    }

    /// The text from which the path was read.
    #[must_use]
    pub fn text(&self) -> &str {
        self.path.text()
    }

    /// The same as a [`Path`].
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The steps from the document to the place; none for `$`.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The value at the place.
    ///
    /// # Errors
    /// As [`Path::evaluate`].
    pub fn evaluate(&self, root: &Value) -> Result<Value, PathError> {
        self.path.evaluate(root)
    }

    /// The document with `new` at the place. What is there is replaced; missing objects on the way are made; everything else
    /// is shared with `root`. `$` replaces the document.
    ///
    /// # Errors
    /// If something on the way is not an object where a name follows (`root` included), is not an array where an index
    /// follows, or is too short for the index.
    pub fn set(&self, root: &Value, new: Value) -> Result<Value, SetError> {
        let mut document = root.clone();
        let mut place = &mut document;
        for (i, step) in self.steps.iter().enumerate() {
            place = match (step, place) {
                (Step::Name(name), Value::Obj(members)) => {
                    if !members.contains_key(name) {
                        members.insert(Arc::clone(name), self.missing(i + 1));
                    }
                    // It is there: it was made if it was not.
                    match members.get_mut(name) {
                        Some(value) => value,
                        None => return Err(self.error(SetErrorKind::NotAnObject, i, "object")),
                    }
                }
                (Step::Index(index), Value::Arr(items)) => {
                    if eval::at(items, *index).is_none() {
                        return Err(self.error(SetErrorKind::IndexPastEnd, i + 1, "array"));
                    }
                    let at = if *index < 0 {
                        items.len() - index.unsigned_abs() as usize
                    } else {
                        *index as usize
                    };
                    &mut items.make_mut()[at]
                }
                (Step::Name(_), other) => {
                    return Err(self.error(SetErrorKind::NotAnObject, i, other.type_name()));
                }
                (Step::Index(_), other) => {
                    return Err(self.error(SetErrorKind::NotAnArray, i, other.type_name()));
                }
            };
        }
        *place = new;
        Ok(document)
    }

    /// What is put where nothing was, for the step after it to go on from.
    fn missing(&self, next: usize) -> Value {
        match self.steps.get(next) {
            Some(Step::Name(_)) => Value::Obj(Object::new()),
            // An index finds nothing in `null`, which is the right error; the end of the path replaces it.
            Some(Step::Index(_)) | None => Value::Null,
        }
    }

    fn error(&self, kind: SetErrorKind, steps: usize, found: &'static str) -> SetError {
        let mut at = String::from("$");
        for step in &self.steps[..steps] {
            match step {
                Step::Name(name) => {
                    at.push_str("['");
                    at.push_str(name);
                    at.push_str("']");
                }
                Step::Index(index) => at.push_str(&format!("[{index}]")),
            }
        }
        SetError { kind, at, found }
    }
}

impl TryFrom<Path> for ReferencePath {
    type Error = InvalidPath;

    fn try_from(path: Path) -> Result<ReferencePath, InvalidPath> {
        if !path.is_reference() {
            let text = path.text();
            return Err(InvalidPath::new(format!(
                "`{text}` is not a Reference Path: only names and indexes may follow `$`"
            )));
        }
        let steps = path.tokens().iter().filter_map(|token| match token {
            Token::Name(name, _) => Some(Step::Name(Arc::clone(name))),
            Token::Index(index) => Some(Step::Index(*index)),
            _ => None,
        });
        Ok(ReferencePath { steps: steps.collect(), path: path.clone() })
    }
}
