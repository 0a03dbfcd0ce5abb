//! Regular expressions as JavaScript has them, matched by backtracking that counts its steps. Not for what functions do with
//! matches.
//!
//! A library would do for most of it, but none bounds the work of look-around and back references by anything but the number of
//! branches, and that is no bound on time. One thing differs from JavaScript: `.` and classes take whole characters, never half
//! of a pair of surrogates.

mod compile;
mod run;
mod set;
mod syntax;

use crate::budget::Budget;
use crate::error::Fault;
use compile::Program;

/// Bytes of the text of one expression.
const TEXT_MAX: usize = 16 * 1024;

/// A compiled regular expression.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    program: Program,
}

/// One match: byte offsets of the whole and of the groups.
#[derive(Clone, Debug)]
pub(crate) struct Match {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) groups: Vec<Option<(usize, usize)>>,
}

impl Pattern {
    /// Compiles an expression; `at` is where it stands, for the error.
    pub(crate) fn compile(
        source: &str,
        ignore_case: bool,
        multi_line: bool,
        at: u32,
    ) -> Result<Pattern, Fault> {
        let invalid =
            |why: &str| Fault::syntax(format!("Invalid regular expression: /{source}/: {why}")).at(at);
        if source.len() > TEXT_MAX {
            return Err(invalid("it is too long"));
        }
        let syntax = syntax::parse(source).map_err(invalid)?;
        let program = compile::compile(&syntax, ignore_case, multi_line).map_err(invalid)?;
        Ok(Pattern { program })
    }

    /// The first match at or behind a byte offset.
    pub(crate) fn find(
        &self,
        text: &str,
        from: usize,
        budget: &mut Budget<'_>,
    ) -> Result<Option<Match>, Fault> {
        run::find(&self.program, text, from, budget)
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;
    use crate::budget::{Budget, Limits};

    /// The first match and its groups, `-` for a group that took no part; nothing when there is no match.
    fn found(pattern: &str, flags: &str, text: &str) -> String {
        let never = || false;
        let mut budget = Budget::new(Limits::default(), &never);
        let pattern = Pattern::compile(pattern, flags.contains('i'), flags.contains('m'), 0);
        let pattern = match pattern {
            Ok(pattern) => pattern,
            Err(fault) => return fault.finish().to_string(),
        };
        let Some(found) = pattern.find(text, 0, &mut budget).unwrap() else { return String::new() };
        let groups = found.groups.iter().map(|group| group.map_or("-", |(start, end)| &text[start..end]));
        std::iter::once(&text[found.start..found.end]).chain(groups).collect::<Vec<_>>().join("|")
    }

    /// Wanted results are those of JavaScript.
    #[test]
    fn matches() {
        for (pattern, flags, text, wanted) in [
            ("abc", "", "xabcx", "abc"),
            ("a|ab", "", "ab", "a"),
            ("(a)|(b)", "", "b", "b|-|b"),
            ("a*", "", "aaa", "aaa"),
            ("a*?b", "", "aaab", "aaab"),
            ("(a*)*", "", "b", "|-"),
            ("(a*)+", "", "b", "|"),
            ("(?:a|b)+?c", "", "abac", "abac"),
            ("(z)((a+)?(b+)?(c))*", "", "zaacbbbcac", "zaacbbbcac|z|ac|a|-|c"),
            (r"(\w+)\s\1", "", "the the", "the the|the"),
            (r"\bé", "", "aé", "é"),
            (r"\Bb", "", "ab b", "b"),
            ("^b", "m", "a\nb", "b"),
            ("^b", "", "a\nb", ""),
            ("a$", "m", "a\nb", "a"),
            ("a$", "", "a\nb", ""),
            (".", "", "\n\u{2028}x", "x"),
            (r"[\s\S]", "", "\n", "\n"),
            ("[^a-c]+", "", "abcxyz", "xyz"),
            (r"[\d-]+", "", "a1-2", "1-2"),
            ("[]", "", "a", ""),
            ("[^]", "", "\n", "\n"),
            ("a{2,3}", "", "aaaa", "aaa"),
            ("a{2,3}?", "", "aaaa", "aa"),
            ("a{2}", "", "aaa", "aa"),
            ("a{,2}", "", "a{,2}", "a{,2}"),
            ("x{0}y", "", "xy", "y"),
            ("(?=(a+))a*b\\1", "", "baaabac", "aba|a"),
            ("(?!foo)...", "", "foobar", "oob"),
            (r"(?<=\$)\d+", "", "a1 $42", "42"),
            (r"(?<!\$)\b\d+", "", "$42 17", "17"),
            (r"(?<=(\d+)(\d+))$", "", "1053", "|1|053"),
            (r"(?<y>\d{4})-\k<y>", "", "2020-2020", "2020-2020|2020"),
            (r"\1(a)", "", "aa", "a|a"),
            ("STRASSE", "i", "strasse", "strasse"),
            ("[a-z]+", "i", "ÀBC", "BC"),
            ("é", "i", "É", "É"),
            (r"\u0041\x42\cJ\t", "", "AB\n\t", "AB\n\t"),
            ("\u{1F600}", "", "x\u{1F600}", "\u{1F600}"),
            (r"\ud83d\ude00", "", "x\u{1F600}", "\u{1F600}"),
            (r"\/\.\-", "", "/.-", "/.-"),
            ("}]", "", "a}]", "}]"),
            ("(a+)+$", "", "aaaa", "aaaa|aaaa"),
            ("(?:)", "", "", ""),
            ("(?:(?:){4294967295}){4294967295}a", "", "a", "a"),
            ("[c-ea-cx]+", "", "-abcdex-", "abcdex"),
            ("(?:^|,)(x*?),", "", "xx,", "xx,|xx"),
        ] {
            assert_eq!(found(pattern, flags, text), wanted, "/{pattern}/{flags} on {text:?}");
        }
    }

    #[test]
    fn refusals() {
        for (pattern, why) in [
            ("(", "unterminated group"),
            (")", "unmatched ')'"),
            ("[a", "unterminated character class"),
            ("*", "nothing to repeat"),
            ("a**", "nothing to repeat"),
            ("a{3}{2}", "nothing to repeat"),
            ("a{2,1}", "numbers out of order in {} quantifier"),
            ("[b-a]", "range out of order in character class"),
            ("(?x)", "invalid group"),
            ("(?<1>a)", "invalid capture group name"),
            ("\\", "\\ at end of pattern"),
            ("(?:(?:ab){1000}){1000}", "it is too large"),
        ] {
            let wanted = format!("Invalid regular expression: /{pattern}/: {why}");
            assert_eq!(found(pattern, "", ""), wanted);
        }
    }

    /// Work without end comes to an end.
    #[test]
    fn work_is_counted() {
        let never = || false;
        for pattern in ["^(a|a)*$", "(?=(a+))\\1b", "(x+x+)+y|(a*)*b", "(?:a?){50}a{50}b"] {
            let limits = Limits { steps: 100_000, ..Limits::default() };
            let mut budget = Budget::new(limits, &never);
            let text = format!("{}!", "a".repeat(5_000));
            let pattern = Pattern::compile(pattern, false, false, 0).unwrap();
            assert!(pattern.find(&text, 0, &mut budget).is_err());
        }
    }
}
