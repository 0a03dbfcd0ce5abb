//! The grid: every row with what stands in it, boxes and the joints by which links pass a row, in the order of a walk.

use std::collections::HashMap;

use super::{Link, Size};

/// What stands in a row.
#[derive(Clone, Debug)]
pub struct Cell {
    /// The row.
    pub rank: usize,
    /// Room that it takes.
    pub size: Size,
    /// Whether it is a joint of links, not a box.
    pub joint: bool,
    /// Cells of the row above that links lead from or to.
    pub above: Vec<usize>,
    /// Cells of the row below.
    pub below: Vec<usize>,
    /// How strongly each of `above` pulls.
    pub above_weights: Vec<f64>,
    /// How strongly each of `below` pulls.
    pub below_weights: Vec<f64>,
}

/// Cells, rows and the ways of links through them.
#[derive(Debug)]
pub struct Grid {
    /// The boxes first, by their index, then the joints.
    pub cells: Vec<Cell>,
    /// The cells of each row, from left to right.
    pub rows: Vec<Vec<usize>>,
    /// The cells that each link passes, from the upper box to the lower, both included. Empty for a link of a
    /// box to itself, and for one that runs outside.
    pub ways: Vec<Vec<usize>>,
    /// The joint that is the link's label.
    pub labels: Vec<Option<usize>>,
}

/// Width of a joint: room between a line and the boxes beside it.
const JOINT: Size = Size { width: 10.0, height: 0.0 };

/// How strongly two joints of one line pull each other straight, against 1 between boxes.
const STRAIGHT: f64 = 16.0;

/// Makes the grid.
pub fn grid(
    start: usize,
    sizes: &[Size],
    links: &[Link],
    (backward, outside): (&[bool], &[bool]),
    ranks: &[usize],
) -> Grid {
    let cell = |(size, rank): (&Size, &usize)| Cell::new(*rank, *size, false);
    let mut cells: Vec<Cell> = sizes.iter().zip(ranks).map(cell).collect();
    let mut labels = vec![None; links.len()];
    let mut trunks = HashMap::new();
    let mut ways = Vec::with_capacity(links.len());
    for (number, (link, back)) in links.iter().zip(backward).enumerate() {
        if link.from == link.to || outside[number] {
            ways.push(Vec::new());
            continue;
        }
        let (upper, lower) = if *back { (link.to, link.from) } else { (link.from, link.to) };
        let label_rank = if *back { ranks[lower] - 1 } else { ranks[upper] + 1 };
        let mut way = vec![upper];
        for rank in ranks[upper] + 1..ranks[lower] {
            let joint = match link.label.filter(|_| rank == label_rank) {
                Some(size) => {
                    labels[number] = Some(cells.len());
                    joint(&mut cells, rank, size)
                }
                None => {
                    *trunks.entry((link.to, *back, rank)).or_insert_with(|| joint(&mut cells, rank, JOINT))
                }
            };
            way.push(joint);
        }
        way.push(lower);
        ways.push(way);
    }
    for (way, link) in ways.iter().zip(links) {
        for pair in way.windows(2) {
            if let [upper, lower] = *pair {
                join(&mut cells, upper, lower, link.weight);
            }
        }
    }
    let rows = walked(start, &cells);
    Grid { cells, rows, ways, labels }
}

impl Cell {
    fn new(rank: usize, size: Size, joint: bool) -> Cell {
        let (above, below, above_weights, below_weights) = Default::default();
        Cell { rank, size, joint, above, below, above_weights, below_weights }
    }
}

fn joint(cells: &mut Vec<Cell>, rank: usize, size: Size) -> usize {
    cells.push(Cell::new(rank, size, true));
    cells.len() - 1
}

fn join(cells: &mut [Cell], upper: usize, lower: usize, weight: f64) {
    let weight = if cells[upper].joint && cells[lower].joint { STRAIGHT } else { weight };
    if !cells[upper].below.contains(&lower) {
        cells[upper].below.push(lower);
        cells[upper].below_weights.push(weight);
        cells[lower].above.push(upper);
        cells[lower].above_weights.push(weight);
    }
}

/// The rows as a depth-first walk meets their cells: what comes first in the text stands left.
fn walked(start: usize, cells: &[Cell]) -> Vec<Vec<usize>> {
    let rows = cells.iter().map(|cell| cell.rank + 1).max().unwrap_or(0);
    let mut rows = vec![Vec::new(); rows];
    let mut met = vec![false; cells.len()];
    for root in std::iter::once(start).chain(0..cells.len()) {
        let mut path = vec![root];
        while let Some(at) = path.pop() {
            if at >= cells.len() || std::mem::replace(&mut met[at], true) {
                continue;
            }
            rows[cells[at].rank].push(at);
            path.extend(cells[at].below.iter().rev());
        }
    }
    rows
}
