//! Where a cell's middle stands in its row. Each row in turn takes the places nearest to its neighbours' middles that keep the order
//! and the distances: a weighted least-squares fit under order constraints, solved exactly by pooling adjacent violators.

use super::layers::{Cell, Grid};
use super::straighten::straighten;

/// Sweeps over all rows, down and up in turn.
const SWEEPS: usize = 24;
/// How strongly a cell without neighbours keeps its place.
const INERTIA: f64 = 0.01;

/// The middle of each cell along its row; the leftmost edge of all is 0.
pub fn middles(grid: &Grid, between: f64) -> Vec<f64> {
    let mut middles = vec![0.0; grid.cells.len()];
    for row in &grid.rows {
        let mut right = 0.0;
        for cell in row {
            middles[*cell] = right + grid.cells[*cell].size.width / 2.0;
            right += grid.cells[*cell].size.width + between;
        }
    }
    let rows = grid.rows.len();
    for sweep in 0..SWEEPS {
        let last = sweep + 2 >= SWEEPS;
        for step in 0..rows {
            let row = if sweep % 2 == 0 { step } else { rows - 1 - step };
            let (above, below) = (sweep % 2 == 0 || last, sweep % 2 == 1 || last);
            settle(grid, row, (above, below), between, &mut middles);
        }
    }
    straighten(grid, between, &mut middles);
    let left = |cell: (&Cell, &f64)| cell.1 - cell.0.size.width / 2.0;
    let leftmost = grid.cells.iter().zip(&middles).map(left).fold(f64::INFINITY, f64::min);
    middles.iter().map(|middle| (middle - leftmost).round()).collect()
}

/// The room between two cells of a row: lines may run closer together than boxes.
pub fn room(one: &Cell, other: &Cell, between: f64) -> f64 {
    if one.joint && other.joint { between / 2.0 } else { between }
}

fn settle(grid: &Grid, row: usize, look: (bool, bool), between: f64, middles: &mut [f64]) {
    let mut offset = 0.0;
    let mut wanted = Vec::with_capacity(grid.rows[row].len());
    let mut previous: Option<&Cell> = None;
    for at in &grid.rows[row] {
        let cell = &grid.cells[*at];
        if let Some(previous) = previous {
            offset += (previous.size.width + cell.size.width) / 2.0 + room(previous, cell, between);
        }
        let (place, weight) = pull(cell, look, middles).unwrap_or((middles[*at], INERTIA));
        wanted.push((place - offset, weight, offset));
        previous = Some(cell);
    }
    for ((place, offset), at) in pooled(&wanted).zip(&grid.rows[row]) {
        middles[*at] = place + offset;
    }
}

/// Where the neighbours want the cell, and how strongly.
fn pull(cell: &Cell, look: (bool, bool), middles: &[f64]) -> Option<(f64, f64)> {
    let above = cell.above.iter().zip(&cell.above_weights).filter(|_| look.0);
    let below = cell.below.iter().zip(&cell.below_weights).filter(|_| look.1);
    let (mut sum, mut weights) = (0.0, 0.0);
    for (other, weight) in above.chain(below) {
        sum += middles[*other] * weight;
        weights += weight;
    }
    (weights > 0.0).then(|| (sum / weights, weights))
}

/// The non-decreasing places nearest to the wanted ones, each with its offset.
fn pooled(wanted: &[(f64, f64, f64)]) -> impl Iterator<Item = (f64, f64)> {
    let mut pools: Vec<(f64, f64, usize)> = Vec::with_capacity(wanted.len());
    for (place, weight, _) in wanted {
        let mut pool = (*place, *weight, 1);
        while let Some(last) = pools.last().filter(|last| last.0 > pool.0).copied() {
            pools.pop();
            let weight = last.1 + pool.1;
            pool = ((last.0 * last.1 + pool.0 * pool.1) / weight, weight, last.2 + pool.2);
        }
        pools.push(pool);
    }
    let places = pools.into_iter().flat_map(|(place, _, count)| std::iter::repeat_n(place, count));
    places.zip(wanted.iter().map(|(_, _, offset)| *offset).collect::<Vec<_>>())
}
