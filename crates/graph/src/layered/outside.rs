//! Which links run outside: a definition may hold so many long links that the joints they need would fill memory and picture. The
//! longest of them then lead round the side of all rows, each to its box's own lane. No real definition comes near.

use std::collections::HashSet;

use super::{Link, Placed, Point, Size, Spacing};

/// Joints that a scope may have.
const MAX_JOINTS: usize = 6_000;
/// Lanes at the side; more boxes than these share them.
const LANES: usize = 12;
/// Between two lanes, in pixels.
const LANE: f64 = 8.0;

/// For each link whether it runs outside: those that pass more rows than the longest that still fit.
pub fn outside(links: &[Link], backward: &[bool], ranks: &[usize]) -> Vec<bool> {
    let span = |link: &Link| ranks[link.from].abs_diff(ranks[link.to]);
    let mut longest = links.iter().map(span).max().unwrap_or(0);
    while longest > 1 && joints(links, backward, ranks, longest) > MAX_JOINTS {
        longest /= 2;
    }
    links.iter().map(|link| span(link) > longest.max(1)).collect()
}

/// How many joints the links of at most `longest` rows need, counted no further than the limit.
fn joints(links: &[Link], backward: &[bool], ranks: &[usize], longest: usize) -> usize {
    let mut seen = HashSet::new();
    for (link, back) in links.iter().zip(backward) {
        let (a, b) = (ranks[link.from], ranks[link.to]);
        if a.abs_diff(b) <= longest {
            seen.extend((a.min(b) + 1..a.max(b)).map(|rank| (link.to, *back, rank)));
        }
        if seen.len() > MAX_JOINTS {
            break;
        }
    }
    seen.len()
}

/// Leads the links that run outside, and makes room for their lanes.
pub fn lead(placed: &mut Placed, sizes: &[Size], links: &[Link], outside: &[bool], spacing: Spacing) {
    let side = placed.size.width;
    let mut used = 0;
    for (number, link) in links.iter().enumerate().filter(|(number, _)| outside[*number]) {
        let lane = link.to % LANES;
        used = used.max(lane + 1);
        let x = (side + (lane + 1) as f64 * LANE).round();
        let (from, to) = (placed.corners[link.from], placed.corners[link.to]);
        let (out, into) = (from.x + sizes[link.from].width - LANE, to.x + sizes[link.to].width - LANE);
        let bottom = placed
            .rows
            .iter()
            .find(|row| row.0 == from.y)
            .map_or(from.y + sizes[link.from].height, |row| row.1);
        let half = spacing.rows / 2.0;
        placed.routes[number].points = vec![
            Point { x: out, y: from.y + sizes[link.from].height },
            Point { x: out, y: bottom },
            Point { x, y: bottom + half },
            Point { x, y: to.y - half },
            Point { x: into, y: to.y },
        ];
    }
    placed.size.width += used as f64 * LANE;
}
