//! JSON text read for its spans. It takes exactly what the value parser takes, which most texts need not be asked then; on
//! anything else it gives up: saying what is wrong with a text is the value parser's.

use std::sync::Arc;

use value::Value;

use super::{Kind, Member, Tree};

/// How deep arrays and objects may be nested: the value parser's bound.
const MAX_DEPTH: usize = 1000;

/// The tree of a valid JSON text; none if it is not valid. Iterative.
pub(crate) fn read_json(text: &str) -> Option<Tree> {
    let mut reader = Reader { text, bytes: text.as_bytes(), at: 0, tree: Tree::default(), open: Vec::new() };
    loop {
        let done = reader.value()?;
        if let Some(node) = done
            && reader.close(node)?
        {
            return reader.peek().is_none().then_some(reader.tree);
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    tree: Tree,
    open: Vec<Open>,
}

/// An array or object whose end has not been seen.
enum Open {
    Array { start: usize, items: Vec<usize> },
    Object { start: usize, members: Vec<Member>, key: (Arc<str>, std::ops::Range<usize>) },
}

impl Reader<'_> {
    fn peek(&mut self) -> Option<u8> {
        while matches!(self.bytes.get(self.at), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
        self.bytes.get(self.at).copied()
    }

    fn take(&mut self, wanted: u8) -> Option<()> {
        (self.peek()? == wanted).then(|| self.at += 1)
    }

    /// Reads a scalar or an empty container to its end and returns its node, or opens a container.
    fn value(&mut self) -> Option<Option<usize>> {
        let first = self.peek()?;
        let start = self.at;
        match first {
            b'{' | b'[' if self.open.len() >= MAX_DEPTH => None,
            b'{' => {
                self.at += 1;
                if self.peek()? == b'}' {
                    self.at += 1;
                    return Some(Some(self.tree.push_object(start..self.at, Vec::new())));
                }
                let key = self.key()?;
                self.open.push(Open::Object { start, members: Vec::new(), key });
                Some(None)
            }
            b'[' => {
                self.at += 1;
                if self.peek()? == b']' {
                    self.at += 1;
                    return Some(Some(self.tree.push(start..self.at, Kind::Array(Vec::new()))));
                }
                self.open.push(Open::Array { start, items: Vec::new() });
                Some(None)
            }
            b'"' => {
                let value = Value::Str(self.string()?);
                Some(Some(self.tree.push(start..self.at, Kind::Scalar(value))))
            }
            _ => {
                let rest = self.bytes.get(start..)?;
                let length = rest.iter().position(|byte| b",]} \t\r\n".contains(byte)).unwrap_or(rest.len());
                self.at += length;
                let value = Value::parse(self.text.get(start..self.at)?).ok()?;
                Some(Some(self.tree.push(start..self.at, Kind::Scalar(value))))
            }
        }
    }

    /// Hands a finished node to the container around it, and that one to the next if it ends here. True at the end of
    /// the text's value.
    fn close(&mut self, mut node: usize) -> Option<bool> {
        loop {
            let Some(open) = self.open.pop() else { return Some(true) };
            let separator = self.peek()?;
            self.at += 1;
            match (open, separator) {
                (Open::Array { start, mut items }, b',') => {
                    items.push(node);
                    self.open.push(Open::Array { start, items });
                    return Some(false);
                }
                (Open::Array { start, mut items }, b']') => {
                    items.push(node);
                    node = self.tree.push(start..self.at, Kind::Array(items));
                }
                (Open::Object { start, mut members, key }, b',') => {
                    members.push(Member { key: key.0, key_span: key.1, node });
                    let key = self.key()?;
                    self.open.push(Open::Object { start, members, key });
                    return Some(false);
                }
                (Open::Object { start, mut members, key }, b'}') => {
                    members.push(Member { key: key.0, key_span: key.1, node });
                    node = self.tree.push_object(start..self.at, members);
                }
                _ => return None,
            }
        }
    }

    /// A key and its colon.
    fn key(&mut self) -> Option<(Arc<str>, std::ops::Range<usize>)> {
        if self.peek()? != b'"' {
            return None;
        }
        let start = self.at;
        let key = self.string()?;
        let span = start..self.at;
        self.take(b':')?;
        Some((key, span))
    }

    /// A string at its opening quote.
    fn string(&mut self) -> Option<Arc<str>> {
        let start = self.at;
        let mut escapes = false;
        self.at += 1;
        loop {
            match self.bytes.get(self.at)? {
                b'"' => break,
                b'\\' => {
                    escapes = true;
                    self.at += 2;
                }
                ..b' ' => return None,
                _ => self.at += 1,
            }
        }
        self.at += 1;
        if !escapes {
            return Some(self.text.get(start + 1..self.at - 1)?.into());
        }
        match Value::parse(self.text.get(start..self.at)?).ok()? {
            Value::Str(text) => Some(text),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_holds_what_the_value_parser_reads() {
        for text in [
            "null",
            " [ ] ",
            "{}",
            r#"{"a":1,"b":[true,false,null,-1.5e3,"x\"y\u00e9"],"c":{"d":{}}}"#,
            r#"{"a":1,"b":2,"a":[3]}"#,
            "[[[[]],[]],{}]",
        ] {
            let tree = read_json(text).unwrap();
            assert_eq!(tree.root().unwrap().to_value().to_json(), Value::parse(text).unwrap().to_json());
        }
    }

    #[test]
    fn what_is_valid_is_what_the_value_parser_takes() {
        let seeds = [
            r#"{"a":1,"b":[true,false,null,-1.5e3,"x\"y\u00e9"],"c":{"d":{}}} "#,
            "[[1,2 ],{\"k\\n\" : \"v\"}, 0.5,1E+2]",
        ];
        let alphabet: Vec<char> = "{}[]:,\"\\ue0+-.1tnull \n\t\u{1}é".chars().collect();
        let mut state = 0x2545_F491_4F6C_DD1D_u64;
        let mut draw = |below: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state % below as u64) as usize
        };
        let mut valid = 0;
        for round in 0..20_000 {
            let mut text: Vec<char> = seeds[round % seeds.len()].chars().collect();
            for _ in 0..1 + draw(3) {
                let at = draw(text.len());
                match draw(3) {
                    0 => drop(text.remove(at)),
                    1 => text.insert(at, alphabet[draw(alphabet.len())]),
                    _ => text[at] = alphabet[draw(alphabet.len())],
                }
            }
            let text: String = text.into_iter().collect();
            let is_valid = Value::parse(&text).is_ok();
            valid += usize::from(is_valid);
            assert_eq!(read_json(&text).is_some(), is_valid, "{text}");
        }
        assert!(valid > 1000, "{valid}");
        for depth in [1000, 1001] {
            let text = "[".repeat(depth) + &"]".repeat(depth);
            assert_eq!(read_json(&text).is_some(), Value::parse(&text).is_ok(), "{depth}");
        }
    }

    #[test]
    fn spans_lead_back_to_the_text() {
        let text = r#" {"é":[1, "two"], "x": {"y": null}} "#;
        let tree = read_json(text).unwrap();
        let root = tree.root().unwrap();
        assert_eq!(&text[root.span()], text.trim());
        let (member, items) = root.members().unwrap().next().unwrap();
        assert_eq!(&text[member.key_span.clone()], r#""é""#);
        assert_eq!(&text[items.span()], r#"[1, "two"]"#);
        let spans: Vec<&str> = items.items().unwrap().map(|item| &text[item.span()]).collect();
        assert_eq!(spans, ["1", r#""two""#]);
    }

    #[test]
    fn repeated_keys_are_reported() {
        let tree = read_json(r#"{"a":1,"a":2,"b":{"c":1,"c":1,"c":1}}"#).unwrap();
        let keys: Vec<&str> = tree.duplicate_keys.iter().map(|member| &*member.key).collect();
        assert_eq!(keys, ["c", "c", "a"]);
    }

    #[test]
    fn invalid_text_has_no_tree() {
        for text in ["", "{", "[1", r#"{"a"}"#, r#"{"a":}"#, "[1 2]", "nul", r#""abc"#, r#""\"#, "{1:2}"] {
            assert!(read_json(text).is_none(), "{text}");
        }
    }
}
