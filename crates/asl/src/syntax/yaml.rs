//! YAML text as the same tree. Scalars follow the core schema; a value with a tag of its own (`!Sub`, `!GetAtt`) is read
//! as if it had none. Aliases share the node they name.

use std::ops::Range;

use saphyr_parser::{Event, Parser, ScalarStyle, Span, Tag};
use value::Value;

use super::{Kind, Member, Tree};

/// How deep YAML may be nested.
const MAX_DEPTH: usize = value::MAX_DEPTH;

/// How many nodes a document may have after its aliases are written out.
const MAX_NODES: usize = 1_000_000;

/// Why a text has no tree, and the byte at which that showed.
#[derive(Debug)]
pub(crate) struct YamlError {
    pub(crate) message: String,
    pub(crate) at: usize,
}

/// The tree of the first document of a YAML text.
pub(crate) fn read_yaml(text: &str) -> Result<Tree, YamlError> {
    let mut reader = Reader {
        offsets: Offsets { text, bytes: 0, chars: 0 },
        tree: Tree::default(),
        sizes: Vec::new(),
        anchors: std::collections::HashMap::new(),
        open: Vec::new(),
    };
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| YamlError {
            message: error.info().to_owned(),
            at: Offsets { text, bytes: 0, chars: 0 }.byte(error.marker().index()),
        })?;
        if reader.event(event, span)? {
            break;
        }
    }
    Ok(reader.tree)
}

struct Reader<'a> {
    offsets: Offsets<'a>,
    tree: Tree,
    /// Nodes below and including each node, aliases written out.
    sizes: Vec<usize>,
    anchors: std::collections::HashMap<usize, usize>,
    open: Vec<Open>,
}

/// An array or object whose end has not been seen.
struct Open {
    start: usize,
    anchor: usize,
    size: usize,
    container: Container,
}

enum Container {
    Array(Vec<usize>),
    Object { members: Vec<Member>, key: Option<(std::sync::Arc<str>, Range<usize>)> },
}

impl Reader<'_> {
    /// Takes one event; true at the end of the document.
    fn event(&mut self, event: Event<'_>, span: Span) -> Result<bool, YamlError> {
        let start = self.offsets.byte(span.start.index());
        match event {
            Event::DocumentEnd | Event::StreamEnd => return Ok(true),
            Event::Scalar(text, style, anchor, tag) => {
                let end = self.offsets.byte(span.end.index());
                let value = scalar(&text, style, tag.as_deref());
                let node = self.push(start..end, Kind::Scalar(value), 1, anchor);
                self.add(node, Some(&text), start..end)?;
            }
            Event::Alias(anchor) => {
                let end = self.offsets.byte(span.end.index());
                let node = self.anchors.get(&anchor).copied();
                let node = node.ok_or_else(|| YamlError { message: "unknown alias".into(), at: start })?;
                self.add(node, None, start..end)?;
            }
            Event::SequenceStart(anchor, _) => self.open(start, anchor, Container::Array(Vec::new()))?,
            Event::MappingStart(anchor, _) => {
                self.open(start, anchor, Container::Object { members: Vec::new(), key: None })?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(start)?,
            Event::Nothing | Event::StreamStart | Event::DocumentStart(_) => {}
        }
        Ok(false)
    }

    fn push(&mut self, span: Range<usize>, kind: Kind, size: usize, anchor: usize) -> usize {
        let node = match kind {
            Kind::Object(members) => self.tree.push_object(span, members),
            kind => self.tree.push(span, kind),
        };
        self.sizes.push(size);
        if anchor != 0 {
            self.anchors.insert(anchor, node);
        }
        node
    }

    fn open(&mut self, start: usize, anchor: usize, container: Container) -> Result<(), YamlError> {
        if self.open.len() >= MAX_DEPTH {
            return Err(YamlError { message: format!("nested deeper than {MAX_DEPTH}"), at: start });
        }
        self.open.push(Open { start, anchor, size: 1, container });
        Ok(())
    }

    /// Ends the innermost container. A block ends where its last child does, not where the next token starts.
    fn close(&mut self, at: usize) -> Result<(), YamlError> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        let before = self.offsets.text.get(open.start..at).unwrap_or_default();
        let mut end = open.start + before.trim_end().len();
        if matches!(self.offsets.text.as_bytes().get(at), Some(b']' | b'}')) {
            end = at + 1;
        }
        let kind = match open.container {
            Container::Array(items) => Kind::Array(items),
            Container::Object { members, .. } => Kind::Object(members),
        };
        let node = self.push(open.start..end, kind, open.size, open.anchor);
        self.add(node, None, open.start..end)
    }

    /// Hands a finished node to the container around it: an item, a key or a member's value.
    fn add(&mut self, node: usize, text: Option<&str>, span: Range<usize>) -> Result<(), YamlError> {
        let size = self.sizes.get(node).copied().unwrap_or(1);
        let Some(open) = self.open.last_mut() else { return Ok(()) };
        open.size = open.size.saturating_add(size);
        if open.size > MAX_NODES {
            return Err(YamlError { message: format!("more than {MAX_NODES} nodes"), at: span.start });
        }
        match &mut open.container {
            Container::Array(items) => items.push(node),
            Container::Object { members, key } => match (key.take(), text) {
                (Some((name, key_span)), _) => members.push(Member { key: name, key_span, node }),
                (None, Some(text)) => *key = Some((text.into(), span)),
                (None, None) => {
                    return Err(YamlError { message: "a key must be a scalar".into(), at: span.start });
                }
            },
        }
        Ok(())
    }
}

/// Byte offsets of character indices, which come almost in order.
struct Offsets<'a> {
    text: &'a str,
    bytes: usize,
    chars: usize,
}

impl Offsets<'_> {
    fn byte(&mut self, index: usize) -> usize {
        while self.chars > index {
            let before = self.text.get(..self.bytes).unwrap_or_default();
            let Some(ch) = before.chars().next_back() else { break };
            self.bytes -= ch.len_utf8();
            self.chars -= 1;
        }
        let rest = self.text.get(self.bytes..).unwrap_or_default();
        for ch in rest.chars().take(index - self.chars.min(index)) {
            self.bytes += ch.len_utf8();
            self.chars += 1;
        }
        self.bytes
    }
}

/// A scalar by the core schema: plain `null`, `~`, `true`, `false` and numbers are what they look like.
fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Value {
    if style != ScalarStyle::Plain || tag.is_some_and(|tag| tag.suffix == "str") {
        return Value::from(text);
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ => number(text).unwrap_or_else(|| Value::from(text)),
    }
}

fn number(text: &str) -> Option<Value> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if let Some(hex) = digits.strip_prefix("0x") {
        return i64::from_str_radix(hex, 16).ok().map(Value::Int);
    }
    if let Some(octal) = digits.strip_prefix("0o") {
        return i64::from_str_radix(octal, 8).ok().map(Value::Int);
    }
    let starts_like_a_number = digits.trim_start_matches('.').starts_with(|ch: char| ch.is_ascii_digit());
    if !starts_like_a_number || !digits.chars().all(|ch| ch.is_ascii_digit() || ".eE+-".contains(ch)) {
        return None;
    }
    match text.parse::<i64>() {
        Ok(number) => Some(Value::Int(number)),
        Err(_) => text.parse::<f64>().ok().filter(|number| number.is_finite()).map(Value::Float),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, wanted: &str) {
        assert_eq!(read_yaml(text).unwrap().root().unwrap().to_value().to_json(), wanted, "{text}");
    }

    #[test]
    fn yaml_means_the_json_it_stands_for() {
        check(
            "a: 1\nb: [x, 'y', \"z\", 1.5, -3, +4, 0x10, ~, null, true, no]\n",
            r#"{"a":1,"b":["x","y","z",1.5,-3,4,16,null,null,true,"no"]}"#,
        );
        check("a:\n  - b: 1\n    c: '2'\n  - d\n", r#"{"a":[{"b":1,"c":"2"},"d"]}"#);
        check("a: |\n  one\n  two\nb: >-\n  three\n  four\n", r#"{"a":"one\ntwo\n","b":"three four"}"#);
        check("a: &x {b: 1}\nc: *x\nd: [*x]\n", r#"{"a":{"b":1},"c":{"b":1},"d":[{"b":1}]}"#);
        check(
            "v: 2012-10-17\nw: 1.2.3\ny: !Sub '${A}'\nz: !!str 5\n",
            r#"{"v":"2012-10-17","w":"1.2.3","y":"${A}","z":"5"}"#,
        );
        check("# only\n---\na: 1\n...\n", r#"{"a":1}"#);
        check(r#"{"a": [1, {"b": null}]}"#, r#"{"a":[1,{"b":null}]}"#);
    }

    #[test]
    fn spans_are_bytes_of_the_text() {
        let text = "é: ü\nstates:\n  öne:\n    - x\n    - \"y\"\n\nlast: 1\n";
        let tree = read_yaml(text).unwrap();
        let members: Vec<_> = tree.root().unwrap().members().unwrap().collect();
        let spans: Vec<(&str, &str)> = members
            .iter()
            .map(|(member, item)| (&text[member.key_span.clone()], &text[item.span()]))
            .collect();
        assert_eq!(spans, [("é", "ü"), ("states", "öne:\n    - x\n    - \"y\""), ("last", "1")]);
    }

    #[test]
    fn hostile_documents_are_errors() {
        let bomb: String = std::iter::once("a0: &a0 [x,x,x,x,x,x,x,x,x]\n".to_owned())
            .chain((1..30).map(|n| format!("a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 9].join(","))))
            .collect();
        for text in
            [bomb, "[".repeat(100_000), "a: [b".into(), "a: *b".into(), "? [a]\n: b\n".into(), "\"x".into()]
        {
            assert!(read_yaml(&text).is_err(), "{}", &text[..text.len().min(40)]);
        }
    }
}
