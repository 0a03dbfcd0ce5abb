//! Which row a box stands in: the longest way to it. A link with a label takes two rows, the label stands in the one between.

use super::Link;

/// The row of each box, from 0 on.
pub fn ranks(boxes: usize, links: &[Link], backward: &[bool]) -> Vec<usize> {
    let mut leaving = vec![Vec::new(); boxes];
    let mut waiting = vec![0usize; boxes];
    for (link, back) in links.iter().zip(backward) {
        if link.from != link.to {
            let (upper, lower) = if *back { (link.to, link.from) } else { (link.from, link.to) };
            leaving[upper].push((lower, if link.label.is_some() { 2 } else { 1 }));
            waiting[lower] += 1;
        }
    }
    let mut ranks = vec![0; boxes];
    let mut ready: Vec<usize> = (0..boxes).filter(|at| waiting[*at] == 0).collect();
    while let Some(at) = ready.pop() {
        for &(lower, distance) in &leaving[at] {
            ranks[lower] = ranks[lower].max(ranks[at] + distance);
            waiting[lower] -= 1;
            if waiting[lower] == 0 {
                ready.push(lower);
            }
        }
    }
    ranks
}
