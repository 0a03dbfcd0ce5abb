//! The vocabulary of the generated tables: what the model says about a request, as data.
//! Applying it is `validate`'s work.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::generated::OperationName;

/// A request of the API: ties the shape of a request to its operation and its response.
pub trait Request: Serialize + DeserializeOwned {
    /// The operation that takes this request.
    const OPERATION: OperationName;
    /// What the operation answers.
    type Response: Serialize + DeserializeOwned;
}

/// One operation.
#[derive(Debug)]
pub struct Operation {
    /// Its name as a value.
    pub id: OperationName,
    /// Its name as text.
    pub name: &'static str,
    /// What SDKs put before the host name. A server must accept the operation on any host.
    pub host_prefix: Option<&'static str>,
    /// The errors that the model declares for it. The common ones (throttling, access, validation) may come from any operation.
    pub errors: &'static [&'static str],
    /// Its request, always a structure.
    pub input: &'static Shape,
}

/// A member of a structure.
#[derive(Debug)]
pub struct Field {
    /// Its name on the wire.
    pub name: &'static str,
    /// Whether it must be there.
    pub required: bool,
    /// What it holds.
    pub shape: &'static Shape,
}

/// What a value must be. Bounds are inclusive; lengths of strings count characters, of lists elements.
#[derive(Debug)]
pub enum Shape {
    /// Text.
    String {
        /// The shape's name in the model.
        name: &'static str,
        /// Least length.
        min: Option<i64>,
        /// Greatest length.
        max: Option<i64>,
        /// What it must look like.
        pattern: Option<Pattern>,
        /// Whether its value must not appear in messages and logs.
        sensitive: bool,
    },
    /// One of some words.
    Enum {
        /// The words, in the model's order.
        values: &'static [&'static str],
    },
    /// A whole number of 32 bits.
    Integer {
        /// Least value.
        min: Option<i64>,
        /// Greatest value.
        max: Option<i64>,
        /// As for strings.
        sensitive: bool,
    },
    /// A whole number of 64 bits.
    Long {
        /// Least value.
        min: Option<i64>,
        /// Greatest value.
        max: Option<i64>,
        /// As for strings.
        sensitive: bool,
    },
    /// A number.
    Float {
        /// Least value.
        min: Option<i64>,
        /// Greatest value.
        max: Option<i64>,
        /// As for strings.
        sensitive: bool,
    },
    /// True or false.
    Boolean,
    /// A list.
    List {
        /// Least length.
        min: Option<i64>,
        /// Greatest length.
        max: Option<i64>,
        /// What its elements must be.
        element: &'static Shape,
    },
    /// A structure. Members that it does not name are ignored.
    Structure {
        /// Its name in the model, which the service's messages show.
        name: &'static str,
        /// Its members, in the model's order.
        fields: &'static [Field],
    },
}

impl Shape {
    /// Whether the model marks it as sensitive.
    #[must_use]
    pub fn is_sensitive(&self) -> bool {
        match self {
            Self::String { sensitive, .. }
            | Self::Integer { sensitive, .. }
            | Self::Long { sensitive, .. }
            | Self::Float { sensitive, .. } => *sensitive,
            Self::Enum { .. } | Self::Boolean | Self::List { .. } | Self::Structure { .. } => false,
        }
    }
}

/// The regular expressions that the model uses; each matches the whole text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// Letters, digits, `_`, `-` and `.`, of which at least one is not a digit.
    AliasName,
    /// One or more visible ASCII characters.
    Graphic,
    /// ASCII characters only.
    Ascii,
}

impl Pattern {
    /// The expression as the service writes it in its messages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AliasName => r"^(?=.*[a-zA-Z_\-\.])[a-zA-Z0-9_\-\.]+$",
            Self::Graphic => "[!-~]+",
            Self::Ascii => r"\p{ASCII}*",
        }
    }

    /// Whether the whole text matches.
    #[must_use]
    pub fn matches(self, text: &str) -> bool {
        let mark = |byte: u8| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'-' | b'.');
        match self {
            Self::AliasName => {
                text.bytes().any(mark) && text.bytes().all(|byte| mark(byte) || byte.is_ascii_digit())
            }
            Self::Graphic => !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic()),
            Self::Ascii => text.is_ascii(),
        }
    }
}
