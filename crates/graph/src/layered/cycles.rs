//! Which links lead back: a depth-first walk in the order of the links, so that an edit elsewhere does not turn another loop round.

use super::Link;

#[derive(Clone, Copy, PartialEq)]
enum Mark {
    New,
    Open,
    Done,
}

/// For each link whether it leads back to a box that the walk is still inside of. A link of a box to itself is not marked.
pub fn backward(start: usize, boxes: usize, links: &[Link]) -> Vec<bool> {
    let mut leaving = vec![Vec::new(); boxes];
    for (number, link) in links.iter().enumerate() {
        if link.from != link.to {
            leaving[link.from].push(number);
        }
    }
    let mut marks = vec![Mark::New; boxes];
    let mut back = vec![false; links.len()];
    for root in std::iter::once(start).chain(0..boxes) {
        if root >= boxes || marks[root] != Mark::New {
            continue;
        }
        marks[root] = Mark::Open;
        let mut path = vec![(root, 0)];
        while let Some((at, next)) = path.last_mut() {
            let Some(&number) = leaving[*at].get(*next) else {
                marks[*at] = Mark::Done;
                path.pop();
                continue;
            };
            *next += 1;
            let to = links[number].to;
            match marks[to] {
                Mark::New => {
                    marks[to] = Mark::Open;
                    path.push((to, 0));
                }
                Mark::Open => back[number] = true,
                Mark::Done => {}
            }
        }
    }
    back
}
