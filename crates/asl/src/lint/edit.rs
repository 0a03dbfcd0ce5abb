//! Putting fixes into a text. Which fixes there are is said by who found the fault.

use crate::diagnostic::Diagnostic;

/// The text with all fixes in it, and how many that are. Of fixes that overlap, the first is made; look again for the rest.
pub fn apply_fixes(text: &str, diagnostics: &[Diagnostic]) -> (String, usize) {
    let mut fixes: Vec<_> = diagnostics.iter().filter_map(|diagnostic| diagnostic.fix.as_ref()).collect();
    fixes.sort_by_key(|fix| fix.span.start);
    let mut out = String::with_capacity(text.len());
    let (mut at, mut count) = (0, 0);
    for fix in fixes {
        let fits = fix.span.start >= at && fix.span.end >= fix.span.start;
        let (Some(before), true) = (text.get(at..fix.span.start), fits) else { continue };
        if text.get(fix.span.clone()).is_none() {
            continue;
        }
        out.push_str(before);
        out.push_str(&fix.replacement);
        at = fix.span.end;
        count += 1;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    (out, count)
}
