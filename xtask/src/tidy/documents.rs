//! Rules on documents: decisions are numbered without gaps and have a title, and a link to a file leads to a file.
//! Links to the network are not followed.

use super::tree::{File, Tree};

const DECISIONS: &str = "docs/decisions/";

/// Breaches of the rules on documents.
pub fn check(tree: &Tree) -> Vec<String> {
    let decisions: Vec<&File> = tree
        .files
        .iter()
        .filter(|file| file.path.starts_with(DECISIONS) && file.extension() == "md")
        .collect();
    let mut found = numbering(&decisions);
    for file in tree.files.iter().filter(|file| file.extension() == "md") {
        for target in links(&file.text) {
            let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
            if !tree.root.join(folder).join(&target).exists() {
                found.push(format!("{}: the link to `{target}` leads nowhere", file.path));
            }
        }
    }
    found
}

fn numbering(decisions: &[&File]) -> Vec<String> {
    let mut found = Vec::new();
    let mut expected = 1;
    for file in decisions {
        let name = file.path.trim_start_matches(DECISIONS);
        if name == "README.md" {
            continue;
        }
        if !name.starts_with(&format!("{expected:04}-")) {
            found.push(format!(
                "{}: decisions are named `NNNN-title.md`; the next is {expected:04}",
                file.path
            ));
        }
        if !file.text.starts_with("# ") {
            found.push(format!("{}: a decision begins with its title", file.path));
        }
        expected += 1;
    }
    found
}

/// The targets of a text's links to files, outside of fenced code, without their anchors.
fn links(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut fenced = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if fenced {
            continue;
        }
        for part in line.split("](").skip(1) {
            let target = part.split(')').next().unwrap_or_default();
            let file = target.split(['#', ' ']).next().unwrap_or_default();
            if !file.is_empty() && !file.contains("://") && !file.starts_with("mailto:") {
                found.push(file.to_owned());
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{links, numbering};
    use crate::tidy::tree::File;

    #[test]
    fn links_to_files_are_found() {
        let text = "a [b](c/d.md#e) [f](https://g.h) [i](#j)\n```\n[k](l.md)\n```\n[m](n.md \"o\")\n";
        assert_eq!(links(text), ["c/d.md", "n.md"]);
    }

    #[test]
    fn decisions_are_numbered() {
        let file =
            |name: &str, text: &str| File { path: format!("docs/decisions/{name}"), text: text.to_owned() };
        let (one, two, three) =
            (file("0001-a.md", "# A\n"), file("0002-b.md", "# B\n"), file("0003-c.md", "C\n"));
        assert_eq!(numbering(&[&one, &two]).len(), 0);
        assert_eq!(numbering(&[&one, &three]).len(), 2, "a gap and no title");
    }
}
