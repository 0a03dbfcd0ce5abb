//! What a person sees of a diagnostic.

use asl::render::{Style, render};
use asl::{ParseOptions, parse, parse_yaml, rule, rules};

#[test]
fn a_diagnostic_shows_its_line_and_what_to_do() {
    let text = "StartAt: Charge\nStates:\n  Charge:\n    Type: Pass\n    Next: ShipOrdr\n  ShipOrder:\n    Type: Succeed\n";
    let parsed = parse_yaml(text, ParseOptions::default());
    let shown = render(text, "order.asl.yaml", &parsed.diagnostics[..1], Style::Plain);
    assert_eq!(
        shown.trim_end(),
        "\
error[SW1003]: Missing 'Next' target: ShipOrdr
 --> order.asl.yaml:5:11
  |
5 |     Next: ShipOrdr
  |           ^^^^^^^^
  |
  = help: did you mean `ShipOrder`?
  = aws: MISSING_TRANSITION_TARGET at /States/Charge/Next"
    );
    let colored = render(text, "order.asl.yaml", &parsed.diagnostics, Style::Colored);
    assert!(colored.contains("\u{1b}["));
}

#[test]
fn every_kind_of_text_can_be_shown() {
    let long = format!(
        r#"{{"StartAt":"A","States":{{"A":{{"Comment":"{}","Type":"Pass","Next":"é","x":1}}}}}}"#,
        "ü".repeat(5000)
    );
    let texts = ["", " ", "{", "[1,\r\n2", "{\"StartAt\":\n\"A\"}", "\u{feff}{}", "{\"é\":", &long];
    for text in texts {
        for parsed in [parse(text, ParseOptions::default()), parse_yaml(text, ParseOptions::default())] {
            let shown = render(text, "f", &parsed.diagnostics, Style::Plain);
            assert!(shown.matches("error[SW").count() >= 1, "{text}: {shown}");
            assert!(shown.len() < 10_000);
        }
    }
}

#[test]
fn every_code_is_explained() {
    let mut used = Vec::new();
    let mut folders = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if !path.ends_with("src/rules.rs") {
                let text = std::fs::read_to_string(path).unwrap();
                let codes = text.match_indices("\"SW").map(|(at, _)| text[at + 1..at + 7].to_owned());
                used.extend(codes.filter(|code| code[2..].chars().all(|ch| ch.is_ascii_digit())));
            }
        }
    }
    used.sort_unstable();
    used.dedup();
    let explained: Vec<&str> = rules().map(|rule| rule.code).collect();
    assert_eq!(used, explained);
    for rule in rules() {
        assert!(rule.text.len() > 60 && !rule.example.is_empty(), "{}", rule.code);
    }
    assert_eq!(rule("SW1003").map(|rule| rule.title), Some("transition target does not exist"));
    assert_eq!(rule("SW0000"), None);
}
