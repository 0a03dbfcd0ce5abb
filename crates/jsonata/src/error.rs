//! What can go wrong, with the codes and texts of the reference implementation. Not for the sentence that the States Language
//! puts around these texts: the caller knows the field and the expression.

use std::fmt;

use value::{Numbers, Value};

use crate::item::Item;

/// A value is shown in a message with at most this many bytes of JSON.
const SHOWN_BYTES_MAX: usize = 256 * 1024;

/// What kind of failure it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The text is not an expression.
    Syntax,
    /// The expression failed on its data. This includes what `$error` and `$assert` raise.
    Evaluation,
    /// The result is a function, or holds one: not JSON.
    FunctionResult,
    /// Too many steps, or the caller's flag said to stop.
    Timeout,
    /// Expressions inside each other beyond the limit, at compile time or through calls.
    Depth,
    /// A string or a sequence was too large, or all of them together.
    Memory,
}

/// Why an expression cannot be compiled, or has no value.
///
/// `Display` is `<code>: <message>`, or the message alone where the service gives no code. (The service ends its own sentence with
/// `. ` before a code and with `: ` where there is none: measured by third parties.)
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
    code: Option<&'static str>,
    message: String,
    position: Option<usize>,
}

impl Error {
    /// What kind of failure it was.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The reference implementation's code (`T2001`); none for limits and for functions as results.
    #[must_use]
    pub fn code(&self) -> Option<&'static str> {
        self.code
    }

    /// The text without the code.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Where in the expression, in bytes from its start, as far as it is known.
    #[must_use]
    pub fn position(&self) -> Option<usize> {
        self.position
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(code) = self.code {
            write!(f, "{code}: ")?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// An error on its way out: its text is made only at the end, because callers still add where and in which function it was.
#[derive(Debug)]
pub(crate) struct Fault(Box<Parts>);

#[derive(Debug)]
struct Parts {
    kind: ErrorKind,
    code: &'static str,
    position: Option<u32>,
    token: Option<String>,
    args: Vec<(&'static str, String)>,
    /// A text that is not in the catalogue.
    message: Option<String>,
}

impl Fault {
    /// A failure with a code of the catalogue.
    pub(crate) fn new(code: &'static str) -> Fault {
        let kind = if code.starts_with('S') { ErrorKind::Syntax } else { ErrorKind::Evaluation };
        Fault::of(kind, code)
    }

    fn of(kind: ErrorKind, code: &'static str) -> Fault {
        Fault(Box::new(Parts { kind, code, position: None, token: None, args: Vec::new(), message: None }))
    }

    /// A syntax error for which the reference implementation has no code.
    pub(crate) fn syntax(message: String) -> Fault {
        let mut fault = Fault::of(ErrorKind::Syntax, "");
        fault.0.message = Some(message);
        fault
    }

    /// A failure on data for which there is neither a code nor a template.
    pub(crate) fn uncoded(message: String) -> Fault {
        let mut fault = Fault::of(ErrorKind::Evaluation, "");
        fault.0.message = Some(message);
        fault
    }

    pub(crate) fn timeout() -> Fault {
        Fault::of(ErrorKind::Timeout, "Expression evaluation timeout: Check for infinite loop")
    }

    pub(crate) fn depth() -> Fault {
        Fault::of(
            ErrorKind::Depth,
            "Stack overflow error: Check for non-terminating recursive function. Consider rewriting as tail-recursive",
        )
    }

    pub(crate) fn memory() -> Fault {
        Fault::of(
            ErrorKind::Memory,
            "Expression evaluation memory limit exceeded: Check for excessive memory usage",
        )
    }

    pub(crate) fn function_result() -> Fault {
        Fault::of(ErrorKind::FunctionResult, "the result of the expression is a function")
    }

    pub(crate) fn at(mut self, position: u32) -> Fault {
        self.0.position = Some(position);
        self
    }

    pub(crate) fn at_if_unknown(mut self, position: u32) -> Fault {
        self.0.position.get_or_insert(position);
        self
    }

    /// Sets `{{token}}`, shown as a JSON string.
    pub(crate) fn token(mut self, token: &str) -> Fault {
        self.0.token = Some(json_string(token));
        self
    }

    /// Sets `{{token}}` unless something further inside did.
    pub(crate) fn token_if_unknown(mut self, token: Option<&str>) -> Fault {
        if let (None, Some(token)) = (&self.0.token, token) {
            self.0.token = Some(json_string(token));
        }
        self
    }

    /// Sets `{{token}}` to a text that is JSON already.
    pub(crate) fn raw_token(mut self, token: String) -> Fault {
        self.0.token = Some(token);
        self
    }

    /// Sets a placeholder to a value, shown as JSON.
    pub(crate) fn item(self, name: &'static str, item: &Item) -> Fault {
        let text = match item.to_value() {
            Some(value) if crate::function::id(&value).is_none() => show(&value),
            _ => "undefined".to_owned(),
        };
        self.text(name, text)
    }

    /// Sets a placeholder to a value, shown as JSON.
    pub(crate) fn value(self, name: &'static str, value: &Value) -> Fault {
        let text = show(value);
        self.text(name, text)
    }

    /// Sets a placeholder to a string, shown as JSON.
    pub(crate) fn string(self, name: &'static str, text: &str) -> Fault {
        self.text(name, json_string(text))
    }

    /// Sets a placeholder to a text as it is.
    pub(crate) fn text(mut self, name: &'static str, text: String) -> Fault {
        self.0.args.push((name, text));
        self
    }

    /// The finished error.
    pub(crate) fn finish(self) -> Error {
        let parts = *self.0;
        let limit = !matches!(parts.kind, ErrorKind::Syntax | ErrorKind::Evaluation);
        let bare = limit || parts.message.is_some();
        let message = match &parts.message {
            Some(message) => message.clone(),
            None if limit => parts.code.to_owned(),
            None => render(&parts),
        };
        Error {
            kind: parts.kind,
            code: (!bare).then_some(parts.code),
            message,
            position: parts.position.map(|p| p as usize),
        }
    }
}

fn json_string(text: &str) -> String {
    show(&Value::from(text))
}

/// Compact JSON, cut when it is very long.
fn show(value: &Value) -> String {
    let mut text = String::new();
    if value.write_json_within(&mut text, Numbers::JsonData, SHOWN_BYTES_MAX).is_err() {
        let end = (0..=SHOWN_BYTES_MAX.min(text.len())).rev().find(|at| text.is_char_boundary(*at));
        text.truncate(end.unwrap_or(0));
        text.push_str("...");
    }
    text
}

/// Puts the arguments into the template of the code.
fn render(parts: &Parts) -> String {
    let template = template(parts.code);
    let mut out = String::new();
    let mut rest = template;
    while let Some(open) = rest.find("{{") {
        out.push_str(&rest[..open]);
        let Some(close) = rest[open..].find("}}") else { break };
        let bare = rest[open..].starts_with("{{{");
        let name = rest[open..open + close].trim_start_matches('{');
        let text = match name {
            "token" => parts.token.as_deref(),
            name => parts.args.iter().find(|(n, _)| *n == name).map(|(_, t)| t.as_str()),
        };
        let text = text.unwrap_or("undefined");
        let quoted = text.strip_prefix('"').and_then(|t| t.strip_suffix('"'));
        out.push_str(if bare && name == "token" { quoted.unwrap_or(text) } else { text });
        rest = &rest[open + close + if bare { 3 } else { 2 }..];
    }
    out.push_str(rest);
    out
}

/// The reference implementation's template of a code.
fn template(code: &str) -> &'static str {
    CATALOGUE.iter().find(|(c, _)| *c == code).map_or("", |(_, text)| text)
}

/// Codes and templates of jsonata-js 2.0.6 (MIT): they reach users through the service, so they are reproduced to the letter.
/// `{{name}}` stands for a value as JSON, `{{{name}}}` for a bare text.
#[rustfmt::skip]
const CATALOGUE: &[(&str, &str)] = &[
    ("S0101", "String literal must be terminated by a matching quote"),
    ("S0102", "Number out of range: {{token}}"),
    ("S0103", "Unsupported escape sequence: \\{{token}}"),
    ("S0104", "The escape sequence \\u must be followed by 4 hex digits"),
    ("S0105", "Quoted property name must be terminated with a backquote (`)"),
    ("S0106", "Comment has no closing tag"),
    ("S0201", "Syntax error: {{token}}"),
    ("S0202", "Expected {{value}}, got {{token}}"),
    ("S0203", "Expected {{value}} before end of expression"),
    ("S0204", "Unknown operator: {{token}}"),
    ("S0207", "Unexpected end of expression"),
    ("S0208", "Parameter {{value}} of function definition must be a variable name (start with $)"),
    ("S0209", "A predicate cannot follow a grouping expression in a step"),
    ("S0210", "Each step can only have one grouping expression"),
    ("S0211", "The symbol {{token}} cannot be used as a unary operator"),
    ("S0212", "The left side of := must be a variable name (start with $)"),
    ("S0213", "The literal value {{value}} cannot be used as a step within a path expression"),
    ("S0214", "The right side of {{token}} must be a variable name (start with $)"),
    ("S0215", "A context variable binding must precede any predicates on a step"),
    ("S0216", "A context variable binding must precede the 'order-by' clause on a step"),
    ("S0217", "The object representing the 'parent' cannot be derived from this expression"),
    ("S0301", "Empty regular expressions are not allowed"),
    ("S0302", "No terminating / in regular expression"),
    ("S0402", "Choice groups containing parameterized types are not supported"),
    ("S0401", "Type parameters can only be applied to functions and arrays"),
    ("T0410", "Argument {{index}} of function {{token}} does not match function signature"),
    ("T0411", "Context value is not a compatible type with argument {{index}} of function {{token}}"),
    ("T0412", "Argument {{index}} of function {{token}} must be an array of {{type}}"),
    ("D1001", "Number out of range: {{value}}"),
    ("D1002", "Cannot negate a non-numeric value: {{value}}"),
    ("T1003", "Key in object structure must evaluate to a string; got: {{value}}"),
    ("D1004", "Regular expression matches zero length string"),
    ("T1005", "Attempted to invoke a non-function. Did you mean ${{{token}}}?"),
    ("T1006", "Attempted to invoke a non-function"),
    ("T1007", "Attempted to partially apply a non-function. Did you mean ${{{token}}}?"),
    ("T1008", "Attempted to partially apply a non-function"),
    ("D1009", "Multiple key definitions evaluate to same key: {{value}}"),
    ("T1010", "The matcher function argument passed to function {{token}} does not return the correct object structure"),
    ("T2001", "The left side of the {{token}} operator must evaluate to a number"),
    ("T2002", "The right side of the {{token}} operator must evaluate to a number"),
    ("T2003", "The left side of the range operator (..) must evaluate to an integer"),
    ("T2004", "The right side of the range operator (..) must evaluate to an integer"),
    ("T2006", "The right side of the function application operator ~> must be a function"),
    ("T2007", "Type mismatch when comparing values {{value}} and {{value2}} in order-by clause"),
    ("T2008", "The expressions within an order-by clause must evaluate to numeric or string values"),
    ("T2009", "The values {{value}} and {{value2}} either side of operator {{token}} must be of the same data type"),
    ("T2010", "The expressions either side of operator {{token}} must evaluate to numeric or string values"),
    ("T2011", "The insert/update clause of the transform expression must evaluate to an object: {{value}}"),
    ("T2012", "The delete clause of the transform expression must evaluate to a string or array of strings: {{value}}"),
    ("T2013", "The transform expression clones the input object using the $clone() function.  This has been overridden in the current scope by a non-function."),
    ("D2014", "The size of the sequence allocated by the range operator (..) must not exceed 1e6.  Attempted to allocate {{value}}."),
    ("D3001", "Attempting to invoke string function on Infinity or NaN"),
    ("D3010", "Second argument of replace function cannot be an empty string"),
    ("D3011", "Fourth argument of replace function must evaluate to a positive number"),
    ("D3012", "Attempted to replace a matched string with a non-string value"),
    ("D3020", "Third argument of split function must evaluate to a positive number"),
    ("D3030", "Unable to cast value to a number: {{value}}"),
    ("D3040", "Third argument of match function must evaluate to a positive number"),
    ("D3050", "The second argument of reduce function must be a function with at least two arguments"),
    ("D3060", "The sqrt function cannot be applied to a negative number: {{value}}"),
    ("D3061", "The power function has resulted in a value that cannot be represented as a JSON number: base={{value}}, exponent={{exp}}"),
    ("D3070", "The single argument form of the sort function can only be applied to an array of strings or an array of numbers.  Use the second argument to specify a comparison function"),
    ("D3080", "The picture string must only contain a maximum of two sub-pictures"),
    ("D3081", "The sub-picture must not contain more than one instance of the 'decimal-separator' character"),
    ("D3082", "The sub-picture must not contain more than one instance of the 'percent' character"),
    ("D3083", "The sub-picture must not contain more than one instance of the 'per-mille' character"),
    ("D3084", "The sub-picture must not contain both a 'percent' and a 'per-mille' character"),
    ("D3085", "The mantissa part of a sub-picture must contain at least one character that is either an 'optional digit character' or a member of the 'decimal digit family'"),
    ("D3086", "The sub-picture must not contain a passive character that is preceded by an active character and that is followed by another active character"),
    ("D3087", "The sub-picture must not contain a 'grouping-separator' character that appears adjacent to a 'decimal-separator' character"),
    ("D3088", "The sub-picture must not contain a 'grouping-separator' at the end of the integer part"),
    ("D3089", "The sub-picture must not contain two adjacent instances of the 'grouping-separator' character"),
    ("D3090", "The integer part of the sub-picture must not contain a member of the 'decimal digit family' that is followed by an instance of the 'optional digit character'"),
    ("D3091", "The fractional part of the sub-picture must not contain an instance of the 'optional digit character' that is followed by a member of the 'decimal digit family'"),
    ("D3092", "A sub-picture that contains a 'percent' or 'per-mille' character must not contain a character treated as an 'exponent-separator'"),
    ("D3093", "The exponent part of the sub-picture must comprise only of one or more characters that are members of the 'decimal digit family'"),
    ("D3100", "The radix of the formatBase function must be between 2 and 36.  It was given {{value}}"),
    ("D3110", "The argument of the toMillis function must be an ISO 8601 formatted timestamp. Given {{value}}"),
    ("D3130", "Formatting or parsing an integer as a sequence starting with {{value}} is not supported by this implementation"),
    ("D3131", "In a decimal digit pattern, all digits must be from the same decimal group"),
    ("D3132", "Unknown component specifier {{value}} in date/time picture string"),
    ("D3133", "The 'name' modifier can only be applied to months and days in the date/time picture string, not {{value}}"),
    ("D3134", "The timezone integer format specifier cannot have more than four digits"),
    ("D3135", "No matching closing bracket ']' in date/time picture string"),
    ("D3136", "The date/time picture string is missing specifiers required to parse the timestamp"),
    ("D3137", "{{{message}}}"),
    ("D3138", "The $single() function expected exactly 1 matching result.  Instead it matched more."),
    ("D3139", "The $single() function expected exactly 1 matching result.  Instead it matched 0."),
    ("D3140", "Malformed URL passed to ${{{functionName}}}(): {{value}}"),
    ("D3141", "{{{message}}}"),
];
