//! Rows become heights, ways become points: a link leaves its box, passes the rows between through its joints, and enters the other.

use super::layers::Grid;
use super::straighten::favourite;
use super::{Link, Placed, Route, Size, Spacing};
use crate::layout::Point;

/// How far the loop of a link from a box to itself stands out, in pixels.
pub const LOOP: f64 = 22.0;
/// The widest distance between two links that leave a box on one side.
const PORT: f64 = 36.0;
/// Room kept between the outermost link and the corner of the box.
const CORNER: f64 = 14.0;

/// Puts the grid at its heights and leads the links.
pub fn routes(
    sizes: &[Size],
    links: &[Link],
    backward: &[bool],
    grid: &Grid,
    middles: &[f64],
    spacing: Spacing,
) -> Placed {
    let bands = bands(grid, spacing.rows);
    let right = |(cell, middle): (&super::layers::Cell, &f64)| middle + cell.size.width / 2.0;
    let width = grid.cells.iter().zip(middles).map(right).fold(0.0, f64::max);
    let height = bands.last().map_or(0.0, |band| band.1);
    let corner = |at: usize| Point {
        x: (middles[at] - sizes[at].width / 2.0).round(),
        y: bands[grid.cells[at].rank].0,
    };
    let corners: Vec<Point> = (0..sizes.len()).map(corner).collect();
    let lead = |number: usize| match grid.ways[number].as_slice() {
        [] => around(corners[links[number].from], sizes[links[number].from]),
        way => {
            let mut points = along(way, grid, middles, &bands, sizes);
            if backward[number] {
                points.reverse();
            }
            let label = grid.labels[number].map(|at| {
                let band = bands[grid.cells[at].rank];
                Point { x: middles[at], y: (band.0 + band.1) / 2.0 }
            });
            Route { points, label }
        }
    };
    let routes = (0..links.len()).map(lead).collect();
    Placed { size: Size { width, height }, corners, routes, rows: bands }
}

/// Top and bottom of each row.
fn bands(grid: &Grid, between: f64) -> Vec<(f64, f64)> {
    let mut top = 0.0;
    let mut bands = Vec::with_capacity(grid.rows.len());
    for row in &grid.rows {
        let height = row.iter().map(|at| grid.cells[*at].size.height).fold(0.0, f64::max);
        bands.push((top, top + height));
        top += height + between;
    }
    bands
}

fn along(way: &[usize], grid: &Grid, middles: &[f64], bands: &[(f64, f64)], sizes: &[Size]) -> Vec<Point> {
    let mut points = Vec::with_capacity(way.len() * 2);
    let mut push = |x: f64, y: f64| {
        let point = Point { x: x.round(), y: y.round() };
        if points.last() != Some(&point) {
            points.push(point);
        }
    };
    for (step, at) in way.iter().copied().enumerate() {
        let band = bands[grid.cells[at].rank];
        match (step, way.get(step + 1)) {
            (0, Some(next)) => {
                let x =
                    port(at, *next, (&grid.cells[at].below, &grid.cells[at].below_weights), middles, sizes);
                push(x, band.0 + sizes[at].height);
                push(x, band.1);
            }
            (_, Some(_)) => {
                push(middles[at], band.0);
                push(middles[at], band.1);
            }
            (_, None) => {
                let before = way.get(step.wrapping_sub(1)).copied().unwrap_or(at);
                push(
                    port(at, before, (&grid.cells[at].above, &grid.cells[at].above_weights), middles, sizes),
                    band.0,
                );
            }
        }
    }
    points
}

/// Where on the side of box `at` the link to the cell `next` starts: spread in the order of the neighbours; the main way, if there
/// is one, in the middle.
fn port(at: usize, next: usize, neighbours: (&[usize], &[f64]), middles: &[f64], sizes: &[Size]) -> f64 {
    if neighbours.0.len() < 2 {
        return middles[at];
    }
    let mut order: Vec<usize> = neighbours.0.to_vec();
    order.sort_by(|a, b| middles[*a].total_cmp(&middles[*b]).then(a.cmp(b)));
    let place = |cell: usize| order.iter().position(|other| *other == cell).unwrap_or(0) as f64;
    let gaps = (order.len() - 1) as f64;
    let half = ((sizes[at].width / 2.0) - CORNER).max(0.0);
    match favourite(neighbours.0, neighbours.1) {
        Some(main) => {
            let step = (half / gaps).min(PORT);
            middles[at] + (place(next) - place(main)) * step
        }
        None => middles[at] + (place(next) - gaps / 2.0) * (2.0 * half / gaps).min(PORT),
    }
}

fn around(corner: Point, size: Size) -> Route {
    let (right, middle) = (corner.x + size.width, corner.y + size.height / 2.0);
    let point = |x: f64, y: f64| Point { x: x.round(), y: y.round() };
    let points = vec![
        point(right, middle - 9.0),
        point(right + LOOP, middle - 9.0),
        point(right + LOOP, middle + 9.0),
        point(right, middle + 9.0),
    ];
    Route { points, label: None }
}
