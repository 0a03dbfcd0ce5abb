//! One scope as layers: boxes with sizes and the links between them become places and routes (Sugiyama's method: cycles, ranks,
//! layers, order, coordinates, routes). Top to bottom; who wants left to right turns the result.
//!
//! Three choices of ours: links to the same box share one trunk when they pass other rows, so a hundred Catchers of one handler are
//! one line and not a hundred; a label is a box of its own in a row of its own, so it covers nothing; and the order of a row changes
//! from the order of the text only where that saves crossings, so an edit does not shuffle the picture.
//!
//! *Not* here: states, nesting, drawing.

mod coordinates;
mod cycles;
mod layers;
mod order;
mod outside;
mod ranks;
mod routes;
mod straighten;

use crate::layout::Point;

/// Width and height in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Size {
    /// Across the direction of the flow.
    pub width: f64,
    /// Along the direction of the flow.
    pub height: f64,
}

/// A link from one box to another.
#[derive(Clone, Copy, Debug)]
pub struct Link {
    /// Index of a box.
    pub from: usize,
    /// Index of a box.
    pub to: usize,
    /// The room its label needs.
    pub label: Option<Size>,
    /// How strongly it pulls its two boxes below each other; 1 is ordinary.
    pub weight: f64,
}

/// Distances in pixels.
#[derive(Clone, Copy, Debug)]
pub struct Spacing {
    /// Between two boxes of a row.
    pub between: f64,
    /// Between two rows.
    pub rows: f64,
}

/// What becomes of a scope.
#[derive(Debug)]
pub struct Placed {
    /// The room that all of it takes, from 0 on.
    pub size: Size,
    /// The upper left corner of each box.
    pub corners: Vec<Point>,
    /// The way of each link, in the direction of the link.
    pub routes: Vec<Route>,
    /// Top and bottom of each row.
    pub rows: Vec<(f64, f64)>,
}

/// The way of a link.
#[derive(Clone, Debug, Default)]
pub struct Route {
    /// Two or more points. Between two points of different x it bends within the gap between two rows.
    pub points: Vec<Point>,
    /// Where the middle of its label stands.
    pub label: Option<Point>,
}

/// Places `sizes` and leads `links` between them; `start` stands in the first row.
pub fn place(start: usize, sizes: &[Size], links: &[Link], spacing: Spacing) -> Placed {
    let backward = cycles::backward(start, sizes.len(), links);
    let ranks = ranks::ranks(sizes.len(), links, &backward);
    let outside = outside::outside(links, &backward, &ranks);
    let mut grid = layers::grid(start, sizes, links, (&backward, &outside), &ranks);
    order::untangle(&mut grid);
    let middles = coordinates::middles(&grid, spacing.between);
    let mut placed = routes::routes(sizes, links, &backward, &grid, &middles, spacing);
    outside::lead(&mut placed, sizes, links, &outside, spacing);
    placed
}

#[cfg(test)]
mod tests;
