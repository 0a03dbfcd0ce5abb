//! What holds for every picture, on definitions made at random from a seed: nothing covers anything else, an edit keeps the rest in
//! order, hostile names stay text, large definitions end.

#![expect(clippy::expect_used, clippy::panic, reason = "a test ends where it finds something wrong")]

use std::fmt::Write as _;

use graph::{Direction, Layout, NodeKind, Outline, Overlay, Point, Theme, layout, outline};

/// A small generator (xorshift); no crate is needed for it.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides as u64) as usize
    }
}

fn outline_of(text: &str) -> Outline {
    let parsed = asl::parse(text, asl::ParseOptions::default());
    outline(&parsed.machine.unwrap_or_else(|| panic!("{:?} in {text}", parsed.diagnostics)))
}

/// A flow of `states` states at random, nested up to `depth`.
fn flow(dice: &mut Dice, prefix: &str, states: usize, depth: usize) -> String {
    let name = |at: usize| format!("{prefix}{at} {}", "long name ".repeat(at % 4));
    let mut out = format!("{{\"StartAt\":\"{}\",\"States\":{{", name(0));
    for at in 0..states {
        let later = |dice: &mut Dice| name((at + 1 + dice.roll(3)).min(states - 1));
        let next = if at + 1 == states {
            "\"End\":true".to_owned()
        } else {
            format!("\"Next\":\"{}\"", name(at + 1))
        };
        let any = name(dice.roll(states));
        let comma = if at == 0 { "" } else { "," };
        let body = match dice.roll(if depth == 0 { 4 } else { 6 }) {
            _ if at + 1 == states => format!("\"Type\":\"Pass\",{next}"),
            0 => format!(
                "\"Type\":\"Choice\",\"Choices\":[{{\"Variable\":\"$.a\",\"NumericEquals\":1,\"Next\":\"{}\"}},\
                 {{\"Variable\":\"$.b\",\"IsPresent\":true,\"Next\":\"{any}\"}}],\"Default\":\"{}\"",
                later(dice),
                name(at + 1)
            ),
            1 => format!("\"Type\":\"Wait\",\"Seconds\":5,{next}"),
            2 | 3 => format!(
                "\"Type\":\"Task\",\"Resource\":\"arn:aws:states:::lambda:invoke\",\"Parameters\":{{\"FunctionName\":\"f\"}},\
                 \"Catch\":[{{\"ErrorEquals\":[\"States.ALL\"],\"Next\":\"{any}\"}}],{next}"
            ),
            4 => {
                let branches: Vec<String> = (0..1 + dice.roll(3))
                    .map(|branch| {
                        let states = 1 + dice.roll(6);
                        flow(dice, &format!("{prefix}{at}b{branch}."), states, depth - 1)
                    })
                    .collect();
                format!("\"Type\":\"Parallel\",\"Branches\":[{}],{next}", branches.join(","))
            }
            _ => {
                let states = 1 + dice.roll(5);
                let inner = flow(dice, &format!("{prefix}{at}m."), states, depth - 1);
                format!("\"Type\":\"Map\",\"ItemProcessor\":{inner},{next}")
            }
        };
        let _ = write!(out, "{comma}\"{}\":{{{body}}}", name(at));
    }
    out.push_str("}}");
    out
}

struct Area(Point, f64, f64);

impl Area {
    fn meets(&self, other: &Area) -> bool {
        self.0.x < other.0.x + other.1
            && other.0.x < self.0.x + self.1
            && self.0.y < other.0.y + other.2
            && other.0.y < self.0.y + self.2
    }

    fn holds(&self, other: &Area) -> bool {
        self.0.x <= other.0.x
            && self.0.y <= other.0.y
            && self.0.x + self.1 >= other.0.x + other.1
            && self.0.y + self.2 >= other.0.y + other.2
    }
}

fn boxes(layout: &Layout) -> Vec<Area> {
    layout.nodes.iter().map(|node| Area(node.corner, node.width, node.height)).collect()
}

#[track_caller]
fn check_picture(layout: &Layout, seed: u64) {
    let boxes = boxes(layout);
    for (at, node) in layout.nodes.iter().enumerate() {
        for other in (0..at).filter(|other| layout.nodes[*other].parent == node.parent) {
            let (a, b) = (&node.name, &layout.nodes[other].name);
            assert!(!boxes[at].meets(&boxes[other]), "seed {seed}: {a} covers {b}");
        }
        if let Some(parent) = node.parent {
            let lane = layout
                .lanes
                .iter()
                .find(|lane| (lane.owner, lane.branch) == (parent, node.branch))
                .expect("a lane");
            assert!(
                Area(lane.corner, lane.width, lane.height).holds(&boxes[at]),
                "seed {seed}: {} leaves its lane",
                node.name
            );
            assert!(boxes[parent].holds(&boxes[at]), "seed {seed}: {} leaves its container", node.name);
        }
    }
    for edge in &layout.edges {
        let beside = |at: &usize| {
            *at != edge.from && *at != edge.to && layout.nodes[*at].parent == layout.nodes[edge.from].parent
        };
        if let Some(label) = &edge.label {
            let corner =
                Point { x: label.middle.x - label.width / 2.0, y: label.middle.y - label.height / 2.0 };
            let area = Area(corner, label.width, label.height);
            for at in (0..boxes.len()).filter(beside) {
                assert!(
                    !area.meets(&boxes[at]),
                    "seed {seed}: the label {} covers {}",
                    label.text,
                    layout.nodes[at].name
                );
            }
        }
        // A bend stays between the heights (or, turned, the places) of its ends, so straight pieces tell.
        for pair in edge.points.windows(2).filter(|pair| pair[0].x == pair[1].x) {
            let top = pair[0].y.min(pair[1].y);
            let line = Area(Point { x: pair[0].x, y: top + 0.5 }, 0.1, (pair[0].y - pair[1].y).abs() - 1.0);
            for at in (0..boxes.len()).filter(beside) {
                assert!(
                    !line.meets(&boxes[at]),
                    "seed {seed}: an edge runs through {}",
                    layout.nodes[at].name
                );
            }
        }
    }
}

#[test]
fn nothing_covers_anything() {
    for seed in 1..=300 {
        let mut dice = Dice(u64::wrapping_mul(seed, 0x9E37_79B9_7F4A_7C15));
        let states = 1 + dice.roll(24);
        let outline = outline_of(&flow(&mut dice, "s", states, 2));
        check_picture(&layout(&outline, Direction::Down), seed);
        let turned = layout(&outline, Direction::Right);
        assert_eq!(turned.nodes.len(), outline.nodes.len());
        for (at, area) in boxes(&turned).iter().enumerate() {
            let same = |other: &usize| turned.nodes[*other].parent == turned.nodes[at].parent;
            assert!(
                !(0..at).filter(same).any(|other| area.meets(&boxes(&turned)[other])),
                "seed {seed}, to the right"
            );
        }
    }
}

/// Puts a Pass before the state `at` of a top-level flow, and says how many of the others keep their order from left to right.
fn kept_after_an_insertion(seed: u64) -> (usize, usize) {
    let mut dice = Dice(u64::wrapping_mul(seed, 0x9E37_79B9_7F4A_7C15));
    let text = flow(&mut dice, "s", 16, 1);
    let leads = |field: &str| text.contains(&format!("\"{field}\":\"s8 \""));
    let field = if leads("Next") { "Next" } else { "Default" };
    let changed = text
        .replacen(&format!("\"{field}\":\"s8 \""), &format!("\"{field}\":\"new\""), 1)
        .replacen("\"s8 \":{", "\"new\":{\"Type\":\"Pass\",\"Next\":\"s8 \"},\"s8 \":{", 1);
    assert_ne!(text, changed);
    let (before, after) =
        (layout(&outline_of(&text), Direction::Down), layout(&outline_of(&changed), Direction::Down));
    let (mut kept, mut all) = (0, 0);
    for a in &before.nodes {
        for b in before.nodes.iter().filter(|b| a.corner.y == b.corner.y && a.corner.x < b.corner.x) {
            let find =
                |name: &str| after.nodes.iter().find(|node| *node.name == *name).expect("it is still there");
            all += 1;
            kept += usize::from(
                find(&a.name).corner.x < find(&b.name).corner.x
                    || find(&a.name).corner.y != find(&b.name).corner.y,
            );
        }
    }
    (kept, all)
}

#[test]
fn an_inserted_state_leaves_the_others_in_their_order() {
    let (kept, all) =
        (1..=100).map(kept_after_an_insertion).fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    assert!(all > 100 && kept * 10 >= all * 9, "{kept} of {all}");
}

#[test]
fn a_thousand_states_are_laid_out() {
    let mut dice = Dice(7);
    let outline = outline_of(&flow(&mut dice, "s", 1_000, 0));
    let layout = layout(&outline, Direction::Down);
    assert_eq!(layout.nodes.len(), 1_002);
    check_picture(&layout, 7);
}

#[test]
fn hostile_names_stay_text() {
    let name = r#"<script>alert(1)</script>&\"'\u0007]]>"#;
    let text = format!(
        r#"{{"StartAt":"{name}","States":{{"{name}":{{"Type":"Choice","Choices":[{{"Variable":"$.x","StringEquals":"<img onerror=x>","Next":"b"}}],"Default":"b"}},"b":{{"Type":"Succeed"}}}}}}"#
    );
    let outline = outline_of(&text);
    let picture = graph::svg(&layout(&outline, Direction::Down), &Overlay::default(), Theme::Dark);
    assert!(picture.contains("&lt;script&gt;") && !picture.contains("<script") && !picture.contains("<img"));
    assert!(!picture.contains('\u{7}'));
    assert!(!graph::mermaid(&outline).contains("<script"));
    assert!(graph::dot(&outline).contains("\\\""));
    assert!(graph::text(&outline).lines().all(|line| !line.contains('\u{7}')));
}

#[test]
fn the_outline_says_why_and_what() {
    let outline = outline_of(
        r#"{"StartAt":"a","States":{
            "a":{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:000000000000:function:charge","Retry":[{"ErrorEquals":["E"]}],
                 "Catch":[{"ErrorEquals":["E","F"],"Next":"c"}],"Next":"b"},
            "b":{"Type":"Choice","Choices":[{"Not":{"Variable":"$.x","NumericGreaterThan":5},"Next":"c"},{"Variable":"$.y","IsNull":false,"Next":"c"}],"Default":"d"},
            "c":{"Type":"Fail","Error":"Broken"},"d":{"Type":"Map","ItemProcessor":{"StartAt":"e","States":{"e":{"Type":"Wait","SecondsPath":"$.s","End":true}}},"End":true}}}"#,
    );
    let text = graph::text(&outline);
    for part in [
        "a [Task] (lambda charge)",
        "→ c  E, F",
        "→ c  not ($.x > 5) or $.y is not null",
        "→ d  default",
        "c [Fail] (Broken)",
        "    e [Wait] ($.s s)",
    ] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
    assert_eq!(
        outline.nodes.iter().filter(|node| node.kind == NodeKind::Task && node.retriers == 1).count(),
        1
    );
}
