//! The order within the rows: sweeps of the barycenter heuristic down and up, of which the best is kept. The first order is the
//! walk's; another one wins only with fewer crossings.

use super::layers::Grid;

/// Sweeps without improvement before it is given up.
const PATIENCE: usize = 4;
/// Sweeps at most.
const MAX_SWEEPS: usize = 24;

/// Reorders the rows for fewer crossings.
pub fn untangle(grid: &mut Grid) {
    let mut positions = positions(grid);
    let mut best = (crossings(grid, &positions), grid.rows.clone());
    let mut idle = 0;
    for sweep in 0..MAX_SWEEPS {
        if best.0 == 0 || idle == PATIENCE {
            break;
        }
        let down = sweep % 2 == 0;
        let rows = grid.rows.len();
        for step in 1..rows {
            let row = if down { step } else { rows - 1 - step };
            sort_row(grid, row, down, &mut positions);
        }
        let now = crossings(grid, &positions);
        if now < best.0 {
            best = (now, grid.rows.clone());
            idle = 0;
        } else {
            idle += 1;
        }
    }
    grid.rows = best.1;
}

fn positions(grid: &Grid) -> Vec<usize> {
    let mut positions = vec![0; grid.cells.len()];
    for row in &grid.rows {
        for (at, cell) in row.iter().enumerate() {
            positions[*cell] = at;
        }
    }
    positions
}

/// Sorts a row by the mean place of the neighbours in the row that stands; a cell without such neighbours keeps its place.
fn sort_row(grid: &mut Grid, row: usize, down: bool, positions: &mut [usize]) {
    let mean = |cell: usize| -> Option<f64> {
        let neighbours = if down { &grid.cells[cell].above } else { &grid.cells[cell].below };
        let sum: usize = neighbours.iter().map(|at| positions[*at]).sum();
        (!neighbours.is_empty()).then(|| sum as f64 / neighbours.len() as f64)
    };
    let means: Vec<Option<f64>> = grid.rows[row].iter().map(|cell| mean(*cell)).collect();
    let mut movable: Vec<(f64, usize)> =
        grid.rows[row].iter().zip(&means).filter_map(|(cell, mean)| mean.map(|mean| (mean, *cell))).collect();
    movable.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut sorted = movable.into_iter().map(|(_, cell)| cell);
    let places = &mut grid.rows[row];
    for (place, mean) in places.iter_mut().zip(&means) {
        if mean.is_some()
            && let Some(cell) = sorted.next()
        {
            *place = cell;
        }
    }
    for (at, cell) in places.iter().enumerate() {
        positions[*cell] = at;
    }
}

/// How many pairs of links cross between neighbouring rows (by a Fenwick tree, in E log V).
pub fn crossings(grid: &Grid, positions: &[usize]) -> usize {
    let mut total = 0;
    for (row, below) in grid.rows.iter().zip(grid.rows.iter().skip(1)) {
        let mut tree = vec![0usize; below.len() + 1];
        let mut seen = 0;
        for cell in row {
            let mut ends: Vec<usize> = grid.cells[*cell].below.iter().map(|at| positions[*at]).collect();
            ends.sort_unstable();
            for end in &ends {
                total += seen - sum(&tree, end + 1);
            }
            for end in ends {
                add(&mut tree, end + 1);
                seen += 1;
            }
        }
    }
    total
}

fn sum(tree: &[usize], mut at: usize) -> usize {
    let mut sum = 0;
    while at > 0 {
        sum += tree[at];
        at &= at - 1;
    }
    sum
}

fn add(tree: &mut [usize], mut at: usize) {
    while at < tree.len() {
        tree[at] += 1;
        at += at & at.wrapping_neg();
    }
}
