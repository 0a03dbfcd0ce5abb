//! Reads `States.Name(argument, …)` into a call. Every rule of the syntax is checked here, once; evaluation checks
//! values only.

use value::Value;

use super::{FUNCTIONS, MAX_NESTING};
use crate::expression::InvalidExpression;
use crate::{Argument, Expression, ExpressionKind, Intrinsic, IntrinsicCall};

/// Parses a whole text as one call.
pub(crate) fn parse(text: &str) -> Result<Expression, InvalidExpression> {
    let mut parser = Parser { text, at: 0 };
    let expression = parser.call(1)?;
    parser.skip_blanks();
    if parser.at < text.len() {
        return Err(parser.error("unexpected text after the call"));
    }
    Ok(expression)
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn skip_blanks(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    fn take(&mut self, wanted: char) -> bool {
        let found = self.rest().starts_with(wanted);
        if found {
            self.at += wanted.len_utf8();
        }
        found
    }

    fn error(&self, what: &str) -> InvalidExpression {
        InvalidExpression::new(format!("{what} at character {}", self.text[..self.at].chars().count() + 1))
    }

    /// `States.Name(…)`; recursion is bounded by [`MAX_NESTING`].
    fn call(&mut self, depth: usize) -> Result<Expression, InvalidExpression> {
        if depth > MAX_NESTING {
            return Err(self.error(&format!("more than {MAX_NESTING} nested calls")));
        }
        let start = self.at;
        let (function, fewest, most) = self.function()?;
        if !self.take('(') {
            return Err(self.error("expected `(`"));
        }
        let arguments = self.arguments(function, depth)?;
        if !(fewest..=most).contains(&arguments.len()) {
            return Err(self.error("wrong number of arguments"));
        }
        let kind = ExpressionKind::Intrinsic(Box::new(IntrinsicCall { function, arguments }));
        Ok(Expression { text: self.text[start..self.at].into(), kind })
    }

    fn function(&mut self) -> Result<(Intrinsic, usize, usize), InvalidExpression> {
        let rest = self.rest().strip_prefix("States.").ok_or_else(|| self.error("expected `States.`"))?;
        let length = rest.find(|ch: char| !ch.is_ascii_alphanumeric()).unwrap_or(rest.len());
        let name = &rest[..length];
        let known = FUNCTIONS.iter().find(|(known, ..)| *known == name);
        let (_, function, fewest, most) =
            known.ok_or_else(|| self.error(&format!("unknown function `States.{name}`")))?;
        self.at += "States.".len() + length;
        Ok((*function, *fewest, *most))
    }

    /// The arguments and the closing parenthesis.
    fn arguments(&mut self, function: Intrinsic, depth: usize) -> Result<Vec<Argument>, InvalidExpression> {
        let mut arguments = Vec::new();
        self.skip_blanks();
        if self.take(')') {
            return Ok(arguments);
        }
        loop {
            self.skip_blanks();
            let is_template = function == Intrinsic::Format && arguments.is_empty();
            arguments.push(self.argument(is_template, depth)?);
            self.skip_blanks();
            if self.take(')') {
                return Ok(arguments);
            }
            if !self.take(',') {
                return Err(self.error("expected `,` or `)`"));
            }
        }
    }

    fn argument(&mut self, is_template: bool, depth: usize) -> Result<Argument, InvalidExpression> {
        let rest = self.rest();
        if rest.starts_with("States.") {
            return self.call(depth + 1).map(Argument::Expression);
        }
        match rest.chars().next() {
            Some('\'') => self.string(is_template).map(Argument::Literal),
            Some('$') => self.path().map(Argument::Expression),
            _ => self.literal().map(Argument::Literal),
        }
    }

    /// `'…'` with the escapes `\'`, `\{`, `\}` and `\\`; any other escape is an error (recorded). The template of
    /// `States.Format` keeps its escaped braces, which are not placeholders.
    fn string(&mut self, is_template: bool) -> Result<Value, InvalidExpression> {
        let start = self.at;
        let mut out = String::new();
        let mut chars = self.rest().char_indices().skip(1);
        while let Some((at, ch)) = chars.next() {
            match ch {
                '\'' => {
                    self.at = start + at + 1;
                    return Ok(Value::from(out));
                }
                '\\' => match chars.next() {
                    Some((_, escaped @ ('{' | '}' | '\\'))) if is_template => out.extend(['\\', escaped]),
                    Some((_, escaped @ ('\'' | '{' | '}' | '\\'))) => out.push(escaped),
                    _ => {
                        self.at = start + at;
                        return Err(self.error("invalid escape sequence"));
                    }
                },
                _ => out.push(ch),
            }
        }
        Err(self.error("unterminated string"))
    }

    /// A path: everything up to the `,` or `)` that stands in no bracket and no quotes of its own.
    fn path(&mut self) -> Result<Expression, InvalidExpression> {
        let rest = self.rest();
        let mut depth = 0_usize;
        let mut quote = None;
        let mut escaped = false;
        let end = rest.find(|ch: char| {
            if let Some(open) = quote {
                if escaped {
                    escaped = false;
                } else if ch == '\\' {
                    escaped = true;
                } else if ch == open {
                    quote = None;
                }
                return false;
            }
            match ch {
                ',' | ')' if depth == 0 => return true,
                '\'' | '"' if depth > 0 => quote = Some(ch),
                '(' | '[' => depth += 1,
                ')' | ']' => depth = depth.saturating_sub(1),
                _ => {}
            }
            false
        });
        let text = rest[..end.unwrap_or(rest.len())].trim_end();
        let expression = Expression::parse_path(text)?;
        self.at += text.len();
        Ok(expression)
    }

    /// A number, `true`, `false` or `null`.
    fn literal(&mut self) -> Result<Value, InvalidExpression> {
        let rest = self.rest();
        let length = rest.find([',', ')']).unwrap_or(rest.len());
        let word = rest[..length].trim_end();
        match Value::parse(word) {
            Ok(value) if !matches!(value, Value::Arr(_) | Value::Obj(_) | Value::Str(_)) => {
                self.at += word.len();
                Ok(value)
            }
            _ => Err(self.error(
                "expected a path, a call, a string in apostrophes, a number, `true`, `false` or `null`",
            )),
        }
    }
}
