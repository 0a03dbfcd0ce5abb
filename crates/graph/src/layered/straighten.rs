//! The last touch on the coordinates: a run of cells that mostly belong to each other stands on one vertical line, as far as
//! its neighbours leave room. The sweeps come near; an eye sees the last pixels.

use super::coordinates::room;
use super::layers::Grid;

/// Passes over all runs; the first makes room for the second.
const PASSES: usize = 3;

/// Straightens what can be straight.
pub fn straighten(grid: &Grid, between: f64, middles: &mut [f64]) {
    let mut runs = runs(grid);
    runs.sort_by_key(|run| std::cmp::Reverse(run.len()));
    let mut places = vec![0; grid.cells.len()];
    for row in &grid.rows {
        for (at, cell) in row.iter().enumerate() {
            places[*cell] = at;
        }
    }
    for _ in 0..PASSES {
        for run in &runs {
            align(grid, &places, run, between, middles);
        }
    }
}

/// The cell that alone pulls most strongly, if one does.
pub fn favourite(cells: &[usize], weights: &[f64]) -> Option<usize> {
    let most = weights.iter().copied().fold(0.0, f64::max);
    let mut best = cells.iter().zip(weights).filter(|(_, weight)| **weight == most).map(|(cell, _)| *cell);
    let first = best.next()?;
    best.next().is_none().then_some(first)
}

/// Runs of cells, downwards, of which each is its neighbour's favourite.
fn runs(grid: &Grid) -> Vec<Vec<usize>> {
    let below = |at: usize| favourite(&grid.cells[at].below, &grid.cells[at].below_weights);
    let above = |at: usize| favourite(&grid.cells[at].above, &grid.cells[at].above_weights);
    let next = |at: usize| below(at).filter(|next| above(*next) == Some(at));
    let first = |at: &usize| above(*at).and_then(next) != Some(*at);
    let run = |at: usize| std::iter::successors(Some(at), |at| next(*at)).collect::<Vec<_>>();
    (0..grid.cells.len()).filter(first).map(run).filter(|run| run.len() > 1).collect()
}

fn align(grid: &Grid, places: &[usize], run: &[usize], between: f64, middles: &mut [f64]) {
    let mut from = 0;
    while from < run.len() {
        let (mut low, mut high) = (f64::NEG_INFINITY, f64::INFINITY);
        let mut to = from;
        while let Some(cell) = run.get(to) {
            let (left, right) = free(grid, places, *cell, between, middles);
            if low.max(left) > high.min(right) {
                break;
            }
            (low, high) = (low.max(left), high.min(right));
            to += 1;
        }
        // A cell always has room where it stands, but rounding may say otherwise.
        let to = to.max(from + 1);
        let part = &run[from..to];
        if low <= high {
            let mean = part.iter().map(|cell| middles[*cell]).sum::<f64>() / part.len() as f64;
            for cell in part {
                middles[*cell] = mean.clamp(low, high);
            }
        }
        from = to;
    }
}

/// How far left and right the middle of a cell may stand.
fn free(grid: &Grid, places: &[usize], at: usize, between: f64, middles: &[f64]) -> (f64, f64) {
    let cell = &grid.cells[at];
    let row = &grid.rows[cell.rank];
    let left = places[at].checked_sub(1).and_then(|place| row.get(place));
    let right = row.get(places[at] + 1);
    let distance = |other: &usize| {
        let other = &grid.cells[*other];
        (cell.size.width + other.size.width) / 2.0 + room(cell, other, between)
    };
    (
        left.map_or(f64::NEG_INFINITY, |other| middles[*other] + distance(other)),
        right.map_or(f64::INFINITY, |other| middles[*other] - distance(other)),
    )
}
